"""The search for the number of requests in flight with the best throughput, by hill climbing."""

from __future__ import annotations

__all__ = ["HillClimb"]

STEP = 2.0
"""Factor by which the limit rises in one step."""

FIRST_STEP = 4.0
"""The same for the first step, after a single round trip: most calls are short, and would end before they got far.

Further steps need longer measurements: while connections are opened, short ones show gains that are none.
"""

GAIN = 1.1
"""Factor by which throughput must rise for a step to be kept."""

CLIMB_WINDOW = 0.05
"""Seconds over which throughput is measured while climbing, and longer until as many replies came as the limit is."""

HOLD_WINDOW = 0.25
"""The same while the limit is held, when there is time for a better measurement."""

SLOWDOWN = 0.6
"""Share of the best throughput below which, twice in a row, latency has risen and the limit falls."""

TOLERANCE = 0.95
"""Share of the best throughput that must remain for the limit to fall further."""

FALL = 0.8
"""Factor by which the limit falls in one step."""

WINDOWS_BETWEEN_PROBES = 8
"""Windows for which a limit is held before a higher one is tried."""


class HillClimb:
    """Finds the limit while the service throttles nothing: it rises for as long as throughput rises with it.

    Args:
        level: The limit to begin with.
        max_level: The highest limit.
        now: The time.
    """

    def __init__(self, level: float, max_level: int, now: float) -> None:
        self._level = level
        self._max_level = max_level
        self._best_level, self._best = 1.0, 0.0  # the last level that was kept, and its throughput
        self._climbing = True
        self._falling = False
        self._in_question = False  # a single low measurement decides nothing
        self._windows_held = 0
        self._window_began = now
        self._successes = 0

    def count(self, now: float, *, full: bool) -> float | None:
        """Count a success; at the end of a window return the new limit, else None.

        Args:
            now: The time.
            full: Whether as many requests were in flight as the limit allows. If not, throughput says nothing of it.
        """
        self._successes += 1
        elapsed = now - self._window_began
        if elapsed <= self._window or self._successes < self._level:
            return None
        throughput = self._successes / elapsed
        self._window_began, self._successes = now, 0
        if full:
            self._level = self._climb(throughput) if self._climbing else self._hold(throughput)
        return self._level

    @property
    def _window(self) -> float:
        """Seconds over which throughput is measured at least."""
        if not self._best:  # nothing was measured yet
            return 0.0
        return CLIMB_WINDOW if self._climbing else HOLD_WINDOW

    def _climb(self, throughput: float) -> float:
        if throughput >= GAIN * self._best:
            step = STEP if self._best else FIRST_STEP
            self._best_level, self._best = self._level, throughput
            self._in_question = False
            self._climbing = self._level < self._max_level
            return min(self._max_level, self._level * step)
        if not self._in_question:
            self._in_question = True  # new connections are slow at first: measure again
            return self._level
        self._in_question = self._climbing = False
        return self._best_level

    def _hold(self, throughput: float) -> float:
        self._windows_held += 1
        slow = throughput < SLOWDOWN * self._best
        if self._falling:
            if throughput < TOLERANCE * self._best:  # the last step down cost throughput
                self._falling = False
                return self._hold_at(min(self._max_level, self._level / FALL))
            self._best = max(self._best, throughput)
            return self._hold_at(max(1.0, FALL * self._level))
        if slow and self._in_question:
            self._in_question, self._falling, self._best = False, True, throughput
            return self._hold_at(max(1.0, FALL * self._level))
        self._in_question = slow
        if self._windows_held >= WINDOWS_BETWEEN_PROBES and self._level < self._max_level and not slow:
            self._windows_held = 0
            self._climbing = True
            self._best = throughput
            return min(self._max_level, self._level * STEP)
        if not slow:
            self._best += 0.2 * (throughput - self._best)  # a moving average
        return self._level

    def _hold_at(self, level: float) -> float:
        self._best_level = level
        return level
