"""The way of a job through a bulk call: the journal if there is one, a request, an outcome."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from text2everything._bulk.job import Job
from text2everything._bulk.journal import Journal
from text2everything._bulk.operation import FATAL_ERRORS, BulkOperation
from text2everything._bulk.outcomes import Outcomes
from text2everything._bulk.results import BulkOutcome
from text2everything._bulk.workers import Workers
from text2everything._bulk.write_ahead import WriteAheadQueue
from text2everything.exceptions import Text2EverythingError, ValidationError

__all__ = ["Pipeline"]

T = TypeVar("T")


class Pipeline(Generic[T]):
    """Connects the parts of a bulk call: `WriteAheadQueue` (with a journal), `Workers`, `Outcomes`.

    Args:
        operation: What is done with each item.
        window: Items in memory at most.

    Attributes:
        outcomes: The outcomes that the caller has not taken yet.
        write_ahead: The queue in front of the workers; None without a journal, and until that is open.
        reader: The task that takes items from the source, if there is one.
        not_sent: The indices of items that were dropped, because the pipeline was stopped.
    """

    def __init__(self, operation: BulkOperation[T], window: int) -> None:
        self.outcomes: Outcomes[T] = Outcomes(window, operation.reporter)
        self.write_ahead: WriteAheadQueue | None = None
        self.reader: asyncio.Task[None] | None = None
        self.not_sent: list[int] = []
        self._operation = operation
        self._workers = Workers(
            operation.send, operation.limiter, report=self._report, abort=self.abort, on_idle=self.wake
        )
        self._queue: WriteAheadQueue | Workers[T] = self._workers

    async def open_journal(self) -> None:
        """Open the journal if there is one and it is not open."""
        open_journal = self._operation.open_journal
        if self.write_ahead is None and open_journal is not None and not self.outcomes.ended:
            await self._use(await open_journal())

    async def _use(self, journal: Journal) -> None:
        if self.outcomes.ended:  # stopped or closed meanwhile: nothing will be sent
            await journal.aclose()
            return
        self._queue = self.write_ahead = WriteAheadQueue(journal, self._workers, self.outcomes, abort=self.abort)

    def submit(self, job: Job) -> None:
        """Send a job as soon as possible; with a journal only after `wake`.

        Raises:
            ValidationError: The journal belongs to other input, so that nothing more is sent.
        """
        try:
            self._queue.submit(job)
        except ValidationError as error:
            self.abort(error)
            raise

    def check_end(self) -> None:
        """Check that the journal does not know of more items than the source had.

        Raises:
            ValidationError: The journal belongs to other input, so that nothing more is sent.
        """
        try:
            if self.write_ahead is not None:
                self.write_ahead.journal.check_end(self.outcomes.count)
        except ValidationError as error:
            self.abort(error)
            raise

    def wake(self) -> None:
        """Let the journal's queue see what has changed: items taken, the source ended, nothing in flight."""
        if self.write_ahead is not None:
            self.write_ahead.wake()

    def stop(self) -> None:
        """Take no more items and send no more; the items in flight still have their outcomes."""
        self.outcomes.end()
        if self.reader is not None:
            self.reader.cancel()
        self._drop(self._workers.queue)
        if self.write_ahead is not None:
            self._drop(self.write_ahead.unwritten)
            self.write_ahead.wake()

    def _drop(self, queue: deque[Job] | list[Job]) -> None:
        self.not_sent.extend(job.index for job in queue)
        self.outcomes.drop(len(queue))
        queue.clear()

    def abort(self, error: BaseException) -> None:
        """Stop because of an error that is not one item's, and give up the items in doubt."""
        self.outcomes.end(error)
        if self.write_ahead is not None:
            self.write_ahead.give_up()
        self.stop()

    async def aclose(self) -> None:
        """Cancel what is in flight and wait until it has ended."""
        self.outcomes.close()
        self._workers.queue.clear()
        tasks = [self.reader, *self._workers.tasks]
        if self.write_ahead is not None:
            self.write_ahead.close()
            tasks.append(self.write_ahead.task)
        running = [task for task in tasks if task is not None]
        for task in running:
            task.cancel()
        try:
            if running:
                await asyncio.wait(running)
        finally:
            self._operation.reporter.close()
            if self.write_ahead is not None:
                await self.write_ahead.journal.aclose()

    def _report(self, job: Job, created: T | None, error: Text2EverythingError | None) -> None:
        """Handle the result of a request."""
        write_ahead = self.write_ahead
        in_doubt = error is not None and write_ahead is not None and write_ahead.defer(job, error)
        if not in_doubt:
            self.outcomes.add(BulkOutcome(job.index, job.item, created, error))
        if write_ahead is not None:  # after the outcome, which is kept even if this write fails
            write_ahead.record(job, created, error)
        if isinstance(error, FATAL_ERRORS):
            self.abort(error)
        elif error is not None and not in_doubt and self._operation.stop_on_failure:
            self.stop()
