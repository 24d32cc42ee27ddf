"""HTML for notebooks: tables of rows and of models, and answers. All text is escaped, and long text is cut."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import attrs

from text2everything._secret import Secret
from text2everything.models._plain import plain
from text2everything.models._repr import short_repr, shown_fields

MAX_ROWS = 50
"""Rows that are shown; further ones are only counted."""

MAX_COLUMNS = 50
"""Columns that are shown; further ones are only counted."""

MAX_CELL = 100
"""Characters of a cell that are shown."""

MAX_TEXT = 2_000
"""Characters of a paragraph or of SQL that are shown."""


def text(value: object, most: int = MAX_TEXT) -> str:
    """Return the text of a value, escaped and cut."""
    shown = repr(value) if isinstance(value, Secret) else str(value)
    return html.escape(shown if len(shown) <= most else f"{shown[:most]}…")


def paragraph(value: object, label: str = "") -> str:
    """Return a paragraph, after a label in bold; nothing if there is no value."""
    if value is None or value == "":
        return ""
    return f"<p>{f'<b>{text(label)}</b> ' if label else ''}{text(value)}</p>"


def sql(query: str | None) -> str:
    """Return SQL as it is written; nothing if there is none."""
    return f'<pre style="white-space: pre-wrap">{text(query)}</pre>' if query else ""


def table(columns: Sequence[object], rows: Iterable[Iterable[object]], count: int) -> str:
    """Return a table of the first columns and rows, of `count` rows in all."""
    head = "".join(f'<th style="text-align: left">{text(name, MAX_CELL)}</th>' for name in columns[:MAX_COLUMNS])
    shown = ["".join(map(_cell, islice(row, MAX_COLUMNS))) for row in islice(rows, MAX_ROWS)]
    body = "".join(f"<tr>{cells}</tr>" for cells in shown)
    more = _more(count - len(shown), "rows") + _more(len(columns) - MAX_COLUMNS, "columns")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _more(count: int, name: str) -> str:
    return f"<p>… and {count:,} more {name}</p>" if count > 0 else ""


def _cell(value: object) -> str:
    value = plain(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    shown = text("" if value is None else value, MAX_CELL)
    return f'<td style="text-align: {"right" if is_number else "left"}">{shown}</td>'


def models_table(models: Sequence[Any]) -> str:
    """Return a table of models: a row each, with a column for every field that any of those shown has."""
    if not models:
        return "<p>no items</p>"
    rows = [_cells(model) for model in models[:MAX_ROWS]]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return table(columns, ([row.get(name) for name in columns] for row in rows), len(models))


def _cells(model: Any) -> dict[str, object]:
    """Return what is shown of a model's fields: texts and numbers as they are, other values as in its repr."""
    if not attrs.has(type(model)):
        return {"": short_repr(model)}
    found: dict[str, object] = {}
    for field, shown in shown_fields(model):
        value = getattr(model, field.name)
        if isinstance(value, datetime):
            found[field.name] = f"{value:%Y-%m-%d %H:%M:%S}"
        elif field.repr is True and isinstance(value, str | int | float):
            found[field.name] = value
        else:
            found[field.name] = shown
    return found
