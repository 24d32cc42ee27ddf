"""The clients that the scripts run: one made of nothing but a portal and an aiohttp session, and the real one."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import aiohttp

from text2everything.sync.portal import Portal


class Fetcher:
    """An async client in miniature: one session, made lazily inside the running loop."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session: aiohttp.ClientSession | None = None

    async def fetch(self, name: str) -> str:
        if self.session is None:
            self.session = aiohttp.ClientSession()
        async with self.session.get(f"{self.base_url}/api/projects/{name}") as response:
            return str((await response.json())["name"])

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()

    def let_go(self) -> object:
        session, self.session = self.session, None
        return session


class PlainClient:
    """Its blocking side."""

    def __init__(self, base_url: str) -> None:
        self.fetcher = Fetcher(base_url)
        self.portal = Portal(self.fetcher.close, after_fork=self.fetcher.let_go)

    def fetch(self, name: str) -> str:
        return self.portal.call(self.fetcher.fetch, name)

    def close(self) -> None:
        self.portal.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return PlainClient, (self.fetcher.base_url,)


if os.environ.get("LOOP") == "asyncio":
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # as if it were not installed

KINDS = {"plain": PlainClient}


def client() -> Any:
    """The client that the command line asks for: `script.py KIND BASE_URL`."""
    return KINDS[sys.argv[1]](sys.argv[2])


def refused(used: Any) -> bool:
    """Whether a call ends in the one error of a closed client."""
    try:
        used.fetch("slow")
    except RuntimeError as error:
        return str(error) == "the client is closed"
    return False


def exit_status(pid: int) -> int:
    """Wait for a forked child, but not for ever: its exit status, or -9 when it hung."""
    for _ in range(200):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(pid, 9)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
