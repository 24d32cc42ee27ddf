"""DuckDB: a database file, or Parquet, CSV and JSON files; no other file can be read, and nothing be written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from text2everything._runtime.duckdb_files import LOCKED, SUFFIXES, allow_only, data_files, literal, reader_of
from text2everything.local._databases._database import Database
from text2everything.local._databases._values import parse_json

_SETTINGS = ("SET temp_directory = ''", "SET memory_limit = '2GiB'", *LOCKED)
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
_AS_IT_IS = "{0}"
_NESTED = re.compile(r"\[|STRUCT\(|MAP\(|UNION\(")
_ANY_TIME = re.compile(r"\b(DATE|TIME\w*|INTERVAL)\b")


class DuckDb(Database):
    """A connector's `database` is a DuckDB file, a data file, or a folder of data files; each of those is a view."""

    db_type = "duckdb"
    driver = "duckdb"
    sql_dialect = "duckdb"
    modules = ("duckdb", "duckdb_engine")
    packages = "duckdb duckdb-engine"
    test_sql = "SELECT count(*) FROM information_schema.tables"
    engine_options: ClassVar = {"json_deserializer": parse_json}

    def url(self) -> sa.URL:
        return sa.URL.create(self.driver, database=":memory:" if self._holds_data() else str(self._path()))

    def connect_arguments(self) -> dict[str, Any]:
        return {"read_only": not self._holds_data()}

    def prepare(self, dbapi_connection: Any) -> None:
        files = self._data_files()
        connection = dbapi_connection.cursor()
        connection.execute(allow_only(files))
        named: dict[str, list[Path]] = {}
        for file in files:
            named.setdefault(_folded(file.stem), []).append(file)
        for same in named.values():
            _create_view(connection, same[0].stem, same)
        for setting in _SETTINGS:
            connection.execute(setting)

    def execute(self, connection: sa.Connection, sql: str, *, is_query: bool) -> sa.CursorResult[Any]:
        if not is_query:
            return super().execute(connection, sql, is_query=False)
        described = [(row[0], row[1]) for row in connection.exec_driver_sql(f"DESCRIBE ({sql}\n)")]
        if all(_text_of(kind) == _AS_IT_IS for _, kind in described):
            return super().execute(connection, sql, is_query=True)
        columns = [
            f"{_text_of(kind).format(f'#{index}')} AS {_name(name)}"
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
        return self._path().is_dir() or self._path().suffix.lower() in SUFFIXES

    def _data_files(self) -> list[Path]:
        """Return the data files, each of which is a view."""
        if not self._holds_data():
            return []
        return data_files(self._path())


def _create_view(connection: Any, stem: str, files: list[Path]) -> None:
    """Make the view of a file; if it cannot be read, or there are two of the name, only that view is an error."""
    if len(files) > 1:
        problem = f"more than one file has this name: {', '.join(file.name for file in files)}"
    else:
        (file,) = files
        try:
            connection.execute(f"CREATE VIEW {_name(stem)} AS SELECT * FROM {reader_of(file)}")  # noqa: S608
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file
            problem = f"{file.name} cannot be read: {str(error).partition(chr(10))[0]}"
        else:
            return
    connection.execute(f"CREATE VIEW {_name(stem)} AS SELECT error({literal(problem)}) AS error")


def _folded(name: str) -> str:
    """Return what is the same for names that DuckDB takes for the same: upper and lower case of ASCII's letters."""
    return re.sub("[A-Z]+", lambda letters: letters.group().lower(), name)


def _text_of(kind: str) -> str:
    """Return the SQL that makes of a column what Python can hold; of nested times that is DuckDB's own text."""
    if _NESTED.search(kind):
        return "CAST({0} AS VARCHAR)" if _ANY_TIME.search(kind) else _AS_IT_IS
    return _TEXT_OF.get(kind, _AS_IT_IS)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
