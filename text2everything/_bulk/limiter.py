"""An adaptive concurrency limiter: how many requests a service takes at once, measured while sending.

It makes decisions only: the time is an argument, and nothing is sent here. Known ideas from congestion control:

- While nothing is throttled, the limit rises as long as throughput rises with it (hill climbing). By Little's law,
  requests in flight = throughput * latency: at a constant limit, rising latency is falling throughput, so that one
  measurement covers both.
- A throttled request (429, 503) pauses all requests, for as long as the service says; then one request is sent first.
  How many of those in flight were throttled tells the reason. If it was some, there were too many at once: the limit
  falls by that number. If it was nearly all, they came too fast: the requests accepted since the last pause give the
  rate that the service accepts, and by Little's law a limit too, which may be less than one. From there the limit
  rises in small steps: less often each time they lead to throttling, in larger steps while they do not, and in small
  ones again from where it was throttled before (AIMD, with a patience that doubles).
"""

from __future__ import annotations

from math import ceil

from text2everything._bulk.hill_climb import HillClimb
from text2everything._bulk.throttling import PAUSE, Pause

__all__ = ["PAUSE", "START", "Limiter"]

START = 24
"""Requests in flight after the first success, if the caller allows as many."""

BACKOFF = 0.6
"""Factor by which the limit falls if nothing in flight was accepted, and no rate is known."""

MAX_FALL = 0.35
"""Factor by which the limit falls to a measured rate at most: a pause that was too long makes the rate seem low."""

PATIENCE = 50
"""Successes after a pause before the limit rises; doubles with each pause, halves with each step up."""

MAX_PATIENCE = 800

PAUSES_APART = 10
"""How many times as long as the last pause cost the limit stays, so that pauses cost a tenth of the time at most."""

FINE_LEVEL = 8
"""Limit below which whole numbers are too coarse, so that requests are also spaced in time."""

MAX_GAP = 1.0
"""Seconds between two requests at most, apart from pauses."""

MIN_SAMPLE = 20
"""Successes needed to measure the rate that a service accepts."""

MARGIN = 0.95
"""Share of the accepted rate that is used."""

MAX_CLIMB = 1.25
"""Factor by which the limit rises in one step after a pause, at most."""


class Limiter:
    """Decides how many requests may be in flight, and how long the next one has to wait.

    Times are seconds of any monotonic clock. Until the first success one request is in flight.

    Args:
        max_limit: Requests in flight at most.

    Attributes:
        in_flight: Requests in flight.
    """

    def __init__(self, max_limit: int) -> None:
        self.in_flight: int = 0
        self._max_limit = max_limit
        self._level = 1.0  # the limit, as a fraction where that is small
        self._latency = 0.0  # a moving average
        self._was_full = False  # whether the limit was reached; if not, the source is slower than the service
        self._climb: HillClimb | None = None
        self._was_throttled = self._throttled_before = False
        self._pause = Pause()
        # Since the last pause, or the start:
        self._since = 0.0
        self._accepted = 0
        self._resumed = self._pause_cost = 0.0
        self._patience = PATIENCE
        self._successes = 0
        self._factor = 1.0
        self._ceiling = 0.0  # the limit that led to the last pause
        self._next_start = 0.0

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return max(1, int(self._level) if self._level >= FINE_LEVEL else ceil(self._level))

    @property
    def pauses(self) -> int:
        """Pauses in a row, without a success in between."""
        return self._pause.in_row

    @property
    def _gap(self) -> float:
        return self._latency / self._level / (1 if self._level < FINE_LEVEL else 1.25)

    def try_acquire(self, now: float) -> float:
        """Count a request that starts now and return 0; or return the seconds after which to try again."""
        if self._was_throttled:
            if now < self._pause.ends:
                return self._pause.ends - now
            if self.in_flight >= (1 if self._pause.active else self.limit):
                return max(0.001, self._latency / 4)
            if not self._pause.active:
                if now < self._next_start:
                    return self._next_start - now
                gap = self._gap
                self._next_start = max(now - gap, self._next_start) + gap
        self.in_flight += 1
        if self.in_flight >= self.limit:
            self._was_full = True
        return 0.0

    def succeeded(self, now: float, started: float) -> None:
        """Count a request that the service handled, whether its reply was a success or a client error."""
        self.in_flight -= 1
        self._pause.in_row = 0
        self._accepted += 1
        latency = now - started
        self._latency = 0.9 * self._latency + 0.1 * latency if self._latency else latency
        if self._climb is None:
            # An earlier pause tells nothing: one request was in flight.
            self._was_throttled = self._pause.active = self._was_full = False
            self._level = float(min(START, self._max_limit))
            self._climb = HillClimb(self._level, self._max_limit, now)
            self._since = started
        elif self._was_throttled:
            if self._pause.active and not self._pause.is_outage and started >= self._pause.ends:
                self._resume(now)
            self._recover(now)
        else:
            level = self._climb.count(now, full=self._was_full)
            if level is not None:
                self._level, self._was_full = level, False

    def failed(self) -> None:
        """Count a request that ended without saying anything about the service's capacity."""
        self.in_flight -= 1

    def throttled(self, now: float, started: float, retry_after: float | None, in_flight: int) -> None:
        """Count a request that was throttled.

        Args:
            now: The time.
            started: When the request was sent.
            retry_after: The seconds to wait that the service asked for.
            in_flight: Requests in flight when it was sent, itself included.
        """
        self.in_flight -= 1
        self._was_throttled = True
        self._pause.throttled(now, started, retry_after, in_flight)

    def back_off(self, now: float) -> None:
        """Pause because of several failures in a row that say nothing about the service's capacity."""
        if not self._pause.active:
            self._throttled_before = self._was_throttled
            self._was_throttled = True
        self._pause.failed(now)

    def recover(self, now: float) -> None:
        """Go on after `back_off`, as before it."""
        if self._pause.is_outage:
            self._pause.active = self._pause.is_outage = self._was_full = False
            self._was_throttled = self._throttled_before
            self._since, self._accepted, self._next_start = now, 0, now

    def _resume(self, now: float) -> None:
        """Set the limit after a pause, once the first request after it has succeeded."""
        pause = self._pause
        pause.active = False
        self._ceiling = self._level
        is_measured = self._accepted >= MIN_SAMPLE
        fall = MAX_FALL if is_measured else BACKOFF
        level = float(pause.accepted) if pause.accepted > 0 else fall * self._level
        if is_measured:
            level = max(level, MARGIN * self._latency * self._accepted / (now - self._since))
            self._since, self._accepted = now, 0
        level = min(level, MARGIN * min(self._level, pause.in_flight))
        self._level = max(level, self._latency / MAX_GAP)
        self._resumed = now
        self._pause_cost = now - pause.began
        self._patience = min(2 * self._patience, MAX_PATIENCE)
        self._successes = 0
        self._factor = 1.0
        self._was_full = False
        self._next_start = now + self._gap

    def _recover(self, now: float) -> None:
        """Raise the limit a little once many requests have succeeded since a pause."""
        self._successes += 1
        due = self._resumed + PAUSES_APART * self._pause_cost
        if self._pause.active or self._successes < self._patience or now < due:
            return
        if self._was_full:
            self._patience = max(PATIENCE, self._patience // 2)
            self._factor = min(MAX_CLIMB, 1 + 2 * max(self._factor - 1, 0.01))
            step = self._level * (self._factor - 1)
            before, level = self._level, self._level + (step if self._level < FINE_LEVEL else max(1.0, step))
            if before < self._ceiling <= level:  # here it was too much before: on with small steps
                self._factor = 1.0
            self._level = min(self._max_limit, level)
        self._successes = 0
        self._was_full = False
