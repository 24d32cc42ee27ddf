"""The pauses that a service asks for by throttling requests (429, or 503 with a Retry-After)."""

from __future__ import annotations

from text2everything._transport.retry import MAX_BACKOFF, MAX_RETRY_AFTER

__all__ = ["PAUSE", "Pause"]

PAUSE = 0.05
"""Seconds of pause after a reply without a Retry-After; doubles while nothing succeeds."""

MAX_OUTAGE_PAUSE = 5.0
"""Seconds of pause at most where requests fail, rather than being throttled: each that is sent costs an item."""


MAX_HASTE = 1.0
"""Seconds of pause, at most, that a service gets which asks for a shorter one, but throttles again and again."""


class Pause:
    """The current pause, or the last: from the first throttled request to the first success after the pause.

    Attributes:
        active: Whether the pause goes on, or just one request was sent after it, to see if that succeeds.
        began: When it began.
        ends: Until when no request may be sent.
        in_flight: Requests in flight when it began.
        in_row: Pauses in a row without a success in between.
        is_outage: Whether it began because requests failed, so that it ends with an item that does not.
    """

    def __init__(self) -> None:
        self.active: bool = False
        self.is_outage: bool = False
        self.began = self.ends = 0.0
        self.in_flight = 1
        self.in_row = 0
        self._throttled = 0  # of those in flight
        self._length = PAUSE

    @property
    def accepted(self) -> int:
        """How many of the requests in flight when it began were not throttled."""
        return self.in_flight - self._throttled

    def throttled(self, now: float, started: float, retry_after: float | None, in_flight: int) -> None:
        """Begin a pause because of a throttled request, or prolong it; see `Limiter.throttled`."""
        if not self.active:
            self.active = True
            self.began = now
            self._length = PAUSE
            self.in_row += 1
            self.in_flight = in_flight
            self._throttled = 1
        elif started < self.ends:  # sent before the pause, with the request that began it
            self.in_flight = max(self.in_flight, in_flight)
            self._throttled += 1
        else:  # the first request after the pause was throttled too
            self.in_row += 1
            self._length = min(2 * self._length, MAX_BACKOFF)
            self._throttled = max(self._throttled, self.in_flight)
        length = self._length
        if retry_after is not None:
            least = min(length, MAX_HASTE) if self.in_row > 1 else 0.0
            length = max(least, min(retry_after, MAX_RETRY_AFTER))
        if retry_after is not None or self.ends <= started:
            self.ends = max(self.ends, now + length)

    def failed(self, now: float) -> None:
        """Begin a pause because requests fail, or prolong it after it has ended and the next one failed too."""
        if self.active and now < self.ends:
            return  # it was in flight when the pause began
        if not self.active:
            self.active = self.is_outage = True
            self.began = now
            self._length = PAUSE
        else:
            self._length = min(2 * self._length, MAX_OUTAGE_PAUSE)
        self.ends = now + self._length
