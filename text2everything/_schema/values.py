"""The distinct values of the columns that have few of them, within bounds of time."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final

import attrs

from text2everything._schema.tables import Column, Table
from text2everything._schema.url import import_sqlalchemy

if TYPE_CHECKING:
    import sqlalchemy as sa

MAX_VALUES: Final = 20
MAX_LENGTH: Final = 100
COLUMN_SECONDS: Final = 1.0
ALL_SECONDS: Final = 10.0

# By the dialect: how a session limits the time of each statement.
_TIME_LIMITS: Final = {
    "postgresql": f"SET statement_timeout = {round(COLUMN_SECONDS * 1000)}",
    "mysql": f"SET SESSION max_execution_time = {round(COLUMN_SECONDS * 1000)}",
    "mariadb": f"SET SESSION max_statement_time = {COLUMN_SECONDS}",
    "snowflake": f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {round(COLUMN_SECONDS)}",
}
_INTERRUPTED: Final = ("sqlite", "duckdb")

_SECRET_WORDS: Final = {
    "password",
    "passphrase",
    "passcode",
    "pass",
    "pwd",
    "pin",
    "otp",
    "token",
    "hash",
    "salt",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "key",
    "auth",
    "signature",
    "session",
    "cookie",
    "ssn",
    "iban",
    "cvv",
    "cvc",
}
_SECRET_PARTS: Final = re.compile(r"passw|passwd|passphrase|token|secret|credential|apikey|pwd")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def looks_secret(name: str) -> bool:
    """Return whether a column of this name may hold passwords, keys and the like."""
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _SECRET_WORDS) or _SECRET_PARTS.search(name.lower().replace("_", "")) is not None


def with_values(connection: sa.Connection, tables: Sequence[Table]) -> list[Table]:
    """Return the tables with the values of their text columns that have at most 20.

    A column whose values cannot be read in time, or not at all, is left without.
    """
    dialect = _dialect_name(connection)
    if dialect in _TIME_LIMITS:
        connection.exec_driver_sql(_TIME_LIMITS[dialect])
    elif dialect not in _INTERRUPTED:
        return list(tables)  # the time cannot be limited
    until = time.monotonic() + ALL_SECONDS

    def read(table: Table, column: Column) -> Column:
        if looks_secret(column.name):
            return attrs.evolve(column, values=None)
        if column.values is not None or not column.is_text or time.monotonic() > until:
            return column
        return attrs.evolve(column, values=_distinct(connection, table, column, interrupt=dialect in _INTERRUPTED))

    return [attrs.evolve(table, columns=tuple(read(table, each) for each in table.columns)) for table in tables]


def without_values(tables: Sequence[Table]) -> list[Table]:
    """Return the tables without the values of enumerations."""
    return [
        attrs.evolve(table, columns=tuple(attrs.evolve(each, values=None) for each in table.columns))
        for table in tables
    ]


def _dialect_name(connection: sa.Connection) -> str:
    dialect = connection.dialect
    return "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name


def _distinct(connection: sa.Connection, table: Table, column: Column, *, interrupt: bool) -> tuple[str, ...] | None:
    """Return the distinct values; None if there are too many, they are long, or they cannot be read in time."""
    sa = import_sqlalchemy()
    # Not the whole of long texts, of which a single one would fill the memory.
    value = sa.func.substr(sa.column(column.name), 1, MAX_LENGTH + 1)
    query = (
        sa.select(value)
        .select_from(sa.table(table.name, schema=table.schema))
        .where(sa.column(column.name).is_not(None))
        .distinct()
        .limit(MAX_VALUES + 1)
    )
    try:
        with _interrupted(connection) if interrupt else nullcontext():
            found = [row[0] for row in connection.execute(query)]
    except Exception:  # noqa: BLE001  # whatever the driver raises: the table is described without the values
        connection.rollback()  # DuckDB has a transaction
        return None
    if len(found) > MAX_VALUES or not all(isinstance(each, str) and len(each) <= MAX_LENGTH for each in found):
        return None
    texts = {each.rstrip() if column.type.startswith("CHAR") else each for each in found}
    return tuple(sorted(each for each in texts if each.strip())) or None


@contextmanager
def _interrupted(connection: sa.Connection) -> Iterator[None]:
    """Stop what runs in the block when the time of a column is over."""
    driver: Any = connection.connection.driver_connection

    def stop() -> None:
        with suppress(Exception):  # it may have ended meanwhile
            driver.interrupt()

    timer = threading.Timer(COLUMN_SECONDS, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
