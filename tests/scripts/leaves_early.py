"""A script that ends while other threads make their first calls: `leaves_early.py BASE_URL MILLISECONDS`."""

from __future__ import annotations

import sys
import threading
import time

from text2everything import Text2EverythingClient

base_url, milliseconds = sys.argv[1:]


def call() -> None:
    client = Text2EverythingClient(base_url=base_url, access_token="token", workspace_name="workspaces/dev")
    while True:
        client.projects.get("p")


for _ in range(3):
    threading.Thread(target=call, daemon=True).start()
time.sleep(int(milliseconds) / 1000)
