"""`RowWriter`: writes a file of rows atomically, so that no other process ever sees a part of it."""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from text2everything._tabular.formats import check_path, format_of
from text2everything._tabular.rows import FilePath, FormatWriter
from text2everything._transport.running_loop import running_loop
from text2everything._transport.threads import in_thread
from text2everything.exceptions import ValidationError

__all__ = ["RowWriter"]


class RowWriter:
    """Writes rows to a temporary file, which replaces `path` once all rows are on disk.

    A context manager, plain or asynchronous. An exception inside it deletes the temporary file and leaves an older
    file at `path` unchanged.

    Args:
        path: The file to write; its suffix gives the format, as in `read_rows`.
        fields: The type of each column: `str`, `bool`, `int`, `float` or `datetime`. Every value may be None.
            Parquet stores times in UTC, or without a time zone if the first one has none.

    Example:
        >>> with RowWriter("ratings.csv", {"id": str, "is_positive": bool}) as writer:
        ...     writer.write([{"id": "1", "is_positive": True}])
    """

    def __init__(self, path: FilePath, fields: Mapping[str, type]) -> None:
        self._path = Path(os.path.realpath(check_path(path)))
        self._fields = dict(fields)
        self._temporary: Path | None = None
        self._file: IO[bytes] | None = None
        self._format: FormatWriter | None = None

    def __enter__(self) -> Self:
        mode = self._existing_mode()
        temporary = self._path.with_name(f".{self._path.name[:200]}.{secrets.token_hex(8)}.tmp")
        try:
            self._file = temporary.open("xb")
            self._temporary = temporary
            if mode is not None:
                temporary.chmod(mode)
            self._format = format_of(self._path).writer(self._file, self._fields)
        except BaseException as error:
            self._discard()
            if isinstance(error, OSError):
                raise ValidationError(f"path cannot be written: {self._path}: {error.strerror or error}") from None
            raise
        return self

    def _existing_mode(self) -> int | None:
        """Return the permissions of the file that will be replaced, or None if there is none."""
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ValidationError(f"path cannot be written: {self._path}: {error.strerror or error}") from None
        if not stat.S_ISREG(mode):
            raise ValidationError(f"path must be a file, got {self._path}")
        return stat.S_IMODE(mode)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows; a missing field is written as None, and a field without a column is ignored."""
        if self._format is None:
            raise RuntimeError("the writer is not open: use it in a with statement")
        self._format.write(rows)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is not None:
            self._discard()
            return
        try:
            self._commit()
        except BaseException:
            self._discard()
            raise

    async def __aenter__(self) -> Self:
        running_loop()
        return self.__enter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A thread waits for the disk; a cancelled call waits for the thread, which still uses the file.
        leaving = in_thread(self.__exit__, exc_type, exc, traceback)
        try:
            await asyncio.shield(leaving)
        except asyncio.CancelledError:
            await asyncio.wait([leaving])
            leaving.exception()
            raise

    def _commit(self) -> None:
        if self._file is None or self._temporary is None or self._format is None:
            raise RuntimeError("the writer is not open")
        self._format.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)
        self._format = self._temporary = None
        with suppress(OSError):  # some systems cannot sync a directory; the file's contents are on disk anyway
            directory = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def _discard(self) -> None:
        if self._format is not None:
            self._format.abandon()
            self._format = None
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None
