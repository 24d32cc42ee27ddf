"""The tasks that send jobs, as many at once as the limiter allows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar, cast

from text2everything._bulk.job import Job
from text2everything._bulk.limiter import Limiter
from text2everything._bulk.order import Order
from text2everything._bulk.outcomes import ANY_ERROR
from text2everything.exceptions import Text2EverythingError

__all__ = ["Workers"]

T = TypeVar("T")


class _Report(Protocol):
    """Is called with each job that was sent, and with what was created or the error."""

    def __call__(self, job: Job, created: Any, error: Text2EverythingError | None, /) -> None: ...


class Workers(Generic[T]):
    """A queue of jobs, and the tasks that send them.

    Args:
        send: Sends one payload and returns what was created.
        limiter: Decides how many tasks there are.
        order: Decides which jobs have to wait for others; None if none have to.
        report: Is called with the result of each job.
        abort: Is called with an error that is not one item's.
        on_idle: Is called when the last task has ended.

    Attributes:
        queue: Jobs that wait for a task. While there are any, and the workers are not paused, a task runs.
        held: Jobs that wait for others, by index.
        tasks: The running tasks.
        serial: Whether one task runs at most, as at the start: concurrent first creates of a kind would race for the
            creation of their collection.
    """

    def __init__(
        self,
        send: Callable[[Any], Awaitable[T]],
        limiter: Limiter,
        *,
        order: Order | None,
        report: _Report,
        abort: Callable[[BaseException], None],
        on_idle: Callable[[], None],
    ) -> None:
        self.queue: deque[Job] = deque()
        self.held: dict[int, Job] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.serial = True
        self._send = send
        self._limiter = limiter
        self._order = order
        self._report = report
        self._abort = abort
        self._on_idle = on_idle
        self._paused = False
        self._idle = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is sent, nor will be before another job is submitted or settled."""
        return not self.queue and not self.tasks

    def enter(self, job: Job) -> None:
        """Give a job its place among those that it has to wait for; called in the order of the input."""
        if self._order is not None:
            self._order.enter(job)

    def submit(self, job: Job) -> None:
        """Queue a job that has entered, or hold it until those that it waits for are settled."""
        if job.waits_for:
            self.held[job.index] = job
            return
        self.queue.append(job)
        if len(self.queue) == 1:  # with more, a running task starts the others
            self._start()

    def settle(self, job: Job) -> None:
        """Queue the jobs that waited for this one, which has its outcome.

        It is called by a task, which continues with them, or while the workers are paused.
        """
        if self._order is not None:
            for follower in self._order.leave(job):
                if self.held.pop(follower.index, None) is not None:  # else not submitted yet, or dropped
                    self.queue.append(follower)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Wait until nothing is in flight; inside the context nothing is sent."""
        self._paused = True
        try:
            while self.tasks:
                self._idle.clear()
                await self._idle.wait()
            yield
        finally:
            self._paused = False
            self._start()

    def _limit(self) -> int:
        return 1 if self.serial else self._limiter.limit

    def _start(self) -> None:
        """Start as many tasks as the limit allows and the queue can use."""
        if not self._paused:
            for _ in range(min(self._limit() - len(self.tasks), len(self.queue))):
                self.tasks.add(asyncio.create_task(self._run()))

    async def _run(self) -> None:
        """Send one job after another, until the queue is empty or there are more tasks than the limit allows."""
        queue, tasks, send, report = self.queue, self.tasks, self._send, self._report
        try:
            while queue and not self._paused:
                limit = self._limit()
                if len(tasks) > limit:
                    break
                if len(tasks) < limit and len(queue) > 1:
                    self._start()
                job = queue.popleft()
                try:
                    created = await send(job.payload)
                except Text2EverythingError as error:
                    report(job, None, error)
                except ANY_ERROR as error:  # not the item's fault: of a hook of the caller, or a defect here
                    report(job, None, Text2EverythingError(f"{type(error).__name__}: {error}"))
                    raise
                else:
                    self.serial = False
                    report(job, created, None)
        except ANY_ERROR as error:  # raised to the caller of the bulk call
            self._abort(error)
        finally:
            tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            self._start()
            if not tasks:
                self._idle.set()
                self._on_idle()
