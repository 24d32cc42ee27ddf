"""Taking items from a source, plain or async, no faster than the window allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable
from typing import Any

from text2everything._bulk.job import Job
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.outcomes import ANY_ERROR
from text2everything._bulk.pipeline import Pipeline
from text2everything._bulk.results import BulkOutcome
from text2everything.exceptions import ValidationError

__all__ = ["SourceReader"]

ITEMS_PER_TURN = 64
"""Items taken from a plain source before other tasks of the event loop run."""


class SourceReader:
    """Checks the items of a source and submits them to the pipeline.

    What the source raises is kept, and raised to the caller after the outcomes of the items before it.

    Args:
        operation: Checks items and names them in messages.
        pipeline: Where the items go.

    Attributes:
        is_exhausted: Whether the source was read to its end.
    """

    def __init__(self, operation: BulkOperation[Any], pipeline: Pipeline[Any]) -> None:
        self.is_exhausted = False
        self._operation = operation
        self._pipeline = pipeline
        self._outcomes = pipeline.outcomes

    async def read(self, source: Iterable[Any] | AsyncIterable[Any]) -> None:
        """Take every item of a source, and wait whenever the window is full."""
        try:
            await self._pipeline.open_journal()
            if isinstance(source, AsyncIterable):
                async for item in source:
                    if self._outcomes.ended:  # the source went on although it was cancelled
                        return
                    self._accept(item)
                    await self._outcomes.wait_for_room()
            else:
                for item in source:
                    self._accept(item)
                    if self._outcomes.count % ITEMS_PER_TURN == 0 or self._outcomes.room <= 0:
                        await asyncio.sleep(0)
                        await self._outcomes.wait_for_room()
            self._finish()
        except asyncio.CancelledError as error:
            if not self._outcomes.ended:  # cancelled within the source itself, not by `stop` or `aclose`
                self._fail(error)
            raise
        except ANY_ERROR as error:  # raised to the caller
            self._fail(error)

    async def read_part(self, items: Iterable[Any], *, final: bool) -> None:
        """Take items of a source that is iterated elsewhere; `final` says that there are no more."""
        try:
            await self._pipeline.open_journal()
            for item in items:
                if self._outcomes.ended:
                    return
                self._accept(item)
            if final:
                self._finish()
        except Exception as error:  # noqa: BLE001  # raised to the caller
            self._fail(error)

    def _accept(self, item: Any) -> None:
        """Submit an item; one that is wrong has its outcome at once."""
        index = self._outcomes.count
        try:
            job = Job(index, item, self._operation.prepare(item))
        except ValidationError as error:
            error.message = f"{self._operation.label(index, item)}: {error.message}"
            self._outcomes.add(BulkOutcome(index, item, None, error))
        else:
            self._pipeline.submit(job)
        self._outcomes.count += 1
        self._pipeline.wake()

    def _finish(self) -> None:
        if not self._outcomes.ended:
            self._pipeline.check_end()
            self.is_exhausted = True
            self._outcomes.end()
            self._pipeline.wake()

    def _fail(self, error: BaseException) -> None:
        self._outcomes.end(error)
        self._pipeline.wake()
