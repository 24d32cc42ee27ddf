"""An event loop of uvloop that is safe to fork. This module requires uvloop."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import Any

try:
    for number in range(3):
        os.fstat(number)
except OSError:
    # A socket would get the number of a closed standard stream, and libuv aborts the process when it closes it.
    raise ImportError("uvloop needs stdin, stdout and stderr to be open") from None

import uvloop


class ForkableLoop(uvloop.Loop):
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
        resolve = partial(socket.getaddrinfo, host, port, family, type, proto, flags)
        return await self.run_in_executor(None, resolve)
