"""Schema metadata of an SQLite database: what can be read from it, and nothing that a person would have to add."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

MOST_VALUES = 20
"""A column of text with no more different values than this has them in its metadata."""


def metadata(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield name and schema data of each table, then of each foreign key as a relationship."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for table in names:
        columns = [_column(connection, table, *row) for row in connection.execute(f"PRAGMA table_info({table})")]
        yield {"name": table, "schema_data": {"table": {"name": table, "columns": columns}}}
    for table in names:
        for _, _, parent, column, parent_column, *_ in connection.execute(f"PRAGMA foreign_key_list({table})"):
            relationship = {
                "from_table": parent,
                "from_column": parent_column,
                "to_table": table,
                "to_column": column,
                "type": "one_to_many",
            }
            yield {"name": f"{table}.{column} to {parent}", "schema_data": {"relationship": relationship}}


def _column(
    connection: sqlite3.Connection, table: str, _: int, name: str, kind: str, __: int, ___: Any, key: int
) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "type": kind}
    if key:
        column["primary_key"] = True
    if kind == "TEXT":
        query = f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL LIMIT {MOST_VALUES + 1}"
        values = [value for (value,) in connection.execute(query)]
        if len(values) <= MOST_VALUES:
            column["values"] = values
    return column
