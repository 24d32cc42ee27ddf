"""Data frames as sources of a bulk create: a row is a mapping of the columns' names to its values."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any, Protocol

__all__ = ["DataFrame", "rows_of"]


class DataFrame(Protocol):
    """A data frame or table of pandas, polars or pyarrow; each column is a field of the items."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class _Rows(Sized):
    """The rows of a data frame, each made when it is taken. The libraries are not imported."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return int(self._frame.num_rows) if hasattr(self._frame, "num_rows") else len(self._frame)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        frame = self._frame
        if hasattr(frame, "iter_rows"):  # polars
            yield from frame.iter_rows(named=True)
        elif hasattr(frame, "to_pylist"):  # pyarrow, a table or one batch
            for batch in frame.to_batches() if hasattr(frame, "to_batches") else [frame]:
                yield from batch.to_pylist()
        else:
            columns = [str(name) for name in frame.columns]
            for row in frame.itertuples(index=False, name=None):
                yield dict(zip(columns, row, strict=True))


def rows_of(source: Any) -> Any:
    """Return the rows of a data frame; any other source unchanged."""
    is_frame = (
        hasattr(source, "itertuples")  # pandas
        or (hasattr(source, "iter_rows") and hasattr(source, "get_column"))
        or (hasattr(source, "to_pylist") and hasattr(source, "num_columns"))
    )
    return _Rows(source) if is_frame and not isinstance(source, type) else source
