"""A script that ends with its own status while a call is under way in a daemon thread."""

from __future__ import annotations

import sys
import threading

from clients import client, refused

used = client()
used.fetch("one")
threading.Thread(target=lambda: refused(used), daemon=True).start()
used.fetch("after slow")
print("done", flush=True)
sys.exit(7)
