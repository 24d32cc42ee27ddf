"""What the text formats share: UTF-8 files read line by line, and values as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from text2everything._tabular.rows import fail
from text2everything.exceptions import ValidationError

__all__ = ["MAX_RECORD", "is_encodable", "json_default", "open_text", "read_lines"]

MAX_RECORD = 64 * 2**20
"""Characters a row may have; a longer one means an unclosed quote, or a file that holds no rows."""


@contextmanager
def open_text(path: Path, newline: str) -> Iterator[TextIO]:
    """Open a UTF-8 file for `read_lines`, with or without a byte order mark.

    Raises:
        ValidationError: The file cannot be opened.
    """
    try:
        # Bytes that are not UTF-8 become surrogates here, so that `read_lines` can report them with their line.
        file = path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    except OSError as error:
        raise ValidationError(f"path cannot be read: {path}: {error.strerror or error}") from None
    with file:
        yield file


def read_lines(path: Path, file: TextIO) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, from 1.

    Raises:
        ValidationError: A line is too long or not UTF-8.
    """
    number = 0
    while line := file.readline(MAX_RECORD + 1):
        number += 1
        if len(line) > MAX_RECORD:
            fail(path, number, f"longer than {MAX_RECORD} characters")
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError as error:
                byte = ord(line[error.start]) & 0xFF
                fail(path, number, f"not UTF-8: byte 0x{byte:02x} at character {error.start + 1}")
        yield number, line


def is_encodable(text: str) -> bool:
    """Return whether `text` can be encoded as UTF-8: whether it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_default(value: Any) -> str:
    """Return what `json.dumps` writes for a value it does not know: a time as ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot be written as JSON: {type(value).__name__}")
