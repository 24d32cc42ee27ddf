"""Creating many items in one call: all checked before anything is sent, then sent concurrently."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence, Sized
from operator import attrgetter, itemgetter
from typing import Any, Protocol, TypeVar, cast

import attrs

from text2everything._bulk.journal import Journal
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.options import OnError
from text2everything._bulk.results import BulkFailure, BulkResult
from text2everything._bulk.stream import AsyncBulkStream
from text2everything._transport.running_loop import running_loop
from text2everything.exceptions import BulkError, ValidationError

__all__ = ["create_all", "prepare_all", "raise_problems", "return_or_raise"]

T = TypeVar("T")
R = TypeVar("R", bound="_Result")

logger = logging.getLogger("text2everything")

MAX_PROBLEMS_SHOWN = 20
"""Problems listed in a message; all of them are in `response_data`."""


def prepare_all(name: str, items: Iterable[Any], prepare: Callable[[Any], Any]) -> list[Any]:
    """Return every item of the argument `name`, checked and ready to be sent.

    Raises:
        ValidationError: Some items are wrong. The message names each problem with the index of its item, and
            `response_data["problems"]` has all of them.
    """
    payloads, problems = [], []
    for index, item in enumerate(items):
        try:
            payloads.append(prepare(item))
        except ValidationError as error:
            problems.append(f"{name}[{index}]: {error.message}")
    raise_problems(problems)
    return payloads


def raise_problems(problems: Sequence[str]) -> None:
    """Raise one `ValidationError` for all these problems, unless there are none."""
    if not problems:
        return
    shown = "; ".join(problems[:MAX_PROBLEMS_SHOWN])
    rest = len(problems) - MAX_PROBLEMS_SHOWN
    raise ValidationError(
        f"{shown}; and {rest:,} more" if rest > 0 else shown, response_data={"problems": list(problems)}
    )


async def create_all(
    operation: BulkOperation[T], items: Iterable[Any] | AsyncIterable[Any], *, on_error: OnError
) -> BulkResult[T]:
    """Create every item and return the result.

    Raises:
        ValidationError: Items of a collection are wrong; all are checked before anything is sent.
        BulkError: Some items failed, unless `on_error` is `collect`; it carries the result.
    """
    operation.health.begin(running_loop().time())
    given: list[Any] | None = None
    if isinstance(items, Sized) and isinstance(items, Iterable):
        given = list(items)
        operation.reporter.total = len(given)
        items = prepare_all(operation.name, given, operation.prepare)
        open_journal = operation.open_journal and _open_checked(operation.open_journal, items)
        operation = attrs.evolve(operation, prepare=_identity, open_journal=open_journal)
    stream = AsyncBulkStream(operation, items)
    created: list[tuple[int, T]] = []
    failures: list[BulkFailure] = []
    problem: Exception | None = None
    try:
        async with stream:
            async for outcome in stream:
                if outcome.error is None:
                    created.append((outcome.index, cast("T", outcome.created)))
                    continue
                item = outcome.item if given is None else given[outcome.index]
                failures.append(BulkFailure(outcome.index, item, outcome.error))
                if on_error == "stop":
                    stream.stop()
    except Exception as error:  # noqa: BLE001  # raised below, with the result until then
        problem = error
    except BaseException:
        logger.warning("%s: interrupted with %d created and %d failed", operation.name, len(created), len(failures))
        raise
    not_sent = [*stream.not_sent, *range(stream.count, stream.count if given is None else len(given))]
    result = _result(created, failures, not_sent)
    return return_or_raise(
        result, problem, on_error, created=result.item_count, kind="items", given_up=stream.was_given_up
    )


class _Result(Protocol):
    @property
    def failures(self) -> Sequence[Any]: ...

    def raise_for_failures(self) -> None: ...


def return_or_raise(
    result: R, problem: Exception | None, on_error: OnError, *, created: int, kind: str, given_up: bool
) -> R:
    """Return the result of a bulk call, or raise an error that carries it if anything was created.

    Args:
        result: The result so far.
        problem: What ended the call, if it is not complete.
        on_error: What the caller wants.
        created: How many were created.
        kind: What they are, in the plural.
        given_up: Whether the call was ended because every other item would have failed, too.
    """
    if problem is not None and not (on_error == "collect" and given_up and result.failures):
        if not created:
            raise problem
        raise BulkError(f"stopped with {created:,} {kind} created: {problem}", result) from problem
    if on_error != "collect":
        result.raise_for_failures()
    return result


def _identity(item: Any) -> Any:
    return item


def _open_checked(
    open_journal: Callable[[], Awaitable[Journal]], payloads: Sequence[Any]
) -> Callable[[], Awaitable[Journal]]:
    """Return a function that opens the journal and checks all items against it, as all are known already."""

    async def opened() -> Journal:
        journal = await open_journal()
        try:
            journal.check(payloads)
        except BaseException:
            await journal.aclose()
            raise
        return journal

    return opened


def _result(created: list[tuple[int, T]], failures: list[BulkFailure], not_sent: list[int]) -> BulkResult[T]:
    created.sort(key=itemgetter(0))
    failures.sort(key=attrgetter("index"))
    # An item that was split into several, as wide tables are, is in the result with each of its parts.
    parts = [(index, part) for index, item in created for part in (item if isinstance(item, list) else [item])]
    return BulkResult([part for _, part in parts], [index for index, _ in parts], failures, sorted(not_sent))
