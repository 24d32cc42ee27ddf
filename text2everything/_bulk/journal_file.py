"""A file of lines that is only appended to, and open in one process at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from threading import Lock

from text2everything._bulk.file_lock import lock
from text2everything._transport.threads import in_thread
from text2everything.exceptions import ConflictError, ValidationError

__all__ = ["JournalFile"]

MAX_HEADER = 2**16
"""Bytes read to find the first line: any file may be given as a journal."""


class JournalFile:
    """The lines of a journal, addressed by their offsets in bytes. No meaning is given to them here.

    Args:
        path: Where it is; created if missing.

    Attributes:
        path: Where it is.
        modified: When it was last written to, in seconds since the epoch.

    Raises:
        ValidationError: The file cannot be opened, is not a regular one, or was deleted or replaced meanwhile.
        ConflictError: Another process, or another run in this one, has it open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._place = str(path.absolute())  # the program may go to another folder meanwhile
            _check_kind(path)
            self._file = FileIO(path, "ab")
        except OSError as error:
            raise ValidationError(f"journal: cannot open {path}: {error.strerror or error}") from None
        try:
            try:
                lock(self._file)
            except OSError:
                raise ConflictError(f"journal {path.name} is in use by another run") from None
            self._opened = os.fstat(self._file.fileno())
            self._check_place()  # another run may have ended, and its file been deleted, before this one was locked
            try:
                self._reader = path.open("rb")
            except OSError as error:
                raise ValidationError(f"journal: cannot open {path}: {error.strerror or error}") from None
            self.modified = self._opened.st_mtime
        except BaseException:
            self._file.close()
            raise
        self._in_use = Lock()  # a file closed during a sync in another thread would stay locked until that ends
        self._size = 0  # of what was read and written: where the next line begins
        self._has_half_line = False  # after that, for it could not be cut off

    def read_header(self, header: bytes) -> bytes:
        """Return the first line; `header` is written to a new file, and to one that ends within that very line."""
        first = self._reader.readline(MAX_HEADER)
        if not first.endswith(b"\n") and header.startswith(first):
            self._file.truncate(0)
            self.append(header)
            self.sync()
            return header
        self._size = len(first)
        return first

    def read_lines(self) -> Iterator[tuple[int, bytes]]:
        """Iterate over the lines after the first, with their offsets, and cut off a last line that is incomplete."""
        self._reader.seek(self._size)
        for line in self._reader:
            if not line.endswith(b"\n"):
                self._file.truncate(self._size)
                return
            yield self._size, line
            self._size += len(line)

    def read_line(self, offset: int) -> bytes:
        """Return the line at an offset."""
        self._reader.seek(offset)
        return self._reader.readline()

    def append(self, lines: bytes) -> int:
        """Write one or more lines and return the offset of the first.

        Raises:
            OSError: They could not be written, and nothing of them was kept.
            ValidationError: The file was deleted or replaced, and nothing of them was kept.
        """
        self._check_place()
        rest = memoryview(lines)
        if self._has_half_line:
            self._file.truncate(self._size)
            self._has_half_line = False
        try:
            while rest:  # a disk that fills up takes a part, and raises at the next write
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            self._has_half_line = True  # else the next line would follow half a line
            with suppress(OSError):
                self._file.truncate(self._size)
                self._has_half_line = False
            raise
        offset = self._size
        self._size += len(lines)
        return offset

    def sync(self) -> None:
        """Wait until everything written is on disk, where the next run finds it; a closed file is left alone.

        Raises:
            OSError: It could not be written.
            ValidationError: The file was deleted or replaced.
        """
        with self._in_use:
            if not self._file.closed:
                os.fsync(self._file.fileno())
                self._check_place()

    def close(self) -> None:
        """Close and unlock the file; the lines written stay."""
        with self._in_use:
            try:
                self._file.close()
            finally:
                self._reader.close()

    async def aclose(self) -> None:
        """Wait until everything written is on disk, then close.

        The file may be gone by now: it can be deleted once the last line was written.
        """
        try:
            await in_thread(self._flush)
        finally:
            self.close()

    def _flush(self) -> None:
        with self._in_use:
            if not self._file.closed:
                os.fsync(self._file.fileno())

    def _check_place(self) -> None:
        """Check that the path still leads to this file: the lock and the lines of any other protect nothing.

        Raises:
            ValidationError: The file was deleted or replaced.
        """
        try:
            is_there = os.path.samestat(os.stat(self._place), self._opened)  # noqa: PTH116  # for every line: Path is slow
        except OSError:
            is_there = False
        if not is_there:
            raise ValidationError(f"journal {self.path} was deleted or replaced while it was in use")


def _check_kind(path: Path) -> None:
    """Check, before it is opened, that a path leads to a file or to nothing: opening a pipe may block for ever."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValidationError(f"journal: cannot open {path}: it is not a regular file")
