"""The tables of DuckDB, by its own catalogue: its dialect takes SQLAlchemy's inspector to tables it does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from text2everything._schema.tables import Column, ForeignKey, Table
from text2everything.exceptions import ValidationError

if TYPE_CHECKING:
    import sqlalchemy as sa

_HERE: Final = "database_name = current_database() AND schema_name = $1"
_TABLES: Final = f"""
SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal AND {_HERE}
UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND {_HERE} ORDER BY 1
"""  # noqa: S608  # constants
_COLUMNS: Final = f"""
SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE {_HERE} ORDER BY column_index
"""  # noqa: S608  # constants
_KEYS: Final = f"""
SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY') AND {_HERE}
ORDER BY constraint_index
"""  # noqa: S608  # constants
_ENUM_VALUE: Final = re.compile(r"'((?:[^']|'')*)'")


def read_duckdb_tables(connection: sa.Connection, schema: str | None) -> list[Table]:
    """Return the tables and views of a schema, by name.

    Raises:
        ValidationError: There is no such schema.
    """

    def rows(sql: str, *parameters: str) -> list[Any]:
        return list(connection.exec_driver_sql(sql, parameters))

    ((default,),) = rows("SELECT current_schema()")
    names = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()"
    if schema is not None and (schema,) not in [tuple(row) for row in rows(names)]:
        raise ValidationError(f"schema: the database has no schema {schema!r}")
    here = schema or default
    columns, keys = rows(_COLUMNS, here), rows(_KEYS, here)
    return [
        Table(
            name,
            tuple(
                _column(*found, keys=[row[2] for row in keys if row[:2] == (name, "PRIMARY KEY")])
                for table, *found in columns
                if table == name
            ),
            None if here == default else here,
            comment,
            tuple(
                ForeignKey(tuple(row[2]), row[3], tuple(row[4]))
                for row in keys
                if tuple(row[:2]) == (name, "FOREIGN KEY")
            ),
        )
        for name, comment in rows(_TABLES, here)
    ]


def _column(name: str, data_type: str, comment: str | None, *, keys: list[list[str]]) -> Column:
    is_enum = data_type.startswith("ENUM(")
    values = [found.replace("''", "'") for found in _ENUM_VALUE.findall(data_type)] if is_enum else None
    return Column(
        name,
        "ENUM" if is_enum else data_type,
        comment,
        any(name in key for key in keys),
        data_type == "VARCHAR",
        None if values is None else tuple(values),
    )
