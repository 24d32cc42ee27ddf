"""Uploads the rows of a file as ratings: rows are read, checked and sent one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

from text2everything._bulk.create import raise_problems, return_or_raise
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.options import OnError
from text2everything._bulk.stream import AsyncBulkStream
from text2everything._tabular.upload_result import UploadFailure, UploadResult
from text2everything._transport.running_loop import running_loop
from text2everything.exceptions import ValidationError

__all__ = ["upload_rows"]

MAX_FAILURES = 10_000
"""Failures kept in a result; further ones are only counted."""

ROWS_PER_TURN = 500
"""Rows checked before the event loop runs other tasks."""

Row = tuple[int, Mapping[str, Any]]
"""The number of a row's first line, and the row."""


async def upload_rows(
    operation: BulkOperation[Any], rows: Callable[[], Generator[Row]], *, check_first: bool, on_error: OnError
) -> UploadResult:
    """Create a rating from each row.

    Args:
        operation: How a row is checked and sent.
        rows: Opens the file and returns its rows; called twice with `check_first`.
        check_first: Whether to check every row before anything is sent.
        on_error: `raise`, `collect` or `stop`, as in `bulk_create`.

    Raises:
        ValidationError: The file cannot be read; with `check_first` also if rows are invalid; it lists every one.
        BulkError: Some rows failed, unless `on_error` is `collect`; its `result` is the `UploadResult`.
    """
    operation.health.begin(running_loop().time())
    if check_first:
        operation.reporter.total = await _check(rows(), operation.prepare)
    created = failed = 0
    failures: list[UploadFailure] = []
    problem: Exception | None = None
    source = rows()
    stream = AsyncBulkStream(operation, source)
    try:
        with closing(source):
            async with stream:
                async for outcome in stream:
                    if outcome.error is None:
                        created += 1
                        continue
                    failed += 1
                    if len(failures) < MAX_FAILURES:
                        failures.append(UploadFailure(outcome.item[0], outcome.error))
                    if on_error == "stop":
                        stream.stop()
    except Exception as error:  # noqa: BLE001  # raised below, with the result so far
        problem = error
    failures.sort(key=lambda failure: failure.line)
    result = UploadResult(
        created=created,
        resumed=stream.recalled,
        failed=failed,
        failures=failures,
        complete=problem is None and stream.is_exhausted and not stream.not_sent,
    )
    return return_or_raise(result, problem, on_error, created=created, kind="rows", given_up=stream.was_given_up)


async def _check(rows: Iterator[Row], prepare: Callable[[Row], object]) -> int:
    """Check every row, and return the number of rows.

    Raises:
        ValidationError: Rows are invalid; the message gives every invalid line.
    """
    problems, count = [], 0
    try:
        for row in rows:
            count += 1
            if count % ROWS_PER_TURN == 0:
                await asyncio.sleep(0)
            try:
                prepare(row)
            except ValidationError as error:
                problems.append(f"line {row[0]}: {error.message}")
    except ValidationError as error:  # from the reader, which cannot continue
        problems.append(error.message)
    raise_problems(problems)
    return count
