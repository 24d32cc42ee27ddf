"""Parquet files, by pyarrow."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from text2everything._bulk.frames import check_column_names, unnamed_index
from text2everything._tabular.rows import Row, check_columns, fail, rename_columns
from text2everything.exceptions import ValidationError

__all__ = ["ParquetWriter", "import_pyarrow", "read_parquet"]

PARQUET_BATCH = 4_096
"""Rows in memory at a time, and in each row group that is written."""


def import_pyarrow() -> Any:
    """Return pyarrow.

    Raises:
        ImportError: It is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: PLC0415  # an extra
    except ImportError:
        raise ImportError("Parquet needs pyarrow: pip install pyarrow") from None
    return pyarrow


def read_parquet(path: Path, columns: Mapping[str, str]) -> Generator[tuple[int, Row]]:
    """Yield the rows of a Parquet file with their numbers, from 1."""
    pa = import_pyarrow()
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ValidationError(f"path cannot be read as Parquet: {path}: {error}") from None
    with file:
        names = file.schema_arrow.names
        check_column_names(names, f"{path.name}: ")
        check_columns(path, names, columns)
        index = [name for name in unnamed_index(file.schema_arrow) if name not in columns.values()]
        number = 0
        try:
            for batch in file.iter_batches(PARQUET_BATCH):
                for row in batch.drop_columns(index).to_pylist():
                    number += 1
                    yield number, rename_columns(row, columns)
        except (pa.ArrowException, OSError) as error:
            fail(path, number + 1, f"cannot be read: {error}")


class ParquetWriter:
    """Writes rows as Parquet, a row group at a time.

    A column of times is in UTC, or without a time zone if the first time in it has none.
    """

    def __init__(self, file: IO[bytes], fields: Mapping[str, type]) -> None:
        self._pa = import_pyarrow()
        self._file = file
        self._fields = dict(fields)
        self._rows: list[Row] = []
        self._is_utc: dict[str, bool] | None = None  # of each column of times; None before the first row group
        self._writer: Any = None

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows; those that fill no row group are buffered."""
        for row in rows:
            self._rows.append({name: row.get(name) for name in self._fields})
            if len(self._rows) >= PARQUET_BATCH:
                self._flush()

    def finish(self) -> None:
        """Write the buffered rows and the end of the file."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Release what pyarrow holds; the file will be deleted."""
        if self._writer is not None:
            with suppress(Exception):
                self._writer.close()

    def _flush(self) -> None:
        if self._is_utc is None:
            self._is_utc = {
                name: self._starts_in_utc(name) for name, type_ in self._fields.items() if type_ is datetime
            }
            self._schema = self._pa.schema([(name, self._type(name)) for name in self._fields])
            self._writer = self._pa.parquet.ParquetWriter(self._file, self._schema)
        for name, is_utc in self._is_utc.items():
            for row in self._rows:
                if row[name] is not None:
                    row[name] = _with_zone(row[name], utc=is_utc)
        self._writer.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def _starts_in_utc(self, name: str) -> bool:
        first = next((row[name] for row in self._rows if row[name] is not None), None)
        return first is None or first.tzinfo is not None

    def _type(self, name: str) -> Any:
        pa = self._pa
        if self._is_utc is not None and name in self._is_utc:
            return pa.timestamp("us", tz="UTC" if self._is_utc[name] else None)
        types = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
        return types[self._fields[name]]


def _with_zone(value: datetime, *, utc: bool) -> datetime:
    """Return the time in UTC, or the UTC time without a time zone; a time without one is taken as UTC."""
    in_utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return in_utc if utc else in_utc.replace(tzinfo=None)
