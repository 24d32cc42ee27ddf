"""MySQL and MariaDB, by PyMySQL: read-only transactions, and rows that are read as they come."""

from __future__ import annotations

import contextlib
import math
import re
from typing import Any

import sqlalchemy as sa

from text2everything.local._databases._database import Database
from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._sql_text import read_sql_text

# Privileges that let an account change nothing.
_READING = {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "PROXY"}
# With these, strings end elsewhere than where the check of a statement sees them end, or functions have other names.
_OTHER_SYNTAX = {
    "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "IGNORE_SPACE", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL",
}  # fmt: skip
_GRANT = re.compile(r"GRANT (?P<privileges>.+?) ON (?P<object>\S+) TO ")

_STORED_FUNCTIONS = """
SELECT routine_name FROM information_schema.routines
WHERE routine_schema = DATABASE() AND routine_type = 'FUNCTION' AND routine_name IN %s
"""


class MySql(Database):
    db_type = "mysql"
    driver = "mysql+pymysql"
    sql_dialect = "mysql"
    modules = ("pymysql",)
    packages = "pymysql"

    def url(self) -> sa.URL:
        # The password is among the arguments: as text PyMySQL would send it in Latin-1.
        return super().url().set(password="")

    def connect_arguments(self) -> dict[str, Any]:
        from pymysql.constants import FIELD_TYPE  # noqa: PLC0415 - installed only where it is used
        from pymysql.converters import conversions  # noqa: PLC0415 - the same

        certificates = self.parameters.config.get("ssl_ca")
        checked = {"ssl_ca": certificates, "ssl_verify_cert": True, "ssl_verify_identity": True}
        return {
            "password": (self.parameters.password or "").encode(),
            "charset": "utf8mb4",
            "connect_timeout": max(1, round(self.limits.connect_seconds)),
            # Times of day as text: they may be negative, and have more than 24 hours.
            "conv": {name: convert for name, convert in conversions.items() if name != FIELD_TYPE.TIME},
            # For a server that accepts the connection, and then says nothing.
            "read_timeout": math.ceil(self.limits.seconds) + 5,
            **(checked if certificates else {}),
        }

    def prepare(self, dbapi_connection: Any) -> None:
        seconds = self.limits.seconds + 1  # for a server that cannot be told to stop
        is_mariadb = "mariadb" in dbapi_connection.get_server_info().lower()
        with dbapi_connection.cursor() as cursor:
            if is_mariadb:
                cursor.execute(f"SET SESSION max_statement_time = {seconds:.3f}")
            else:
                cursor.execute(f"SET SESSION max_execution_time = {round(seconds * 1000)}")
            cursor.execute("SELECT @@sql_mode")
            modes = [mode for mode in cursor.fetchone()[0].split(",") if mode not in _OTHER_SYNTAX]
            cursor.execute("SET SESSION sql_mode = %s", [",".join(modes)])
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("START TRANSACTION READ ONLY")

    def execute(self, connection: sa.Connection, sql: str, *, is_query: bool) -> sa.CursorResult[Any]:
        # What is the server's own function in another version, or on the other of the two, may be somebody's here.
        names = sorted(set(read_sql_text(sql, self.db_type).called_names()))
        if names and (stored := connection.exec_driver_sql(_STORED_FUNCTIONS, (names,)).scalars().all()):
            raise DatabaseError(f"the function {stored[0]} is refused: somebody stored it in the database")
        return super().execute(connection, sql, is_query=is_query)

    def can_write(self, connection: sa.Connection) -> bool | None:
        for (grant,) in connection.exec_driver_sql("SHOW GRANTS"):
            matched = _GRANT.match(grant)
            if matched is None:  # a role: what it holds is not listed
                return None
            if {name.partition("(")[0].strip() for name in _privileges(matched["privileges"])} - _READING:
                return True
        return False

    def error_message(self, error: BaseException) -> str:
        match error.args:
            case (int(code), str(message)):
                return f"{message} ({code})"
        return str(error)

    def cancel(self, dbapi_connection: Any) -> None:
        import pymysql  # noqa: PLC0415 - installed only where it is used

        arguments = self.connect_arguments()
        with (
            contextlib.closing(
                pymysql.connect(
                    host=self.parameters.host,
                    port=self.parameters.port or 0,
                    user=self.parameters.username,
                    **arguments,
                )
            ) as other,
            other.cursor() as cursor,
        ):
            cursor.execute(f"KILL {dbapi_connection.thread_id():d}")


class MariaDb(MySql):
    db_type = "mariadb"
    driver = "mariadb+pymysql"


def _privileges(text: str) -> list[str]:
    """Return the privileges of a grant; those for single columns have the columns in parentheses."""
    return [name.strip() for name in re.sub(r"\([^)]*\)", "", text).split(",")]
