"""The rows of a SQL result: as lists, dicts, a pandas data frame or HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from text2everything.models._html import paragraph, table

if TYPE_CHECKING:
    import pandas as pd


class ResultTable:
    """Access to `result`, which the service sends as `{"columns": […], "data": [header, row, …], "rowCount": n}`.

    A failed execution has no result, and therefore no columns and no rows.
    """

    __slots__ = ()

    result: dict[str, Any] | None

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list((self.result or {}).get("columns") or [])

    @property
    def rows(self) -> list[list[Any]]:
        """The rows, without the header row."""
        data = (self.result or {}).get("data") or []
        # The first row is dropped only if it is the header: a service may send none.
        return list(data[1:] if data and list(data[0]) == self.columns else data)

    @property
    def row_count(self) -> int:
        """The number of rows of the query; more than `len(rows)` if the service sent only some of them."""
        count = (self.result or {}).get("rowCount")
        return count if isinstance(count, int) else len(self.rows)

    @property
    def is_truncated(self) -> bool:
        """Whether the service says that it left out rows or cut values; False where it says nothing."""
        return bool((self.result or {}).get("truncated"))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Iterate over the rows as dicts of column name to value."""
        columns = self.columns
        return (dict(zip(columns, row, strict=False)) for row in self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a data frame.

        Raises:
            ImportError: pandas is not installed: `pip install pandas`.

        Example:
            >>> execution = await client.executions.execute_query(project_id, connector_id, "SELECT 1 AS one")
            >>> execution.to_pandas().describe()
        """
        try:
            import pandas as pd  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas: pip install pandas") from error
        return pd.DataFrame(self.rows, columns=self.columns)

    def _repr_html_(self) -> str:
        if self.result is None:
            return paragraph(getattr(self, "error", None) or "no result", "failed:")
        return table(self.columns, self.rows, self.row_count)
