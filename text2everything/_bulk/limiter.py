"""How many requests a service takes at once, found out while sending: pure decisions, no clock and no network.

Known ideas from congestion control, in two parts:

- While nothing is refused, the limit climbs as long as climbing pays: a step up is kept if throughput rose with it
  (hill climbing). By Little's law, in flight = throughput x latency: at an unchanged limit, rising latency is falling
  throughput, so one measure serves for both.
- A refusal (429, 503) pauses everybody, for as long as the service says; then one request goes first. How many were
  refused of those in flight tells why. If it was some, they were too many at once: the limit falls by that number. If
  it was nearly all, they came too fast: what was accepted since the last time is what the service accepts, and by
  Little's law again that is a limit too, of less than one if need be. From there it climbs in small steps, ever rarer
  as long as they lead to refusals, ever larger while they do not (AIMD, with patience that doubles).
"""

from __future__ import annotations

from math import ceil

from text2everything._transport.retry import MAX_BACKOFF, MAX_RETRY_AFTER

__all__ = ["Limiter"]

START = 16
"""Requests in flight after the first success, if the caller allows as many."""

STEP = 2.0
"""Factor by which the limit climbs while nothing was ever refused."""

GAIN = 1.1
"""Factor by which throughput must rise for a step of that size to pay."""

WINDOW = 0.05
"""Seconds over which throughput is measured at least; also as many answers as requests are in flight."""

HOLD_WINDOW = 0.25
"""The same while a level is kept, where there is time to measure well."""

SLOWDOWN = 0.6
"""Share of its throughput that a limit must keep; twice below, latency has risen and the limit falls."""

FALL = 0.8
"""Factor by which the limit falls when latency has risen, again and again as long as that costs no throughput."""

WINDOWS_BETWEEN_PROBES = 8
"""Windows for which a level that seems best is kept before a higher one is tried."""

PATIENCE = 50
"""Successes after a refusal before more is tried; doubles with each refusal, halves with each step that went well."""

MAX_PATIENCE = 800

PAUSES_APART = 10
"""How many times as long as a refusal cost us nothing more is tried, so that these cost a tenth at most."""

PAUSE = 0.05
"""Seconds of pause after a refusal that does not say for how long; doubles while nothing gets through."""

FEW = 8
"""Below so many in flight, whole numbers are too coarse a measure: requests are also spaced in time."""

MAX_GAP = 1.0
"""Seconds between two requests at most, pauses apart."""

SAMPLE = 20
"""Successes from which the rate that a service accepts can be told."""

MARGIN = 0.95
"""Share of the accepted rate that is asked for."""

MAX_CLIMB = 1.25
"""Factor of one step up after a refusal, at most."""


class Limiter:
    """Tells how many requests may be in flight, and how long the next has to wait.

    Every method takes the time as seconds of any monotonic clock. One request goes alone until the first success.

    Args:
        most: Requests in flight at most.

    Attributes:
        in_flight: Requests that are in flight.
        pauses: Pauses in a row, without a success in between.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._level = 1.0
        self._latency = 0.0
        self.in_flight = 0
        self.pauses = 0
        self._was_full = False  # whether the limit was reached, or the source is slower than the service
        self._climb: _HillClimb | None = None
        self._refused = False  # whether anything ever was
        # The present or last time that the service refused.
        self._pausing = False
        self._pause_began = self._pause_ends = 0.0
        self._pause = PAUSE
        self._episode_in_flight = 1
        self._episode_refusals = 0
        self._resumed = self._cost = 0.0
        # Since then.
        self._since = 0.0
        self._accepted = 0
        self._patience = PATIENCE
        self._successes = 0
        self._factor = 1.0
        self._next_start = 0.0

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return max(1, int(self._level) if self._level >= FEW else ceil(self._level))

    @property
    def _gap(self) -> float:
        return self._latency / self._level / (1 if self._level < FEW else 1.25)

    def wait(self, now: float) -> float:
        """Return 0 if a request may start now, which it then must; else seconds after which to ask again."""
        if self._refused:
            if now < self._pause_ends:
                return self._pause_ends - now
            if self.in_flight >= (1 if self._pausing else self.limit):
                return max(0.001, self._latency / 4)
            if not self._pausing:
                if now < self._next_start:
                    return self._next_start - now
                gap = self._gap
                self._next_start = max(now - gap, self._next_start) + gap
        self.in_flight += 1
        if self.in_flight >= self.limit:
            self._was_full = True
        return 0.0

    def succeeded(self, now: float, started: float) -> None:
        """Count a request that the service dealt with, whatever else its answer said."""
        self.in_flight -= 1
        self.pauses = 0
        self._accepted += 1
        latency = now - started
        self._latency = 0.9 * self._latency + 0.1 * latency if self._latency else latency
        if self._climb is None:
            # What was refused before says nothing yet: it was a single one.
            self._refused = self._pausing = self._was_full = False
            self._level = float(min(START, self._most))
            self._climb = _HillClimb(self._level, self._most, now)
            self._since = started
        elif self._refused:
            if self._pausing and started >= self._pause_ends:
                self._resume(now)
            self._climb_carefully(now)
        else:
            level = self._climb.count(now, full=self._was_full)
            if level is not None:
                self._level, self._was_full = level, False

    def failed(self) -> None:
        """Count a request that ended without telling anything of the service's capacity."""
        self.in_flight -= 1

    def refused(self, now: float, started: float, retry_after: float | None, in_flight: int) -> None:
        """Count a request that the service was too busy for; `in_flight` were so as it started, itself included."""
        self.in_flight -= 1
        if not self._pausing:
            self._refused = self._pausing = True
            self._pause_began = now
            self._pause = PAUSE
            self.pauses += 1
            self._episode_in_flight = in_flight
            self._episode_refusals = 1
        elif started < self._pause_ends:  # sent before the pause, with the one that began it
            self._episode_in_flight = max(self._episode_in_flight, in_flight)
            self._episode_refusals += 1
        else:
            self.pauses += 1
            self._pause = min(2 * self._pause, MAX_BACKOFF)  # not even the one that went first got through
            self._episode_refusals = max(self._episode_refusals, self._episode_in_flight)
        pause = self._pause if retry_after is None else min(retry_after, MAX_RETRY_AFTER)
        if retry_after is not None or self._pause_ends <= started:
            self._pause_ends = max(self._pause_ends, now + pause)

    def _resume(self, now: float) -> None:
        """Draw the lesson of a pause, the first request after it having got through."""
        self._pausing = False
        accepted = self._episode_in_flight - self._episode_refusals
        level = float(accepted) if accepted > 0 else SLOWDOWN * self._level
        if self._accepted >= SAMPLE:
            level = max(level, MARGIN * self._latency * self._accepted / (now - self._since))
            self._since, self._accepted = now, 0
        level = min(level, MARGIN * min(self._level, self._episode_in_flight))
        self._level = max(level, self._latency / MAX_GAP)
        self._resumed = now
        self._cost = now - self._pause_began
        self._patience = min(2 * self._patience, MAX_PATIENCE)
        self._successes = 0
        self._factor = 1.0
        self._was_full = False
        self._next_start = now + self._gap

    def _climb_carefully(self, now: float) -> None:
        """After refusals: a small step up, once much has gone well; larger ones while nothing is refused."""
        self._successes += 1
        if self._pausing or self._successes < self._patience or now < self._resumed + PAUSES_APART * self._cost:
            return
        if self._was_full:
            self._patience = max(PATIENCE, self._patience // 2)
            self._factor = min(MAX_CLIMB, 1 + 2 * max(self._factor - 1, 0.01))
            step = self._level * (self._factor - 1)
            self._level = min(self._most, self._level + (step if self._level < FEW else max(1.0, step)))
        self._successes = 0
        self._was_full = False


class _HillClimb:
    """The limit while nothing was ever refused: higher for as long as throughput rises with it."""

    def __init__(self, level: float, most: int, now: float) -> None:
        self._level = level
        self._most = most
        self._best_level, self._best = 1.0, 0.0  # the level that paid last, and its throughput
        self._climbing = True
        self._falling = False
        self._doubtful = False
        self._held = 0
        self._began = now
        self._successes = 0

    def count(self, now: float, *, full: bool) -> float | None:
        """Count a success; at the end of a window return the level to go on with."""
        self._successes += 1
        elapsed = now - self._began
        if elapsed < (WINDOW if self._climbing else HOLD_WINDOW) or self._successes < self._level:
            return None
        throughput = self._successes / elapsed
        self._began, self._successes = now, 0
        if full:
            self._level = self._step(throughput) if self._climbing else self._hold(throughput)
        return self._level

    def _step(self, throughput: float) -> float:
        if throughput >= GAIN * self._best:
            self._best_level, self._best = self._level, throughput
            self._doubtful = False
            self._climbing = self._level < self._most
            return min(self._most, self._level * STEP)
        if not self._doubtful:
            self._doubtful = True  # new connections are slow at first, and one measurement is none
            return self._level
        self._doubtful = self._climbing = False
        return self._best_level

    def _hold(self, throughput: float) -> float:
        self._held += 1
        slow = throughput < SLOWDOWN * self._best
        if self._falling:
            if throughput < MARGIN * self._best:  # that went too far
                self._falling = False
                return self._hold_at(min(self._most, self._level / FALL))
            self._best = max(self._best, throughput)
            return self._hold_at(max(1.0, FALL * self._level))
        if slow and self._doubtful:
            self._doubtful, self._falling, self._best = False, True, throughput
            return self._hold_at(max(1.0, FALL * self._level))
        self._doubtful = slow
        if self._held >= WINDOWS_BETWEEN_PROBES and self._level < self._most and not slow:
            self._held = 0
            self._climbing = True
            self._best = throughput
            return min(self._most, self._level * STEP)
        if not slow:
            self._best += 0.2 * (throughput - self._best)
        return self._level

    def _hold_at(self, level: float) -> float:
        self._best_level = level
        return level
