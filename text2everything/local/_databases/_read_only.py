"""Whether a statement is a query through and through."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from text2everything.local._databases._errors import DatabaseError


def require_read_only(sql: str, db_type: str) -> None:
    """Raise an error unless a text is one statement that only reads."""
    dialect = {"sqlserver": "tsql", "mariadb": "mysql"}.get(db_type, db_type)
    try:
        statements = [statement for statement in sqlglot.parse(sql, read=dialect) if statement is not None]
    except sqlglot.errors.SqlglotError as error:
        raise DatabaseError(f"the SQL could not be read: {error}") from None
    if len(statements) != 1:
        raise DatabaseError("exactly one statement can be run at a time")
    query = statements[0]
    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Into)
    if query.find(*writes) is not None:
        raise DatabaseError("only a query that reads can be run")
