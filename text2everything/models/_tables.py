"""The rows of a SQL result, for people: without the header row, as dicts, as a data frame, as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

HTML_ROWS = 50


class ResultTable:
    """Views of `result`, the wire's `{"columns": […], "data": [header, row, …], "rowCount": n}`.

    A failed execution has no result: no columns, no rows.
    """

    __slots__ = ()

    result: dict[str, Any] | None

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list((self.result or {}).get("columns") or [])

    @property
    def rows(self) -> list[list[Any]]:
        """The rows, without the header row that the wire's `data` begins with."""
        data = (self.result or {}).get("data") or []
        # The header is dropped only where it is one, so that a service that sends none loses no row.
        return list(data[1:] if data and list(data[0]) == self.columns else data)

    @property
    def row_count(self) -> int:
        """How many rows the query gave; more than `len(rows)` where the service sent only a part of them."""
        count = (self.result or {}).get("rowCount")
        return count if isinstance(count, int) else len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Iterate over the rows as dicts of column name to value."""
        columns = self.columns
        return (dict(zip(columns, row, strict=False)) for row in self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a data frame.

        Raises:
            ImportError: pandas is not installed; `pip install 'text2everything[pandas]'`.
        """
        try:
            import pandas as pd  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas: pip install 'text2everything[pandas]'") from error
        return pd.DataFrame(self.rows, columns=self.columns)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(str(name))}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape('' if cell is None else str(cell))}</td>" for cell in row) + "</tr>"
            for row in self.rows[:HTML_ROWS]
        )
        rest = self.row_count - min(len(self.rows), HTML_ROWS)
        more = f"<p>… and {rest} more rows</p>" if rest > 0 else ""
        error = getattr(self, "error", None)
        failed = f"<p><b>failed:</b> {html.escape(str(error or 'no result'))}</p>" if self.result is None else ""
        return f"{failed}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
