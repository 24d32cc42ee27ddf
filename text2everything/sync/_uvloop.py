"""uvloop for the portal, made safe to fork; importing this needs uvloop."""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

import uvloop


class ForkableLoop(uvloop.Loop):
    """A uvloop event loop that resolves names as asyncio does.

    libuv resolves them in threads of its own, and at the exit of a forked child it waits for those of the parent:
    the child hangs or crashes. asyncio uses Python's threads, which know about forks.
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
