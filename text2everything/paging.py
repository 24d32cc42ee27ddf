"""Listings: a page at a time, or every item, whatever way a service pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

import attrs

from text2everything.codec import Listing

T = TypeVar("T")

PAGE_SIZE = 100
"""Items asked for at a time."""

Fetch = Callable[[int, int], Awaitable[Listing]]
"""Fetches the reply for (skip, limit)."""


@attrs.frozen
class Page(Generic[T]):
    """Some items of a listing, and how many there are in all where the service says so."""

    items: list[T]
    total: int | None = None


def _identity(item: Any) -> Any:
    return getattr(item, "id", None) or id(item)


class AsyncPager(Generic[T]):
    """The items of a listing, fetched as they are asked for: `async for item in pager`."""

    def __init__(self, fetch: Fetch, *, page_size: int = PAGE_SIZE, skip: int = 0, limit: int | None = None) -> None:
        self._fetch = fetch
        self._page_size = page_size
        self._skip = skip
        self._left = limit
        self._seen: set[Any] = set()
        self._done = False

    async def next_page(self) -> Page[T] | None:
        """Return the next page that has new items, or None at the end."""
        while not self._done and self._left != 0:
            reply = await self._fetch(self._skip, self._page_size)
            new = [item for item in reply.items if _identity(item) not in self._seen]
            self._seen.update(map(_identity, new))
            self._skip += len(reply.items)
            self._done = (
                not new
                or reply.has_next is False
                or (reply.total is not None and self._skip >= reply.total)
                or (reply.has_next is None and reply.total is None and len(reply.items) != self._page_size)
            )
            if self._left is not None:
                new = new[: self._left]
                self._left -= len(new)
            if new:
                return Page(new, reply.total)
        return None

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages."""
        while (page := await self.next_page()) is not None:
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def collect(self) -> list[T]:
        """Return every item."""
        return [item async for item in self]
