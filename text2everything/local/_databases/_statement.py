"""Running one statement: checked, on a read-only connection, with its result as JSON."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
import sqlglot

from text2everything.local._databases._database import Database
from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._read_only import require_read_only
from text2everything.local._databases._results import encode_result

MAX_READING_SECONDS: Final = 3.0
"""Processor time to check a statement in at most."""

# Statements that return rows, but for which no database has cursors.
_UTILITIES = {"EXPLAIN", "DESCRIBE", "DESC", "SHOW", "PRAGMA", "SUMMARIZE"}


def run_statement(database: Database, sql: str) -> str:
    """Run one statement, and return its result as a JSON document.

    Raises:
        DatabaseError: It failed, was stopped, is not a query, or the driver is not installed.
    """
    with _reading_limit():
        require_read_only(sql, database.db_type)
    text, is_query = _split(sql, database.sql_dialect)
    with _connection(database) as connection, database.time_limit():
        result = database.execute(connection, text, is_query=is_query)
        if not result.returns_rows:
            raise DatabaseError("only a statement that returns rows can be run")
        return encode_result(list(result.keys()), result.fetchmany, database.to_json_value, database.limits.rows)


def test_connection(database: Database) -> bool | None:
    """Connect and run a trivial query; return whether the account could write, None if that is not known.

    Raises:
        DatabaseError: That failed, or the driver is not installed.
    """
    with _connection(database) as connection, database.time_limit():
        connection.exec_driver_sql(database.test_sql).fetchall()
        return database.can_write(connection)


@contextlib.contextmanager
def _reading_limit() -> Iterator[None]:
    """Bound the processor time of the block where that can be done: the parser tries nested text again and again."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise DatabaseError("the SQL takes too long to read: it is nested too deeply")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_READING_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def _connection(database: Database) -> Iterator[sa.Connection]:
    try:
        connection = _connect(database)
        try:
            yield connection
        finally:
            # Closed, not given back: a statement that has more rows would be read to its end.
            connection.invalidate()
            connection.close()
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - each driver has its own exceptions
        raise DatabaseError(_message(database, error)) from None


def _connect(database: Database) -> sa.Connection:
    try:
        return database.connect()
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - each driver has its own exceptions
        raise DatabaseError(database.parameters.withhold_secrets(_message(database, error))) from None


def _message(database: Database, error: Exception) -> str:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    return database.error_message(cause) or type(cause).__name__


def _split(sql: str, dialect: str) -> tuple[str, bool]:
    """Return a statement without the semicolon at its end and what follows, and whether it is a query."""
    tokens = sqlglot.tokenize(sql, read=dialect)
    end = next((token.start for token in tokens if token.token_type is sqlglot.TokenType.SEMICOLON), len(sql))
    first = next(token.text.upper() for token in tokens if token.text != "(")
    return sql[:end], first not in _UTILITIES
