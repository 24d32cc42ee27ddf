"""Multipart bodies: files are opened for one attempt and closed after it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import aiohttp

from text2everything._transport.files import Form, Upload, is_seekable
from text2everything.exceptions import ValidationError

__all__ = ["form_data"]


class _KeptOpen(io.RawIOBase):
    """Wraps the caller's open file, which stays open when aiohttp closes the wrapper."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def form_data(body: Form) -> Iterator[aiohttp.FormData]:
    """Yield a form as aiohttp's `FormData`; files opened for it are closed when the context ends."""
    with ExitStack() as stack:
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in body.fields.items():
            form.add_field(name, value)
        for upload in body.uploads:
            form.add_field(
                "files", _content(upload, stack), filename=upload.name, content_type="application/octet-stream"
            )
        yield form


def _content(upload: Upload, stack: ExitStack) -> bytes | io.IOBase:
    source = upload.source
    if isinstance(source, bytes):
        return source
    try:
        if isinstance(source, Path):
            return stack.enter_context(source.open("rb"))
        if is_seekable(source):
            source.seek(upload.start)
    except OSError as error:
        raise ValidationError(f"files: cannot read {upload.name}: {error.strerror}") from None
    return io.BufferedReader(_KeptOpen(source))
