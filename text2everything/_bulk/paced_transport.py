"""A transport that sends no more requests at once than the service takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from text2everything._bulk.health import ServiceHealth
from text2everything._bulk.limiter import Limiter
from text2everything._transport import retry
from text2everything._transport.errors import FailedAttempt, final_failure
from text2everything._transport.messages import Reply
from text2everything._transport.retry import Failure
from text2everything._transport.transport import Transport
from text2everything.exceptions import ConnectionError  # noqa: A004  # the published name

if TYPE_CHECKING:
    from text2everything._secret import Secret
    from text2everything._transport.transport import _Call

__all__ = ["PacedTransport"]

THROTTLING_STATUSES = frozenset({429, 503})

MIN_DELAY = 0.05
"""Seconds between two attempts to connect, at least by the bounds of that random wait."""


MAX_SLEEP = 0.5
"""Seconds until a request that waits to be sent sees that the call was ended, at most."""


class PacedTransport(Transport):
    """Sends over the connections of another transport, as many requests at once as a limiter allows.

    A throttled request (429, or 503 with a Retry-After) is sent again when the limiter allows it, and one for which
    there was no connection after a while, however often and whatever `max_retries` is, until the service is given up.
    So is any other request that may be repeated, such as a look-up or a delete, when it fails for the moment.
    Otherwise it is like any transport.

    Args:
        transport: Its settings, connections and tokens are used.
        limiter: Decides when a request may be sent.
        health: Decides when the service is given up.
    """

    def __init__(self, transport: Transport, limiter: Limiter, health: ServiceHealth) -> None:
        super().__init__(transport.settings, transport.pool, transport.tokens, transport.headers)
        self._limiter = limiter
        self._health = health

    def _ends_at(self, started: float, budget: float) -> float:
        ends_at = self._health.ends_at
        return started + budget if ends_at is None else min(started + budget, ends_at)

    async def _attempt(self, call: _Call, token: Secret) -> Reply | FailedAttempt:
        limiter, clock = self._limiter, call.opened.loop.time
        while True:
            wait = limiter.try_acquire(clock())
            if wait and not await self._acquire(call, wait):
                return final_failure(self._health.not_sent())
            started = clock()
            in_flight = limiter.in_flight
            result: Reply | FailedAttempt | None = None
            try:
                result = await super()._attempt(call, token)
            finally:
                if result is None:  # cancelled
                    limiter.failed()
            if isinstance(result, Reply):
                limiter.succeeded(clock(), started)
                self._health.accepted()
                return result
            call.last = result.error
            if result.outcome.status in THROTTLING_STATUSES:
                limiter.throttled(clock(), started, result.outcome.retry_after, in_flight)
                if self._gives_up_waiting(result, clock()):
                    return final_failure(result.error)
                if not retry.did_nothing(result.outcome):
                    return result
            elif _is_unsent(result) or retry.may_retry(result.outcome, repeatable=call.request.repeatable):
                limiter.failed()
                call.failures += 1
                if self._gives_up_repeating(call, result, clock()):
                    return final_failure(result.error)
                await self._wait_to_repeat(call, result)
            else:
                self._count_failure(result, clock(), started)
                return result

    def _gives_up_waiting(self, throttled: FailedAttempt, now: float) -> bool:
        unsent = retry.did_nothing(throttled.outcome)
        return self._health.gives_up_waiting(throttled.error, now, self._limiter.pauses, unsent=unsent)

    def _gives_up_repeating(self, call: _Call, failed: FailedAttempt, now: float) -> bool:
        if _is_unsent(failed):
            final = failed.outcome.failure is Failure.FINAL
            return self._health.gives_up_connecting(failed.error, now, call.failures, final=final)
        call.may_have_acted = True
        return self._health.gives_up_repeating(failed.error, now, call.failures)

    def _count_failure(self, failed: FailedAttempt, now: float, started: float) -> None:
        answered = failed.outcome.failure is Failure.STATUS
        if answered and (failed.outcome.status or 0) < 500:  # noqa: PLR2004  # the service has handled it
            self._limiter.succeeded(now, started)
        else:
            self._limiter.failed()
        if answered:
            self._health.accepted()

    async def _wait_to_repeat(self, call: _Call, failed: FailedAttempt) -> None:
        """Wait before the next attempt. That time counts like that of `_acquire`."""
        delay = max(MIN_DELAY, self.settings.retry_delay)
        with self._paused_deadline(call):
            await asyncio.sleep(retry.backoff(failed.outcome, attempt=min(call.failures, 2), delay=delay))

    async def _acquire(self, call: _Call, wait: float) -> bool:
        """Wait until the request may be sent, and return True; or False once the bulk call was ended.

        That time counts towards a total timeout, and no other deadline.
        """
        with self._paused_deadline(call):
            while wait:
                if self._health.has_ended:
                    return False
                await asyncio.sleep(min(wait, MAX_SLEEP))
                wait = self._limiter.try_acquire(call.opened.loop.time())
        return True


def _is_unsent(failed: FailedAttempt) -> bool:
    """Return whether there was no connection: for now, or in `Failure.FINAL` one that must not be trusted."""
    failure = failed.outcome.failure
    return failure is Failure.UNSENT or (failure is Failure.FINAL and isinstance(failed.error, ConnectionError))
