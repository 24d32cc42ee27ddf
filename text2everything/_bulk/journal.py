"""A file that remembers what a bulk create has sent, so that it can be killed at any moment and run again.

One line a fact, only ever appended:

    text2everything journal 1 {"kind": "feedback", "project_id": "…"}
    s 0 9f2c…          about to be sent: the items from index 0 on, as 16 hex digits of each item's digest
    c 1 {"id": …}      created: the item at index 1, as the service returned it
    f 0 "…"            not created: the item at index 0, and why
    a 0 5              about to be sent again: the items at these indices
    d 5 9f2c…          the digest of an item that failed and was changed since

What may have been sent is on disk (written and synced, many items at a time) before it is sent: no crash, not even of
the machine, leaves a request that the journal knows nothing of. That something was created or failed is written when
it is known and not waited for; if such a line is lost the item counts as sent with an unknown outcome, and what is
unknown is looked up on the service. So is an item whose reply was lost.

A last line cut short is dropped: nothing was done on its account.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from array import array
from collections.abc import AsyncIterator, Callable, Container, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from io import FileIO
from pathlib import Path
from typing import Any, NoReturn

import attrs

from text2everything import _codec as codec
from text2everything._bulk.results import BulkOutcome
from text2everything._bulk.stream import Job
from text2everything.exceptions import ConflictError, Text2EverythingError, ValidationError

__all__ = ["Catalog", "Journal", "digest"]

MAGIC = "text2everything journal"
VERSION = 1

UNKNOWN, FAILED = 0, -1
"""What is kept of an index, other than the place of the line that tells of its creation."""

DIGITS = 16

GRACE = 1.0
"""Seconds a request of an earlier run gets to arrive at its end, before the service is asked what came of it."""


OLDER = timedelta(hours=1)
"""How long before the first creation that is known to the journal another of its items may have been created."""


def digest(new: Any, fields: Sequence[str]) -> int:
    """Return a number that tells the content of an item from any other: 64 bits of a hash over its `fields`.

    It is the same for an item to be sent and for what the service made of it. An empty text counts as None, as
    services are not of one mind about them.
    """
    content = {name: codec.unstructure(getattr(new, name)) for name in fields}
    text = json.dumps(
        {name: None if value == "" else value for name, value in content.items()}, sort_keys=True, ensure_ascii=False
    )
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


@attrs.frozen
class Catalog:
    """How items of one kind are recognised and found.

    Attributes:
        kind: What they are, such as `feedback`.
        project_id: The project they are in.
        digest: Returns the digest of an item to be sent, or of one created.
        decode: Returns what was created from the JSON that the journal keeps of it.
        existing: Lists everything of this kind that the project has.
    """

    kind: str
    project_id: str
    digest: Callable[[Any], int]
    decode: Callable[[bytes], Any]
    existing: Callable[[], AsyncIterator[Any]]


class Journal:
    """The journal of one run; made by `Journal.open`.

    In memory it keeps 16 bytes for each item, whatever the item's size.
    """

    def __init__(self, path: Path, file: FileIO, catalog: Catalog) -> None:
        self._path = path
        self._file = file
        self._reader = path.open("rb")
        self._catalog = catalog
        self._size = 0
        self._digests = array("Q")
        self._places = array("q")
        self._since: datetime | None = None  # the service's own time of the first thing that was created
        self._last_doubt = 0.0

    @classmethod
    async def open(cls, path: str | os.PathLike[str], catalog: Catalog) -> Journal:
        """Open a journal, new or of an earlier run, for this run alone.

        Raises:
            ValidationError: It cannot be opened, is no journal, or belongs to another project or kind of item.
            ConflictError: Another run has it open.
        """
        opening = asyncio.ensure_future(asyncio.to_thread(cls._open, path, catalog))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise

    @classmethod
    def _open(cls, path: str | os.PathLike[str], catalog: Catalog) -> Journal:
        place = Path(check_journal(path))
        try:
            file = FileIO(place, "ab")
        except OSError as error:
            raise ValidationError(f"journal: cannot open {place}: {error.strerror or error}") from None
        try:
            _lock(file, place.name)
            journal = cls(place, file, catalog)
        except BaseException:
            file.close()
            raise
        try:
            journal._load()
        except BaseException:
            journal.close()
            raise
        return journal

    def close(self) -> None:
        """Let go of the file; what was written stays."""
        self._file.close()
        self._reader.close()

    def _load(self) -> None:
        header = {"kind": self._catalog.kind, "project_id": self._catalog.project_id}
        expected = f"{MAGIC} {VERSION} {json.dumps(header, ensure_ascii=False)}\n".encode()
        self._last_doubt = os.fstat(self._file.fileno()).st_mtime
        first = self._reader.readline(2**16)
        if not first.endswith(b"\n") and expected.startswith(first):  # new, or killed at birth
            self._file.truncate(0)
            self._write(expected)
            os.fsync(self._file.fileno())
            return
        if first != expected:
            self._refuse(first, header)
        self._size = len(first)
        for number, line in enumerate(self._reader, 2):
            if not line.endswith(b"\n"):
                self._file.truncate(self._size)
                break
            try:
                self._note(line)
            except (ValueError, IndexError):
                raise ValidationError(f"journal {self._path.name} is damaged in line {number}") from None
            self._size += len(line)

    def _refuse(self, first: bytes, header: dict[str, str]) -> NoReturn:
        if not first.startswith(f"{MAGIC} ".encode()):
            raise ValidationError(f"journal: {self._path} exists and is no journal")
        version, _, rest = first.decode(errors="replace").removeprefix(f"{MAGIC} ").partition(" ")
        if version != str(VERSION):
            raise ValidationError(f"journal {self._path.name} is of version {version}, which is not known here")
        try:
            found = dict(json.loads(rest))
        except (ValueError, TypeError):
            raise ValidationError(f"journal {self._path.name} is damaged in line 1") from None
        for name, value in header.items():
            if found.get(name) != value:
                raise ValidationError(
                    f"journal {self._path.name} belongs to {name} {found.get(name)!r}, and this is {value!r}"
                )
        raise ValidationError(f"journal {self._path.name} is damaged in line 1")

    def _note(self, line: bytes) -> None:
        if line[1:2] != b" ":
            raise ValueError
        first, _, rest = line[2:-1].partition(b" ")
        match line[:1]:
            case b"s":
                found = [int(rest[at : at + DIGITS], 16) for at in range(0, len(rest), DIGITS)]
                if int(first) != len(self._digests) or not found:
                    raise ValueError
                self._add(found)
            case b"c":
                self._places[_index(first)] = self._size
                if self._since is None:
                    self._since = _created_at(self._catalog.decode(rest))
            case b"f":
                self._places[_index(first)] = FAILED
            case b"d":
                self._digests[_index(first)] = int(rest, 16)
            case b"a":
                for index in line[2:].split():
                    self._places[_index(index)] = UNKNOWN
            case _:
                raise ValueError

    def _add(self, digests: Sequence[int]) -> None:
        self._digests.extend(digests)
        self._places.extend([UNKNOWN if each else FAILED for each in digests])

    # What an earlier run did.

    def knows(self, index: int) -> bool:
        """Return whether an earlier run sent the item at this index, was about to, or found it wrong."""
        return index < len(self._digests)

    def check(self, new: Sequence[Any]) -> None:
        """Raise a `ValidationError` if these are not the items that the journal belongs to."""
        self.check_end(len(new))
        for index in range(len(self._digests)):
            self._check(index, new[index])

    def check_end(self, count: int) -> None:
        """Raise a `ValidationError` if the journal knows of more items than these."""
        known = len(self._digests)
        if count < known:
            raise ValidationError(
                f"journal {self._path.name} belongs to other input: it knows {known} items, here are {count}"
            )

    def _check(self, index: int, new: Any) -> None:
        # What failed may have been mended since.
        if self._places[index] != FAILED and self._catalog.digest(new) != self._digests[index]:
            raise ValidationError(
                f"journal {self._path.name} belongs to other input: the item at index {index} is not what it was"
            )

    def recall(self, job: Job) -> BulkOutcome[Any] | None:
        """Return what was created of a job that an earlier run sent, if that is known."""
        self._check(job.index, job.new)
        place = self._places[job.index]
        return BulkOutcome(job.index, job.item, self._read(place)) if place > 0 else None

    def failed_before(self, job: Job) -> bool:
        """Return whether a job that an earlier run sent is known not to have been created."""
        return self._places[job.index] == FAILED

    def _read(self, place: int) -> Any:
        self._reader.seek(place)
        return self._catalog.decode(self._reader.readline().split(b" ", 2)[2])

    # What this run does.

    async def sending(self, jobs: Sequence[Job]) -> None:
        """Write to disk that the jobs are about to be sent; new ones in the order of their indices."""
        start = len(self._digests)
        again = [job for job in jobs if job.index < start]
        fresh = [job for job in jobs if job.index >= start]
        lines = []
        for job in again:
            self._places[job.index] = UNKNOWN
            found = self._catalog.digest(job.new)
            if found != self._digests[job.index]:
                self._digests[job.index] = found
                lines.append(f"d {job.index} {found:016x}\n")
        if again:
            lines.append(f"a {' '.join(str(job.index) for job in again)}\n")
        if fresh:
            # What was found wrong in between is not sent, and has its place in the input all the same.
            digests = [0] * (fresh[-1].index + 1 - start)
            for job in fresh:
                digests[job.index - start] = self._catalog.digest(job.new)
            self._add(digests)
            lines.append(f"s {start} {''.join(f'{each:016x}' for each in digests)}\n")
        self._write("".join(lines).encode())
        await asyncio.to_thread(os.fsync, self._file.fileno())

    def created(self, job: Job, created: Any) -> None:
        """Note what was created."""
        self._places[job.index] = self._size
        self._write(b"c %d %b\n" % (job.index, codec.encode(created)))
        if self._since is None:
            self._since = _created_at(created)

    def failed(self, job: Job, error: Text2EverythingError) -> bool:
        """Note a failure; return False where something may have been created all the same."""
        status = error.status_code
        if status is None or not 400 <= status < 500:  # noqa: PLR2004
            self._last_doubt = time.time()
            return False
        self._write(f"f {job.index} {json.dumps(str(error)[:500])}\n".encode())
        self._places[job.index] = FAILED
        return True

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:  # a disk that fills up takes a part, and then raises
            written = self._file.write(rest) or 0
            self._size += written
            rest = rest[written:]

    async def find(self, jobs: Sequence[Job]) -> dict[int, Any]:
        """Return what the service made of these jobs, by index; what is missing was not created.

        Items of equal content cannot be told apart, and need not be: as many as there are beyond those known to have
        been made of others are of these jobs. What is much older than the first thing that this journal saw created
        is none of them.
        """
        await asyncio.sleep(min(GRACE, max(0.0, self._last_doubt + GRACE - time.time())))
        wanted: dict[int, list[int]] = {}
        for job in reversed(jobs):
            wanted.setdefault(self._digests[job.index], []).append(job.index)
        claimed = self._claimed(wanted)
        found: dict[int, Any] = {}
        async for item in self._catalog.existing():
            indices = wanted.get(self._catalog.digest(item))
            if indices and _id(item) not in claimed and not self._is_older(item):
                found[indices.pop()] = item
                if len(found) == len(jobs):
                    break
        return found

    def _claimed(self, digests: Container[int]) -> set[str]:
        """Return the ids of all that is known to have been made of items with these contents."""
        known = zip(self._places, self._digests, strict=True)
        return {_id(self._read(place)) for place, each in known if place > 0 and each in digests}

    def _is_older(self, item: Any) -> bool:
        made = _created_at(item)
        return self._since is not None and made is not None and made < self._since - OLDER

    async def aclose(self) -> None:
        """Write to disk what is not there yet, and let go of the file."""
        try:
            await asyncio.to_thread(os.fsync, self._file.fileno())
        finally:
            self.close()


def _close_unwanted(opening: asyncio.Future[Journal]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _index(digits: bytes) -> int:
    if not digits.isdigit():
        raise ValueError
    return int(digits)


def check_journal(path: object) -> str:
    """Return `path` if it is one, else raise a `ValidationError`."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ValidationError(f"journal must be a path, got {type(path).__name__}")
    return os.fsdecode(path)


def _id(created: Any) -> str:
    return str((created[0] if isinstance(created, list) else created).id)


def _created_at(created: Any) -> datetime | None:
    moment: datetime | None = (created[0] if isinstance(created, list) else created).created_at
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _lock(file: FileIO, name: str) -> None:
    """Take the file for this process until it is closed, or the process ends in whatever way."""
    try:
        try:
            import fcntl  # noqa: PLC0415  # not on Windows
        except ImportError:  # pragma: no cover
            _lock_on_windows(file)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ConflictError(f"journal {name} is in use by another run") from None


def _lock_on_windows(file: FileIO) -> None:  # pragma: no cover
    import msvcrt  # noqa: PLC0415

    locking: Any = vars(msvcrt)["locking"]
    file.seek(2**40)  # a byte that no journal has: locked ones cannot be read
    locking(file.fileno(), vars(msvcrt)["LK_NBLCK"], 1)
