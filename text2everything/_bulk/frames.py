"""Data frames as sources of a bulk create: a row is a mapping of the columns' names to its values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Sized
from typing import Any, Protocol

from text2everything.exceptions import ValidationError

__all__ = ["DataFrame", "check_column_names", "rows_of", "unnamed_index"]


class DataFrame(Protocol):
    """A data frame or table of pandas, polars, pyarrow or DuckDB; each column is a field of the items."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class _Rows(Sized):
    """The rows of a data frame, each made when it is taken. The libraries are not imported."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        names = frame.schema.names if hasattr(frame, "to_pylist") else frame.columns
        self._columns = [str(name) for name in names]
        check_column_names(self._columns)

    def __len__(self) -> int:
        return int(self._frame.num_rows) if hasattr(self._frame, "num_rows") else len(self._frame)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        frame = self._frame
        if hasattr(frame, "iter_rows"):  # polars
            yield from frame.iter_rows(named=True)
        elif hasattr(frame, "to_pylist"):  # pyarrow, a table or one batch
            frame = frame.drop_columns(unnamed_index(frame.schema))
            for batch in frame.to_batches() if hasattr(frame, "to_batches") else [frame]:
                yield from batch.to_pylist()
        else:
            for row in frame.itertuples(index=False, name=None):
                yield dict(zip(self._columns, row, strict=True))


class _Records(Sized):
    """The rows of an array of numpy whose elements have fields, such as `DataFrame.to_records()`."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = self._array.dtype.names
        for record in self._array:
            row = dict(zip(names, record.item(), strict=True))
            if names[0] == "index":  # the index of the data frame, as `itertuples` has an Index
                del row["index"]
            yield row


def check_column_names(names: Sequence[str], where: str = "") -> None:
    """Raise a `ValidationError` if two columns have the same name: a row would have the value of one of them.

    Args:
        names: The names of all columns.
        where: What the message begins with.
    """
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValidationError(f"{where}there are two columns {name!r}")


def unnamed_index(schema: Any) -> list[str]:
    """Return the columns of a pyarrow schema in which pandas has stored an index without a name."""
    try:
        columns = json.loads((schema.metadata or {})[b"pandas"])["index_columns"]
    except (KeyError, TypeError, ValueError):  # not of pandas
        return []
    return [
        name
        for name in schema.names
        if isinstance(columns, list) and name in columns and re.fullmatch(r"__index_level_\d+__", name)
    ]


def rows_of(source: Any) -> Any:
    """Return the rows of a data frame; any other source unchanged.

    Raises:
        ValidationError: Two columns have the same name, or the stream has no columns.
        ImportError: Only pyarrow can read the frame, and it is not installed.
    """
    if isinstance(source, type):
        return source
    if (
        hasattr(source, "itertuples")  # pandas
        or (hasattr(source, "iter_rows") and hasattr(source, "get_column"))
        or (hasattr(source, "to_pylist") and hasattr(source, "num_columns"))
    ):
        return _Rows(source)
    if getattr(getattr(source, "dtype", None), "names", None):
        return _Records(source)
    # A single column, which has these methods, is a list of items.
    if hasattr(source, "__arrow_c_stream__") and not any(
        hasattr(source, name) for name in ("to_list", "tolist", "to_pylist")
    ):
        return _streamed_rows(source)
    return source


def _streamed_rows(source: Any) -> Iterator[dict[str, Any]]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra
    except ImportError:
        raise ImportError(
            f"a {type(source).__name__} is read with pyarrow, which is not installed: pip install pyarrow"
        ) from None
    try:
        reader = source if isinstance(source, pa.RecordBatchReader) else pa.RecordBatchReader.from_stream(source)
    except pa.ArrowException as error:
        raise ValidationError(f"a {type(source).__name__} cannot be read as rows: {error}") from None
    check_column_names(reader.schema.names)
    return (row for batch in reader for row in batch.drop_columns(unnamed_index(reader.schema)).to_pylist())
