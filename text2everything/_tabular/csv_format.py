"""CSV files, read and written so that every value is preserved; None and the empty string are distinguished.

An empty cell is None and `""` is the empty string; booleans are `true` and `false`, times are ISO 8601, other objects
are JSON. All other cells are kept character by character: line breaks, quotes, surrounding blanks, a leading `=`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TextIO

from text2everything._bulk.frames import check_column_names
from text2everything._tabular import text
from text2everything._tabular.rows import Row, check_columns, fail, rename_columns
from text2everything._tabular.text import is_encodable, json_default, open_text, read_lines
from text2everything.exceptions import ValidationError

__all__ = ["CsvWriter", "read_csv"]


def read_csv(path: Path, columns: Mapping[str, str]) -> Generator[tuple[int, Row]]:
    """Yield the rows of a CSV file with a header, each with the number of its first line."""
    with open_text(path, "") as file:
        records = _records(path, file)
        number, names = next(records, (1, []))
        header = _header(path, number, names)
        check_columns(path, header, columns)
        for number, cells in records:
            if cells == [None] and len(header) > 1:
                continue  # an empty line
            if len(cells) != len(header):
                fail(path, number, f"{len(cells)} cells, but the header has {len(header)}")
            yield number, rename_columns(dict(zip(header, cells, strict=True)), columns)


def _header(path: Path, number: int, names: Sequence[str | None]) -> list[str]:
    header = [(name or "").strip() for name in names]
    if not header:
        fail(path, number, "the header with the columns' names is missing")
    for index, name in enumerate(header):
        if not name:
            hint = "" if index else " (pandas writes its index there; use to_csv(..., index=False))"
            fail(path, number, f"column {index + 1} has no name{hint}")
    check_column_names(header, f"{path.name}, line {number}: ")
    return header


def _records(path: Path, file: TextIO) -> Iterator[tuple[int, list[str | None]]]:
    """Split into records, each with the number of its first line.

    The standard library's reader cannot be used: it returns the same for an empty cell and an empty string, and
    limits the length of a cell by a setting of the whole process.
    """
    lines = read_lines(path, file)
    for number, line in lines:
        if '"' not in line:
            yield number, [cell or None for cell in line.rstrip("\r\n").split(",")]
            continue
        parts, length, quotes = [line], len(line), line.count('"')
        while quotes % 2:  # a line break within quotes
            _, more = next(lines, (0, ""))
            length += len(more)
            if not more or length > text.MAX_RECORD:
                fail(path, number, "a quote is opened and not closed")
            parts.append(more)
            quotes += more.count('"')
        record = "".join(parts).removesuffix("\n").removesuffix("\r")
        yield number, _quoted_cells(path, number, record)


_CELL = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",]*+))(,|\Z)', re.DOTALL)


def _quoted_cells(path: Path, number: int, record: str) -> list[str | None]:
    cells: list[str | None] = []
    position = 0
    while True:
        found = _CELL.match(record, position)
        if found is None:
            fail(path, number, f"a quote in the wrong place in cell {len(cells) + 1}")
        quoted, plain, end = found.groups()
        cells.append(quoted.replace('""', '"') if quoted is not None else plain or None)
        position = found.end()
        if not end:
            return cells


class CsvWriter:
    """Writes rows as CSV, the header first."""

    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None:
        self._file = file
        self._names = list(fields)
        self._rows = 0
        file.write((",".join(map(_cell, fields)) + "\n").encode())

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows.

        Raises:
            ValidationError: A row holds a lone surrogate, which UTF-8 cannot encode.
        """
        names = self._names
        lines = [",".join([_cell(row.get(name)) for name in names]) for row in rows]
        lines.append("")
        try:
            self._file.write("\n".join(lines).encode())
        except UnicodeEncodeError:
            index = next(index for index, line in enumerate(lines) if not is_encodable(line))
            problem = f"row {self._rows + index + 1} holds a lone surrogate, which CSV cannot; write JSON Lines"
            raise ValidationError(problem) from None
        self._rows += len(lines) - 1

    def finish(self) -> None:
        """Do nothing: nothing is buffered."""

    abandon = finish


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        if isinstance(value, datetime):
            return value.isoformat()
        value = json.dumps(value, ensure_ascii=False, default=json_default)
    cell: str = value
    if cell and _PLAIN(cell):
        return cell
    return '"' + cell.replace('"', '""') + '"'


# Cells with surrounding blanks are quoted too: `read_csv` keeps the blanks either way, other readers may not.
_PLAIN = re.compile(r'(?![\s\ufeff])[^",\r\n]*+(?<!\s)\Z').match
