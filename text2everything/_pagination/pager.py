"""Listings: a page at a time, or all items, whatever way a service pages."""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

import attrs

from text2everything._codec import Listing
from text2everything._pagination.detect import PAGE_SIZE, FirstPage
from text2everything._pagination.reading import Capabilities, End, PageRequest, Reading, Strategy
from text2everything.exceptions import ValidationError
from text2everything.models._items import ItemList
from text2everything.models._repr import list_repr

__all__ = ["PAGE_SIZE", "AsyncPager", "IncompleteListingWarning", "Page", "refuse_to_pickle_pager"]

T = TypeVar("T")

LARGER_PAGE = 500
"""The page size where all items are wanted; a service that rejects it is asked for pages of `PAGE_SIZE`."""

CONCURRENCY = 50
"""Pages requested at once where all items are wanted: 10,000 items take three round trips."""

Fetch = Callable[[int, int], Awaitable[Listing]]
"""Fetches the page for (skip, limit); skip is always a multiple of limit."""


class IncompleteListingWarning(UserWarning):
    """The service did not give all items of a listing; the message says what is known."""


@attrs.frozen
class Page(Generic[T]):
    """Items of a listing, and the total number of items if the service states it."""

    items: list[T] = attrs.field(repr=list_repr)
    total: int | None = None

    def _repr_html_(self) -> str:
        return ItemList(self.items)._repr_html_()


def refuse_to_pickle_pager(pager: object) -> NoReturn:
    """Say why a pager, this one or the blocking one, cannot be pickled or copied.

    Raises:
        TypeError: Always.
    """
    raise TypeError(
        f"a {type(pager).__name__} cannot be pickled or copied, because it reads on with the connections "
        "of its client; pickle its items, or make another with the client's iter()"
    )


class AsyncPager(Generic[T]):
    """The items of a listing, fetched as they are needed: `async for item in pager`.

    The next page is fetched while one is processed. Memory does not grow with the listing: duplicates, which arise
    when the listing changes while it is read, are dropped if the same item came within the last 10,000. Items may be
    deleted while they are read: no later item is missed if the service states the total.

    If the service gives fewer items than it states, an `IncompleteListingWarning` is issued at the end.

    A pager reads the listing once: a second loop continues where the first one stopped.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        page_size: int = PAGE_SIZE,
        skip: int = 0,
        limit: int | None = None,
        ahead: int = 1,
        capabilities: Capabilities | None = None,
        name: str = "the listing",
    ) -> None:
        self._name = name
        self._reading = Reading(skip, limit, capabilities or Capabilities())
        self._strategy: Strategy | End = End() if limit == 0 else FirstPage(self._reading, page_size)
        self._unread: Iterator[T] = iter(())  # the rest of the page that a loop is in
        self._ahead = ahead  # pages
        self._prefetcher = _Prefetcher(fetch)
        self._lock = asyncio.Lock()
        weakref.finalize(self, self._prefetcher.cancel_from_finalizer, os.getpid()).atexit = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._name}: {self._reading.taken:,} items read>"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle_pager(self)

    async def next_page(self) -> Page[T] | None:
        """Return the next page that has new items, or None at the end.

        Example:
            >>> pager = client.feedback.iter(project_id, page_size=50)
            >>> while page := await pager.next_page():
            ...     print(len(page.items), "of", page.total)
        """
        unread = list(self._unread)
        if unread:
            return Page(unread, self._reading.totals.latest)
        async with self._lock:
            while not isinstance(self._strategy, End):
                request = self._strategy.next_requests(1)[0]
                try:
                    reply = await self._prefetcher.get(request)
                except self._strategy.tolerated:
                    reply = Listing([])
                except ValidationError:
                    if isinstance(self._strategy, FirstPage) and self._strategy.reduce_page_size():
                        continue
                    raise
                items, self._strategy = self._strategy.receive(request, reply)
                self._prefetcher.schedule(self._strategy.next_requests(self._ahead), request)
                if items:
                    return Page(items, self._reading.totals.latest)
            problem, self._strategy = self._strategy.problem, End()
        if problem is not None:
            warnings.warn(f"{self._name}: {problem}", IncompleteListingWarning, stacklevel=2)
        return None

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages.

        Example:
            >>> async for page in client.feedback.iter(project_id).pages():
            ...     print(len(page.items), "of", page.total)
        """
        try:
            while (page := await self.next_page()) is not None:
                yield page
        finally:
            self._prefetcher.cancel()

    async def __aiter__(self) -> AsyncIterator[T]:
        try:
            while (page := await self.next_page()) is not None:
                self._unread = iter(page.items)
                for item in self._unread:
                    yield item
        finally:
            self._prefetcher.cancel()

    async def collect(self) -> list[T]:
        """Return all items: the first page is fetched alone, then the others concurrently.

        Example:
            >>> ratings = await client.feedback.iter(project_id, search="year").collect()
        """
        self._ahead, self._reading.seen.capacity = CONCURRENCY, sys.maxsize  # all items are kept anyway
        found: ItemList[T] = ItemList()
        async for page in self.pages():
            found += page.items
        return found


class _Prefetcher:
    """Fetches pages, some of them ahead of their use."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._tasks: dict[PageRequest, asyncio.Task[Listing]] = {}

    async def get(self, request: PageRequest) -> Listing:
        """Return a page, which may be fetched already."""
        task = self._tasks.pop(request, None)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            return await self._fetch(*request)
        return await task

    def schedule(self, wanted: list[PageRequest], last: PageRequest) -> None:
        """Fetch the pages wanted after the `last` one, and cancel the others."""
        if wanted and wanted[0].offset <= last.offset:
            self.cancel()  # the listing is read again from there, since it changed
        for request in self._tasks.keys() - wanted:
            self._tasks.pop(request).cancel()
        for request in wanted:
            if request not in self._tasks:
                task = self._tasks[request] = asyncio.ensure_future(self._fetch(*request))
                task.add_done_callback(
                    lambda task: task.cancelled() or task.exception()
                )  # asyncio logs errors not seen

    def cancel(self) -> None:
        """Cancel the pages not yet used."""
        while self._tasks:
            self._tasks.popitem()[1].cancel()

    def cancel_from_finalizer(self, pid: int) -> None:
        """Cancel the pages not yet used, from any thread; a forked child must not touch the loop of process `pid`."""
        while self._tasks and pid == os.getpid():
            _, task = self._tasks.popitem()
            with suppress(RuntimeError):  # the loop is closed
                task.get_loop().call_soon_threadsafe(task.cancel)
