"""A script that ends while host names are looked up, for ever: `slow_names.py HOW`."""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import sys
import threading
from typing import Any

if os.environ.get("LOOP") == "asyncio":
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # as if it were not installed

import text2everything

looking = threading.Event()


def look_up(*args: Any, **kwargs: Any) -> Any:
    looking.set()
    threading.Event().wait()


socket.getaddrinfo = look_up
settings: dict[str, Any] = {
    "base_url": "http://service.example",
    "access_token": "token",
    "workspace_name": "workspaces/dev",
    "max_retries": 0,
}


def call(client: Any) -> None:
    try:
        client.with_options(timeout=0.3).projects.list()
    except text2everything.TimeoutError:
        print("timed out", flush=True)


async def main() -> None:
    async with text2everything.AsyncText2EverythingClient(**settings, total_timeout=0.3) as client:
        try:
            await client.projects.list()
        except text2everything.TimeoutError:
            print("timed out", flush=True)


match sys.argv[1]:
    case "blocking":
        call(text2everything.Text2EverythingClient(**settings))
    case "closed":
        with text2everything.Text2EverythingClient(**settings) as client:
            call(client)
    case "async":
        asyncio.run(main())
    case "many loops":
        for _ in range(40):  # a look-up that is given up does not keep its thread from being bounded
            asyncio.run(main())
        print(threading.active_count() <= 17, flush=True)
    case "in a thread":
        client = text2everything.Text2EverythingClient(**settings)
        threading.Thread(target=client.projects.list, daemon=True).start()
        looking.wait()
    case "atexit":
        client = text2everything.Text2EverythingClient(**settings)
        call(client)
        atexit.register(call, client)
