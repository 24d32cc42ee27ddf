"""Deadlines of many calls on one timer.

`asyncio.timeout` makes a timer of the event loop for each call, only to cancel it: calls end long before their
deadline. That costs as much as a third of the transport's own work. One timer, set to the earliest of all, does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from math import inf
from types import TracebackType
from typing import Self

__all__ = ["Deadline", "Deadlines"]


class Deadline:
    """Has what runs inside `with` end in `TimeoutError` once its time has come; otherwise like `asyncio.Timeout`."""

    __slots__ = ("_cancelling", "_deadlines", "_expired", "_task", "_when")

    def __init__(self, deadlines: Deadlines, when: float) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a task to end")
        self._deadlines = deadlines
        self._task = task
        self._cancelling = task.cancelling()
        self._when: float | None = when
        self._expired = False

    def when(self) -> float | None:
        """Return the time by the loop's clock, or None where there is none for now."""
        return self._when

    def expired(self) -> bool:
        """Return whether the time has come."""
        return self._expired

    def reschedule(self, when: float | None) -> None:
        """Set another time; None waits for ever."""
        self._when = when
        if when is not None:
            self._deadlines.wake_at(when)

    def expire(self) -> None:
        """End what runs, now."""
        self._expired = True
        self._task.cancel()

    def __enter__(self) -> Self:
        self._deadlines.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._deadlines.discard(self)
        # Somebody else's cancelling, at the same time or before, is not ours to swallow.
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error


class Deadlines:
    """The deadlines of the calls in flight on one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._running: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = inf

    def at(self, when: float) -> Deadline:
        """Return a deadline for the running task."""
        return Deadline(self, when)

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[Deadline]:
        return iter(self._running)

    def add(self, deadline: Deadline) -> None:
        """Watch over a deadline."""
        self._running.add(deadline)
        when = deadline.when()
        if when is not None and when < self._wakes_at:
            self.wake_at(when)

    def discard(self, deadline: Deadline) -> None:
        """Forget a deadline; the timer stays, for there will be other calls."""
        self._running.discard(deadline)

    def wake_at(self, when: float) -> None:
        """Look at the deadlines at that time, if not before."""
        if when < self._wakes_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(when, self._wake)
            self._wakes_at = when

    def _wake(self) -> None:
        now = max(self._loop.time(), self._wakes_at)  # a loop may wake a clock's tick too early
        self._timer, self._wakes_at = None, inf
        for deadline in self._running:
            when = deadline.when()
            if when is None or deadline.expired():
                continue
            if when <= now:
                deadline.expire()
            else:
                self.wake_at(when)
