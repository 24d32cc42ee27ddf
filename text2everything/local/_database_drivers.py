"""The databases that connectors can lead to: for each, how to connect to it read-only through its DB-API module.

The DB-API modules are not dependencies; each is imported when a connector first needs it.
"""

from __future__ import annotations

import functools
import importlib
import math
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from text2everything.local._limits import Limits

# SQLite checks whether to stop after this many instructions of its virtual machine.
_SQLITE_PROGRESS_INTERVAL = 2_000
_SQLITE_MAX_VALUE_BYTES = 16 * 2**20


class DatabaseError(Exception):
    """An error of a database or its driver; the message has no secrets in it."""


@attrs.frozen
class ConnectionParameters:
    """A database and the credentials for it.

    Attributes:
        config: The further settings of the connector, without secrets.
        secrets: `password`, and the secrets of `config` by their names there.
    """

    db_type: str
    database: str
    host: str | None = None
    port: int | None = None
    username: str | None = None
    config: Mapping[str, Any] = attrs.field(factory=dict)
    secrets: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def redact(self, message: str) -> str:
        """Return an error message with every secret in it replaced by `***`."""
        for secret in self.secrets.values():
            if secret:
                message = message.replace(secret, "***")
        return message


@attrs.frozen
class Driver:
    """How to use one kind of database.

    Attributes:
        modules: The DB-API modules that can be used; the first one that is installed is.
        package: The package to install if there is none.
        connect: Opens a read-only connection.
        test_sql: A query that succeeds on every database of this kind.
        parse_before_running: Whether connections cannot be made read-only, so that a statement must be parsed first
            and refused if it writes.
        execute: Runs a statement; by default `cursor.execute(sql)`.
        cancel: Stops a running statement from another thread; by default closes the connection.
    """

    modules: tuple[str, ...]
    package: str
    connect: Callable[[Any, ConnectionParameters, Limits, threading.Event], Any]
    test_sql: str = "SELECT 1"
    parse_before_running: bool = False
    execute: Callable[[Any, str], Any] = lambda cursor, sql: cursor.execute(sql)
    cancel: Callable[[Any], Any] = lambda connection: connection.close()


def import_module(driver: Driver, db_type: str) -> Any:
    """Return the DB-API module of a driver.

    Raises:
        DatabaseError: None is installed.
    """
    for name in driver.modules:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise DatabaseError(f"the driver for {db_type} is not installed: pip install {driver.package!r}")


def _connect_sqlite(
    _: Any, parameters: ConnectionParameters, limits: Limits, stopped: threading.Event
) -> sqlite3.Connection:
    uri = Path(parameters.database).expanduser().absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(
        uri, uri=True, timeout=min(2.0, limits.seconds), isolation_level=None, check_same_thread=False
    )
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _SQLITE_MAX_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_deny_attach)
    connection.set_progress_handler(lambda: int(stopped.is_set()), _SQLITE_PROGRESS_INTERVAL)
    return connection


def _deny_attach(action: int, *_: Any) -> int:
    """Refuse access to other database files; the connection is read-only already."""
    denied = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
    return sqlite3.SQLITE_DENY if action in denied else sqlite3.SQLITE_OK


def _connect_postgres(module: Any, parameters: ConnectionParameters, limits: Limits, _: threading.Event) -> Any:
    ssl = {name: parameters.config[name] for name in ("sslmode", "sslrootcert") if name in parameters.config}
    connection = module.connect(
        host=parameters.host,
        port=parameters.port,
        user=parameters.username,
        password=parameters.secrets.get("password"),
        dbname=parameters.database,
        connect_timeout=max(1, round(limits.connect_seconds)),
        options=f"-c default_transaction_read_only=on -c statement_timeout={round(limits.seconds * 1000)}",
        **ssl,
    )
    connection.read_only = True
    return connection


def _connect_mysql(module: Any, parameters: ConnectionParameters, limits: Limits, _: threading.Event) -> Any:
    return module.connect(
        host=parameters.host,
        port=parameters.port,
        user=parameters.username,
        password=parameters.secrets.get("password", ""),
        database=parameters.database,
        connect_timeout=max(1, round(limits.connect_seconds)),
        read_timeout=max(1, math.ceil(limits.seconds)),
        init_command="SET SESSION TRANSACTION READ ONLY",
    )


def _connect_sqlserver(module: Any, parameters: ConnectionParameters, limits: Limits, _: threading.Event) -> Any:
    password = parameters.secrets.get("password", "")
    if module.__name__ == "pymssql":
        return module.connect(
            server=parameters.host,
            port=str(parameters.port),
            user=parameters.username,
            password=password,
            database=parameters.database,
            login_timeout=max(1, round(limits.connect_seconds)),
            timeout=max(1, math.ceil(limits.seconds)),
        )
    settings = {
        "DRIVER": str(parameters.config.get("driver", "ODBC Driver 18 for SQL Server")),
        "SERVER": f"{parameters.host},{parameters.port}",
        "DATABASE": parameters.database,
        "UID": parameters.username or "",
        "PWD": password,
        "ApplicationIntent": "ReadOnly",
    }
    text = ";".join(f"{name}={{{value.replace('}', '}}')}}}" for name, value in settings.items())
    return module.connect(text, timeout=max(1, round(limits.connect_seconds)))


def _connect_snowflake(module: Any, parameters: ConnectionParameters, limits: Limits, _: threading.Event) -> Any:
    host = parameters.host or ""
    names = ("warehouse", "role", "schema")
    settings: dict[str, Any] = {name: parameters.config[name] for name in names if name in parameters.config}
    if "private_key" in parameters.secrets:
        settings["private_key"] = _private_key_der(
            parameters.secrets["private_key"], parameters.secrets.get("private_key_passphrase")
        )
    else:
        settings["password"] = parameters.secrets.get("password")
    return module.connect(
        account=parameters.config.get("account") or host.removesuffix(".snowflakecomputing.com"),
        user=parameters.username,
        database=parameters.database,
        login_timeout=max(1, round(limits.connect_seconds)),
        session_parameters={"STATEMENT_TIMEOUT_IN_SECONDS": max(1, math.ceil(limits.seconds))},
        **settings,
    )


def _private_key_der(pem: str, passphrase: str | None) -> bytes:
    # The Snowflake driver takes the key in DER, and depends on cryptography.
    serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(pem.encode(), passphrase.encode() if passphrase else None)
    encoded: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded


DRIVERS: dict[str, Driver] = {
    "sqlite": Driver(
        ("sqlite3",),
        "python",
        _connect_sqlite,
        test_sql="SELECT count(*) FROM sqlite_master",
        cancel=lambda connection: connection.interrupt(),
    ),
    "postgres": Driver(
        ("psycopg",),
        "psycopg[binary]",
        _connect_postgres,
        # A prepared statement is a single statement, so none can end the read-only transaction and then write.
        execute=lambda cursor, sql: cursor.execute(sql, prepare=True),
        cancel=lambda connection: connection.cancel(),
    ),
    "mysql": Driver(("pymysql",), "pymysql", _connect_mysql),
    "sqlserver": Driver(("pymssql", "pyodbc"), "pymssql", _connect_sqlserver, parse_before_running=True),
    "snowflake": Driver(
        ("snowflake.connector",), "snowflake-connector-python", _connect_snowflake, parse_before_running=True
    ),
}
