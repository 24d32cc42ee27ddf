"""The tasks that send jobs, as many at once as the limiter allows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar, cast

from text2everything._bulk.job import Job
from text2everything._bulk.limiter import Limiter
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
        report: Is called with the result of each job.
        abort: Is called with an error that is not one item's.
        on_idle: Is called when the last task has ended.

    Attributes:
        queue: Jobs that wait for a task. While there are any, and the workers are not paused, a task runs.
        tasks: The running tasks.
        serial: Whether one task runs at most, as at the start: concurrent first creates of a kind would race for the
            creation of their collection.
    """

    def __init__(
        self,
        send: Callable[[Any], Awaitable[T]],
        limiter: Limiter,
        *,
        report: _Report,
        abort: Callable[[BaseException], None],
        on_idle: Callable[[], None],
    ) -> None:
        self.queue: deque[Job] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self.serial = True
        self._send = send
        self._limiter = limiter
        self._report = report
        self._abort = abort
        self._on_idle = on_idle
        self._paused = False
        self._idle = asyncio.Event()

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self.queue.append(job)
        if len(self.queue) == 1:  # with more, a running task starts the others
            self._start()

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
                except Exception as error:  # not the item's fault: raised by a hook of the caller, or a defect here
                    report(job, None, Text2EverythingError(f"{type(error).__name__}: {error}"))
                    raise
                else:
                    self.serial = False
                    report(job, created, None)
        except Exception as error:  # noqa: BLE001  # raised to the caller of the bulk call
            self._abort(error)
        finally:
            tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            self._start()
            if not tasks:
                self._idle.set()
                self._on_idle()
