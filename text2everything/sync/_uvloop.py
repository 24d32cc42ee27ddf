"""An event loop of uvloop that is safe to fork. This module requires uvloop."""

from __future__ import annotations

import os
import socket
from typing import Any

try:
    for number in range(3):
        os.fstat(number)
except OSError:
    # A socket would get the number of a closed standard stream, and libuv aborts the process when it closes it.
    raise ImportError("uvloop needs stdin, stdout and stderr to be open") from None

import uvloop

from text2everything._transport.threads import in_thread
from text2everything.sync._persistent_loop import PersistentLoop


class ForkableLoop(PersistentLoop, uvloop.Loop):  # type: ignore[misc]
    """A uvloop event loop that resolves host names in Python's threads, as asyncio does.

    libuv has its own threads for this, and waits for them at exit; in a forked process they do not exist, so that it
    hangs or crashes.
    """

    async def getaddrinfo(
        self,
        host: str | bytes | None,
        port: str | bytes | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        return await in_thread(socket.getaddrinfo, host, port, family, type, proto, flags)
