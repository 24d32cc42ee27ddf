"""The clients that the scripts run: one made of nothing but a portal and an aiohttp session, and the real one."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import aiohttp

from text2everything import Text2EverythingClient
from text2everything.sync import _loop_thread, _portal
from text2everything.sync._portal import Portal

# Long enough to be told from a busy machine: a script that has to wait for either would be killed.
_loop_thread._CANCEL_GRACE = _portal._EXIT_GRACE = 300


class Fetcher:
    """An async client in miniature: one session, made lazily inside the running loop."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.sessions: dict[int, aiohttp.ClientSession] = {}

    async def fetch(self, name: str) -> str:
        session = self.sessions.get(os.getpid())
        if session is None:
            session = self.sessions[os.getpid()] = aiohttp.ClientSession()
        async with session.get(f"{self.base_url}/api/projects/{name}") as response:
            return str((await response.json())["name"])

    async def close(self) -> None:
        session = self.sessions.pop(os.getpid(), None)
        if session is not None:
            await session.close()


class PlainClient:
    """Its blocking side."""

    def __init__(self, base_url: str) -> None:
        self.fetcher = Fetcher(base_url)
        self.portal = Portal(self.fetcher.close)

    def fetch(self, name: str) -> str:
        return self.portal.call(self.fetcher.fetch, name)

    def close(self) -> None:
        self.portal.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return PlainClient, (self.fetcher.base_url,)


class RealClient(Text2EverythingClient):
    """The real one, with the same one method."""

    def fetch(self, name: str) -> str:
        return self.projects.get(name).name


def real_client(base_url: str) -> RealClient:
    return RealClient(base_url=base_url, access_token="token", workspace_name="workspaces/test", max_retries=0)


if os.environ.get("LOOP") == "asyncio":
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # as if it were not installed


def client() -> Any:
    """The client that the command line asks for: `script.py KIND BASE_URL`."""
    kind, base_url = sys.argv[1:3]
    return {"plain": PlainClient, "real": real_client}[kind](base_url)


def refused(used: Any) -> bool:
    """Whether a call ends in the one error of a closed client."""
    try:
        used.fetch("slow")
    except RuntimeError as error:
        return str(error) == "the client is closed"
    return False


def exit_status(pid: int) -> int:
    """Wait for a forked child, but not for ever: its exit status, or -9 when it hung."""
    for _ in range(2400):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(pid, 9)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
