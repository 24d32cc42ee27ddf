"""The tables of a database: names, columns, types, keys and comments, by SQLAlchemy's inspector."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import attrs

from text2everything._schema.url import import_sqlalchemy
from text2everything.exceptions import ValidationError

if TYPE_CHECKING:
    import sqlalchemy as sa

_COLLATION: Final = re.compile(r"\s+(?:CHARACTER SET|COLLATE)\s+\S+")


@attrs.frozen
class Column:
    """A column of a table.

    Attributes:
        is_text: Whether its values are texts.
        values: The values that its type has, such as an enumeration's; None if there are more, or none are known.
    """

    name: str
    type: str = ""
    comment: str | None = None
    primary_key: bool = False
    is_text: bool = False
    values: tuple[str, ...] | None = None


@attrs.frozen
class ForeignKey:
    """Columns whose values are those of columns of a table in the same schema."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@attrs.frozen
class Table:
    """A table or view. `schema` is None for the database's default one."""

    name: str
    columns: tuple[Column, ...]
    schema: str | None = None
    comment: str | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def full_name(self) -> str:
        """Its name in SQL and in schema metadata."""
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


def read_tables(connection: sa.Connection, schema: str | None) -> list[Table]:
    """Return the tables and views of a schema, by name.

    Raises:
        ValidationError: There is no such schema.
    """
    inspection = import_sqlalchemy().inspect(connection)
    if schema is not None and schema not in inspection.get_schema_names():
        raise ValidationError(f"schema: the database has no schema {schema!r}")
    if schema == inspection.default_schema_name:
        schema = None
    with warnings.catch_warnings():
        # That it does not know a type: the column is listed without one.
        warnings.simplefilter("ignore", import_sqlalchemy().exc.SAWarning)
        return _reflect(inspection, schema, _left_out(connection, schema))


# The parts of partitioned tables, which are asked by their whole.
_PARTITIONS: Final = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relispartition AND nspname = coalesce(CAST(:schema AS text), current_schema())
"""


def _left_out(connection: sa.Connection, schema: str | None) -> set[str]:
    """Return the names of what is listed among the tables, but is none that can be asked."""
    match connection.dialect.name:
        case "postgresql":
            found = connection.execute(import_sqlalchemy().text(_PARTITIONS), {"schema": schema})
            return set(found.scalars())
        case "sqlite":
            return {row[1] for row in connection.exec_driver_sql("PRAGMA table_list") if _is_odd(connection, row)}
    return set()


def _is_odd(connection: sa.Connection, row: Any) -> bool:
    """Return whether a row of SQLite's `table_list` is a table behind a virtual one, or cannot be read.

    That is so of a view of a table that is gone, and of a virtual table whose module is not here.
    """
    if row[2] == "shadow":
        return True
    quoted = row[1].replace('"', '""')
    try:
        connection.exec_driver_sql(f'PRAGMA table_info("{quoted}")').close()
    except import_sqlalchemy().exc.DBAPIError:
        return True
    return False


def _reflect(inspection: sa.Inspector, schema: str | None, left_out: set[str]) -> list[Table]:
    from sqlalchemy.engine.reflection import ObjectKind  # noqa: PLC0415  # an extra

    wanted: dict[str, Any] = {"schema": schema, "kind": ObjectKind.ANY}
    if left_out:
        names = [*inspection.get_table_names(schema), *inspection.get_view_names(schema)]
        names += _materialized_views(inspection, schema)
        wanted["filter_names"] = [name for name in names if name not in left_out]
    columns = inspection.get_multi_columns(**wanted)
    keys: Mapping[Any, Any] = inspection.get_multi_pk_constraint(**wanted)
    references = inspection.get_multi_foreign_keys(**wanted)
    comments: Mapping[Any, Any] = {}
    with suppress(NotImplementedError):  # as for SQLite
        comments = inspection.get_multi_table_comment(**wanted)
    tables = []
    for key in sorted(columns, key=lambda key: key[1]):
        primary = (keys.get(key) or {}).get("constrained_columns") or []
        tables.append(
            Table(
                key[1],
                tuple(_column(inspection.dialect, each, primary) for each in columns[key] if each["name"].strip()),
                schema,
                (comments.get(key) or {}).get("text") or None,
                tuple(
                    ForeignKey(
                        tuple(each["constrained_columns"]), each["referred_table"], tuple(each["referred_columns"])
                    )
                    for each in references.get(key) or ()
                    if each.get("referred_schema") in {None, schema}
                ),
            )
        )
    return tables


def _materialized_views(inspection: sa.Inspector, schema: str | None) -> list[str]:
    try:
        return inspection.get_materialized_view_names(schema)
    except NotImplementedError:  # as for SQLite
        return []


def _column(dialect: Any, found: Any, primary: list[str]) -> Column:
    sa = import_sqlalchemy()
    kind = found["type"]
    try:
        name = "" if isinstance(kind, sa.types.NullType) else _COLLATION.sub("", kind.compile(dialect=dialect))
    except sa.exc.SQLAlchemyError:
        name = ""
    return Column(
        found["name"],
        name,
        found.get("comment") or None,
        found["name"] in primary,
        isinstance(kind, sa.types.String),
        tuple(kind.enums) if isinstance(kind, sa.types.Enum) else None,
    )
