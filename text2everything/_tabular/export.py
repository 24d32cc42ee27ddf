"""Writes the items of a listing to a file, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from text2everything._bulk.progress import Reporter, ShowProgress
from text2everything._pagination.pager import AsyncPager
from text2everything._tabular.rows import FilePath
from text2everything._tabular.writer import RowWriter
from text2everything.exceptions import ValidationError

__all__ = ["Columns", "export_items"]

Columns = Mapping[str, str] | Sequence[str]
"""The column of each field that is not written to one of its own name; or the fields to write, in order."""


async def export_items(
    pager: AsyncPager[Any],
    path: FilePath,
    fields: Mapping[str, type],
    *,
    columns: Columns | None = None,
    progress: ShowProgress = None,
) -> int:
    """Write the `fields` of each item to a file, and return the number of items."""
    names = _columns(fields, columns)
    writer = RowWriter(path, {column: fields[field] for field, column in names.items()})
    count = 0
    with Reporter(progress, label="exporting") as reporter:
        async with writer:
            async for page in pager.pages():
                writer.write([{names[name]: getattr(item, name) for name in names} for item in page.items])
                count += len(page.items)
                reporter.total = page.total
                reporter.add(len(page.items))
    return count


def _columns(fields: Mapping[str, type], columns: Columns | None) -> dict[str, str]:
    """Return the column of each field to write."""
    if columns is None:
        return {field: field for field in fields}
    if isinstance(columns, str) or not isinstance(columns, Mapping | Sequence):
        raise ValidationError(f"columns must be a mapping or a list of fields, got {type(columns).__name__}")
    for field in columns:
        if field not in fields:
            raise ValidationError(f"columns: there is no field {field!r}, only {', '.join(fields)}")
    if not isinstance(columns, Mapping):
        if not columns:
            raise ValidationError("columns must not be empty")
        return {field: field for field in columns}
    names = {field: columns.get(field, field) for field in fields}
    for field, column in names.items():
        if not isinstance(column, str) or not column.strip():
            raise ValidationError(f"columns[{field!r}] must be the name of a column, got {column!r}")
    twice = {column for column in names.values() if list(names.values()).count(column) > 1}
    if twice:
        raise ValidationError(f"columns: two fields go to the column {', '.join(map(repr, sorted(twice)))}")
    return names
