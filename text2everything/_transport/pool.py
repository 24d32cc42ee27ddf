"""The aiohttp session of a client: opened in the running event loop, and closed with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence, Sized
from typing import TYPE_CHECKING, Any, Final

import attrs

from text2everything._transport.deadlines import Deadlines
from text2everything.exceptions import ClientClosedError
from text2everything.settings import Settings

if TYPE_CHECKING:
    import aiohttp

    from text2everything._transport.session import Connector, EnvironmentTls

_NEVER_FINALIZED: Final[list[Any]] = []
"""Sessions of other loops or of a parent process, referenced for ever so that they are never finalised.

After a fork the child shares the parent's sockets and its epoll; closing them here would break the parent.
"""

LOOP_TURNS_TO_END = 100
"""Turns of the loop in which cancelled calls can end before their session is closed."""

IDLE_CHECKS = 3
"""Checks in a row, 10 ms apart, that must find no call in flight before `close(wait=True)` closes."""


@attrs.define
class OpenSession:
    """An open session and its limits.

    Attributes:
        session: The session.
        loop: The loop it belongs to.
        semaphore: Limits how many requests are sent at the same time, and so the connections.
        deadlines: The deadlines of the calls in flight.
        guard: The async generator that closes the session with its loop.
        tls: The TLS settings of its requests.
        abandon: Closes its connections once the loop is closed.
        pid: The process it belongs to.
        keeping: The number of requests in flight whose connections may be kept alive.
    """

    session: aiohttp.ClientSession
    loop: asyncio.AbstractEventLoop
    semaphore: asyncio.Semaphore
    deadlines: Deadlines
    guard: AsyncGenerator[None] | None
    tls: EnvironmentTls
    abandon: Callable[[aiohttp.ClientSession], None]
    pid: int = attrs.field(factory=os.getpid)
    keeping: int = 0

    def leave(self) -> None:
        """Use the session no more, on another loop than its own."""
        if self._was_left():
            self.abandon(self.session)
        else:
            _NEVER_FINALIZED.append(self)

    def _was_left(self) -> bool:
        """Whether the loop was closed before the session, as `loop.close()` alone does, in this process."""
        ours = self.guard is not None and self.pid == os.getpid()
        return ours and self.loop.is_closed() and not self.session.closed

    def __del__(self) -> None:
        if self._was_left():
            self.abandon(self.session)


async def _close_with_loop(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Close `session` when the loop shuts down, or when this generator is garbage collected.

    Event loops finalise the asynchronous generators begun in them: `asyncio.run` before it closes the loop, and the
    loop itself when one is garbage collected. A client that nobody closed is thus closed in its own loop.
    """
    try:
        yield
    finally:
        await session.close()


class Pool:
    """The session of a client, which its `with_options` copies share.

    Attributes:
        closed: Whether `close` was called: no new call may start.
        ended_calls: Whether `close` cancelled calls in flight.
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
        self.closed: bool = False
        self.ended_calls: bool = False

    @property
    def is_default(self) -> bool:
        """Whether an equal pool can be made from the settings alone."""
        return self._given is None and self._connector is None and not self._trace_configs

    @property
    def opened(self) -> OpenSession | None:
        """The session of the running loop, or None if `open` must be awaited."""
        current = self._open
        if current is None or self.closed or current.loop is not asyncio.get_running_loop() or current.session.closed:
            return None
        return current

    async def open(self) -> OpenSession:
        """Return the session of the running loop, making it at the first call.

        Raises:
            ClientClosedError: The client is closed, or in use on another running loop, or the session or connector
                given to it is closed or belongs to another loop.
            InvalidConfigurationError: A variable of the environment for proxies or TLS cannot be used.
        """
        if self.closed:
            raise ClientClosedError("the client is closed")
        current = self._open
        loop = asyncio.get_running_loop()
        if current is not None and not current.session.closed:
            if current.loop.is_running() and current.loop is not loop and current.pid == os.getpid():
                raise ClientClosedError("this client is in use on another event loop; make one client for each loop")
            current.leave()
        from text2everything._transport.session import EnvironmentTls, abandon, make_session  # noqa: PLC0415  # brings aiohttp

        if self._given is not None:
            session, guard = self._check_given(loop), None
        else:
            session = make_session(self._settings, self._connector, self._trace_configs, loop)
            guard = _close_with_loop(session)
            await anext(guard)  # runs to its yield at once; from then on the loop finalises it
        semaphore = asyncio.Semaphore(self._settings.max_connections)
        tls = EnvironmentTls(session, self._settings)
        self._open = OpenSession(session, loop, semaphore, Deadlines(loop), guard, tls, abandon)
        return self._open

    def may_keep_alive(self, opened: OpenSession) -> bool:
        """Return whether the connection of the next request may be kept alive after it."""
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
            current.leave()
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
        # Aborted transports clean up in the next turn of the loop.
        await asyncio.sleep(0)

    def _check_given(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        session = self._given
        if session is None or session.closed:
            raise ClientClosedError("the session given to the client is closed")
        if session._loop is not loop:  # noqa: SLF001  # the public name is deprecated; a session of another loop would hang
            raise ClientClosedError("the session given to the client belongs to another event loop")
        return session


async def _wait_until_idle(calls: Sized) -> None:
    """Wait until several checks in a row find no call in flight: a method may be between two of its requests."""
    quiet = 0
    while quiet < IDLE_CHECKS:
        await asyncio.sleep(0.01)
        quiet = 0 if calls else quiet + 1
