"""Rows in files: CSV, JSON Lines and Parquet, read as a stream and written so that no half file is ever seen.

What is written is read back as it was. JSON and Parquet have types of their own; CSV has only text, so there:
an empty cell is None and `""` is the empty text, booleans are `true` and `false`, times are ISO 8601, and a cell is
otherwise its text to the letter (line breaks, quotes, blanks, a leading `=`), quoted where it must be.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, Protocol, Self, TextIO, TypeAlias

from text2everything.exceptions import ValidationError

__all__ = ["FilePath", "RowWriter", "check_path", "read_rows"]

FilePath: TypeAlias = str | os.PathLike[str]
Row = dict[str, Any]

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}

MAX_RECORD = 64 * 2**20
"""Characters one row may have: beyond, a quote was left open or the file is none of rows."""

PARQUET_BATCH = 4_096
"""Rows held in memory at a time for Parquet, and the size of its row groups."""


def check_path(path: object) -> Path:
    """Return `path` if its name says a format that can be read and written here.

    Raises:
        ValidationError: It is no path, or ends in none of .csv, .jsonl, .ndjson and .parquet.
        ImportError: It ends in .parquet, and pyarrow is not installed.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError(f"path must be a path, got {type(path).__name__}")
    found = Path(os.fsdecode(path))
    if found.suffix.lower() not in FORMATS or "\0" in str(found):
        raise ValidationError(f"path must end in {', '.join(FORMATS)}, got {found.name!r}")
    if _format(found) == "parquet":
        _pyarrow()
    return found


def _format(path: Path) -> str:
    return FORMATS[path.suffix.lower()]


def _pyarrow() -> Any:
    try:
        import pyarrow.parquet  # noqa: PLC0415  # an extra
    except ImportError:
        raise ImportError("Parquet needs pyarrow: pip install 'text2everything[parquet]'") from None
    return pyarrow


# Reading


def read_rows(path: FilePath, *, columns: Mapping[str, str] | None = None) -> Iterator[tuple[int, Row]]:
    """Return the rows of a file one after another, each with the number of the line it starts in (Parquet: its row).

    Args:
        path: A .csv (with a header), .jsonl, .ndjson or .parquet file, in UTF-8, with or without a byte order mark.
        columns: The file's column for each field that has another name there: `{"feedback": "Comment"}`.

    Raises:
        ValidationError: The file cannot be read, or makes no sense: the message gives its name and the line. What
            concerns the whole file or its first row is raised at once, what concerns others when they are reached.
        ImportError: It is Parquet, and pyarrow is not installed.
    """
    file = check_path(path)
    if columns is not None and not isinstance(columns, Mapping):
        raise ValidationError(f"columns must be a mapping of fields to columns, got {type(columns).__name__}")
    readers = {"csv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}
    rows = readers[_format(file)](file, dict(columns or {}))
    first = next(rows, None)  # opens the file, and finds what is wrong with it as a whole
    return iter(()) if first is None else chain((first,), rows)


def _fail(path: Path, number: int, problem: str) -> NoReturn:
    raise ValidationError(f"{path.name}, line {number}: {problem}")


@contextmanager
def _opened(path: Path, newline: str) -> Iterator[TextIO]:
    try:
        # What is no UTF-8 is let through as surrogates, and reported by `_lines` with its line.
        file = path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    except OSError as error:
        raise _unreadable(path, error) from None
    with file:
        yield file


def _unreadable(path: Path, error: OSError) -> ValidationError:
    return ValidationError(f"path cannot be read: {path}: {error.strerror or error}")


def _lines(path: Path, file: TextIO) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(MAX_RECORD + 1):
        number += 1
        if len(line) > MAX_RECORD:
            _fail(path, number, f"longer than {MAX_RECORD} characters")
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError as error:
                byte = ord(line[error.start]) & 0xFF
                _fail(path, number, f"not UTF-8: byte 0x{byte:02x} at character {error.start + 1}")
        yield number, line


def _read_jsonl(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, Row]]:
    with _opened(path, "\n") as file:
        for number, line in _lines(path, file):
            if not line.strip():
                continue
            try:
                row = json.loads(line, parse_constant=_no_constant)
            except (ValueError, RecursionError) as error:
                _fail(path, number, f"not JSON: {error}")
            if not isinstance(row, dict):
                _fail(path, number, "not a JSON object")
            yield number, _renamed(row, columns)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _renamed(row: Row, columns: Mapping[str, str]) -> Row:
    """Return the row under the fields' names; a field with a column of its own is taken from nowhere else."""
    if not columns:
        return row
    sources = set(columns.values())
    found = {name: value for name, value in row.items() if name not in sources and name not in columns}
    return found | {field: row[column] for field, column in columns.items() if column in row}


def _check_columns(path: Path, present: Sequence[str], columns: Mapping[str, str]) -> None:
    for field, column in columns.items():
        if column not in present:
            raise ValidationError(
                f"columns[{field!r}]: {path.name} has no column {column!r}, only {', '.join(present)}"
            )


def _read_csv(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, Row]]:
    with _opened(path, "") as file:
        records = _csv_records(path, file)
        number, names = next(records, (1, []))
        header = _csv_header(path, number, names)
        _check_columns(path, header, columns)
        for number, cells in records:
            if cells == [None] and len(header) > 1:
                continue  # an empty line
            if len(cells) != len(header):
                _fail(path, number, f"{len(cells)} cells, but the header has {len(header)}")
            yield number, _renamed(dict(zip(header, cells, strict=True)), columns)


def _csv_header(path: Path, number: int, names: Sequence[str | None]) -> list[str]:
    header = [(name or "").strip() for name in names]
    if not header:
        _fail(path, number, "the header with the columns' names is missing")
    for index, name in enumerate(header):
        if not name:
            _fail(path, number, f"column {index + 1} has no name")
        if name in header[:index]:
            _fail(path, number, f"there are two columns {name!r}")
    return header


def _csv_records(path: Path, file: TextIO) -> Iterator[tuple[int, list[str | None]]]:
    """Split into records, each with the number of its first line.

    The standard library's reader can't be used: it takes an empty cell and an empty text for the same, and bounds
    the length of a cell by a setting that all of a process shares.
    """
    lines = _lines(path, file)
    for number, line in lines:
        if '"' not in line:
            yield number, [cell or None for cell in line.rstrip("\r\n").split(",")]
            continue
        parts, length, quotes = [line], len(line), line.count('"')
        while quotes % 2:  # a line break within quotes
            _, more = next(lines, (0, ""))
            length += len(more)
            if not more or length > MAX_RECORD:
                _fail(path, number, "a quote is opened and not closed")
            parts.append(more)
            quotes += more.count('"')
        yield number, _quoted_cells(path, number, _without_end("".join(parts)))


def _without_end(record: str) -> str:
    """Return a record without its line break, and with any that a last cell ends in."""
    return record.removesuffix("\n").removesuffix("\r")


_CELL = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",]*+))(,|\Z)', re.DOTALL)


def _quoted_cells(path: Path, number: int, record: str) -> list[str | None]:
    cells: list[str | None] = []
    position = 0
    while True:
        found = _CELL.match(record, position)
        if found is None:
            _fail(path, number, f"a quote in the wrong place in cell {len(cells) + 1}")
        quoted, plain, end = found.groups()
        cells.append(quoted.replace('""', '"') if quoted is not None else plain or None)
        position = found.end()
        if not end:
            return cells


def _read_parquet(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, Row]]:
    pa = _pyarrow()
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ValidationError(f"path cannot be read as Parquet: {path}: {error}") from None
    with file:
        _check_columns(path, file.schema_arrow.names, columns)
        number = 0
        try:
            for batch in file.iter_batches(PARQUET_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield number, _renamed(row, columns)
        except (pa.ArrowException, OSError) as error:
            _fail(path, number + 1, f"cannot be read: {error}")


# Writing


class RowWriter:
    """Writes rows to a file that appears, or replaces an older one, only when all is written and on disk.

    A context manager, also an asynchronous one: leaving it normally puts the file in place; leaving it by an error
    leaves no trace, and an older file as it was.

    Args:
        path: Where to; the ending gives the format, as in `read_rows`.
        fields: The columns' names and what they hold: `str`, `bool`, `int`, `float` or `datetime`. Any may be None.
            Parquet keeps times as UTC, or without a zone where the first one has none.

    Example:
        >>> with RowWriter("ratings.csv", {"id": str, "is_positive": bool}) as writer:
        ...     writer.write([{"id": "1", "is_positive": True}])
    """

    def __init__(self, path: FilePath, fields: Mapping[str, type]) -> None:
        self._path = Path(os.path.realpath(check_path(path)))
        self._fields = dict(fields)
        self._temporary: Path | None = None
        self._file: IO[bytes] | None = None
        self._format: _Format | None = None

    def __enter__(self) -> Self:
        mode = self._replaceable()
        temporary = self._path.with_name(f".{self._path.name[:200]}.{secrets.token_hex(8)}.tmp")
        try:
            self._file = temporary.open("xb")
            self._temporary = temporary
            if mode is not None:
                temporary.chmod(mode)
            self._format = _FORMATS[_format(self._path)](self._file, self._fields)
        except BaseException as error:
            self._discard()
            if isinstance(error, OSError):
                raise ValidationError(f"path cannot be written: {self._path}: {error.strerror or error}") from None
            raise
        return self

    def _replaceable(self) -> int | None:
        """Return the permissions of the file that will be replaced, or None where there is none."""
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ValidationError(f"path cannot be written: {self._path}: {error.strerror or error}") from None
        if not stat.S_ISREG(mode):
            raise ValidationError(f"path must be a file, got {self._path}")
        return stat.S_IMODE(mode)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows; a field that a row lacks is None, and one that is no column is left out."""
        if self._format is None:
            raise RuntimeError("the writer is not open: use it in a with statement")
        self._format.write(rows)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is not None:
            self._discard()
            return
        try:
            self._commit()
        except BaseException:
            self._discard()
            raise

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Waiting for the disk is for a thread; and that is waited for, since only one may use the file.
        leaving = asyncio.ensure_future(asyncio.to_thread(self.__exit__, exc_type, exc, traceback))
        try:
            await asyncio.shield(leaving)
        except asyncio.CancelledError:
            await asyncio.wait([leaving])
            leaving.exception()
            raise

    def _commit(self) -> None:
        if self._file is None or self._temporary is None or self._format is None:
            raise RuntimeError("the writer is not open")
        self._format.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)
        self._format = self._temporary = None
        with suppress(OSError):  # not every system lets a directory be synced; the file itself is safe
            directory = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def _discard(self) -> None:
        if self._format is not None:
            self._format.abandon()
            self._format = None
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None


class _Format(Protocol):
    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None: ...

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


class _Csv:
    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None:
        self._file = file
        self._names = list(fields)
        self._rows = 0
        file.write((",".join(map(_csv_cell, fields)) + "\n").encode())

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        names = self._names
        lines = [",".join([_csv_cell(row.get(name)) for name in names]) for row in rows]
        lines.append("")
        try:
            self._file.write("\n".join(lines).encode())
        except UnicodeEncodeError:
            index = next(index for index, line in enumerate(lines) if not _encodable(line))
            problem = f"row {self._rows + index + 1} holds a lone surrogate, which CSV cannot; write JSON Lines"
            raise ValidationError(problem) from None
        self._rows += len(lines) - 1

    def finish(self) -> None:
        pass

    abandon = finish


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        if isinstance(value, datetime):
            return value.isoformat()
        value = json.dumps(value, ensure_ascii=False, default=_json_value)
    text: str = value
    if text and _PLAIN(text):
        return text
    return '"' + text.replace('"', '""') + '"'


# Blanks around a cell are quoted too: this reader keeps them either way, others may not.
_PLAIN = re.compile(r'(?![\s\ufeff])[^",\r\n]*+(?<!\s)\Z').match


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _JsonLines:
    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None:
        self._file = file
        self._names = list(fields)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        names = self._names
        text = "".join([_json({name: row.get(name) for name in names}) + "\n" for row in rows])
        self._file.write(text.encode())

    def finish(self) -> None:
        pass

    abandon = finish


def _json(row: Row) -> str:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_json_value)
    return text if _encodable(text) else json.dumps(row, separators=(",", ":"), default=_json_value)


def _json_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot be written as JSON: {type(value).__name__}")


class _Parquet:
    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None:
        self._pa = _pyarrow()
        self._file = file
        self._fields = dict(fields)
        self._rows: list[Row] = []
        self._zones: dict[str, bool] | None = None  # whether each column of times is in UTC, once that is known
        self._writer: Any = None

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self._rows.append({name: row.get(name) for name in self._fields})
            if len(self._rows) >= PARQUET_BATCH:
                self._flush()

    def finish(self) -> None:
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        if self._writer is not None:
            with suppress(Exception):
                self._writer.close()  # ends in a file that is deleted

    def _flush(self) -> None:
        if self._zones is None:
            self._zones = {name: self._in_utc(name) for name, type_ in self._fields.items() if type_ is datetime}
            self._schema = self._pa.schema([(name, self._type(name)) for name in self._fields])
            self._writer = self._pa.parquet.ParquetWriter(self._file, self._schema)
        for name, in_utc in self._zones.items():
            for row in self._rows:
                if row[name] is not None:
                    row[name] = _zoned(row[name], in_utc=in_utc)
        self._writer.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def _in_utc(self, name: str) -> bool:
        first = next((row[name] for row in self._rows if row[name] is not None), None)
        return first is None or first.tzinfo is not None

    def _type(self, name: str) -> Any:
        pa = self._pa
        if self._zones is not None and name in self._zones:
            return pa.timestamp("us", tz="UTC" if self._zones[name] else None)
        types = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
        return types[self._fields[name]]


def _zoned(value: datetime, *, in_utc: bool) -> datetime:
    known = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return known if in_utc else known.replace(tzinfo=None)


_FORMATS: dict[str, type[_Format]] = {"csv": _Csv, "jsonl": _JsonLines, "parquet": _Parquet}
