"""The ways to read a listing: page by page, or all items as a single page."""

from __future__ import annotations

from typing import Any

import attrs

from text2everything._codec import Listing
from text2everything._pagination import reading as limits
from text2everything._pagination.reading import End, PageRequest, Reading, Strategy
from text2everything._pagination.seen import item_key
from text2everything.exceptions import NotFoundError, ValidationError

__all__ = ["PageByPage", "SinglePage"]

NO_SUCH_PAGE = (NotFoundError, ValidationError)

MOST_WITHOUT_NEW = 2
"""Pages in a row that may have no new items while the service says that there are more."""


class PageByPage:
    """Reads one page after another, by offset.

    A page is shorter than requested at the end or if the service caps it, and longer if the service has its own page
    size. The next pages are requested with the length of the last one, so that page numbers count the same pages.
    """

    tolerated: tuple[type[Exception], ...] = ()

    def __init__(self, reading: Reading, page_size: int) -> None:
        self._reading = reading
        self._first_size = self._size = page_size
        self._position = self._furthest = reading.skip  # where the next new item is expected, now and at most so far
        self._has_next: bool | None = None
        self._first_key: object = None  # of the first item
        self._without_new = 0  # pages in a row

    def next_requests(self, most: int) -> list[PageRequest]:
        start = self._position - self._position % self._size
        end, total = start + 1, self._reading.totals.trusted
        if total is not None:
            end = max(end, total + (self._has_next is None))  # the total may be that of the page: request one more
        if self._reading.remaining is not None:
            end = min(end, self._position + self._reading.remaining)
        return [PageRequest(offset, self._size) for offset in range(start, end, self._size)[:most]]

    def receive(self, request: PageRequest, reply: Listing) -> tuple[list[Any], Strategy | End]:
        reading, items = self._reading, reply.items
        self._has_next = reply.has_next
        if self._move_back(reading.totals.update(reply.total, request.offset)):
            return [], self
        new = reading.accept(request.offset, items)
        same_page = bool(request.offset and items) and item_key(items[0]) == self._first_key
        self._move_on(request.offset, items, is_new=bool(new), same_page=same_page)
        more = has_more(self._position, reading.totals.trusted, reply.has_next, is_short=len(items) < request.size)
        if reading.remaining == 0:
            return new, End()
        if more is False or reading.seen.restarted or self._without_new >= (MOST_WITHOUT_NEW if more else 1):
            same_page = same_page and len(items) == request.size == self._first_size
            problem = reading.problem(says_more=more is True, same_page=same_page)
            if problem is None or reading.skip + reading.taken >= limits.LARGEST_PAGE:
                return new, End(problem)
            return new, SinglePage(reading, problem, repeated=len(items) if same_page else 0)
        if not items:
            self._position = request.offset + request.size
        self.tolerated = NO_SUCH_PAGE if more is None else ()
        return new, self

    def _move_back(self, deleted: int) -> bool:
        """Move back for items that may have moved to pages before; return False if there is no need to."""
        back, capacity = min(deleted, self._position - self._reading.skip), self._reading.seen.capacity
        self._reading.too_many_deleted |= back > capacity
        self._position -= min(back, capacity)
        return back > 0

    def _move_on(self, offset: int, items: list[Any], *, is_new: bool, same_page: bool) -> None:
        """Move to the end of a page, and count it if it has nothing new for no known reason."""
        end = offset + len(items)
        read_again = end <= self._furthest and (end > self._position or 0 < len(items) < self._size)
        if items:
            self._first_key = self._first_key or item_key(items[0])
            self._size = len(items)
            self._position = max(self._position, end)
            self._furthest = max(self._furthest, end)
        explained = self._reading.totals.explains_repeats(0 if is_new else len(items)) and not same_page
        self._without_new = 0 if is_new else self._without_new + (not read_again and not explained)


@attrs.define
class SinglePage:
    """Requests all items as one page, where the service ignores the offset or left some out: the `problem`."""

    reading: Reading
    problem: str | None
    repeated: int  # items of the full page that it gives for every offset; 0 if it does not
    tolerated: tuple[type[Exception], ...] = NO_SUCH_PAGE

    def next_requests(self, _most: int) -> list[PageRequest]:
        return [PageRequest(0, limits.LARGEST_PAGE)]

    def receive(self, request: PageRequest, reply: Listing) -> tuple[list[Any], End]:
        reading, count = self.reading, len(reply.items)
        if not count:
            return [], End(self.problem)
        reading.totals.update(reply.total, 0)
        new = reading.accept(0, reply.items)
        more = has_more(max(count, reading.skip + reading.taken), reading.totals.trusted, reply.has_next)
        same_page = bool(self.repeated) and (count <= self.repeated or count >= request.size)
        problem = reading.problem(says_more=more is True, same_page=same_page)
        return new, End(None if reading.remaining == 0 else problem)


def has_more(position: int, total: int | None, has_next: bool | None, *, is_short: bool = False) -> bool | None:
    """Return whether the service says that items follow `position`; None if only the next page tells."""
    if total is not None and position < total:
        return True
    if has_next:
        return True if total is None else None
    # One sign alone may be wrong: the total is that of the page, has_next always false, a page short by a cap.
    return False if (total is not None) + (has_next is False) + is_short > 1 else None
