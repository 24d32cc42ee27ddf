"""The lines of a journal after the first: how each is written, how it is read, and what it says of its item.

The first letter is the event, then come the indices of its items:

    s 0 9f2c…          about to be sent: the items from index 0 on, as 16 hex digits of each item's digest
    c 1 {"id": …}      created: the item at index 1, as the service returned it
    f 0 "…"            not created: the item at index 0, and why
    a 0 5              about to be sent again: the items at these indices
    d 5 9f2c…          the digest of an item that failed and was changed since
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Container, Iterator, Mapping

__all__ = ["JournalEntries"]

DIGITS = 16
"""Hex digits of a digest in a line."""

UNKNOWN, FAILED = 0, -1
"""States of an item. The state of a created one is the offset of the line that holds it."""


class JournalEntries:
    """What a journal says of each item. In memory that is 16 bytes an item, whatever the item's size.

    The methods named after an event return the line for it; the state changes when the line is replayed, or with
    `mark_created` and `mark_failed`, once it is written.
    """

    def __init__(self) -> None:
        self._digests = array("Q")
        self._states = array("q")

    def __len__(self) -> int:
        return len(self._states)

    def digest(self, index: int) -> int:
        """Return the digest of an item; 0 if it was never sent."""
        return self._digests[index]

    def has_failed(self, index: int) -> bool:
        """Return whether an item is known not to have been created."""
        return self._states[index] == FAILED

    def offset(self, index: int) -> int | None:
        """Return the offset of the line that says what was created of an item, or None."""
        state = self._states[index]
        return state if state > 0 else None

    def offsets(self, digests: Container[int]) -> Iterator[int]:
        """Iterate over the offsets of the lines that say what was created of items with these digests."""
        for state, digest in zip(self._states, self._digests, strict=True):
            if state > 0 and digest in digests:
                yield state

    def replay(self, line: bytes, offset: int) -> None:
        """Apply a line that was read at an offset.

        Raises:
            ValueError: The line is damaged.
            IndexError: It is about an item that was never about to be sent.
        """
        if line[1:2] != b" ":
            raise ValueError
        first, _, rest = line[2:-1].partition(b" ")
        match line[:1]:
            case b"s":
                digests = [int(rest[at : at + DIGITS], 16) for at in range(0, len(rest), DIGITS)]
                if int(first) != len(self) or not digests:
                    raise ValueError
                self._append(digests)
            case b"c":
                self.mark_created(_index(first), offset)
            case b"f":
                self.mark_failed(_index(first))
            case b"d":
                self._digests[_index(first)] = int(rest, 16)
            case b"a":
                for index in line[2:].split():
                    self._states[_index(index)] = UNKNOWN
            case _:
                raise ValueError

    def sending(self, digests: Mapping[int, int]) -> bytes:
        """Return the lines for items that are about to be sent: their digests by index, new ones in input order."""
        start = len(self)
        lines = []
        again = [index for index in digests if index < start]
        for index in again:
            self._states[index] = UNKNOWN
            if digests[index] != self._digests[index]:
                self._digests[index] = digests[index]
                lines.append(f"d {index} {digests[index]:016x}\n")
        if again:
            lines.append(f"a {' '.join(map(str, again))}\n")
        if len(again) < len(digests):
            # An item in between that was wrong is not sent, and keeps its place in the input: its digest is 0.
            new = [digests.get(index, 0) for index in range(start, max(digests) + 1)]
            self._append(new)
            lines.append(f"s {start} {''.join(f'{digest:016x}' for digest in new)}\n")
        return "".join(lines).encode()

    @staticmethod
    def created(index: int, body: bytes) -> bytes:
        """Return the line for an item that was created; `body` is what the service returned, as JSON."""
        return b"c %d %b\n" % (index, body)

    @staticmethod
    def created_body(line: bytes) -> bytes | None:
        """Return the JSON in a line for an item that was created, or None if it is another line."""
        return line.split(b" ", 2)[2] if line.startswith(b"c ") else None

    @staticmethod
    def failed(index: int, reason: str) -> bytes:
        """Return the line for an item that was not created."""
        return f"f {index} {json.dumps(reason)}\n".encode()

    def mark_created(self, index: int, offset: int) -> None:
        """Set the state of an item to created, by the line at this offset."""
        self._states[index] = offset

    def mark_failed(self, index: int) -> None:
        """Set the state of an item to not created."""
        self._states[index] = FAILED

    def _append(self, digests: list[int]) -> None:
        self._digests.extend(digests)
        self._states.extend(UNKNOWN if digest else FAILED for digest in digests)


def _index(digits: bytes) -> int:
    if not digits.isdigit():  # a negative number would count from the end
        raise ValueError
    return int(digits)
