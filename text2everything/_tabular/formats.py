"""The formats of row files, each recognised by the file name's suffix: CSV, JSON Lines and Parquet."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from text2everything._tabular.csv_format import CsvWriter, read_csv
from text2everything._tabular.jsonl_format import JsonLinesWriter, read_jsonl
from text2everything._tabular.parquet_format import ParquetWriter, import_pyarrow, read_parquet
from text2everything._tabular.rows import FilePath, FormatWriter, Row
from text2everything.exceptions import ValidationError

__all__ = ["Format", "check_path", "format_of", "read_rows"]


class Format(NamedTuple):
    """How the files of a format are read and written."""

    read: Callable[[Path, Mapping[str, str]], Generator[tuple[int, Row]]]
    writer: type[FormatWriter]


CSV = Format(read_csv, CsvWriter)
JSON_LINES = Format(read_jsonl, JsonLinesWriter)
PARQUET = Format(read_parquet, ParquetWriter)

FORMATS = {".csv": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES, ".parquet": PARQUET}


def check_path(path: object) -> Path:
    """Return `path` if its suffix is that of a supported format.

    Raises:
        ValidationError: It is not a path, or does not end in .csv, .jsonl, .ndjson or .parquet.
        ImportError: It ends in .parquet, and pyarrow is not installed.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError(f"path must be a path, got {type(path).__name__}")
    found = Path(os.fsdecode(path))
    if found.suffix.lower() not in FORMATS or "\0" in str(found):
        raise ValidationError(f"path must end in {', '.join(FORMATS)}, got {found.name!r}")
    if format_of(found) is PARQUET:
        import_pyarrow()
    return found


def format_of(path: Path) -> Format:
    """Return the format of a path that `check_path` has accepted."""
    return FORMATS[path.suffix.lower()]


def read_rows(path: FilePath, *, columns: Mapping[str, str] | None = None) -> Generator[tuple[int, Row]]:
    """Return the rows of a file, each with the number of its first line (Parquet: of the row).

    The file is closed at its end, or when the generator is closed.

    Args:
        path: A .csv (with a header), .jsonl, .ndjson or .parquet file; text is UTF-8, with or without a byte order
            mark.
        columns: The file's column for each field that has another name there: `{"feedback": "Comment"}`.

    Raises:
        ValidationError: The file cannot be read or a row is invalid; the message gives the file's name and the line.
            Problems of the whole file or its first row are raised by the call, others when their row is reached.
        ImportError: It is Parquet, and pyarrow is not installed.
    """
    file = check_path(path)
    if columns is not None and not isinstance(columns, Mapping):
        raise ValidationError(f"columns must be a mapping of fields to columns, got {type(columns).__name__}")
    rows = format_of(file).read(file, dict(columns or {}))
    first = next(rows, None)  # opens the file, so that its problems are raised here
    return _all_rows(first, rows)


def _all_rows(first: tuple[int, Row] | None, rest: Generator[tuple[int, Row]]) -> Generator[tuple[int, Row]]:
    with closing(rest):
        if first is not None:
            yield first
            yield from rest
