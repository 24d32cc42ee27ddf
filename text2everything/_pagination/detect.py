"""How a service pages, as its first replies tell."""

from __future__ import annotations

from typing import Any

from text2everything._codec import Listing
from text2everything._pagination.reading import End, PageRequest, Reading, Strategy
from text2everything._pagination.seen import item_key
from text2everything._pagination.strategies import PageByPage, SinglePage
from text2everything.exceptions import Text2EverythingError

__all__ = ["PAGE_SIZE", "FirstPage", "best_size"]

PAGE_SIZE = 100
"""The default page size; the published client uses the same, so every service accepts it."""


class FirstPage:
    """Requests the first page wanted, and decides how to read on.

    If it is not the first of the listing and does not show that it is the page requested, the first is requested too:
    the service may ignore the offset, or count pages of its own size.
    """

    tolerated: tuple[type[Exception], ...] = ()

    def __init__(self, reading: Reading, page_size: int) -> None:
        self._reading = reading
        self._size = best_size(reading.skip, reading.remaining, min(page_size, reading.capabilities.max_page_size))
        self._is_reduced = False
        self._unverified: tuple[PageRequest, Listing] | None = None

    def next_requests(self, _most: int) -> list[PageRequest]:
        skip = self._reading.skip if self._unverified is None else 0
        return [PageRequest(skip - skip % self._size, self._size)]

    def reduce_page_size(self) -> bool:
        """Request a smaller page after the first was rejected; return False if its size cannot be the reason."""
        if self._size <= PAGE_SIZE:
            return False
        self._size, self._is_reduced = best_size(self._reading.skip, self._reading.remaining, PAGE_SIZE), True
        return True

    def receive(self, request: PageRequest, reply: Listing) -> tuple[list[Any], Strategy | End]:
        if self._is_reduced:
            self._reading.capabilities.max_page_size = PAGE_SIZE
        if self._unverified is not None:
            return self._compare(*self._unverified, reply)
        if request.offset == 0 or self._is_verified(request, reply):
            return PageByPage(self._reading, self._size).receive(request, reply)
        self._unverified = request, reply
        self.tolerated = (Text2EverythingError,)  # the caller does not need this page
        return [], self

    def _is_verified(self, request: PageRequest, reply: Listing) -> bool:
        """Return whether a reply shows that it is the page requested."""
        count = len(reply.items)
        if not count:
            return reply.total is not None and reply.total <= request.offset
        is_full = count == request.size or (reply.total == request.offset + count and reply.has_next is False)
        is_numbered = (reply.page, reply.page_size) == (request.offset // request.size + 1, request.size)
        return is_full and is_numbered and self._reading.capabilities.offset_verified

    def _compare(self, request: PageRequest, reply: Listing, first: Listing) -> tuple[list[Any], Strategy | End]:
        """Decide by the page requested and the first of the listing."""
        reading = self._reading
        if reply.items and first.items:
            if item_key(reply.items[0]) == item_key(first.items[0]):
                count = len(reply.items)
                reading.totals.update(reply.total, 0)
                problem = reading.problem(says_more=False, same_page=True)
                return [], SinglePage(reading, problem, repeated=count if count == request.size else 0)
            reading.capabilities.offset_verified = True
        if first.items and len(first.items) != request.size:
            return [], PageByPage(reading, len(first.items))
        return PageByPage(reading, request.size).receive(request, reply)


def best_size(skip: int, limit: int | None, page_size: int) -> int:
    """Return the page size, `page_size` at most, with the fewest requests and then the fewest items not wanted."""
    if limit is None:
        return page_size
    pages = {size: -(-(skip + limit) // size) - skip // size for size in range(1, page_size + 1)}
    return min(pages, key=lambda size: (pages[size], pages[size] * size))
