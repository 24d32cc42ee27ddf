"""Multipart bodies: files are opened for one attempt and closed after it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from text2everything._transport.files import Form, Upload
from text2everything._transport.threads import in_thread
from text2everything.exceptions import ValidationError

__all__ = ["LeavingError", "form_data"]

CHUNK = 2**17
"""Bytes that are read at a time."""


class LeavingError(Exception):
    """`SystemExit` or `KeyboardInterrupt` of a caller's file: aiohttp passes on what is an `Exception`.

    Attributes:
        left: The exception itself.
    """

    def __init__(self, left: BaseException) -> None:
        super().__init__(left)
        self.left = left


class _FilePart(aiohttp.Payload):
    """One file of a form, read in a thread; `size` is None where only reading it to its end tells."""

    _autoclose = True  # it is closed by `form_data`, or stays open because it is the caller's

    def __init__(self, upload: Upload, file: BinaryIO, start: int | None, size: int | None) -> None:
        super().__init__(file, content_type="application/octet-stream")
        self._upload = upload
        self._start = start
        self._size = size

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the file to the connection.

        Raises:
            ValidationError: It cannot be read, or has not the size that was announced.
        """
        written = 0
        while chunk := await self._read(written):
            written += len(chunk)
            if self._size is not None and written > self._size:
                raise ValidationError(f"files: {self._upload.name} grew while it was being sent")
            await writer.write(chunk)
        if self._size is not None and written < self._size:
            raise ValidationError(f"files: {self._upload.name} became shorter while it was being sent")

    async def _read(self, offset: int) -> bytes:
        try:
            return await in_thread(self._read_at, offset)
        except (SystemExit, KeyboardInterrupt) as error:
            raise LeavingError(error) from None
        except Exception as error:  # noqa: BLE001  # a caller's file-like object may raise anything
            raise _unreadable(self._upload, error) from None

    def _read_at(self, offset: int) -> bytes:
        # The thread of an attempt that was broken off may still be reading the same file.
        with self._upload.lock:
            if self._start is not None:
                self._value.seek(self._start + offset)
            chunk = self._value.read(CHUNK)
        if not isinstance(chunk, bytes | bytearray | memoryview):  # None: a non-blocking pipe, empty for now
            raise TypeError(f"its read() returned {type(chunk).__name__}, not bytes")
        return bytes(chunk)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise NotImplementedError("a file is written, not decoded")


@asynccontextmanager
async def form_data(body: Form) -> AsyncIterator[aiohttp.FormData]:
    """Yield a form as aiohttp's `FormData`; files opened for it are closed when the context ends.

    Raises:
        ValidationError: A file cannot be read.
    """
    with ExitStack() as stack:
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in body.fields.items():
            form.add_field(name, value)
        for upload in body.uploads:
            form.add_field("files", await _part(upload, stack), filename=upload.name)
        yield form


async def _part(upload: Upload, stack: ExitStack) -> _FilePart:
    source: Any = upload.source
    start = upload.start
    if isinstance(source, bytes):
        return _FilePart(upload, io.BytesIO(source), start, len(source))
    try:
        if isinstance(source, Path):
            # Opening a named pipe waits for whoever writes to it.
            opened = source.open("rb") if start is not None else await in_thread(source.open, "rb")
            source = stack.enter_context(opened)
        # In a thread, because a compressed file must be read to its end for this.
        size = None if start is None else await in_thread(_size, upload, source, start)
    except Exception as error:  # noqa: BLE001  # a caller's file-like object may raise anything
        raise _unreadable(upload, error) from None
    return _FilePart(upload, source, start, size)


def _size(upload: Upload, file: BinaryIO, start: int) -> int | None:
    """Return the bytes from `start` to the end, or None if the file does not tell."""
    with upload.lock:
        try:
            file.seek(0, io.SEEK_END)
            size = max(0, file.tell() - start)
        except OSError:  # some files of /proc
            size = 0
        if size == 0:
            file.seek(start)
            return None if file.read(1) else 0  # others of /proc have contents, but no size
        return size


def _unreadable(upload: Upload, error: Exception) -> ValidationError:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return ValidationError(f"files: cannot read {upload.name}: {said}")
