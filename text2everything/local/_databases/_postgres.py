"""PostgreSQL, by psycopg: read-only transactions, and every statement a prepared one, which is a single one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from text2everything.local._databases._database import Database, given
from text2everything.local._databases._values import iso_date_time, parse_json

_CANCEL_SECONDS = 5.0
_CAN_WRITE = """
SELECT (SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user)
    OR has_database_privilege(current_database(), 'CREATE')
    OR EXISTS (SELECT FROM pg_namespace WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE'))
    OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p', 'f', 'v') AND n.nspname !~ '^pg_|^information_schema$'
               AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
"""
_RANGES = tuple(
    f"{name}{kind}" for name in ("int4", "int8", "num", "date", "ts", "tstz") for kind in ("range", "multirange")
)


class Postgres(Database):
    db_type = "postgres"
    driver = "postgresql+psycopg"
    sql_dialect = "postgres"
    modules = ("psycopg",)
    packages = "'psycopg[binary]'"

    def connect_arguments(self) -> dict[str, Any]:
        settings = {
            "default_transaction_read_only": "on",
            # For a server that cannot be told to stop: later than it is told.
            "statement_timeout": round(self.limits.seconds * 1000) + 1_000,
            "idle_in_transaction_session_timeout": round(self.limits.seconds * 1000) + 10_000,
            "datestyle": "ISO",
            "intervalstyle": "iso_8601",
            "client_encoding": "UTF8",
            "standard_conforming_strings": "on",  # strings end where the check of a statement sees them end
        }
        return {
            "connect_timeout": max(1, round(self.limits.connect_seconds)),
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "application_name": "text2everything",
            # Prepared at once: the server takes one statement only, so that none can end the read-only transaction.
            "prepare_threshold": 0,
            # A certificate is given to be checked: without a mode it would only be if the server wants encryption.
            **({"sslmode": "verify-full"} if self.parameters.config.get("sslrootcert") else {}),
            **given(self.parameters.config, ("sslmode", "sslrootcert")),
        }

    def prepare(self, dbapi_connection: Any) -> None:
        dbapi_connection.read_only = True
        _load_as_text(dbapi_connection)

    def can_write(self, connection: sa.Connection) -> bool | None:
        return bool(connection.exec_driver_sql(_CAN_WRITE).scalar())

    def error_message(self, error: BaseException) -> str:
        # Not its text, which points into the statement that declares the cursor.
        diagnosis = getattr(error, "diag", None)
        if diagnosis is None or diagnosis.message_primary is None:
            return str(error)
        more = (diagnosis.message_detail, diagnosis.message_hint)
        return "\n".join([diagnosis.message_primary, *filter(None, more)])

    def cancel(self, dbapi_connection: Any) -> None:
        dbapi_connection.cancel_safe(timeout=_CANCEL_SECONDS)


def _load_as_text(dbapi_connection: Any) -> None:
    """Have values that Python's types cannot hold, such as `infinity` and months, come as PostgreSQL writes them."""
    from psycopg.adapt import Loader  # noqa: PLC0415 - installed only where it is used
    from psycopg.types.json import set_json_loads  # noqa: PLC0415 - the same
    from psycopg.types.string import TextLoader  # noqa: PLC0415 - the same

    adapters = dbapi_connection.adapters

    class DateTimeLoader(Loader):
        def load(self, data: Any) -> str:
            return iso_date_time(bytes(data).decode())

    for name in ("timestamp", "timestamptz", "timetz"):
        adapters.register_loader(name, DateTimeLoader)
    for name in ("date", "time", "interval", *_RANGES):
        adapters.register_loader(name, TextLoader)
    set_json_loads(parse_json, dbapi_connection)
