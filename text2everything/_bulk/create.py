"""Many writes in one call: checked before anything is sent, sent many at once, each with its own outcome."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence, Sized
from operator import attrgetter, itemgetter
from typing import Any, Literal, TypeAlias, TypedDict, TypeVar, cast

import attrs

from text2everything._bulk.limiter import Limiter
from text2everything._bulk.progress import Reporter
from text2everything._bulk.results import BulkFailure, BulkOutcome, BulkResult
from text2everything._bulk.stream import SAME_FOR_ALL, WINDOW, AsyncBulkStream, Record, Work
from text2everything.exceptions import BulkError, ValidationError
from text2everything.models._checks import check_int
from text2everything.models.projects import BulkDeleteResult

__all__ = [
    "WINDOW",
    "AsyncBulkStream",
    "BulkFailure",
    "BulkOutcome",
    "BulkResult",
    "JournalPath",
    "OnError",
    "PublishedOptions",
    "check_all",
    "check_on_error",
    "check_source",
    "concurrency",
    "create_all",
    "delete_all",
]

T = TypeVar("T")

logger = logging.getLogger("text2everything")

OnError: TypeAlias = Literal["raise", "collect", "stop"]
"""What a failed item leads to.

`raise`: the others are sent all the same, then a `BulkError` carries the result. `collect`: so they are, and the
result is returned. `stop`: nothing more is sent, what is in flight is awaited, then a `BulkError` carries the result.
"""

JournalPath: TypeAlias = str | os.PathLike[str]

DEFAULT_CONCURRENCY = 64
"""Requests in flight at most, where the caller does not say: more brought nothing, on any service measured."""

MAX_CONCURRENCY = 10_000

PROBLEMS_SHOWN = 20
"""Problems that a message gives; the rest is in `response_data`."""

DELETED_AT_ONCE = 100
"""Ids in one request."""


class PublishedOptions(TypedDict, total=False):
    """Arguments of the published client's `bulk_create`, accepted so that code written for it runs unchanged.

    `max_workers` and `max_concurrent` stand for `max_concurrency`, and `parallel=False` for `max_concurrency=1`.
    `use_connection_isolation` has no effect: connections are always shared.
    """

    parallel: bool
    max_workers: int | None
    max_concurrent: int | None
    use_connection_isolation: bool


def concurrency(given: int | None, published: PublishedOptions, connections: int) -> int:
    """Return how many requests may be in flight at most: as given under any name, and as there are connections.

    Raises:
        TypeError: There is no such argument.
        ValidationError: The number makes no sense.
    """
    unknown = published.keys() - PublishedOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"unexpected keyword argument {', '.join(map(repr, sorted(unknown)))}")
    names = {"max_concurrency": given} | {
        name: published.get(name) for name in ("max_concurrent", "max_workers") if published.get(name) is not None
    }
    found = [check_int(name, value, 1, MAX_CONCURRENCY) for name, value in names.items() if value is not None]
    if published.get("parallel") is False:
        found.append(1)
    return min([*(found or [DEFAULT_CONCURRENCY]), connections])


def check_on_error(on_error: object) -> None:
    """Raise a `ValidationError` unless `on_error` is one of its three words."""
    if on_error not in ("raise", "collect", "stop"):
        raise ValidationError(f"on_error must be 'raise', 'collect' or 'stop', got {on_error!r}")


def check_source(name: str, source: object) -> None:
    """Raise a `ValidationError` unless `source` can be a source of items."""
    if isinstance(source, str | bytes | Mapping) or not isinstance(source, Iterable | AsyncIterable):
        raise ValidationError(f"{name} must be an iterable of items, got {type(source).__name__}")


def check_all(name: str, items: Iterable[Any], prepare: Callable[[Any], Any]) -> list[Any]:
    """Return every item checked and ready to be sent.

    Raises:
        ValidationError: Some are wrong; every problem is given with the index of its item, all of them in
            `response_data["problems"]`.
    """
    ready, problems = [], []
    for index, item in enumerate(items):
        try:
            ready.append(prepare(item))
        except ValidationError as error:
            problems.append(f"{name}[{index}]: {error.message}")
    refuse(problems)
    return ready


def refuse(problems: Sequence[str]) -> None:
    """Raise one `ValidationError` for all these problems, unless there are none."""
    if not problems:
        return
    shown = "; ".join(problems[:PROBLEMS_SHOWN])
    rest = len(problems) - PROBLEMS_SHOWN
    raise ValidationError(
        f"{shown}; and {rest:,} more" if rest > 0 else shown, response_data={"problems": list(problems)}
    )


async def create_all(work: Work[T], items: Iterable[Any] | AsyncIterable[Any], *, on_error: OnError) -> BulkResult[T]:
    """Create every item and return what came of it.

    Raises:
        ValidationError: Items of a collection are wrong, all found before anything is sent.
        BulkError: Some items failed, unless `on_error` is `collect`; it carries the result.
    """
    given: list[Any] | None = None
    if isinstance(items, Sized) and isinstance(items, Iterable):
        given = list(items)
        work.reporter.total = len(given)
        items = check_all(work.name, given, work.prepare)
        work = attrs.evolve(work, prepare=_as_it_is, open_record=_opened_for(items, work.open_record))
    stream = AsyncBulkStream(work, items)
    created: list[tuple[int, T]] = []
    failures: list[BulkFailure] = []
    problem: Exception | None = None
    async with stream:
        try:
            async for outcome in stream:
                if outcome.error is None:
                    created.append((outcome.index, cast("T", outcome.created)))
                    continue
                item = outcome.item if given is None else given[outcome.index]
                failures.append(BulkFailure(outcome.index, item, outcome.error))
                if on_error == "stop":
                    stream.stop()
        except Exception as error:  # noqa: BLE001  # raised below, with what was done until then
            problem = error
        except BaseException:
            logger.warning("%s: interrupted with %d created and %d failed", work.name, len(created), len(failures))
            raise
    not_sent = [*stream.not_sent, *range(stream.count, stream.count if given is None else len(given))]
    return _judged(_result(created, failures, not_sent), problem, on_error)


def _result(created: list[tuple[int, T]], failures: list[BulkFailure], not_sent: list[int]) -> BulkResult[T]:
    created.sort(key=itemgetter(0))
    failures.sort(key=attrgetter("index"))
    # An item that became several, as a wide table does, stands in the result with each of them.
    parts = [(index, part) for index, made in created for part in (made if isinstance(made, list) else [made])]
    return BulkResult([part for _, part in parts], [index for index, _ in parts], failures, sorted(not_sent))


def _judged(result: BulkResult[T], problem: Exception | None, on_error: OnError) -> BulkResult[T]:
    """Return the result, or raise what it deserves; nothing that was created is lost from view."""
    if problem is not None and not (on_error == "collect" and isinstance(problem, SAME_FOR_ALL)):
        if not result:
            raise problem
        raise BulkError(f"stopped with {result.item_count:,} items created: {problem}", result) from problem
    if on_error != "collect":
        result.raise_for_failures()
    return result


def _as_it_is(item: Any) -> Any:
    return item


def _opened_for(
    ready: Sequence[Any], open_record: Callable[[], Awaitable[Record]] | None
) -> Callable[[], Awaitable[Record]] | None:
    """Return what opens the journal and at once checks all items against it, as they are all known already."""
    if open_record is None:
        return None

    async def opened() -> Record:
        record = await open_record()
        try:
            record.check(ready)
        except BaseException:
            await record.aclose()
            raise
        return record

    return opened


async def delete_all(
    ids: Sequence[str],
    send: Callable[[Sequence[str]], Awaitable[BulkDeleteResult]],
    *,
    limiter: Limiter,
    reporter: Reporter,
) -> BulkDeleteResult:
    """Delete so many at a time, many times at once; `send` deletes up to `DELETED_AT_ONCE`.

    Raises:
        BulkError: Some requests failed, and others did not; it carries what is known.
        Text2EverythingError: All failed; the error of the first.
    """
    ids = list(dict.fromkeys(ids))
    reporter.total = len(ids)
    chunks = [ids[at : at + DELETED_AT_ONCE] for at in range(0, len(ids), DELETED_AT_ONCE)]
    stream = AsyncBulkStream(Work("ids", _as_it_is, send, limiter, Reporter(None)), chunks)
    deleted, failed, errors, succeeded = 0, set[str](), list[Exception](), 0
    async with stream:
        with reporter:
            try:
                while batch := await stream.next_batch():
                    for outcome in batch:
                        reporter.add(len(outcome.item), len(outcome.item) if outcome.error else 0)
                        if outcome.created is None:
                            failed.update(outcome.item)
                            errors += filter(None, [outcome.error])
                            continue
                        succeeded += 1
                        deleted += outcome.created.deleted_count
                        failed.update(outcome.created.failed_ids)
            except Exception as error:  # noqa: BLE001  # raised below, with what was done until then
                errors.append(error)
    for index in (*stream.not_sent, *range(stream.count, len(chunks))):
        failed.update(chunks[index])
    result = BulkDeleteResult(deleted_count=deleted, failed_ids=[each for each in ids if each in failed])
    if not errors:
        return result
    if not succeeded:
        raise errors[0]
    message = f"{succeeded:,} of {len(chunks):,} requests to delete succeeded; the first error: {errors[0]}"
    raise BulkError(message, result) from errors[0]
