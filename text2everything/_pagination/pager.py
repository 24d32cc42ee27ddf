"""Listings: a page at a time, or every item, whatever way a service pages."""

from __future__ import annotations

import asyncio
import os
import warnings
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

import attrs

from text2everything._codec import Listing
from text2everything._pagination.walk import Ask, Obedience, PageWalk
from text2everything.exceptions import NotFoundError, Text2EverythingError, ValidationError

__all__ = ["PAGE_SIZE", "AsyncPager", "IncompleteListingWarning", "Page"]

T = TypeVar("T")

PAGE_SIZE = 100
"""Items asked for at a time; the published client asks for as many, so every service gives them."""

LARGER_PAGE = 500
"""Items asked for at a time where all are wanted; a service that refuses so many is asked for `PAGE_SIZE`."""

CONCURRENCY = 50
"""Pages on their way at once where all items are wanted: enough for 10,000 items in three round trips."""

Fetch = Callable[[int, int], Awaitable[Listing]]
"""Fetches the reply for (skip, limit); skip is always a multiple of limit."""

Fetched = asyncio.Task[Listing]


class IncompleteListingWarning(UserWarning):
    """The service did not give all the items it says there are; the message tells what is known."""


@attrs.frozen
class Page(Generic[T]):
    """Some items of a listing, and how many there are in all where the service says so."""

    items: list[T]
    total: int | None = None


class AsyncPager(Generic[T]):
    """The items of a listing, fetched as they are asked for: `async for item in pager`.

    The next page is on its way while one is worked on. Memory does not grow with the listing: duplicates, which arise
    when the listing changes while it is read, are dropped where the same item came within the last 10,000. What goes
    from a listing that tells its total makes no later item be missed, so items may be deleted as they come.

    A service that gives fewer items than it says there are causes an `IncompleteListingWarning`, at the end.

    One pager is one pass: a second loop goes on where the first one stopped.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        page_size: int = PAGE_SIZE,
        skip: int = 0,
        limit: int | None = None,
        ahead: int = 1,
        obedience: Obedience | None = None,
        name: str = "the listing",
    ) -> None:
        self._fetch = fetch
        self._name = name
        self._obedience = obedience or Obedience()
        self._begin = partial(PageWalk, skip=skip, limit=limit, obedience=self._obedience)
        self._walk = self._begin(page_size=min(page_size, self._obedience.largest))
        self._begun = self._began_anew = False
        self._rest: Iterator[T] = iter(())  # of the page that a loop is in
        self._depth = ahead  # pages on their way, ahead of what is asked for
        self._ahead: dict[Ask, Fetched] = {}
        self._lock = asyncio.Lock()
        weakref.finalize(self, _cancel, self._ahead, os.getpid()).atexit = False

    async def next_page(self) -> Page[T] | None:
        """Return the next page that has new items, or None at the end."""
        rest = list(self._rest)
        if rest:
            return Page(rest, self._walk.total)
        async with self._lock:
            while not self._walk.done:
                (ask,) = self._walk.asks(1)
                try:
                    reply = await self._reply(ask)
                except ValidationError:
                    if not self._asks_for_less(ask):
                        raise
                    continue
                self._begun = True
                if self._began_anew:
                    self._obedience.largest = PAGE_SIZE
                items = self._walk.take(ask, reply)
                self._look_ahead()
                if items:
                    return Page(items, self._walk.total)
        problem, self._walk.problem = self._walk.problem, None
        if problem is not None:
            warnings.warn(f"{self._name}: {problem}", IncompleteListingWarning, stacklevel=2)
        return None

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages."""
        try:
            while (page := await self.next_page()) is not None:
                yield page
        finally:
            _cancel(self._ahead)

    async def __aiter__(self) -> AsyncIterator[T]:
        try:
            while True:
                for item in self._rest:
                    yield item
                page = await self.next_page()
                if page is None:
                    return
                self._rest = iter(page.items)
        finally:
            _cancel(self._ahead)

    async def collect(self) -> list[T]:
        """Return every item: the first page is fetched, then the others at once, several at a time."""
        self._depth, self._walk.remember_all = CONCURRENCY, True
        found: list[T] = []
        try:
            while (page := await self.next_page()) is not None:
                found += page.items
        finally:
            _cancel(self._ahead)
        return found

    async def _reply(self, ask: Ask) -> Listing:
        """Return the reply for a page, which may be on its way already."""
        task = self._ahead.pop(ask, None)
        try:
            if task is None or task.get_loop() is not asyncio.get_running_loop():
                return await self._fetch(*ask)
            return await task
        except (NotFoundError, ValidationError):
            if self._walk.is_doubting or self._walk.is_beyond:
                return Listing([])
            raise
        except Text2EverythingError:
            if self._walk.is_doubting:
                return Listing([])
            raise

    def _asks_for_less(self, ask: Ask) -> bool:
        """Begin anew with smaller pages where the very first was refused, perhaps for being so large."""
        if self._begun or ask[1] <= PAGE_SIZE:
            return False
        self._began_anew = True
        remember_all = self._walk.remember_all
        self._walk = self._begin(page_size=PAGE_SIZE)
        self._walk.remember_all = remember_all
        return True

    def _look_ahead(self) -> None:
        """Have the next pages fetched, and those that are no longer wanted not."""
        if self._walk.is_stale:
            self._walk.is_stale = False
            _cancel(self._ahead)
        wanted = self._walk.asks(self._depth)
        for ask in self._ahead.keys() - wanted:
            self._ahead.pop(ask).cancel()
        for ask in wanted:
            if ask not in self._ahead:
                task = self._ahead[ask] = asyncio.ensure_future(self._fetch(*ask))
                task.add_done_callback(_look_at)


def _look_at(task: Fetched) -> None:
    """Take note of an error: it is raised where the page is asked for, and is of no interest if it never is."""
    if not task.cancelled():
        task.exception()


def _cancel(tasks: dict[Ask, Fetched], pid: int | None = None) -> None:
    """Cancel what nobody waits for any more. From a finalizer (with `pid`) this may be any thread."""
    while tasks:
        _, task = tasks.popitem()
        if pid is None:
            task.cancel()
        elif pid == os.getpid():  # a forked child must not touch its parent's loop
            with suppress(RuntimeError):  # the loop is closed
                task.get_loop().call_soon_threadsafe(task.cancel)
