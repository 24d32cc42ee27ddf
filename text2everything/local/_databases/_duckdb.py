"""DuckDB: a database file, or Parquet, CSV and JSON files; no other file can be read, and nothing be written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from text2everything.local._databases._database import Database

_READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
_SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",
    "SET temp_directory = ''",
    "SET memory_limit = '2GiB'",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
# What Python's types cannot hold, such as infinity, months and nanoseconds, is turned into ISO 8601 by DuckDB itself.
_TIME = "replace(CAST({0} AS VARCHAR), ' ', 'T')"
_ZONED = "replace(regexp_replace(CAST({0} AS VARCHAR), '([+-][0-9][0-9])$', '\\1:00'), ' ', 'T')"
_INTERVAL = (
    "concat('P', datepart('year', {0}) * 12 + datepart('month', {0}), 'M', datepart('day', {0}), 'DT',"
    " datepart('hour', {0}), 'H', datepart('minute', {0}), 'M', datepart('microsecond', {0}) / 1000000, 'S')"
)
_TEXT_OF = {
    "DATE": _TIME,
    "TIME": _TIME,
    "TIME_NS": _TIME,
    "TIME WITH TIME ZONE": _ZONED,
    "TIMESTAMP": _TIME,
    "TIMESTAMP_S": _TIME,
    "TIMESTAMP_MS": _TIME,
    "TIMESTAMP_NS": _TIME,
    "TIMESTAMP WITH TIME ZONE": _ZONED,
    "INTERVAL": f"CASE WHEN {{0}} IS NOT NULL THEN {_INTERVAL} END",
}


class DuckDb(Database):
    """A connector's `database` is a DuckDB file, a data file, or a folder of data files; each of those is a view."""

    db_type = "duckdb"
    driver = "duckdb"
    sql_dialect = "duckdb"
    modules = ("duckdb", "duckdb_engine")
    packages = "duckdb duckdb-engine"
    test_sql = "SELECT count(*) FROM information_schema.tables"

    def url(self) -> sa.URL:
        return sa.URL.create(self.driver, database=":memory:" if self._holds_data() else str(self._path()))

    def connect_arguments(self) -> dict[str, Any]:
        return {"read_only": not self._holds_data()}

    def prepare(self, dbapi_connection: Any) -> None:
        files = self._data_files()
        connection = dbapi_connection.cursor()
        connection.execute(f"SET allowed_paths = [{', '.join(_literal(str(file)) for file in files.values())}]")
        for name, file in files.items():
            reader = _READERS[file.suffix.lower()]
            connection.execute(f"CREATE VIEW {_name(name)} AS SELECT * FROM {reader}({_literal(str(file))})")  # noqa: S608
        for setting in _SETTINGS:
            connection.execute(setting)

    def execute(self, connection: sa.Connection, sql: str, *, is_query: bool) -> sa.CursorResult[Any]:
        if not is_query:
            return super().execute(connection, sql, is_query=False)
        described = [(row[0], row[1]) for row in connection.exec_driver_sql(f"DESCRIBE ({sql}\n)")]
        if not any(kind in _TEXT_OF for _, kind in described):
            return super().execute(connection, sql, is_query=True)
        columns = [
            f"{_TEXT_OF.get(kind, '{0}').format(f'#{index}')} AS {_name(name)}"
            for index, (name, kind) in enumerate(described, 1)
        ]
        return super().execute(connection, f"SELECT {', '.join(columns)} FROM ({sql}\n)", is_query=True)  # noqa: S608 - the checked statement

    def can_write(self, connection: sa.Connection) -> bool | None:  # noqa: ARG002
        return os.access(self._path(), os.W_OK)

    def cancel(self, dbapi_connection: Any) -> None:
        dbapi_connection.interrupt()

    def _path(self) -> Path:
        return Path(self.parameters.database).expanduser().absolute()

    def _holds_data(self) -> bool:
        """Return whether the path is a data file or a folder of them, not a DuckDB file."""
        return self._path().is_dir() or self._path().suffix.lower() in _READERS

    def _data_files(self) -> dict[str, Path]:
        """Return the data files by the names of their views."""
        if not self._holds_data():
            return {}
        path = self._path()
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return {file.stem: file for file in files if file.suffix.lower() in _READERS}


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
