"""Blocking counterparts of what the async core iterates: each step is one call through the portal.

An async generator is never handed across: its cancel scopes would be entered in one task and left in another. What
crosses is a plain coroutine, such as `next_page`; the iterating itself is done here, in the caller's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from text2everything.paging import AsyncPager, Page
    from text2everything.sync.portal import Portal

__all__ = ["Pager", "read_all"]

T = TypeVar("T")


class Pager(Generic[T]):
    """The items of a listing, fetched as they are asked for: `for item in pager`."""

    def __init__(self, portal: Portal, pager: AsyncPager[T]) -> None:
        self._portal = portal
        self._async = pager

    def next_page(self) -> Page[T] | None:
        """Return the next page that has new items, or None at the end."""
        __tracebackhide__ = True
        return self._portal.call(self._async.next_page)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages."""
        while (page := self.next_page()) is not None:
            yield page

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def collect(self) -> list[T]:
        """Return every item."""
        __tracebackhide__ = True
        return self._portal.call(self._async.collect)


def read_all(source: Any) -> Any:
    """Return `source`, read here if reading it is any work: on the loop that would hold up everyone's calls.

    What is no source of items is handed on as it is, for the async core to say what is wrong with it.
    """
    if isinstance(source, list | tuple | Mapping | str | bytes) or not isinstance(source, Iterable):
        return source
    return list(source)
