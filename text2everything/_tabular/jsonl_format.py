"""JSON Lines files: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from text2everything._bulk.frames import check_column_names
from text2everything._tabular.rows import Row, fail, rename_columns
from text2everything._tabular.text import is_encodable, json_default, open_text, read_lines
from text2everything.exceptions import ValidationError

__all__ = ["JsonLinesWriter", "read_jsonl"]


def read_jsonl(path: Path, columns: Mapping[str, str]) -> Generator[tuple[int, Row]]:
    """Yield the objects of a JSON Lines file, each with the number of its line; blank lines are skipped."""
    with open_text(path, "\n") as file:
        for number, line in read_lines(path, file):
            if not line.strip():
                continue
            try:
                row = json.loads(line, parse_constant=_refuse_constant, object_pairs_hook=_object)
            except ValidationError as error:
                fail(path, number, error.message)
            except (ValueError, RecursionError) as error:
                fail(path, number, f"not JSON: {error}")
            if not isinstance(row, dict):
                fail(path, number, "not a JSON object")
            yield number, rename_columns(row, columns)


def _object(pairs: list[tuple[str, Any]]) -> Row:
    """Return an object, unless it has a key twice: Python's parser would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        check_column_names([name for name, _ in pairs])
    return found


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser accepts and JSON does not have."""
    raise ValueError(f"{name} is no JSON")


class JsonLinesWriter:
    """Writes rows as JSON Lines."""

    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None:
        self._file = file
        self._names = list(fields)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        names = self._names
        text = "".join([_json({name: row.get(name) for name in names}) + "\n" for row in rows])
        self._file.write(text.encode())

    def finish(self) -> None:
        """Do nothing: nothing is buffered."""

    abandon = finish


def _json(row: Row) -> str:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=json_default)
    # A lone surrogate can be written only as an escape.
    return text if is_encodable(text) else json.dumps(row, separators=(",", ":"), default=json_default)
