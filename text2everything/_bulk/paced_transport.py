"""A transport whose requests wait for their turn: many at once, and no more than the service takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from text2everything._bulk.limiter import Limiter
from text2everything._transport import retry
from text2everything._transport.errors import Failed
from text2everything._transport.messages import Reply
from text2everything._transport.retry import Failure
from text2everything._transport.transport import Transport

if TYPE_CHECKING:
    from text2everything._secret import Secret
    from text2everything._transport.transport import _Call

__all__ = ["PacedTransport"]

BUSY = frozenset({429, 503})

HOPELESS = 12
"""Pauses in a row, none of which helped, after which a request is given up."""


class PacedTransport(Transport):
    """Sends like `other`, over its connections, as many at once as `limiter` allows.

    A refusal for being too busy (429, or 503 with a Retry-After) is no failure here: the request waits with all the
    others until the service takes more, whatever `max_retries` says. Everything else goes as in any transport.
    """

    def __init__(self, other: Transport, limiter: Limiter) -> None:
        super().__init__(other.settings, other.pool, other.tokens, other.headers)
        self._limiter = limiter

    async def _attempt(self, call: _Call, token: Secret) -> Reply | Failed:
        limiter, clock = self._limiter, call.opened.loop.time
        while True:
            started = clock()
            wait = limiter.wait(started)
            if wait:
                await self._wait_for_turn(call, wait)
                started = clock()
            in_flight = limiter.in_flight
            result: Reply | Failed | None = None
            try:
                result = await super()._attempt(call, token)
            finally:
                if result is None:  # cancelled
                    limiter.failed()
            if isinstance(result, Reply):
                limiter.succeeded(clock(), started)
                return result
            outcome = result.outcome
            if outcome.status in BUSY:
                limiter.refused(clock(), started, outcome.retry_after, in_flight)
                if retry.did_nothing(outcome) and limiter.pauses < HOPELESS:
                    continue
            elif outcome.failure is Failure.STATUS and (outcome.status or 0) < 500:  # noqa: PLR2004
                limiter.succeeded(clock(), started)
            else:
                limiter.failed()
            return result

    async def _wait_for_turn(self, call: _Call, wait: float) -> None:
        """Wait; unless the call has a total timeout, that is not counted against it."""
        began, ends = call.opened.loop.time(), call.deadline.when()
        if self.settings.total_timeout is not None:
            ends = None
        if ends is not None:
            call.deadline.reschedule(None)
        while wait:
            await asyncio.sleep(wait)
            wait = self._limiter.wait(call.opened.loop.time())
        if ends is not None and not self.pool.ended_calls:
            call.deadline.reschedule(ends + call.opened.loop.time() - began)
