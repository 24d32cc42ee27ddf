"""A file that records what a bulk create has sent, so that it can be killed at any moment and run again.

It has a header and one line for each event, and is only appended to:

    text2everything journal 1 {"kind": "feedback", "project_id": "…"}
    s 0 9f2c…          (see `journal_entries.py`)

What may have been sent is on disk (written and synced, many items at a time) before it is sent: after a crash, even
of the machine, the journal knows of every request. That something was created or failed is written when it is known,
without a sync; if such a line is lost, the item counts as sent with an unknown outcome, and is looked up on the
service. So is an item whose reply was lost.

An incomplete last line is dropped: nothing was done because of it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from text2everything import _codec as codec
from text2everything._bulk.job import Job
from text2everything._bulk.journal_entries import JournalEntries
from text2everything._bulk.journal_file import JournalFile
from text2everything._bulk.journal_header import check_header
from text2everything._bulk.lookup import find_created
from text2everything._bulk.resource_adapter import ResourceAdapter, created_at, created_id
from text2everything._bulk.results import BulkOutcome
from text2everything._transport.threads import in_thread
from text2everything.exceptions import Text2EverythingError, ValidationError

__all__ = ["Journal", "is_rejection"]

GRACE = 1.0
"""Seconds that a request with a lost reply gets to take effect, before the service is asked what it created."""


CLOCK_DIFFERENCE = timedelta(hours=15)
"""How far the service's clock may be behind this machine's: a time without a timezone may be that of any place."""


def is_rejection(error: Text2EverythingError) -> bool:
    """Return whether a request is known to have created nothing: its answer was a client error (4xx)."""
    return error.status_code is not None and 400 <= error.status_code < 500  # noqa: PLR2004  # HTTP's own classes


class Journal:
    """The journal of one run; opened by `Journal.open`."""

    def __init__(self, file: JournalFile, adapter: ResourceAdapter) -> None:
        self._file = file
        self._adapter = adapter
        self._entries = JournalEntries()
        self._first_created: datetime | None = None  # by the service's clock
        self._began: datetime | None = None  # before that, by the same; None if an earlier run began
        self._last_unknown = file.modified  # when a request may last have been in flight whose result is unknown

    @classmethod
    async def open(cls, path: str | os.PathLike[str], adapter: ResourceAdapter) -> Journal:
        """Open a journal, a new one or that of an earlier run, and lock it.

        Raises:
            ValidationError: It cannot be opened, is no journal, or belongs to another project or kind of item.
            ConflictError: Another run has it open.
        """
        opening = in_thread(cls._open, Path(path), adapter)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unused)
            raise

    @classmethod
    def _open(cls, path: Path, adapter: ResourceAdapter) -> Journal:
        file = JournalFile(path)
        try:
            journal = cls(file, adapter)
            journal._load()
        except BaseException:
            file.close()
            raise
        return journal

    def _load(self) -> None:
        check_header(self._file, {"kind": self._adapter.kind, "project_id": self._adapter.project_id})
        for number, (offset, line) in enumerate(self._file.read_lines(), 2):
            try:
                self._entries.replay(line, offset)
                body = JournalEntries.created_body(line)
                if body is not None and self._first_created is None:
                    self._first_created = created_at(self._adapter.decode(body))
            except (ValueError, IndexError):
                raise ValidationError(f"journal {self._file.path.name} is damaged in line {number}") from None
        if not len(self._entries):
            self._began = datetime.now(UTC) - CLOCK_DIFFERENCE

    def close(self) -> None:
        """Close and unlock the file."""
        self._file.close()

    async def aclose(self) -> None:
        """Wait until everything written is on disk, then close and unlock the file."""
        await self._file.aclose()

    # The earlier run.

    def knows(self, index: int) -> bool:
        """Return whether an earlier run sent the item at this index, was about to, or found it wrong."""
        return index < len(self._entries)

    def check(self, payloads: Sequence[Any]) -> None:
        """Raise a `ValidationError` if the journal belongs to other items than these, which are the whole input."""
        self.check_end(len(payloads))
        for index in range(len(self._entries)):
            self._check(index, payloads[index])

    def check_end(self, count: int) -> None:
        """Raise a `ValidationError` if the journal has more items than the input, which has `count`."""
        known = len(self._entries)
        if count < known:
            raise ValidationError(
                f"journal {self._file.path.name} belongs to other input: it knows {known} items, here are {count}"
            )

    def _check(self, index: int, payload: Any) -> None:
        # An item that failed may have been corrected since.
        if not self._entries.has_failed(index) and self._adapter.digest(payload) != self._entries.digest(index):
            raise ValidationError(
                f"journal {self._file.path.name} belongs to other input: the item at index {index} is not what it was"
            )

    def recall(self, job: Job) -> BulkOutcome[Any] | None:
        """Return what an earlier run created of a job, or None if that is unknown or it failed.

        Raises:
            ValidationError: The earlier run had another item at this index.
        """
        self._check(job.index, job.payload)
        offset = self._entries.offset(job.index)
        return None if offset is None else BulkOutcome(job.index, job.item, self._read_created(offset))

    def has_failed(self, job: Job) -> bool:
        """Return whether a job is known not to have been created by an earlier run."""
        return self._entries.has_failed(job.index)

    def _read_created(self, offset: int) -> Any:
        body = JournalEntries.created_body(self._file.read_line(offset))
        if body is None:
            raise ValidationError(f"journal {self._file.path.name} was changed by another program")
        return self._adapter.decode(body)

    # This run.

    async def sending(self, jobs: Sequence[Job]) -> None:
        """Write to disk that jobs are about to be sent; new ones in the order of their indices.

        Raises:
            OSError: They could not be written.
            ValidationError: The file was deleted or replaced.
        """
        self._file.append(self._entries.sending({job.index: self._adapter.digest(job.payload) for job in jobs}))
        await in_thread(self._file.sync)

    def created(self, job: Job, created: Any) -> None:
        """Write what was created of a job."""
        offset = self._file.append(JournalEntries.created(job.index, codec.encode(created)))
        self._entries.mark_created(job.index, offset)
        if self._first_created is None:
            self._first_created = created_at(created)

    def failed(self, job: Job, error: Text2EverythingError) -> None:
        """Write that a job was not created, if the error makes that certain."""
        if is_rejection(error):
            self.not_created(job, error)
        else:
            self._last_unknown = time.time()

    def not_created(self, job: Job, error: Text2EverythingError) -> None:
        """Write that a job was certainly not created."""
        self._file.append(JournalEntries.failed(job.index, str(error)[:500]))
        self._entries.mark_failed(job.index)

    async def find(self, jobs: Sequence[Job]) -> dict[int, Any]:
        """Look up on the service what was created of jobs in doubt; return it by index.

        Raises:
            Text2EverythingError: The look-up failed.
        """
        await asyncio.sleep(min(GRACE, max(0.0, self._last_unknown + GRACE - time.time())))
        digests = {job.index: self._entries.digest(job.index) for job in jobs}
        offsets = self._entries.offsets(set(digests.values()))
        known_ids = {created_id(self._read_created(offset)) for offset in offsets}
        first = self._first_created or self._began
        return await find_created(digests, self._adapter, known_ids=known_ids, first_created=first)


def _close_unused(opening: asyncio.Future[Journal]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
