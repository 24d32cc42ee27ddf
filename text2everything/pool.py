"""The aiohttp session of a client: made inside the running loop, bounded, and closed with it."""

from __future__ import annotations

import asyncio
import os
import urllib.request
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import attrs

from text2everything.exceptions import ClientClosedError, InvalidConfigurationError
from text2everything.settings import Settings

_ABANDONED: Final[list[Any]] = []
"""Sessions of loops that are gone or belong to a parent process, kept so that nothing ever finalises them.

After a fork the child shares the parent's sockets and its epoll; closing them here would break the parent.
"""

Connector = aiohttp.BaseConnector | Callable[[], aiohttp.BaseConnector]


@attrs.define
class Opened:
    """A session and what belongs to it."""

    session: aiohttp.ClientSession
    loop: asyncio.AbstractEventLoop
    slots: asyncio.Semaphore
    guard: AsyncGenerator[None] | None
    pid: int = attrs.field(factory=os.getpid)
    busy: int = 0


async def _close_with_loop(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Close `session` when the loop shuts down, or when the last reference to this generator goes.

    Event loops finalise the asynchronous generators begun in them: `asyncio.run` before it closes the loop, and the
    loop itself when one is garbage collected. A client that nobody closed is thus closed in its own loop.
    """
    try:
        yield
    finally:
        await session.close()


class Pool:
    """One session for as many connections as the settings allow; shared by a client and its `with_options` copies."""

    def __init__(
        self,
        settings: Settings,
        *,
        session: aiohttp.ClientSession | None = None,
        connector: Connector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        if session is not None and (connector is not None or trace_configs):
            raise InvalidConfigurationError(
                "session comes with its own connector and trace_configs; give those to it instead"
            )
        self._settings = settings
        self._given = session
        self._connector = connector
        self._trace_configs = list(trace_configs)
        self._open: Opened | None = None
        self._calls: set[asyncio.Timeout] = set()
        self.closed = False

    @property
    def is_default(self) -> bool:
        """Whether the pool can be made again from the settings alone."""
        return self._given is None and self._connector is None and not self._trace_configs

    @property
    def opened(self) -> Opened | None:
        """The session of the running loop, or None where `open` must make or check it."""
        current = self._open
        if current is None or current.loop is not asyncio.get_running_loop() or current.session.closed:
            return None
        return current

    async def open(self) -> Opened:
        """Return the session of the running loop, making it at the first call.

        Raises:
            ClientClosedError: The client is closed.
            RuntimeError: The client is in use on another running loop.
        """
        if self.closed:
            raise ClientClosedError("the client is closed")
        current = self._open
        loop = asyncio.get_running_loop()
        if current is not None and current.loop is not loop and not current.session.closed:
            if current.loop.is_running() and current.pid == os.getpid():
                raise ClientClosedError("this client is in use on another event loop; make one client for each loop")
            _ABANDONED.append(current)
        session = self._given if self._given is not None else self._make_session()
        guard = None
        if self._given is None:
            guard = _close_with_loop(session)
            await anext(guard)  # runs to its yield without waiting, and so is known to the loop
        self._calls = set()
        self._open = Opened(session, loop, asyncio.Semaphore(self._settings.max_connections), guard)
        return self._open

    @contextmanager
    def in_flight(self, timeout: asyncio.Timeout) -> Iterator[None]:
        """Count a call as in flight; `close` ends it by way of its timeout."""
        calls = self._calls
        calls.add(timeout)
        try:
            yield
        finally:
            calls.discard(timeout)

    def keeps_alive(self, opened: Opened) -> bool:
        """Return whether the connection of the request now starting may be kept afterwards."""
        most = self._settings.max_keepalive_connections
        return most is None or opened.busy <= most

    async def close(self, *, wait: bool = False) -> None:
        """Close the session; calls in flight are awaited (`wait=True`) or end in `ClientClosedError`."""
        self.closed = True
        current, self._open = self._open, None
        if current is None or current.session.closed:
            return
        if current.loop is not asyncio.get_running_loop():
            _ABANDONED.append(current)
            return
        while wait and self._calls:  # noqa: ASYNC110  # an event would cost every call for the sake of this one
            await asyncio.sleep(0.01)  # an event would cost every call for the sake of this one
        now = current.loop.time()
        for timeout in list(self._calls):
            timeout.reschedule(now)
        if current.guard is not None:
            await current.guard.aclose()
        # The aborted transports' own clean-up runs in the loop's next turns.
        await asyncio.sleep(0)

    def _make_session(self) -> aiohttp.ClientSession:
        connector = self._connector() if callable(self._connector) else self._connector
        if connector is None:
            connector = aiohttp.TCPConnector(
                limit=0,  # the slots bound it, so that waiting for one can say so
                keepalive_timeout=self._settings.keepalive_expiry,
            )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=self._trace_configs or None,
            proxy=_environment_proxy(self._settings.base_url),
        )
        # aiohttp would resend a DELETE unseen when a kept connection breaks, and its 404 would look like an error.
        session._retry_connection = False  # noqa: SLF001
        return session


def _environment_proxy(base_url: str) -> str | None:
    """Return the proxy that the environment names for `base_url` (HTTPS_PROXY and so on, NO_PROXY)."""
    parts = urlsplit(base_url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)
