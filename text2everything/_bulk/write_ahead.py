"""The queue in front of the workers when there is a journal: jobs are recorded on disk before they are sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from text2everything._bulk.job import Job
from text2everything._bulk.journal import Journal, is_rejection
from text2everything._bulk.outcomes import ANY_ERROR, Outcomes
from text2everything._bulk.results import BulkOutcome
from text2everything._bulk.workers import Workers
from text2everything.exceptions import Text2EverythingError

__all__ = ["WriteAheadQueue"]


class WriteAheadQueue:
    """Passes jobs to the workers once the journal has them, each job at most once.

    A job is in doubt if it was sent, in this run or an earlier one, and it is unknown whether the service created the
    item. Jobs in doubt are looked up on the service, many at once, while nothing is in flight. What was found is an
    outcome; what was not is sent again, once.

    Args:
        journal: The journal, open.
        workers: Send the jobs.
        outcomes: Collects the outcomes of jobs that are not sent, and knows how far the source was read.
        abort: Is called with an error that is not one item's.

    Attributes:
        journal: The journal.
        recalled: Outcomes so far that an earlier run left in the journal.
        unwritten: Jobs that are not in the journal yet.
        task: The task that writes and looks up; None while there is nothing to do.
    """

    def __init__(
        self,
        journal: Journal,
        workers: Workers[Any],
        outcomes: Outcomes[Any],
        *,
        abort: Callable[[BaseException], None],
    ) -> None:
        self.journal = journal
        self.recalled = 0
        self.unwritten: list[Job] = []
        self.task: asyncio.Task[None] | None = None
        self._in_doubt: deque[Job] = deque()
        self._has_earlier = False  # whether some of those were sent by an earlier run
        self._workers = workers
        self._outcomes = outcomes
        self._abort = abort
        self._closed = False

    def submit(self, job: Job) -> None:
        """Queue a job according to what an earlier run recorded of it; the caller calls `wake` afterwards.

        Raises:
            ValidationError: The earlier run had another item at this index.
        """
        known = self.journal.knows(job.index)
        if known and (outcome := self.journal.recall(job)) is not None:
            self._workers.serial = False
            self.recalled += 1
            self._outcomes.add(outcome)
            return
        self._workers.enter(job)
        if known and not self.journal.has_failed(job):
            self._has_earlier = True
            self._in_doubt.append(job)
        else:
            self.unwritten.append(job)

    def defer(self, job: Job, error: Text2EverythingError) -> bool:
        """Return whether a failed job is in doubt, so that its outcome is known after a look-up only."""
        if is_rejection(error) or job.retried or self._closed:
            return False
        job.error = error
        self._in_doubt.append(job)
        self.wake()
        return True

    def give_up(self, error: BaseException) -> None:
        """Write and look up nothing more because of an error; jobs in doubt fail with that which left them so."""
        self.close()
        while self._in_doubt:
            job = self._in_doubt.popleft()
            unknown = Text2EverythingError(
                f"sent by an earlier run, and it is unknown whether it was created, because of this error: {error}"
            )
            self._outcomes.add(BulkOutcome(job.index, job.item, None, job.error or unknown))

    def close(self) -> None:
        """Start no more writes and look-ups."""
        self._closed = True

    def wake(self) -> None:
        """Start the task if there is something to do."""
        if self.task is None and self._has_work():
            self.task = asyncio.create_task(self._run())

    def _has_work(self) -> bool:
        if self._closed or self._is_replaying():
            return False
        return bool(self.unwritten) or self._must_look_up()

    def _is_replaying(self) -> bool:
        """Whether the source is about to give an item that an earlier run had.

        Until then nothing is sent, so that all jobs of the earlier run that are in doubt take one look-up.
        """
        outcomes = self._outcomes
        continues = not outcomes.ended and not outcomes.is_full and outcomes.room >= outcomes.quarter
        return continues and self.journal.knows(outcomes.count)

    def _must_look_up(self) -> bool:
        if not self._in_doubt:
            return False
        workers = self._workers
        is_last = self._outcomes.ended and not workers.queue and not self.unwritten
        blocks_others = bool(workers.held) and workers.is_idle and not self.unwritten
        return self._has_earlier or is_last or blocks_others or len(self._in_doubt) >= self._outcomes.quarter

    async def _run(self) -> None:
        try:
            while self._has_work():
                if self._must_look_up():
                    async with self._workers.paused():
                        await self._look_up()
                else:
                    await self._write()
        except ANY_ERROR as error:  # raised to the caller of the bulk call
            self._abort(error)
        finally:
            self.task = None

    async def _write(self) -> None:
        """Record the unwritten jobs as about to be sent, then pass them to the workers."""
        jobs = self.unwritten.copy()
        await self.journal.sending(jobs)
        if self.unwritten:  # else they were dropped meanwhile
            del self.unwritten[: len(jobs)]
            for job in jobs:
                self._workers.submit(job)

    async def _look_up(self) -> None:
        """Look up the jobs in doubt on the service. Nothing is in flight: it could be taken for one of them."""
        jobs = list(self._in_doubt)
        if not jobs:  # given up while the requests in flight ended
            return
        self._has_earlier = False
        found = await self.journal.find(jobs)
        for job in jobs:
            if self._closed:
                return
            if job.index in found:
                self._workers.serial = False
                self.journal.created(job, found[job.index])
                self._in_doubt.popleft()  # only now: if writing fails, it is still in doubt
                self._outcomes.add(BulkOutcome(job.index, job.item, found[job.index]))
                self._workers.settle(job)
            else:
                job.retried = True
                self._in_doubt.popleft()
                self.unwritten.append(job)
