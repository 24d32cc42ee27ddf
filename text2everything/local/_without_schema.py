"""Questions that need no schema metadata: those that are SQL themselves, and which tables a database has."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from text2everything.local.engine import Draft, RuleEngine
from text2everything.local.engine._sql import is_query_itself, sql_dialect

_COLUMNS: Final = "TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, TABLE_TYPE AS table_type"
_INFORMATION_SCHEMA: Final = f"SELECT {_COLUMNS} FROM INFORMATION_SCHEMA.TABLES"  # noqa: S608 - only constants
# What lists the tables and views of a database, by sqlglot's name of its dialect.
_LISTINGS: Final = {
    "sqlite": "SELECT name AS table_name, type AS table_type FROM sqlite_master"
    r" WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name",
    "postgres": f"{_INFORMATION_SCHEMA} WHERE TABLE_SCHEMA NOT IN ('information_schema', 'pg_catalog') ORDER BY 1, 2",
    "mysql": f"{_INFORMATION_SCHEMA} WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2",
    "tsql": f"{_INFORMATION_SCHEMA} ORDER BY 1, 2",
    "snowflake": f"{_INFORMATION_SCHEMA} WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA' ORDER BY 1, 2",
    "duckdb": f"{_INFORMATION_SCHEMA} ORDER BY 1, 2",
}
# The tables as one more table to ask about: the rules find out, in every wording, whether all of them are asked for.
_TABLES: Final[dict[str, Any]] = {"table": {"name": "tables", "columns": [{"name": "table_name", "type": "text"}]}}
_ALL_TABLES: Final = "SELECT * FROM tables"


def draft_without_schema(question: str, db_type: str) -> Draft | None:
    """Return the draft for a question that needs no schema metadata, or None if it does need some.

    Args:
        question: SQL, or a question in plain words.
        db_type: The `db_type` of the connector.
    """
    dialect = sql_dialect(db_type)
    if is_query_itself(question, dialect):
        return Draft(question.strip().rstrip(";").rstrip(), "The question is a query itself.")
    if dialect in _LISTINGS and _asks_for_all_tables(question):
        return Draft(_LISTINGS[dialect], "The tables and views that the database itself lists.")
    return None


def _asks_for_all_tables(question: str) -> bool:
    draft = RuleEngine().draft(
        question,
        schemas=[("", _TABLES)],
        examples=[],
        rated=[],
        contexts=[],
        dialect="",
        examples_cutoff=None,
        feedback_cutoff=None,
        today=dt.datetime.now().astimezone().date(),
    )
    return draft.sql == _ALL_TABLES
