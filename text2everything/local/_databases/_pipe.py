"""What a service and its workers say to each other: requests are lines of JSON, replies texts with their length."""

from __future__ import annotations

from typing import BinaryIO, Final

from text2everything.local._databases._errors import DatabaseError

STOP: Final = b"stop\n"
"""The line that stops the statement that runs."""

_LENGTH_BYTES = 8
_RESULT, _ERROR = b"R", b"E"


def write_result(replies: BinaryIO, text: str) -> None:
    """Write the result of a statement."""
    _write(replies, _RESULT + text.encode())


def write_error(replies: BinaryIO, message: str) -> None:
    """Write why a statement failed."""
    _write(replies, _ERROR + message.encode(errors="replace"))


def _write(replies: BinaryIO, reply: bytes) -> None:
    replies.write(len(reply).to_bytes(_LENGTH_BYTES, "big"))
    replies.write(reply)
    replies.flush()


def read_result(replies: BinaryIO) -> str:
    """Wait for a reply, and return the result in it.

    Raises:
        DatabaseError: It is an error, or there is no reply, since the worker has ended.
    """
    length = int.from_bytes(_read(replies, _LENGTH_BYTES), "big")
    reply = _read(replies, length)
    text = reply[1:].decode()
    if reply[:1] == _ERROR:
        raise DatabaseError(text)
    return text


def _read(replies: BinaryIO, size: int) -> bytes:
    """Read so many bytes from an unbuffered pipe."""
    parts = []
    while size:
        part = replies.read(size)
        if not part:
            raise DatabaseError("the process that ran the statement ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
