"""Host names are looked up as aiohttp does it, but in daemon threads."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import aiohttp

from text2everything._runtime.threads import original
from text2everything._transport.threads import in_thread, keep_threads

__all__ = ["Resolver"]


class Resolver(aiohttp.ThreadedResolver):
    """aiohttp's resolver: a slow name server does not hold up the interpreter's exit, which does not end look-ups."""

    def __init__(self) -> None:
        super().__init__(cast("asyncio.AbstractEventLoop", _LookUps()))
        self.release = keep_threads()

    async def close(self) -> None:
        """Let the threads go."""
        self.release()


class _LookUps:
    """The two methods of an event loop that aiohttp's resolver calls."""

    async def getaddrinfo(self, host: str, port: int, **options: Any) -> Any:
        return await in_thread(original("socket", "getaddrinfo"), host, port, **options)

    async def getnameinfo(self, address: Any, flags: int) -> Any:
        return await in_thread(original("socket", "getnameinfo"), address, flags)
