"""Blocking counterparts of what the async core iterates: each step is one call through the portal.

An async generator is never handed across: its cancel scopes would be entered in one task and left in another. What
crosses is a plain coroutine, such as `next_page`; the iterating itself is done here, in the caller's thread.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from text2everything._pagination.pager import Page
from text2everything.exceptions import ClientClosedError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from text2everything._bulk.results import BulkOutcome
    from text2everything._bulk.stream import AsyncBulkStream
    from text2everything._pagination.pager import AsyncPager
    from text2everything.sync._portal import Portal

__all__ = ["BulkStream", "Pager", "read_all"]

T = TypeVar("T")

MAX_GATHERING = 0.02
"""Seconds for which items are taken from a source before they are handed over."""


class Pager(Generic[T]):
    """The items of a listing, fetched as they are asked for: `for item in pager`.

    The next page is on its way while one is worked on. Memory does not grow with the listing.

    A service that gives fewer items than it says there are causes an `IncompleteListingWarning`, at the end.

    One pager is one pass: a second loop goes on where the first one stopped.
    """

    def __init__(self, portal: Portal, pager: AsyncPager[T]) -> None:
        self._portal = portal
        self._async = pager
        self._rest: Iterator[T] = iter(())  # of the page that a loop is in
        self._total: int | None = None

    def next_page(self) -> Page[T] | None:
        """Return the next page that has new items, or None at the end."""
        __tracebackhide__ = _rich_traceback_omit = True
        rest = list(self._rest)
        return Page(rest, self._total) if rest else self._portal.call(self._async.next_page)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages."""
        while (page := self.next_page()) is not None:
            yield page

    def __iter__(self) -> Iterator[T]:
        while True:
            yield from self._rest
            page = self.next_page()
            if page is None:
                return
            self._rest, self._total = iter(page.items), page.total

    def collect(self) -> list[T]:
        """Return every item: the first page is fetched, then the others at once, several at a time."""
        __tracebackhide__ = _rich_traceback_omit = True
        return [*self._rest, *self._portal.call(self._async.collect)]


class BulkStream(Generic[T]):
    """The outcomes of a bulk create, each as it happens: `for outcome in stream`.

    Items are taken from the source, in the thread that iterates, as there is room for them, so that the source may be
    endless. Leaving the loop early ends what is in flight; `with stream:` does so at once, for certain. A stream is
    iterated once.
    """

    def __init__(self, portal: Portal, stream: AsyncBulkStream[T]) -> None:
        self._portal = portal
        self._async = stream

    def __iter__(self) -> Iterator[BulkOutcome[T]]:
        try:
            if isinstance(self._async.source, AsyncIterable):
                batches = self._iterated_on_the_loop()
            else:
                batches = self._iterated_here(iter(self._async.source))
            for batch in batches:
                yield from batch
        except GeneratorExit:  # left early, perhaps to the garbage collector, which must not be made to wait
            self._portal.begin(self._async.aclose)
            raise
        except BaseException:  # the journal, for one, is free again when the caller learns of it
            self.close()
            raise
        self.close()

    def close(self) -> None:
        """End what is in flight, and forget what was not sent. A second time does nothing."""
        with suppress(ClientClosedError):  # that ended it
            self._portal.call(self._async.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _iterated_on_the_loop(self) -> Iterator[list[BulkOutcome[T]]]:
        while batch := self._portal.call(self._async.next_batch):
            yield batch

    def _iterated_here(self, source: Iterator[Any]) -> Iterator[list[BulkOutcome[T]]]:
        exchange = self._async.exchange
        problem: BaseException | None = None
        ended = False
        while not ended:
            items, ended, problem = _take(source, self._async.room)
            yield self._portal.call(exchange, items, final=ended)
        while batch := self._portal.call(exchange, (), final=True):
            yield batch
        if problem is not None:
            raise problem


def _take(source: Iterator[Any], room: int) -> tuple[list[Any], bool, Exception | None]:
    """Return items of `source`, whether those were its last, and what it raised.

    At most `room` items; fewer of a slow source, so that no outcome waits for what is still to come.
    """
    items: list[Any] = []
    until = time.monotonic() + MAX_GATHERING
    try:
        while len(items) < room:
            items.append(next(source))
            if time.monotonic() > until:
                break
    except StopIteration:
        return items, True, None
    except Exception as error:  # noqa: BLE001  # the source's own: raised after the outcomes of what it gave
        return items, True, error
    return items, False, None


def read_all(source: Any) -> Any:
    """Return `source`, read here if reading it is any work: on the loop that would hold up everyone's calls.

    What is no source of items is handed on as it is, for the async core to say what is wrong with it.
    """
    if isinstance(source, list | tuple | Mapping | str | bytes) or not isinstance(source, Iterable):
        return source
    return list(source)
