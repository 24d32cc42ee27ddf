"""Whether two queries have the same result, as far as a person who asked would care."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

Rows = list[tuple[Any, ...]]

_TOP = re.compile(r"\bORDER\s+BY\b.*\bLIMIT\b", re.IGNORECASE | re.DOTALL)


def same_result(connection: sqlite3.Connection, wanted: str, given: str) -> bool:
    """Return whether `given` finds the rows of `wanted`.

    More columns do not matter, nor does their order; that of rows does only where `wanted` is a top N. Numbers may be
    rounded to two places. SQL that fails finds nothing.
    """
    rows = connection.execute(wanted).fetchall()
    try:
        found = connection.execute(given).fetchall()
    except (sqlite3.Error, sqlite3.Warning):
        return False
    return same_rows(rows, found, ordered=_TOP.search(wanted) is not None)


def same_rows(wanted: Rows, given: Rows, *, ordered: bool) -> bool:
    """Return whether some columns of `given` have the rows of `wanted`."""
    if len(wanted) != len(given):
        return False
    if not wanted:
        return True
    return any(
        _match(wanted, [tuple(row[column] for column in columns) for row in given], ordered=ordered)
        for columns in _choices(wanted, given, 0, ())
    )


def _choices(wanted: Rows, given: Rows, column: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the columns of `given` that could be those of `wanted`, each judged by itself."""
    if column == len(wanted[0]):
        yield chosen
        return
    values = [(row[column],) for row in wanted]
    for other in range(len(given[0])):
        if other not in chosen and _match(values, [(row[other],) for row in given], ordered=False):
            yield from _choices(wanted, given, column + 1, (*chosen, other))


def _match(wanted: Rows, given: Rows, *, ordered: bool) -> bool:
    if ordered:
        return all(map(_same_row, wanted, given))
    left = list(given)
    for row in wanted:
        index = next((index for index, other in enumerate(left) if _same_row(row, other)), None)
        if index is None:
            return False
        del left[index]
    return True


def _same_row(row: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(map(_same_value, row, other))


def _same_value(value: Any, other: Any) -> bool:
    if isinstance(value, int | float) and isinstance(other, int | float):
        return math.isclose(value, other, rel_tol=1e-6, abs_tol=0.0051)
    return bool(value == other)
