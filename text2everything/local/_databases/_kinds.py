"""The types of databases that connectors can lead to."""

from __future__ import annotations

from typing import Final

from text2everything.local._databases._database import Database
from text2everything.local._databases._duckdb import DuckDb
from text2everything.local._databases._mysql import MariaDb, MySql
from text2everything.local._databases._postgres import Postgres
from text2everything.local._databases._snowflake import Snowflake
from text2everything.local._databases._sqlite import Sqlite
from text2everything.local._databases._sqlserver import SqlServer

_TYPES: tuple[type[Database], ...] = (Sqlite, Postgres, MySql, MariaDb, SqlServer, Snowflake, DuckDb)

DATABASES: Final[dict[str, type[Database]]] = {kind.db_type: kind for kind in _TYPES}
