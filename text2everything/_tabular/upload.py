"""Ratings from files: rows checked and sent as they are read, and a result that stays small."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from text2everything._bulk.create import raise_problems
from text2everything._bulk.operation import FATAL_ERRORS, BulkOperation
from text2everything._bulk.options import OnError
from text2everything._bulk.stream import AsyncBulkStream
from text2everything.exceptions import BulkError, Text2EverythingError, ValidationError
from text2everything.models.base import build
from text2everything.models.feedback import FeedbackCreate, FeedbackResponse

__all__ = ["UploadFailure", "UploadResult", "rating", "upload_rows"]

MAX_FAILURES = 10_000
"""Failures kept in a result; beyond, they are only counted."""

TURN = 500
"""Rows checked at a stretch, before the event loop gets its turn."""

GOOD = frozenset({"true", "1", "yes", "y", "t", "on", "good", "positive", "up", "+1", "👍"})
BAD = frozenset({"false", "0", "no", "n", "f", "off", "bad", "negative", "down", "-1", "👎"})

Row = tuple[int, Mapping[str, Any]]
"""A row, after the number of its line."""


@attrs.frozen
class UploadFailure:
    """A row that was not uploaded: its line in the file (in Parquet its row, from 1), and the error."""

    line: int
    error: Text2EverythingError


@attrs.frozen(kw_only=True)
class UploadResult:
    """What came of an upload.

    Attributes:
        created: Rows that were created, in this run and in those it resumed.
        resumed: How many of them an earlier run had created.
        failed: Rows that failed.
        failures: Their lines and errors, of the first 10,000.
        complete: Whether every row was sent or found wrong; not where the upload stopped early.
    """

    created: int
    resumed: int = 0
    failed: int = 0
    failures: Sequence[UploadFailure] = ()
    complete: bool = True

    @property
    def ok(self) -> bool:
        """Whether every row was created."""
        return self.complete and not self.failed

    def raise_for_failures(self) -> None:
        """Raise a `BulkError` that carries this result, unless every row was created."""
        if self.ok:
            return
        message = f"{self.failed:,} rows failed, {self.created:,} were created"
        if not self.complete:
            message += ", and the rest was not sent"
        if not self.failures:
            raise BulkError(message, self)
        first = self.failures[0]
        raise BulkError(f"{message}; the first: line {first.line}: {first.error.message}", self) from first.error


def rating(row: Mapping[str, Any], *, others: bool) -> FeedbackCreate:
    """Return the rating that a row holds; `others` says whether columns that no rating has are passed over.

    Raises:
        ValidationError: Something is missing or wrong.
    """
    if not others:
        unknown = [name for name in row if name not in RATING_FIELDS and name not in STORED_FIELDS]
        if unknown:
            raise ValidationError(
                f"unknown column {', '.join(map(repr, unknown))}; a rating has {', '.join(RATING_FIELDS)}. "
                'Say which column is which, as in columns={"feedback": "Comment"}, and the others are passed over'
            )
    fields = {name: row[name] for name in RATING_FIELDS if name in row}
    if "is_positive" in fields:
        fields["is_positive"] = truth(fields["is_positive"])
    if fields.get("execution_id") == "":
        fields["execution_id"] = None
    return build(FeedbackCreate, fields)


RATING_FIELDS = tuple(field.name for field in attrs.fields(FeedbackCreate))
STORED_FIELDS = frozenset(field.name for field in attrs.fields(FeedbackResponse))


def truth(value: object) -> object:
    """Return what a cell says about a rating being positive; what says nothing is returned as it is."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word not in GOOD | BAD:
            raise ValidationError(
                f"is_positive must be true or false, yes or no, 1 or 0, 👍 or 👎, got {value[:50]!r}"
            )
        return word in GOOD
    if value is None:
        raise ValidationError("is_positive is empty")
    return bool(value) if isinstance(value, int | float) and value in {0, 1} else value


async def upload_rows(
    operation: BulkOperation[Any], rows: Callable[[], Iterator[Row]], *, check_first: bool, on_error: OnError
) -> UploadResult:
    """Create a rating of each of `rows()`, which are read twice if they are to be checked before anything is sent.

    Raises:
        ValidationError: The file makes no sense; with `check_first` also every row that is wrong.
        BulkError: Some rows failed, unless `on_error` is `collect`; it carries the result.
    """
    if check_first:
        operation.reporter.total = await _check(rows(), operation.prepare)
    created = failed = 0
    failures: list[UploadFailure] = []
    problem: Exception | None = None
    stream = AsyncBulkStream(operation, rows())
    async with stream:
        try:
            async for outcome in stream:
                if outcome.error is None:
                    created += 1
                    continue
                failed += 1
                if len(failures) < MAX_FAILURES:
                    failures.append(UploadFailure(outcome.item[0], outcome.error))
                if on_error == "stop":
                    stream.stop()
        except Exception as error:  # noqa: BLE001  # raised below, with what was done until then
            problem = error
    failures.sort(key=lambda failure: failure.line)
    result = UploadResult(
        created=created,
        resumed=stream.recalled,
        failed=failed,
        failures=failures,
        complete=problem is None and stream.is_exhausted and not stream.not_sent,
    )
    if problem is not None and not (on_error == "collect" and isinstance(problem, FATAL_ERRORS)):
        if not created:
            raise problem
        raise BulkError(f"stopped with {created:,} rows created: {problem}", result) from problem
    if on_error != "collect":
        result.raise_for_failures()
    return result


async def _check(rows: Iterator[Row], prepare: Callable[[Row], object]) -> int:
    """Return how many rows there are, or raise a `ValidationError` that names every line that is wrong."""
    problems, count = [], 0
    try:
        for row in rows:
            count += 1
            if count % TURN == 0:
                await asyncio.sleep(0)
            try:
                prepare(row)
            except ValidationError as error:
                problems.append(f"line {row[0]}: {error.message}")
    except ValidationError as error:  # the file itself; it cannot be read any further
        problems.append(error.message)
    raise_problems(problems)
    return count
