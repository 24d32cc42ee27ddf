"""A script that starts an embedded service with its client and closes neither, nor what it gave to a forked child."""

from __future__ import annotations

import os
import sys
import warnings

from clients import exit_status

from text2everything import Text2EverythingClient

warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)

client = Text2EverythingClient.local()
project = client.projects.create("shared")
child = os.fork()
if not child:
    assert client.projects.get(project.id).name == "shared"
    client.close()  # closes the child's connections; the service is the parent's
    sys.exit(3)
status = exit_status(child)
assert status == 3, status
assert [each.name for each in client.projects.list()] == ["shared"]
print("done", flush=True)
