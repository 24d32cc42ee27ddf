"""Reading the rows of a statement as they come, into a JSON document of bounded size."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._values import MAX_CELL, CutText, cut

MAX_RESULT: Final = 16 * 2**20
"""Characters of a result's JSON at most; further rows are left out."""
MAX_HEADER: Final = 2**20
"""Characters of the names of all columns, as JSON, at most."""
MAX_FETCH: Final = 50
"""Rows fetched at once at most."""
FETCH_BYTES: Final = 4 * 2**20
"""Fewer rows are fetched at once where they are so long that together they would be longer than this."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode_result(
    columns: Sequence[str],
    fetch: Callable[[int], Sequence[Sequence[Any]]],
    to_json_value: Callable[[Any], Any],
    max_rows: int,
) -> str:
    """Return the result of a query as executions hold it, as a JSON document.

    `columns` are the names of the columns, `data` the rows, the first of which is the names again. `truncated` is
    true where rows were left out, or values cut.

    Args:
        columns: The names of the columns.
        fetch: Returns the next rows, at most so many; none after the last.
        to_json_value: Turns a value of a row into one of JSON.
        max_rows: Rows at most.
    """
    header = _encode(list(columns))
    if len(header) > MAX_HEADER:
        raise DatabaseError(f"the names of the {len(columns):,} columns are too long")
    rows, size, is_truncated = [header], len(header), False
    for row in _read(fetch):
        values = [to_json_value(value) for value in row]
        text, is_cut = _encode_row(values)
        size += len(text)
        if len(rows) > max_rows or (size > MAX_RESULT and len(rows) > 1):
            is_truncated = True
            break
        is_truncated |= is_cut
        rows.append(text)
    mark = ',"truncated":true' if is_truncated else ""
    return f'{{"columns":{header},"data":[{",".join(rows)}],"rowCount":{len(rows) - 1}{mark}}}'


def _read(fetch: Callable[[int], Sequence[Sequence[Any]]]) -> Iterator[Sequence[Any]]:
    """Yield rows: first one, then as many at once as their length allows."""
    count = 1
    while rows := fetch(count):
        longest = max(map(_length, rows))
        yield from rows
        count = max(1, min(2 * count, MAX_FETCH, FETCH_BYTES // longest))


def _length(row: Sequence[Any]) -> int:
    return 1 + sum(len(value) for value in row if isinstance(value, str | bytes | bytearray | memoryview))


def _encode_row(values: list[Any]) -> tuple[str, bool]:
    """Return a row as JSON, and whether a value was cut."""
    is_cut = _cut_values(values, MAX_CELL)
    text = _encode_surrogates_escaped(values)
    if len(text) > MAX_RESULT:
        # Together they are too long. Each character may be an escape of six.
        is_cut |= _cut_values(values, MAX_RESULT // (8 * len(values)))
        text = _encode_surrogates_escaped(values)
    return text, is_cut


def _cut_values(values: list[Any], size: int) -> bool:
    """Cut the values that are longer; return whether one is cut, by this or before."""
    for index, value in enumerate(values):
        text = _encode(value) if isinstance(value, list | dict) else value
        if isinstance(text, str) and len(text) > size and not (isinstance(text, CutText) and size == MAX_CELL):
            values[index] = cut(text[:size], len(text), "characters")
    return any(isinstance(value, CutText) for value in values)


def _encode_surrogates_escaped(values: list[Any]) -> str:
    """Encode a row; a lone surrogate, which UTF-8 cannot hold, is escaped."""
    text = _encode(values)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(values, separators=(",", ":"), allow_nan=False)
    return text
