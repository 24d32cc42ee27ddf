"""The outcomes of a bulk create as they happen, with a bounded number of items in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import Any, Generic, NoReturn, Self, TypeVar

from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.pipeline import Pipeline
from text2everything._bulk.results import BulkOutcome
from text2everything._bulk.source import SourceReader
from text2everything._transport.running_loop import running_loop

__all__ = ["WINDOW", "AsyncBulkStream", "refuse_to_pickle_stream"]

T = TypeVar("T")

WINDOW = 1_000
"""Items in memory at most, by default: from the source to the outcome taken by the caller."""

BATCH_WAIT = 0.02
"""Seconds for which `exchange` waits for more outcomes after the first: each exchange crosses to another thread."""


def refuse_to_pickle_stream(stream: object) -> NoReturn:
    """Say why a stream, this one or the blocking one, cannot be pickled or copied.

    Raises:
        TypeError: Always.
    """
    raise TypeError(
        f"a {type(stream).__name__} cannot be pickled or copied, because its requests are in flight on "
        "connections of its client; pickle its outcomes, or make another with the client's bulk_create_stream()"
    )


class AsyncBulkStream(Generic[T]):
    """The outcomes of a bulk create, each as it happens: `async for outcome in stream`.

    Items are taken from the source as there is room for them, so that the source may be endless. Leaving the loop
    early cancels what is in flight; with `async with stream:` that has happened when the block ends. A stream can be
    iterated once.

    Attributes:
        source: Where the items come from.
        not_sent: The indices of items taken from the source and then not sent, because the stream was stopped.
    """

    def __init__(
        self, operation: BulkOperation[T], source: Iterable[Any] | AsyncIterable[Any], *, window: int = WINDOW
    ) -> None:
        self.source = source
        self._pipeline = Pipeline(operation, window)
        self._reporter = operation.reporter
        self._reader = SourceReader(operation, self._pipeline)
        self._outcomes = self._pipeline.outcomes
        self.not_sent: list[int] = self._pipeline.not_sent
        self._closing: asyncio.Future[None] | None = None

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle_stream(self)

    @property
    def room(self) -> int:
        """How many more items may be passed to `exchange`."""
        return self._outcomes.room

    @property
    def count(self) -> int:
        """How many items were taken from the source so far."""
        return self._outcomes.count

    @property
    def recalled(self) -> int:
        """How many outcomes so far are from the journal of an earlier run."""
        write_ahead = self._pipeline.write_ahead
        return 0 if write_ahead is None else write_ahead.recalled

    @property
    def was_given_up(self) -> bool:
        """Whether it ended early because every other item would have failed too, or for want of time."""
        return self._pipeline.was_given_up

    @property
    def is_exhausted(self) -> bool:
        """Whether the source was read to its end."""
        return self._reader.is_exhausted

    async def next_batch(self) -> list[BulkOutcome[T]]:
        """Return the outcomes there are, at least one; an empty list at the end.

        Raises:
            Text2EverythingError: An error that every item would get, such as a refused token; or `total_timeout` is
                over.
            RuntimeError: The stream is closed.
            Exception: What the source raised, once the outcomes of all its items were returned.

        Example:
            >>> async with client.feedback.bulk_create_stream(project_id, ratings) as stream:
            ...     while batch := await stream.next_batch():
            ...         print(len(batch), "outcomes")
        """
        self._check_open()
        self._pipeline.begin()
        if self._pipeline.reader is None:
            self._pipeline.reader = asyncio.create_task(self._reader.read(self.source))
        while not len(self._outcomes) and not self._outcomes.is_complete:
            await self._outcomes.wait()
        self._check_open()
        return self._outcomes.take()

    async def exchange(self, batch: Sequence[Any], *, final: bool = False) -> list[BulkOutcome[T]]:
        """Pass items in and return the outcomes there are: for the blocking facade, which iterates over the source.

        Args:
            batch: The items, `room` at most.
            final: Whether the source has ended. Then there is at least one outcome, or an empty list at the end;
                before, there is room for more items on return.

        Raises:
            Exception: As `next_batch` does.
        """
        self._check_open()
        self._pipeline.begin()
        outcomes = self._outcomes
        final |= outcomes.ended  # stopped: these items are not taken
        await self._reader.read_part(batch, final=final)
        enough = outcomes.quarter
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while (final or outcomes.room < enough) and len(outcomes) < enough and not outcomes.is_complete:
            if len(outcomes) and deadline is None:
                deadline = loop.time() + BATCH_WAIT
            try:
                async with asyncio.timeout_at(deadline):
                    await outcomes.wait()
            except TimeoutError:
                break
        self._check_open()
        return outcomes.take()

    def stop(self) -> None:
        """Take nothing more from the source and send nothing more; requests in flight still have their outcomes.

        Example:
            >>> stream = client.feedback.bulk_create_stream(project_id, ratings)
            >>> async for outcome in stream:
            ...     if outcome.error is not None:
            ...         stream.stop()
        """
        self._pipeline.stop()

    async def aclose(self) -> None:
        """Cancel requests in flight and drop what was not sent. A second call only waits for the first.

        Example:
            >>> stream = client.feedback.bulk_create_stream(project_id, ratings)
            >>> batch = await stream.next_batch()
            >>> await stream.aclose()
        """
        running_loop()
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._pipeline.aclose())
        try:
            await asyncio.shield(self._closing)
        finally:  # here, not in the task that closes: what the caller's callable raises is the caller's
            self._reporter.close()

    def _check_open(self) -> None:
        running_loop()
        if self._closing is not None:
            raise RuntimeError("a bulk stream can be iterated only once, and this one is closed")

    async def __aenter__(self) -> Self:
        running_loop()
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
