"""Blocking counterparts of the async iterators; each step is one call through the portal.

Async generators are not run through the portal, since their cancel scopes would be entered in one task and left in
another. The portal runs coroutines, such as `next_page`, and the iteration is done here, in the caller's thread.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from text2everything._bulk.frames import rows_of
from text2everything._bulk.stream import refuse_to_pickle_stream
from text2everything._pagination.pager import Page, refuse_to_pickle_pager
from text2everything.exceptions import ClientClosedError
from text2everything.models._items import ItemList

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from text2everything._bulk.results import BulkOutcome
    from text2everything._bulk.stream import AsyncBulkStream
    from text2everything._pagination.pager import AsyncPager
    from text2everything.sync._portal import Portal

__all__ = ["BulkStream", "Pager", "read_all"]

T = TypeVar("T")

MAX_READING_SECONDS = 0.02
"""Seconds to read items from a source before they are passed to the event loop."""


class Pager(Generic[T]):
    """The items of a listing, fetched during the iteration: `for item in pager`.

    The next page is fetched in the background. Memory does not grow with the length of the listing.

    If the service returns fewer items than the total it reports, an `IncompleteListingWarning` is issued at the end.

    A pager is iterated once: a second loop continues where the first one stopped.
    """

    def __init__(self, portal: Portal, pager: AsyncPager[T]) -> None:
        self._portal = portal
        self._async = pager
        self._rest: Iterator[T] = iter(())  # of the current page
        self._total: int | None = None

    def __repr__(self) -> str:
        return repr(self._async).replace(type(self._async).__name__, type(self).__name__, 1)

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle_pager(self)

    def next_page(self) -> Page[T] | None:
        """Return the next page with new items, or None at the end.

        Example:
            >>> pager = client.feedback.iter(project_id, page_size=50)
            >>> while page := pager.next_page():
            ...     print(len(page.items), "of", page.total)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        rest = list(self._rest)
        return Page(rest, self._total) if rest else self._portal.call(self._async.next_page)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages.

        Example:
            >>> for page in client.feedback.iter(project_id).pages():
            ...     print(len(page.items), "of", page.total)
        """
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
        """Return all remaining items; after the first page, several pages are fetched concurrently.

        Example:
            >>> ratings = client.feedback.iter(project_id, search="year").collect()
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return ItemList([*self._rest, *self._portal.call(self._async.collect)])


class BulkStream(Generic[T]):
    """The outcomes of a bulk create as they complete: `for outcome in stream`.

    Items are read from the source in the calling thread, a limited number at a time: the source may be endless.
    Leaving the loop early cancels the requests in flight; use `with stream:` to do so immediately. A stream is
    iterated once.
    """

    def __init__(self, portal: Portal, stream: AsyncBulkStream[T]) -> None:
        self._portal = portal
        self._async = stream

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle_stream(self)

    def __iter__(self) -> Iterator[BulkOutcome[T]]:
        try:
            if isinstance(self._async.source, AsyncIterable):
                batches = self._from_async_source()
            else:
                batches = self._from_source(iter(self._async.source))
            for batch in batches:
                yield from batch
        except GeneratorExit:  # the loop was left early, perhaps by the garbage collector, which must not wait
            self._portal.begin(self._async.aclose)
            raise
        except BaseException:  # release the journal before the caller sees the error
            self.close()
            raise
        self.close()

    def close(self) -> None:
        """Cancel the requests in flight, and discard items that were not sent. A second close does nothing.

        Example:
            >>> stream = client.feedback.bulk_create_stream(project_id, ratings)
            >>> for outcome in stream:
            ...     if outcome.error is not None:
            ...         stream.close()
            ...         break
        """
        with suppress(ClientClosedError):  # closing the client has closed the stream
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

    def _from_async_source(self) -> Iterator[list[BulkOutcome[T]]]:
        while batch := self._portal.call(self._async.next_batch):
            yield batch

    def _from_source(self, source: Iterator[Any]) -> Iterator[list[BulkOutcome[T]]]:
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
    """Return items of `source`, whether it is exhausted, and the exception it raised, if any.

    At most `room` items; fewer if the source is slow, so that outcomes do not wait for it.
    """
    items: list[Any] = []
    until = time.monotonic() + MAX_READING_SECONDS
    try:
        while len(items) < room:
            items.append(next(source))
            if time.monotonic() > until:
                break
    except StopIteration:
        return items, True, None
    except Exception as error:  # noqa: BLE001  # of the source: raised after the outcomes of its items
        return items, True, error
    return items, False, None


def read_all(source: Any) -> Any:
    """Return a list of the items of `source`, read in the calling thread so that the event loop is not blocked.

    A list, tuple or invalid source is returned unchanged; the async code validates it.
    """
    source = rows_of(source)
    if isinstance(source, list | tuple | Mapping | str | bytes) or not isinstance(source, Iterable):
        return source
    return list(source)
