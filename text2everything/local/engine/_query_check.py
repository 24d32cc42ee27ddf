"""Whether SQL that a model wrote is one query that reads known tables and columns, found out without a database."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._functions import FUNCTIONS
from text2everything.local._databases._read_only import require_read_only
from text2everything.local.engine._model_reply import QueryError
from text2everything.local.engine._sql import canonical, sql_dialect

_DB_TYPES: Final = {"tsql": "sqlserver"}
_MAX_NAMES: Final = 30


@attrs.frozen
class KnownTable:
    """A table that schema metadata describes.

    Attributes:
        names: Its names there: more than one if tables of several database schemas have the same name.
        schema_id: The id of the first that describes it.
        columns: The types of its columns by their names in lower case; none if they are not known.
    """

    names: list[str]
    schema_id: str
    columns: dict[str, str] = attrs.field(factory=dict)


def known_tables(schemas: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, KnownTable]:
    """Return the tables that schema metadata describes, by their names in lower case, without a schema's name."""
    tables: dict[str, KnownTable] = {}
    for schema_id, data in schemas:
        table = data.get("table") if isinstance(data, Mapping) else None
        name = _name(table, "name", "table_name")
        columns = table.get("columns") if isinstance(table, Mapping) else None
        if not name or not isinstance(columns, list):
            continue
        known = tables.setdefault(name.rsplit(".", 1)[-1].casefold(), KnownTable([], schema_id))
        if name not in known.names:
            known.names.append(name)
        for column in columns:
            column_name = column if isinstance(column, str) else _name(column, "name", "column_name")
            if column_name:
                known.columns[column_name.casefold()] = _name(column, "type", "data_type") or "text"
    return tables


def _name(values: Any, *keys: str) -> str:
    found = (values.get(key) for key in keys) if isinstance(values, Mapping) else ()
    return next((value for value in found if isinstance(value, str) and value), "")


def check_dialect(dialect: str) -> str:
    """Return the `db_type` by whose rules SQL of a dialect is checked.

    Raises:
        QueryError: There are no rules for it.
    """
    db_type = _DB_TYPES.get(dialect.casefold(), dialect.casefold())
    if db_type not in FUNCTIONS:
        raise QueryError(f"SQL of the dialect {dialect!r} cannot be checked")
    return db_type


def check_query(sql: str, db_type: str, tables: Mapping[str, KnownTable]) -> str | None:
    """Check that SQL is one query that only reads, of known tables and columns.

    Args:
        sql: The SQL.
        db_type: Whose SQL it is.
        tables: The known tables; if there are none, names are not checked.

    Returns:
        The id of the schema metadata of its first table, if that is known.

    Raises:
        QueryError: It is not; the message says why.
    """
    try:
        require_read_only(sql, db_type)
    except DatabaseError as error:
        raise QueryError(str(error)) from None
    dialect = sql_dialect(db_type)
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
        if not isinstance(tree, exp.Query) or not tree.selects:
            raise QueryError("only a SELECT query can be run")
        return _check_names(tree, dialect, tables) if tables else None
    except SqlglotError as error:
        raise QueryError(str(error).split(" Line: ", maxsplit=1)[0]) from None
    except RecursionError:
        raise QueryError("the SQL is nested too deeply") from None


def canonical_query(sql: str, db_type: str) -> str:
    """Return a form of SQL that is the same for other layout, case and quotes."""
    return canonical(sql, sql_dialect(db_type))


def _check_names(tree: exp.Query, dialect: str, tables: Mapping[str, KnownTable]) -> str | None:
    # Case and quotes are the database's to judge: here all names are in lower case and unquoted.
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.name.casefold())
        identifier.set("quoted", False)
    named_here = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = [table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    read = [table for table in read if table.db or table.name not in named_here]
    for table in read:
        if table.name not in tables or not _is_same_schema(table, tables[table.name]):
            raise QueryError(_unknown_table(table, tables))
    for node in (*read, *tree.find_all(exp.Column)):  # the schema's name is checked: go on without it
        node.set("db", None)
        node.set("catalog", None)
    # Without their columns, no column can be said to be wrong.
    if all(tables[table.name].columns for table in read):
        schema = {name: known.columns for name, known in tables.items() if known.columns}
        try:
            qualify(tree.copy(), dialect=dialect, schema=MappingSchema(dict(schema), dialect=dialect))
        except SqlglotError as error:
            columns = "; ".join(
                f"{tables[name].names[0]}: {', '.join(list(tables[name].columns)[:_MAX_NAMES])}"
                for name in dict.fromkeys(table.name for table in read)
            )
            message = str(error).split(" Line: ", maxsplit=1)[0].rstrip(".")
            raise QueryError(f"{message}. The columns are {columns}" if columns else message) from None
    return tables[read[0].name].schema_id if read else None


def _is_same_schema(table: exp.Table, known: KnownTable) -> bool:
    """Whether a table is that of the metadata, as far as both say in which schema they are."""
    written = [part for part in (table.catalog, table.db) if part]
    for name in known.names:
        described = name.casefold().split(".")[:-1]
        most = min(len(described), len(written))
        if most == 0 or described[-most:] == written[-most:]:
            return True
    return False


def _unknown_table(table: exp.Table, tables: Mapping[str, KnownTable]) -> str:
    names = [name for known in tables.values() for name in known.names]
    near = difflib.get_close_matches(table.name, names, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"there is no table {table.sql()}: {hint}the tables are {', '.join(names[:_MAX_NAMES])}"
