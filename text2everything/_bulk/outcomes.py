"""The outcomes that wait for the caller, and the window that bounds how many items are in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from text2everything._bulk.progress import Reporter
from text2everything._bulk.results import BulkOutcome

__all__ = ["ANY_ERROR", "Outcomes"]

T = TypeVar("T")

ANY_ERROR = (Exception, asyncio.CancelledError, KeyboardInterrupt, SystemExit)
"""What a task of a bulk call may raise, and the caller then gets; not `GeneratorExit`, with which a loop ends it."""


class Outcomes(Generic[T]):
    """Collects one outcome for each item taken from the source, and returns them in batches.

    An item is outstanding from the moment it is taken from the source until the caller has its outcome. One task may
    wait for outcomes, and one for room.

    Args:
        window: Outstanding items at most.
        reporter: Counts every outcome.
        abort: Is called with what a report has raised, such as `SystemExit` of the caller's callable: outcomes are
            added by tasks and timers, where it would end the loop.

    Attributes:
        window: Outstanding items at most.
        quarter: A quarter of the window, the measure of what is worth a wake-up.
        is_full: Whether a task waits for room.
        count: Items taken from the source so far.
        ended: Whether no more items are taken from the source.
    """

    def __init__(self, window: int, reporter: Reporter, *, abort: Callable[[BaseException], None]) -> None:
        self.window = window
        self.quarter = max(1, window // 4)
        self.is_full = False
        self.count = 0
        self.ended = False
        self._settled = 0  # items whose outcome the caller has, and items dropped without one
        self._batch: list[BulkOutcome[T]] = []
        self._error: BaseException | None = None
        self._reporter = reporter
        self._abort = abort
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()

    def __len__(self) -> int:
        return len(self._batch)

    @property
    def room(self) -> int:
        """How many more items may be taken from the source."""
        return self.window - self.count + self._settled

    @property
    def is_complete(self) -> bool:
        """Whether the caller has every outcome there will be."""
        return self.ended and self.count <= self._settled

    @property
    def is_settled(self) -> bool:
        """Whether there is every outcome there will be, though the caller may not have them yet."""
        return self.ended and self.count <= self._settled + len(self._batch)

    def add(self, outcome: BulkOutcome[T]) -> None:
        """Add the outcome of one item."""
        if outcome.error is not None:
            outcome.error.__traceback__ = None  # its frames would stay in memory for as long as the outcome
        self._batch.append(outcome)
        try:
            self._reporter.add(1, 0 if outcome.error is None else 1)
        except ANY_ERROR as error:
            self._abort(error)
        self._changed.set()

    def drop(self, count: int) -> None:
        """Expect no outcome of `count` items, because they will not be sent."""
        self._settled += count
        self._changed.set()

    def end(self, error: BaseException | None = None) -> None:
        """Expect no more items; the first `error` given is raised once every outcome was returned.

        `SystemExit` and `KeyboardInterrupt` come before other errors.
        """
        self.ended = True
        if self._error is None or (isinstance(self._error, Exception) and not isinstance(error, Exception | None)):
            self._error = error
        self._changed.set()

    def close(self) -> None:
        """Expect no outcome of any item, and wake up who waits for one."""
        self.end()
        self._settled = self.count

    def take(self) -> list[BulkOutcome[T]]:
        """Return the outcomes there are; an empty list if there are none.

        Raises:
            BaseException: The error given to `end`, if there are no more outcomes.
        """
        batch, self._batch = self._batch, []
        self._settled += len(batch)
        self._has_room.set()
        if not batch and self._error is not None and self.is_complete:
            error, self._error = self._error, None
            raise error
        return batch

    async def wait(self) -> None:
        """Wait until something has changed: outcomes were added or dropped, or the source has ended."""
        self._changed.clear()
        await self._changed.wait()

    async def wait_for_room(self) -> None:
        """Wait while the window is full, until half of it is free: a wake-up for each item would cost time."""
        if self.room <= 0:
            self.is_full = True
            while self.room < max(1, self.window // 2):
                self._has_room.clear()
                await self._has_room.wait()
            self.is_full = False
