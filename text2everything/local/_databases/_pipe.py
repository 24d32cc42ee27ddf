"""What a service and its workers say to each other: requests are lines of JSON, replies texts with their length."""

from __future__ import annotations

from typing import BinaryIO, Final

import attrs

from text2everything.local._databases._errors import DatabaseError

STOP: Final = b"stop\n"
"""The line that stops the statement that runs."""

_LENGTH_BYTES = 8
_RESULT, _ERROR = b"R", b"E"
_MORE, _LAST = b"+", b"."


@attrs.frozen
class Reply:
    """What a worker answers.

    Attributes:
        text: The result, or what is wrong.
        is_error: Whether the statement failed.
        is_last: Whether the worker ends afterwards.
    """

    text: str
    is_error: bool = False
    is_last: bool = False


def write_reply(replies: BinaryIO, reply: Reply) -> None:
    """Write a reply."""
    signs = (_ERROR if reply.is_error else _RESULT) + (_LAST if reply.is_last else _MORE)
    body = reply.text.encode(errors="replace")
    replies.write((len(signs) + len(body)).to_bytes(_LENGTH_BYTES, "big") + signs)
    replies.write(body)
    replies.flush()


def read_reply(replies: BinaryIO) -> Reply:
    """Wait for a reply.

    Raises:
        DatabaseError: There is none, since the worker has ended.
    """
    length = int.from_bytes(_read(replies, _LENGTH_BYTES), "big")
    reply = _read(replies, length)
    return Reply(reply[2:].decode(), reply[:1] == _ERROR, reply[1:2] == _LAST)


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
