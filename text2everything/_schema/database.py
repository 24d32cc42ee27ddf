"""Reads a database's schema as schema metadata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from text2everything._schema.changes import relationship_name
from text2everything._schema.duckdb import read_duckdb_tables
from text2everything._schema.tables import Column, ForeignKey, Table, read_tables
from text2everything._schema.url import DatabaseUrl
from text2everything._schema.values import with_values, without_values
from text2everything.exceptions import ValidationError
from text2everything.models.schema_metadata import SchemaMetadataCreate

if TYPE_CHECKING:
    import sqlalchemy as sa


def read_database(
    database: DatabaseUrl, *, values: bool = True, schema: str | None = None
) -> list[SchemaMetadataCreate]:
    """Return schema metadata of each table and view, and then of each foreign key of one column.

    Args:
        database: The database.
        values: Whether to read the distinct values of text columns that have at most 20.
        schema: The schema; None is the database's default one.

    Raises:
        ConnectionError: The database cannot be reached or read.
        ImportError: The driver is not installed.
        ValidationError: There is no such schema, or it has no tables.
    """
    reader = read_duckdb_tables if database.kind.db_type == "duckdb" else read_tables

    def read(connection: sa.Connection) -> list[Table]:
        tables = [table for table in reader(connection, schema) if table.columns]
        return with_values(connection, tables) if values else without_values(tables)

    tables = database.read(read)
    if not tables:
        where = "" if schema is None else f" in the schema {schema}"
        raise ValidationError(f"url: {database} has no tables{where}")
    return describe(tables)


def describe(tables: Sequence[Table]) -> list[SchemaMetadataCreate]:
    """Return schema metadata of each table, and then of each foreign key of one column between them."""
    links = {table.full_name: _links(table, tables) for table in tables}
    described = [_table(table, links[table.full_name]) for table in tables]
    return described + [_relationship(*link) for table in tables for link in links[table.full_name].values()]


Link = tuple[str, str, str, str]
"""A foreign key of one column: its table and itself, and the table and the column that it refers to."""


def _links(table: Table, tables: Sequence[Table]) -> dict[str, Link]:
    """Return the foreign keys of one column, by its name, that refer to one of the tables."""
    found: dict[str, Link] = {}
    order = [column.name for column in table.columns]
    for key in sorted(table.foreign_keys, key=lambda key: order.index(key.columns[0])):
        other = _referred(key, tables)
        # SQLite's may name no column of the other table: its primary key is meant.
        columns = (
            key.referred or tuple(column.name for column in other.columns if column.primary_key) if other else ()
        )
        if other is None or len(key.columns) != 1 or len(columns) != 1:
            continue
        names = [column.name for column in other.columns]
        referred = next((name for name in names if name.casefold() == columns[0].casefold()), None)
        if referred is not None:
            found.setdefault(key.columns[0], (table.full_name, key.columns[0], other.full_name, referred))
    return found


def _referred(key: ForeignKey, tables: Sequence[Table]) -> Table | None:
    # SQLite's may be written in another case than the table.
    same = [table for table in tables if table.name == key.table]
    return next(iter(same or [table for table in tables if table.name.casefold() == key.table.casefold()]), None)


def _table(table: Table, links: dict[str, Link]) -> SchemaMetadataCreate:
    # A relationship of several columns cannot be said in the data: it would be taken for one of its columns.
    keys = [
        f"{', '.join(key.columns)} together refer to {key.table} ({', '.join(key.referred)})."
        for key in table.foreign_keys
        if len(key.columns) > 1
    ]
    description = "\n".join(filter(None, [table.comment, *keys]))
    data = {
        "name": table.full_name,
        **({"description": description} if description else {}),
        "columns": [_column(column, links.get(column.name)) for column in table.columns],
    }
    return SchemaMetadataCreate(name=table.full_name, schema_data={"table": data}, description=table.comment)


def _column(column: Column, link: Link | None) -> dict[str, Any]:
    data: dict[str, Any] = {"name": column.name}
    if column.type:
        data["type"] = column.type
    if column.comment:
        data["description"] = column.comment
    if column.primary_key:
        data["primary_key"] = True
    if link is not None:
        data["foreign_key"] = {"table": link[2], "column": link[3]}
    if column.values:
        data["values"] = list(column.values)
    return data


def _relationship(table: str, column: str, referred_table: str, referred: str) -> SchemaMetadataCreate:
    data = {
        "from_table": table,
        "from_column": column,
        "to_table": referred_table,
        "to_column": referred,
        "type": "many_to_one",
    }
    return SchemaMetadataCreate(name=relationship_name(data), schema_data={"relationship": data})
