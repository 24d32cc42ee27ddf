"""A call to the service: token, deadline, a free connection, retries, errors."""

from __future__ import annotations

import asyncio
import builtins
import logging
import time
import traceback
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs

from text2everything._secret import Secret, without_frames
from text2everything._transport import retry, telemetry
from text2everything._transport.auth import TokenSource, check_pickles
from text2everything._transport.deadlines import Deadline
from text2everything._transport.errors import FailedAttempt, final_failure
from text2everything._transport.files import Form
from text2everything._transport.messages import Reply, Request, api_path
from text2everything._transport.pool import OpenSession, Pool
from text2everything._transport.running_loop import running_loop
from text2everything.exceptions import (
    ClientClosedError,
    ConnectionError,  # noqa: A004  # the published name
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
)
from text2everything.settings import Settings

if TYPE_CHECKING:
    from text2everything._transport.exchange import Exchange

__all__ = ["Transport"]

logger = logging.getLogger("text2everything")

IDLE_BEFORE_CHECK = 0.005
"""Seconds without traffic after which the loop is given a chance to notice that the service closed a connection."""

LOOP_TURNS = 3
"""Turns of the loop until it has noticed closed connections; TLS needs one more than plain TCP."""


@attrs.define
class _Call:
    """The state of a call; `failures` counts the attempts that count towards `max_retries`."""

    request: Request
    opened: OpenSession
    exchange: Exchange
    deadline: Deadline
    attempts: int = 0
    failures: int = 0
    last: Text2EverythingError | None = None
    may_have_acted: bool = False


class Transport:
    """Sends requests through a pool, with one client's settings."""

    def __init__(
        self, settings: Settings, pool: Pool, tokens: TokenSource, headers: Mapping[str, str] | None = None
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.tokens = tokens
        self.headers: dict[str, str] = dict(headers or {})
        self._api_path = api_path(settings.base_url)
        self._exchange: Exchange | None = None
        self._last_traffic = 0.0

    @classmethod
    def make(cls, settings: Settings, headers: Mapping[str, str]) -> Transport:
        """Return a transport with connections of its own."""
        return cls(settings, Pool(settings), TokenSource(settings.access_token), headers)

    def recipe(self, *, pickled: bool = False) -> tuple[Settings, dict[str, str]]:
        """Return the arguments of `make` for a copy of this transport.

        Args:
            pickled: Whether they will be pickled.

        Raises:
            TypeError: There is no such copy; the message says why.
        """
        if not self.pool.is_default:
            raise TypeError(
                "a client with a session, connector or trace_configs of its own cannot be copied or pickled"
            )
        if pickled and callable(self.settings.access_token):
            check_pickles(self.settings.access_token)
        return self.settings, self.headers

    def __reduce__(self) -> tuple[Any, ...]:
        # A process pool pickles the resource again for every task: all copies in a process are one, and share its
        # connections. `sources` is not part of the equality of settings.
        settings, headers = self.recipe(pickled=True)
        return _copy_of_process, (settings, tuple(headers.items()), tuple(settings.sources.items()))

    def send(self, request: Request) -> Awaitable[Reply]:
        """Send `request`, retry it where that is safe and may help, and return the reply.

        Raises:
            Text2EverythingError: The error of the last attempt; it tells how many there were and for how long.
        """
        trace = telemetry.tracing()
        return self._send(request) if trace is None else self._traced(trace, request)

    async def _traced(self, trace: Any, request: Request) -> Reply:
        with telemetry.call_span(trace, request.method, request.path, self._api_path):
            return await self._send(request)

    async def _send(self, request: Request) -> Reply:
        exchange = self._exchange or self._load()
        loop = running_loop()
        started = loop.time()
        budget = self._budget(slow=request.slow)
        call = None
        try:
            opened = self.pool.opened or await self.pool.open()
            with opened.deadlines.at(self._ends_at(started, budget)) as deadline:
                call = _Call(request, opened, exchange, deadline)
                return await self._until_done(call)
        except Text2EverythingError as failure:
            error = failure
        except builtins.TimeoutError:
            error = _timeout_error(call, budget)
        except BaseException as unforeseen:  # noqa: BLE001  # cancelled, or an exception of a caller's hook
            if isinstance(unforeseen, Exception):
                unforeseen.add_note("inside the request:\n" + "".join(traceback.format_tb(unforeseen.__traceback__)))
            raise without_frames(unforeseen)  # noqa: B904  # it is the same error
        if self.pool.ended_calls and isinstance(error, TimeoutError | ConnectionError):
            error = ClientClosedError("the client was closed while the call was in flight")
        error.method, error.path = request.method, error.path or self._api_path + request.path
        error.attempts, error.elapsed = call.attempts if call else 0, loop.time() - started
        raise error.with_traceback(None)  # the frames below hold the token and the body

    def _budget(self, *, slow: bool) -> float:
        """Return the seconds a call may take: as set, or else what one attempt may take at most."""
        if self.settings.total_timeout is not None:
            return self.settings.total_timeout
        return self.settings.timeout + self.settings.read_timeout_for(slow=slow)

    def _ends_at(self, started: float, budget: float) -> float:
        """Return when a call that started then must have ended."""
        return started + budget

    def _load(self) -> Exchange:
        from text2everything._transport.exchange import Exchange  # noqa: PLC0415  # imports aiohttp

        self._exchange = Exchange(self.settings, self.headers)
        return self._exchange

    async def _until_done(self, call: _Call) -> Reply:
        request, settings = call.request, self.settings
        token_replaced = False
        while True:
            token = self.tokens.current or await self.tokens.fetch()
            result = await self._attempt(call, token)
            if isinstance(result, Reply):
                result.attempts, result.may_have_acted = call.attempts, call.may_have_acted
                return result
            error, outcome = result.error, result.outcome
            call.last = error
            replayable = not isinstance(request.body, Form) or request.body.replayable
            renewable = error.status_code == 401 and self.tokens.reject(token)  # noqa: PLR2004
            if renewable and replayable and not token_replaced:
                token_replaced = True
                continue
            if error.status_code == 404 and request.method == "DELETE" and call.may_have_acted:  # noqa: PLR2004
                # An earlier attempt deleted it, and only its reply was lost.
                return Reply(204, b"", {}, request, error.path or "", call.attempts)
            call.failures += 1
            call.may_have_acted |= not retry.did_nothing(outcome)
            again = retry.may_retry(outcome, repeatable=request.repeatable)
            if call.failures > settings.max_retries or not again or not replayable:
                raise error
            wait = retry.backoff(outcome, attempt=call.failures, delay=settings.retry_delay)
            if call.opened.loop.time() + wait >= (call.deadline.when() or 0.0):
                raise error  # the deadline would pass meanwhile, and its error says less than this one
            await asyncio.sleep(wait)

    async def _attempt(self, call: _Call, token: Secret) -> Reply | FailedAttempt:
        """Send the request once, when the semaphore allows."""
        opened = call.opened
        if not opened.semaphore.locked():
            await opened.semaphore.acquire()  # returns at once
        else:
            try:
                await self._wait_for_connection(call)
            except builtins.TimeoutError:
                problem = (
                    f"no free connection within pool_timeout={self.settings.pool_timeout:g} s; "
                    f"all max_connections={self.settings.max_connections} are in use"
                )
                return final_failure(TimeoutError(problem))
        call.attempts += 1
        keep = self.pool.may_keep_alive(opened)
        opened.keeping += keep
        started = time.monotonic()
        try:
            if started - self._last_traffic > IDLE_BEFORE_CHECK:
                # The service may have closed kept-alive connections while the loop was busy. After some turns it has
                # noticed, and no request is sent on a closed connection.
                for _ in range(LOOP_TURNS):
                    await asyncio.sleep(0)
            result = await call.exchange.send(
                opened.session, call.request, token, tls=opened.tls.current(), keep=keep
            )
        finally:
            opened.keeping -= keep
            opened.semaphore.release()
        if isinstance(result, Reply):
            self._last_traffic = time.monotonic()
        if logger.isEnabledFor(logging.DEBUG):
            self._log(call.request, result, time.monotonic() - started)
        return result

    async def _wait_for_connection(self, call: _Call) -> None:
        """Wait for a free connection, for `pool_timeout` seconds at most."""
        with self._paused_deadline(call):
            async with asyncio.timeout(self.settings.pool_timeout):
                await call.opened.semaphore.acquire()

    @contextmanager
    def _paused_deadline(self, call: _Call) -> Iterator[None]:
        """Do not count the time in the context towards the call's deadline, unless that is a total timeout."""
        ends = None if self.settings.total_timeout is not None else call.deadline.when()
        if ends is None:
            yield
            return
        began = call.opened.loop.time()
        call.deadline.reschedule(None)
        yield
        if not self.pool.ended_calls:
            call.deadline.reschedule(ends + call.opened.loop.time() - began)

    def _log(self, request: Request, result: Reply | FailedAttempt, seconds: float) -> None:
        """Log one attempt."""
        if isinstance(result, Reply):
            path, said = result.path, str(result.status)
        else:
            error = result.error
            path = error.path or self._api_path + request.path
            said = f"{error.status_code or type(error).__name__} {error.message}"
        logger.debug("%s %s -> %s in %.1f ms", request.method, path, said, 1000 * seconds)


@lru_cache(maxsize=16)
def _copy_of_process(
    settings: Settings, headers: tuple[tuple[str, str], ...], _: tuple[tuple[str, str], ...]
) -> Transport:
    return Transport.make(settings, dict(headers))  # the inverse of `__reduce__`


def _timeout_error(call: _Call | None, budget: float) -> TimeoutError:
    error = f"no success within the {budget:g} s that a call may take"
    if call is None or call.attempts == 0:
        error += "; it was not sent, for want of a token or a free connection"
    elif call.last is not None:
        error += f"; the last attempt: {call.last.message}"
    return TimeoutError(error)
