"""What the readers of all formats share: rows, the errors that name a file and a line, and renamed columns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol, TypeAlias

from text2everything.exceptions import ValidationError

__all__ = ["FilePath", "FormatWriter", "Row", "check_columns", "fail", "rename_columns"]

FilePath: TypeAlias = str | os.PathLike[str]
Row: TypeAlias = dict[str, Any]


class FormatWriter(Protocol):
    """Writes rows to an open file in one format; `finish` or `abandon` ends it, and the caller closes the file."""

    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None: ...

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows; they may be buffered."""

    def finish(self) -> None:
        """Write what is buffered and what the format ends with."""

    def abandon(self) -> None:
        """Release resources; the file will be deleted."""


def fail(path: Path, number: int, problem: str) -> NoReturn:
    """Raise a `ValidationError` that names the file and the line (Parquet: the row)."""
    raise ValidationError(f"{path.name}, line {number}: {problem}")


def check_columns(path: Path, present: Sequence[str], columns: Mapping[str, str]) -> None:
    """Raise a `ValidationError` if a column that `columns` maps a field to is not `present` in the file."""
    for field, column in columns.items():
        if column not in present:
            raise ValidationError(
                f"columns[{field!r}]: {path.name} has no column {column!r}, only {', '.join(present)}"
            )


def rename_columns(row: Row, columns: Mapping[str, str]) -> Row:
    """Return the row keyed by field names.

    Args:
        row: The row, keyed by the file's column names.
        columns: The column of each field that has another name in the file. Such a field is read from that column
            only, also if the file has a column with the field's own name.
    """
    if not columns:
        return row
    sources = set(columns.values())
    found = {name: value for name, value in row.items() if name not in sources and name not in columns}
    return found | {field: row[column] for field, column in columns.items() if column in row}
