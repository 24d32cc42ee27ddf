"""SQLite: a file, opened for reading only, in which an authorizer decides what a statement may do."""

from __future__ import annotations

import functools
import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from text2everything.local._databases._database import Database
from text2everything.local._databases._sqlite_authorizer import sqlite_authorizer

# SQLite checks whether to stop after this many instructions of its virtual machine.
_PROGRESS_INTERVAL = 2_000
_MAX_LOCK_WAIT_SECONDS = 2.0


class Sqlite(Database):
    db_type = "sqlite"
    driver = "sqlite+pysqlite"
    sql_dialect = "sqlite"
    modules = ("sqlite3",)
    packages = "python"
    test_sql = "SELECT count(*) FROM sqlite_master"

    def url(self) -> sa.URL:
        path = Path(self.parameters.database).expanduser().absolute()
        return sa.URL.create(self.driver, database=path.as_uri(), query={"mode": "ro", "uri": "true"})

    def connect_arguments(self) -> dict[str, Any]:
        timeout = min(_MAX_LOCK_WAIT_SECONDS, self.limits.seconds)
        return {"timeout": timeout, "isolation_level": None, "check_same_thread": False}

    def prepare(self, dbapi_connection: sqlite3.Connection) -> None:
        dbapi_connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
        dbapi_connection.execute("PRAGMA query_only = ON")
        dbapi_connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        dbapi_connection.set_authorizer(sqlite_authorizer)
        dbapi_connection.set_progress_handler(lambda: int(self.stopped.is_set()), _PROGRESS_INTERVAL)

    def can_write(self, connection: sa.Connection) -> bool | None:  # noqa: ARG002
        return os.access(Path(self.parameters.database).expanduser(), os.W_OK)

    def cancel(self, dbapi_connection: sqlite3.Connection) -> None:
        dbapi_connection.interrupt()
