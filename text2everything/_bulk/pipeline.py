"""The way of a job through a bulk call: the journal if there is one, a request, an outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Generic, TypeVar

from text2everything._bulk.job import Job
from text2everything._bulk.journal import Journal
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.order import Order
from text2everything._bulk.outcomes import Outcomes
from text2everything._bulk.results import BulkOutcome
from text2everything._bulk.workers import Workers
from text2everything._bulk.write_ahead import WriteAheadQueue
from text2everything.exceptions import (
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
    ValidationError,
)

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
        was_given_up: Whether it was stopped because every other item would have failed, too.
    """

    def __init__(self, operation: BulkOperation[T], window: int) -> None:
        self.outcomes: Outcomes[T] = Outcomes(window, operation.reporter, abort=self.abort)
        self.write_ahead: WriteAheadQueue | None = None
        self.reader: asyncio.Task[None] | None = None
        self.not_sent: list[int] = []
        self.was_given_up = False
        self._operation = operation
        self._health = operation.health
        self._workers = Workers(
            operation.send,
            operation.limiter,
            order=None if operation.keys is None else Order(operation.keys),
            report=self._report,
            abort=self.abort,
            on_idle=self.wake,
        )
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def begin(self) -> None:
        """Start the total timeout, if there is one and it has not started."""
        loop = asyncio.get_running_loop()
        self._health.begin(loop.time())
        if self._timer is None and self._health.ends_at is not None:
            self._timer = loop.call_at(self._health.ends_at, self._time_out)

    def _time_out(self) -> None:
        if not self.outcomes.is_settled:
            self.was_given_up = True
            self.abort(TimeoutError(f"not done within the {self._health.total_timeout:g} s that a call may take"))

    async def open_journal(self) -> None:
        """Open the journal if there is one and it is not open."""
        open_journal = self._operation.open_journal
        if self.write_ahead is None and open_journal is not None and not self.outcomes.ended:
            await self._use(await open_journal())

    async def _use(self, journal: Journal) -> None:
        if self.outcomes.ended:  # stopped or closed meanwhile: nothing will be sent
            await journal.aclose()
            return
        self.write_ahead = WriteAheadQueue(journal, self._workers, self.outcomes, abort=self._abort_journal)

    def submit(self, job: Job) -> None:
        """Send a job as soon as possible; with a journal only after `wake`.

        Raises:
            ValidationError: The journal belongs to other input, so that nothing more is sent.
        """
        try:
            if self.write_ahead is not None:
                self.write_ahead.submit(job)
            else:
                self._workers.enter(job)
                self._workers.submit(job)
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
        workers, write_ahead = self._workers, self.write_ahead
        self._drop(workers.queue)
        workers.queue.clear()
        self._drop(workers.held.values())
        workers.held.clear()
        if write_ahead is not None:
            self._drop(write_ahead.unwritten)
            write_ahead.unwritten.clear()
            write_ahead.wake()

    def _drop(self, jobs: Collection[Job]) -> None:
        self.not_sent.extend(job.index for job in jobs)
        self.outcomes.drop(len(jobs))

    def abort(self, error: BaseException) -> None:
        """Stop because of an error that is not one item's, and give up the items in doubt."""
        if self._is_closed:
            return
        if isinstance(error, asyncio.CancelledError):  # it would pass for a cancellation of the caller
            error = Text2EverythingError("a task of this call was cancelled from elsewhere")
        self._health.has_ended = True
        self.outcomes.end(error)
        if self.write_ahead is not None:
            self.write_ahead.give_up(error)
        self.stop()

    def _abort_journal(self, error: BaseException) -> None:
        """Stop because of an error of a write or a look-up; only the latter is the service's."""
        self.was_given_up |= isinstance(error, Text2EverythingError) and not isinstance(error, ValidationError)
        self.abort(error)

    async def aclose(self) -> None:
        """Cancel what is in flight and wait until it has ended."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.outcomes.close()
        self._workers.queue.clear()
        self._workers.held.clear()
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
            if self.write_ahead is not None:
                await self.write_ahead.journal.aclose()

    def _report(self, job: Job, created: T | None, error: Text2EverythingError | None) -> None:
        """Handle the result of a request."""
        if self._is_closed:
            return
        if error is not None:
            self._report_failure(job, error)
            return
        if self._health.is_failing:
            self._operation.limiter.recover(asyncio.get_running_loop().time())
        self._health.succeeded()
        self.outcomes.add(BulkOutcome(job.index, job.item, created))
        if self.write_ahead is not None:  # after the outcome, which is kept even if this write fails
            self.write_ahead.journal.created(job, created)
        self._workers.settle(job)

    def _report_failure(self, job: Job, error: Text2EverythingError) -> None:
        health, write_ahead, now = self._health, self.write_ahead, asyncio.get_running_loop().time()
        is_fatal = health.is_fatal(error, now)
        if health.is_failing:  # else a short outage would use up all items
            self._operation.limiter.back_off(now)
        was_unsent = health.was_unsent(error)
        in_doubt = write_ahead is not None and not (is_fatal or was_unsent) and write_ahead.defer(job, error)
        if was_unsent and (self.was_given_up or not is_fatal):  # like those that wait: one error says it for all
            self._drop([job])
        elif not in_doubt:
            self.outcomes.add(BulkOutcome(job.index, job.item, None, error))
        if write_ahead is not None and was_unsent:
            write_ahead.journal.not_created(job, error)
        elif write_ahead is not None:
            write_ahead.journal.failed(job, error)
        if is_fatal:
            self.was_given_up = True
            self.abort(error)
        elif not in_doubt:
            self._workers.settle(job)
            if self._operation.stop_on_failure:
                self.stop()
