"""The engine of every bulk create: items in, outcomes out, a bounded number of them in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar, cast

import attrs

from text2everything._bulk.limiter import Limiter
from text2everything._bulk.progress import Reporter
from text2everything._bulk.results import BulkOutcome
from text2everything.exceptions import (
    AuthenticationError,
    ClientClosedError,
    PermissionDeniedError,
    Text2EverythingError,
    ValidationError,
)

__all__ = ["AsyncBulkStream", "Job", "Record", "Work"]

T = TypeVar("T")

WINDOW = 1_000
"""Items in memory at most: taken from the source, and their outcome not yet taken by the caller."""

TURN = 64
"""Items taken from a plain source at a stretch, before the event loop gets its turn."""

BATCH_WAIT = 0.02
"""Seconds for which an outcome may wait for others, where each crossing to the caller costs."""

SAME_FOR_ALL = (AuthenticationError, PermissionDeniedError, ClientClosedError)
"""Errors that the next item would meet as well: sending goes no further."""


@attrs.define
class Job:
    """One item on its way: as it was given, as it is sent, and the error that left its outcome open, if any."""

    index: int
    item: Any
    new: Any
    error: Text2EverythingError | None = None


class Record(Protocol):
    """What remembers, beyond this process, what was sent and what came of it."""

    def knows(self, index: int) -> bool:
        """Return whether an earlier run sent the item at this index."""

    def recall(self, job: Job) -> BulkOutcome[Any] | None:
        """Return what was created of a job that an earlier run sent, if that is known.

        Raises:
            ValidationError: It was another item.
        """

    def failed_before(self, job: Job) -> bool:
        """Return whether a job that an earlier run sent is known not to have been created."""

    async def sending(self, jobs: Sequence[Job]) -> None:
        """Make certain that the jobs will be known to have been sent."""

    async def find(self, jobs: Sequence[Job]) -> dict[int, Any]:
        """Return what the service made of these jobs, by index; what is missing was not created."""

    def created(self, job: Job, created: Any) -> None:
        """Note what was created."""

    def failed(self, job: Job, error: Text2EverythingError) -> bool:
        """Note a failure; return False where something may have been created all the same."""

    def check(self, new: Sequence[Any]) -> None:
        """Raise a `ValidationError` if an earlier run had other items than these, which are all there are."""

    def check_end(self, count: int) -> None:
        """Raise a `ValidationError` if an earlier run had more items than these."""

    async def aclose(self) -> None:
        """Let go of the record."""


@attrs.frozen
class Work(Generic[T]):
    """What is to be done with the items of one bulk call.

    Attributes:
        name: The argument that holds them, for messages.
        prepare: Returns an item checked and ready to be sent, or raises a `ValidationError`.
        send: Creates one.
        limiter: Knows how many may be sent at once.
        reporter: Is told of every outcome.
        open_record: Opens the journal, or is None.
        where: Returns how messages name an item, from its index and itself; `name[index]` if it is None.
        stops: Whether nothing more is sent after the first failure.
    """

    name: str
    prepare: Callable[[Any], Any]
    send: Callable[[Any], Awaitable[T]]
    limiter: Limiter
    reporter: Reporter
    open_record: Callable[[], Awaitable[Record]] | None = None
    where: Callable[[int, Any], str] | None = None
    stops: bool = False

    def place(self, index: int, item: Any) -> str:
        """Return how messages name an item."""
        return f"{self.name}[{index}]" if self.where is None else self.where(index, item)


class _Signal:
    """Lets one task wait until another says that there may be something new."""

    __slots__ = ("_waiter",)

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def set(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class AsyncBulkStream(Generic[T]):
    """The outcomes of a bulk create, each as it happens: `async for outcome in stream`.

    Items are taken from the source as there is room for them, so that the source may be endless. Leaving the loop
    early ends what is in flight; `async with stream:` does so at once, for certain. A stream is iterated once.

    Attributes:
        source: Where the items come from.
        not_sent: The indices of items taken from the source and then not sent, because the stream was stopped.
        recalled: How many outcomes so far are from the journal of an earlier run.
        is_exhausted: Whether the source was read to its end.
    """

    def __init__(self, work: Work[T], source: Iterable[Any] | AsyncIterable[Any], *, window: int = WINDOW) -> None:
        self.source = source
        self.not_sent: list[int] = []
        self.recalled = 0
        self.is_exhausted = False
        self._work = work
        self._window = window
        self._count = 0  # items taken from the source
        self._outstanding = 0  # those whose outcome was not taken yet
        self._ended = self._closed = False
        self._closing: asyncio.Future[None] | None = None
        self._problem: BaseException | None = None  # raised when everything that can be returned was
        self._given_up = False  # what is lined up is not sent any more
        self._feeder: asyncio.Task[None] | None = None
        self._jobs: deque[Job] = deque()  # to be sent now
        self._workers: set[asyncio.Task[None]] = set()
        self._alone = True  # until something was created: first creates race for their collection
        self._done: list[BulkOutcome[T]] = []
        self._news, self._room, self._quiet = _Signal(), _Signal(), _Signal()
        # With a journal:
        self._record: Record | None = None
        self._unsent: list[Job] = []  # not yet noted as being sent
        self._doubtful: list[Job] = []  # sent, with an outcome that nobody knows
        self._past_doubts = False
        self._sent_twice: set[int] = set()
        self._clerk: asyncio.Task[None] | None = None
        self._held = False  # nothing may be sent while the service is searched

    # For the caller.

    @property
    def room(self) -> int:
        """How many more items may be handed over."""
        return self._window - self._outstanding

    @property
    def count(self) -> int:
        """How many items were taken from the source so far."""
        return self._count

    async def next_batch(self) -> list[BulkOutcome[T]]:
        """Return the outcomes there are, at least one; an empty list at the end.

        Raises:
            Text2EverythingError: What every item would meet alike, such as a refused token.
            Exception: What the source raised, once the outcomes of all its items were returned.
        """
        self._check_open()
        if self._feeder is None:
            self._feeder = asyncio.create_task(self._feed())
        while not self._done and not self._is_over():
            await self._news.wait()
        return self._take()

    async def exchange(self, batch: Sequence[Any], *, final: bool = False) -> list[BulkOutcome[T]]:
        """Hand over items and return the outcomes there are: the way in for a source that is iterated elsewhere.

        Args:
            batch: The items, `room` at most.
            final: Whether the source has ended. Then there is at least one outcome, or an empty list at the end;
                before, there is room for more items on return.
        """
        self._check_open()
        final |= self._ended  # stopped: what is handed over now is not taken
        try:
            await self._begin()
            for item in () if self._ended else batch:
                self._accept(item)
            if final:
                self._exhausted()
        except Exception as error:  # noqa: BLE001  # raised at the end, as it is for a source iterated here
            self._problem = self._problem or error
            self._ended = True
        self._wake()
        enough = self._window // 4
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while (final or self.room < enough) and len(self._done) < enough and not self._is_over():
            if self._done and deadline is None:
                deadline = loop.time() + BATCH_WAIT
            try:
                async with asyncio.timeout_at(deadline):
                    await self._news.wait()
            except TimeoutError:
                break
        return self._take()

    def stop(self) -> None:
        """Take nothing more from the source and send nothing more; what is in flight still has its outcome."""
        self._ended = True
        if self._feeder is not None:
            self._feeder.cancel()
        dropped = [job.index for job in (*self._jobs, *self._unsent)]
        self._jobs.clear()
        self._unsent.clear()
        self.not_sent += dropped
        self._outstanding -= len(dropped)
        self._news.set()

    async def aclose(self) -> None:
        """End what is in flight, and forget what was not sent. A second time does nothing but wait for the first."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._closed = self._ended = True
        self._jobs.clear()
        self._unsent.clear()
        tasks = [task for task in (*self._workers, self._feeder, self._clerk) if task is not None]
        for task in tasks:
            task.cancel()
        try:
            if tasks:
                await asyncio.wait(tasks)
        finally:
            self._work.reporter.close()
            record, self._record = self._record, None
            if record is not None:
                await record.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncIterator[BulkOutcome[T]]:
        async with self:
            while batch := await self.next_batch():
                for outcome in batch:
                    yield outcome

    # Items in.

    async def _feed(self) -> None:
        """Take the items from the source, as there is room for them."""
        try:
            await self._begin()
            if isinstance(self.source, AsyncIterable):
                async for item in self.source:
                    self._accept(item)
                    self._wake()
                    await self._wait_for_room()
            else:
                for item in self.source:
                    self._accept(item)
                    if self._count % TURN == 0 or self.room <= 0:
                        self._wake()
                        await asyncio.sleep(0)
                        await self._wait_for_room()
            self._exhausted()
        except Exception as error:  # noqa: BLE001  # raised where the caller is, after what was taken until then
            self._problem = self._problem or error
            self._ended = True
        self._wake()
        self._news.set()

    async def _wait_for_room(self) -> None:
        if self.room <= 0:
            while self.room < self._window // 2:
                await self._room.wait()

    async def _begin(self) -> None:
        if self._record is None and self._work.open_record is not None:
            self._record = await self._work.open_record()

    def _accept(self, item: Any) -> None:
        """Check an item and line it up."""
        index = self._count
        try:
            job = Job(index, item, self._work.prepare(item))
        except ValidationError as error:
            error.message = f"{self._work.place(index, item)}: {error.message}"
            self._finish(Job(index, item, None), None, error)
        else:
            if self._record is None:
                self._jobs.append(job)
            else:
                try:
                    self._recall(self._record, job)
                except ValidationError as error:  # it belongs to other input: nothing of this is sent
                    self._fail(error)
                    raise
        self._count += 1
        self._outstanding += 1

    def _recall(self, record: Record, job: Job) -> None:
        """Line up a job according to what an earlier run knows of it."""
        if not record.knows(job.index):
            self._unsent.append(job)
        elif (outcome := record.recall(job)) is not None:
            self._alone = False
            self.recalled += 1
            self._done.append(outcome)
            self._work.reporter.add()
            self._news.set()
        elif record.failed_before(job):
            self._unsent.append(job)
        else:
            self._past_doubts = True
            self._doubtful.append(job)

    def _exhausted(self) -> None:
        """Note that the source has come to its end."""
        if not self._ended:
            if self._record is not None:
                try:
                    self._record.check_end(self._count)
                except ValidationError as error:
                    self._fail(error)
                    raise
            self._ended = self.is_exhausted = True

    # Sending.

    def _limit(self) -> int:
        return 1 if self._alone else self._work.limiter.limit

    def _wake(self) -> None:
        """See to it that as many workers run as may and are of use."""
        if self._record is not None and self._clerk is None and self._has_paperwork():
            self._clerk = asyncio.create_task(self._keep_record(self._record))
        if self._held or self._closed:
            return
        for _ in range(min(self._limit() - len(self._workers), len(self._jobs))):
            self._workers.add(asyncio.create_task(self._send_jobs()))

    async def _send_jobs(self) -> None:
        """Send what is lined up, one after another; one of many workers."""
        jobs, workers, send = self._jobs, self._workers, self._work.send
        try:
            while jobs and not self._held:
                limit = self._limit()
                if len(workers) > limit:
                    break
                if len(workers) < limit and len(jobs) > 1:
                    self._wake()
                job = jobs.popleft()
                try:
                    created = await send(job.new)
                except Text2EverythingError as error:
                    self._settle_failure(job, error)
                except Exception as error:  # not the item's fault: a hook of the caller's, or a mistake here
                    self._finish(job, None, Text2EverythingError(f"{type(error).__name__}: {error}"))
                    raise
                else:
                    self._alone = False
                    self._finish(job, created)
                    if self._record is not None:
                        self._record.created(job, created)
        except Exception as error:  # noqa: BLE001  # raised where the caller is
            self._fail(error)
        finally:
            workers.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            if not workers:
                self._quiet.set()
                self._news.set()
            self._wake()

    def _settle_failure(self, job: Job, error: Text2EverythingError) -> None:
        record = self._record
        if record is not None and not record.failed(job, error):
            hopeless = isinstance(error, SAME_FOR_ALL) or self._given_up
            if not hopeless and job.index not in self._sent_twice:
                job.error = error
                self._doubtful.append(job)
                return
        self._finish(job, None, error)
        if isinstance(error, SAME_FOR_ALL):
            self._fail(error)
        elif self._work.stops:
            self.stop()

    # Outcomes out.

    def _finish(self, job: Job, created: T | None, error: Text2EverythingError | None = None) -> None:
        if error is not None:
            error.__traceback__ = None  # a million failures shall not hold a million frames
        self._done.append(BulkOutcome(job.index, job.item, created, error))
        self._work.reporter.add(1, 0 if error is None else 1)
        self._news.set()

    def _take(self) -> list[BulkOutcome[T]]:
        batch, self._done = self._done, []
        self._outstanding -= len(batch)
        if self.room >= self._window // 2:
            self._room.set()
        if not batch and self._problem is not None and self._is_over():
            problem, self._problem = self._problem, None
            raise problem
        return batch

    def _is_over(self) -> bool:
        return self._ended and not self._outstanding and not self._workers

    def _fail(self, problem: BaseException) -> None:
        """Go no further, because of something that is not one item's."""
        self._problem = self._problem or problem
        self._given_up = True
        self.stop()
        doubtful, self._doubtful = self._doubtful, []
        for job in doubtful:
            unknown = Text2EverythingError("sent, and nobody knows whether it was created; run again to find out")
            self._finish(job, None, job.error or unknown)

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("a bulk stream can be iterated only once, and this one is closed")

    # Keeping a journal: what is to be sent is noted first, and what is in doubt is looked up before anything else.

    def _is_recalling(self) -> bool:
        """Whether the source is still at items that an earlier run sent, and there is room to go on."""
        record = self._record
        return record is not None and not self._ended and self.room >= self._window // 4 and record.knows(self._count)

    def _has_paperwork(self) -> bool:
        if self._given_up or self._is_recalling():
            return False
        return bool(self._unsent) or self._must_settle()

    def _must_settle(self) -> bool:
        if not self._doubtful:
            return False
        at_end = self._ended and not self._jobs and not self._unsent
        return self._past_doubts or at_end or len(self._doubtful) >= self._window // 4

    async def _keep_record(self, record: Record) -> None:
        try:
            while self._has_paperwork():
                if self._must_settle():
                    await self._settle_doubts(record)
                else:
                    jobs, self._unsent = self._unsent, []
                    await record.sending(jobs)
                    self._jobs.extend(jobs)
                    self._wake()
        except Exception as error:  # noqa: BLE001  # raised where the caller is
            self._fail(error)
        finally:
            self._clerk = None

    async def _settle_doubts(self, record: Record) -> None:
        """Look up what may have been created. Nothing is in flight meanwhile: it could be mistaken for another."""
        self._held = True
        try:
            while self._workers:
                await self._quiet.wait()
            doubtful, self._doubtful, self._past_doubts = self._doubtful, [], False
            try:
                found = await record.find(doubtful)
            except BaseException:
                self._doubtful = doubtful
                raise
            for job in doubtful:
                if job.index in found:
                    self._alone = False
                    record.created(job, found[job.index])
                    self._finish(job, found[job.index])
                else:
                    self._sent_twice.add(job.index)
                    self._unsent.append(job)
        finally:
            self._held = False
            self._wake()
