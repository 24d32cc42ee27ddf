"""A transport that sends no more requests at once than the service takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from text2everything._bulk.limiter import Limiter
from text2everything._transport import retry
from text2everything._transport.errors import FailedAttempt
from text2everything._transport.messages import Reply
from text2everything._transport.retry import Failure
from text2everything._transport.transport import Transport

if TYPE_CHECKING:
    from text2everything._secret import Secret
    from text2everything._transport.transport import _Call

__all__ = ["PacedTransport"]

THROTTLING_STATUSES = frozenset({429, 503})

MAX_PAUSES = 12
"""Pauses in a row without a success, after which a throttled request fails."""


class PacedTransport(Transport):
    """Sends over the connections of another transport, as many requests at once as a limiter allows.

    A throttled request (429, or 503 with a Retry-After) is sent again when the limiter allows it, however often and
    whatever `max_retries` is. Otherwise it is like any transport.

    Args:
        transport: Its settings, connections and tokens are used.
        limiter: Decides when a request may be sent.
    """

    def __init__(self, transport: Transport, limiter: Limiter) -> None:
        super().__init__(transport.settings, transport.pool, transport.tokens, transport.headers)
        self._limiter = limiter

    async def _attempt(self, call: _Call, token: Secret) -> Reply | FailedAttempt:
        limiter, clock = self._limiter, call.opened.loop.time
        while True:
            started = clock()
            wait = limiter.try_acquire(started)
            if wait:
                await self._acquire(call, wait)
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
                return result
            outcome = result.outcome
            if outcome.status in THROTTLING_STATUSES:
                limiter.throttled(clock(), started, outcome.retry_after, in_flight)
                if retry.did_nothing(outcome) and limiter.pauses < MAX_PAUSES:
                    continue
            elif outcome.failure is Failure.STATUS and (outcome.status or 0) < 500:  # noqa: PLR2004
                limiter.succeeded(clock(), started)
            else:
                limiter.failed()
            return result

    async def _acquire(self, call: _Call, wait: float) -> None:
        """Wait until the request may be sent. That time counts towards a total timeout, and no other deadline."""
        with self._paused_deadline(call):
            while wait:
                await asyncio.sleep(wait)
                wait = self._limiter.try_acquire(call.opened.loop.time())
