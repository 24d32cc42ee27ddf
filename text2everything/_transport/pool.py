"""The aiohttp session of a client: made inside the running loop, bounded, and closed with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence, Sized
from typing import TYPE_CHECKING, Any, Final

import attrs

from text2everything._transport.deadlines import Deadlines
from text2everything.exceptions import ClientClosedError
from text2everything.settings import Settings

if TYPE_CHECKING:
    import aiohttp

    from text2everything._transport.session import Connector

_NEVER_FINALIZED: Final[list[Any]] = []
"""Sessions of loops that are gone or belong to a parent process, kept so that nothing ever finalises them.

After a fork the child shares the parent's sockets and its epoll; closing them here would break the parent.
"""

LOOP_TURNS_TO_END = 100
"""Turns of the loop that calls which were cut off get to end, before their session is closed."""

QUIET_LOOKS = 3
"""How often in a row nothing must be seen in flight for a closing that waits."""


@attrs.define
class OpenSession:
    """A session and what belongs to it.

    Attributes:
        session: The session.
        loop: The loop it belongs to.
        semaphore: Limits how many requests are sent at the same time, and so the connections.
        deadlines: Those of the calls in flight.
        guard: What closes the session with its loop.
        pid: The process it belongs to.
        keeping: How many requests there are whose connections may be kept.
    """

    session: aiohttp.ClientSession
    loop: asyncio.AbstractEventLoop
    semaphore: asyncio.Semaphore
    deadlines: Deadlines
    guard: AsyncGenerator[None] | None
    pid: int = attrs.field(factory=os.getpid)
    keeping: int = 0


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
    """One session for as many connections as the settings allow; shared by a client and its `with_options` copies.

    Attributes:
        closed: Whether no new call may begin.
        ended_calls: Whether the calls in flight were ended by closing.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        session: aiohttp.ClientSession | None = None,
        connector: Connector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        if session is not None or connector is not None or trace_configs != ():
            from text2everything._transport.session import check_hooks  # noqa: PLC0415  # aiohttp is there already

            check_hooks(session, connector, trace_configs)
        self._settings = settings
        self._given = session
        self._connector = connector
        self._trace_configs = list(trace_configs)
        self._open: OpenSession | None = None
        self.closed = False
        self.ended_calls = False

    @property
    def is_default(self) -> bool:
        """Whether the pool can be made again from the settings alone."""
        return self._given is None and self._connector is None and not self._trace_configs

    @property
    def opened(self) -> OpenSession | None:
        """The session of the running loop, or None where `open` must make or check it."""
        current = self._open
        if current is None or self.closed or current.loop is not asyncio.get_running_loop() or current.session.closed:
            return None
        return current

    async def open(self) -> OpenSession:
        """Return the session of the running loop, making it at the first call.

        Raises:
            ClientClosedError: The client is closed, or in use on another running loop, or what it was given to use is
                closed or belongs to another loop.
            InvalidConfigurationError: The environment names something that is no HTTP proxy.
        """
        if self.closed:
            raise ClientClosedError("the client is closed")
        current = self._open
        loop = asyncio.get_running_loop()
        if current is not None and not current.session.closed:
            if current.loop.is_running() and current.loop is not loop and current.pid == os.getpid():
                raise ClientClosedError("this client is in use on another event loop; make one client for each loop")
            _NEVER_FINALIZED.append(current)
        if self._given is not None:
            session, guard = self._check_given(loop), None
        else:
            from text2everything._transport.session import make_session  # noqa: PLC0415  # brings aiohttp

            session = make_session(self._settings, self._connector, self._trace_configs, loop)
            guard = _close_with_loop(session)
            await anext(guard)  # runs to its yield without waiting, and so is known to the loop
        semaphore = asyncio.Semaphore(self._settings.max_connections)
        self._open = OpenSession(session, loop, semaphore, Deadlines(loop), guard)
        return self._open

    def may_keep_alive(self, opened: OpenSession) -> bool:
        """Return whether the connection of the request now starting may be kept afterwards."""
        most = self._settings.max_keepalive_connections
        return most is None or opened.keeping < most

    async def close(self, *, wait: bool = False) -> None:
        """Close the session; calls in flight are awaited (`wait=True`) or end in `ClientClosedError`."""
        current = self._open
        if wait and current is not None and current.loop is asyncio.get_running_loop():
            await _wait_until_idle(current.deadlines)
        self.closed = True
        if current is None or current.session.closed:
            return
        if current.loop is not asyncio.get_running_loop():
            _NEVER_FINALIZED.append(current)
            self._open = None
            return
        calls = current.deadlines
        for deadline in calls:
            self.ended_calls = True
            if not deadline.expired():
                deadline.expire()
        for _ in range(LOOP_TURNS_TO_END):
            if not calls:
                break
            await asyncio.sleep(0)
        self._open = None
        if current.guard is not None:
            await current.guard.aclose()
        # The aborted transports' own clean-up runs in the loop's next turns.
        await asyncio.sleep(0)

    def _check_given(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        session = self._given
        if session is None or session.closed:
            raise ClientClosedError("the session given to the client is closed")
        if session._loop is not loop:  # noqa: SLF001  # its public name is deprecated, and another loop would hang
            raise ClientClosedError("the session given to the client belongs to another event loop")
        return session


async def _wait_until_idle(calls: Sized) -> None:
    """Wait until nothing is in flight for some moments: a call may be between two of its requests."""
    quiet = 0
    while quiet < QUIET_LOOKS:
        await asyncio.sleep(0.01)
        quiet = 0 if calls else quiet + 1
