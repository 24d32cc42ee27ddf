"""A file of lines that is only appended to, and open in one process at a time."""

from __future__ import annotations

import os
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
        ValidationError: The file cannot be opened.
        ConflictError: Another process, or another run in this one, has it open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = FileIO(path, "ab")
        except OSError as error:
            raise ValidationError(f"journal: cannot open {path}: {error.strerror or error}") from None
        try:
            try:
                lock(self._file)
            except OSError:
                raise ConflictError(f"journal {path.name} is in use by another run") from None
            self._reader = path.open("rb")
            self.modified = os.fstat(self._file.fileno()).st_mtime
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
        """
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
        """Wait until everything written is on disk; of no effect once the file is closed."""
        with self._in_use:
            if not self._file.closed:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close and unlock the file; the lines written stay."""
        with self._in_use:
            try:
                self._file.close()
            finally:
                self._reader.close()

    async def aclose(self) -> None:
        """Wait until everything written is on disk, then close."""
        try:
            await in_thread(self.sync)
        finally:
            self.close()
