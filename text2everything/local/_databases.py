"""Running SQL on the databases connectors lead to: read-only, one statement, within limits, off the event loop.

Each kind of database is one `Driver` over its DB-API module, which is imported when it is first needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import decimal
import functools
import importlib
import math
import sqlite3
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

# Statements at once; each has a thread of its own.
_AT_ONCE = 16
# How often SQLite looks whether to go on, in instructions of its virtual machine.
_STEPS = 2_000
_LONGEST_VALUE = 16 * 2**20
_LARGEST_RESULT = 32 * 2**20


@attrs.frozen
class Limits:
    """How much one statement may take.

    Attributes:
        seconds: Time for the statement.
        rows: Rows kept of its result; more are dropped, and the result says so.
        connect_seconds: Time to connect.
    """

    seconds: float = 30.0
    rows: int = 10_000
    connect_seconds: float = 5.0


@attrs.frozen
class Target:
    """A database and how to get in; `secrets` holds `password` and what else is kept out of `config`."""

    db_type: str
    database: str
    host: str | None = None
    port: int | None = None
    username: str | None = None
    config: Mapping[str, Any] = attrs.field(factory=dict)
    secrets: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def mask(self, message: str) -> str:
        """Return a message of a driver without the secrets, should it quote one."""
        for secret in self.secrets.values():
            if secret:
                message = message.replace(secret, "***")
        return message


@attrs.frozen
class Outcome:
    """What became of a statement: a result or an error, and how long it took."""

    elapsed_ms: int
    result: dict[str, Any] | None = None
    error: str | None = None


class DatabaseError(Exception):
    """What a database, or its driver, said; safe to show."""


@attrs.frozen
class Driver:
    """One kind of database.

    Attributes:
        modules: The DB-API modules that can be used, the best first.
        package: What to install if there is none.
        connect: Opens a connection that cannot write.
        probe: A statement that succeeds on every such database.
        guarded: Whether the connection could write after all, so that anything but a query must be refused first.
        execute: Runs a statement; by default as DB-API does.
        cancel: Ends a running statement from another thread.
    """

    modules: tuple[str, ...]
    package: str
    connect: Callable[[Any, Target, Limits, threading.Event], Any]
    probe: str = "SELECT 1"
    guarded: bool = False
    execute: Callable[[Any, str], Any] = lambda cursor, sql: cursor.execute(sql)
    cancel: Callable[[Any], Any] = lambda connection: connection.close()


class Query:
    """One statement on one database, run in one thread and stopped from any."""

    def __init__(self, target: Target, sql: str | None, limits: Limits) -> None:
        self._target = target
        self._driver = DRIVERS[target.db_type]
        self._sql = sql if sql is not None else self._driver.probe
        self._limits = limits
        self._stopped = threading.Event()
        self._connection: Any = None

    def stop(self) -> None:
        """End the statement soon; harmless before, after and twice."""
        self._stopped.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(Exception):  # it may have ended meanwhile
                self._driver.cancel(connection)

    def run(self) -> dict[str, Any]:
        """Run the statement and return its result.

        Raises:
            DatabaseError: It failed, was stopped, is not a query, or the driver is not installed.
        """
        try:
            return self._run()
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - each driver has its own; all of them are the caller's affair
            raise DatabaseError(self._target.mask(str(error)) or type(error).__name__) from None

    def _run(self) -> dict[str, Any]:
        module = _import(self._driver, self._target.db_type)
        if self._driver.guarded:
            _require_query(self._sql, self._target.db_type)
        self._connection = self._driver.connect(module, self._target, self._limits, self._stopped)
        try:
            cursor = self._connection.cursor()
            self._driver.execute(cursor, self._sql)
            if cursor.description is None:
                raise DatabaseError("only a statement that returns rows can be run")
            return _result(cursor, self._limits.rows)
        finally:
            self._connection.close()


class Runner:
    """Runs statements in threads of their own, so that the event loop never waits for a database."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def select(self, target: Target, sql: str) -> Outcome:
        """Run one query. Cancelling stops it in the database as well."""
        return await self._run(target, sql, self.limits.seconds + self.limits.connect_seconds)

    async def probe(self, target: Target) -> Outcome:
        """Connect and run a trivial query."""
        return await self._run(target, None, self.limits.connect_seconds)

    async def _run(self, target: Target, sql: str | None, seconds: float) -> Outcome:
        if target.db_type == "sqlite":
            seconds = self.limits.seconds
        async with self._slots:
            query = Query(target, sql, self.limits)
            started = time.perf_counter()
            result = error = None
            try:
                async with asyncio.timeout(seconds):
                    result = await in_thread(query.run)
            except DatabaseError as failure:
                error = str(failure)
            except TimeoutError:
                error = f"stopped after {seconds:g} s, the time limit"
            finally:
                query.stop()
            return Outcome(round((time.perf_counter() - started) * 1000), result, error)


async def in_thread(work: Callable[[], T]) -> T:
    """Run a blocking function in a daemon thread, which no exit of the interpreter waits for."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # a result, since there is no error

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as failure:  # noqa: BLE001 - raised again where it is awaited
            error = failure
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="text2everything-query", daemon=True).start()
    return await future


def _import(driver: Driver, db_type: str) -> Any:
    for name in driver.modules:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise DatabaseError(f"the driver for {db_type} is not installed: pip install {driver.package!r}")


def _require_query(sql: str, db_type: str) -> None:
    import sqlglot  # noqa: PLC0415 - only these databases need it here
    from sqlglot import exp  # noqa: PLC0415

    dialect = {"sqlserver": "tsql"}.get(db_type, db_type)
    try:
        statements = [found for found in sqlglot.parse(sql, read=dialect) if found is not None]
    except sqlglot.errors.SqlglotError as error:
        raise DatabaseError(f"the SQL could not be read: {error}") from None
    if len(statements) != 1:
        raise DatabaseError("exactly one statement can be run at a time")
    query = statements[0]
    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Into, exp.Command)
    if not isinstance(query, exp.Query) or query.find(*writes) is not None:
        raise DatabaseError("only a query that reads can be run")


def _result(cursor: Any, most: int) -> dict[str, Any]:
    columns = [str(entry[0]) for entry in cursor.description]
    data: list[list[Any]] = [columns]
    size = 0
    truncated = False
    while rows := cursor.fetchmany(500):
        for row in rows:
            if len(data) > most or size > _LARGEST_RESULT:
                truncated = True
                break
            values = [plain(value) for value in row]
            size += sum(len(value) for value in values if isinstance(value, str))
            data.append(values)
        if truncated:
            break
    result: dict[str, Any] = {"columns": columns, "data": data, "rowCount": len(data) - 1}
    if truncated:
        result["truncated"] = True
    return result


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind
    """Return a value as JSON can hold it: dates as ISO 8601, decimals as written, bytes as hexadecimal digits."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


# The databases


def _connect_sqlite(_: Any, target: Target, limits: Limits, stopped: threading.Event) -> sqlite3.Connection:
    uri = Path(target.database).expanduser().absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(
        uri, uri=True, timeout=min(2.0, limits.seconds), isolation_level=None, check_same_thread=False
    )
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_only_reads)
    connection.set_progress_handler(lambda: int(stopped.is_set()), _STEPS)
    return connection


def _only_reads(action: int, *_: Any) -> int:
    """Refuse to reach for other files; writing to this one is impossible already."""
    refused = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
    return sqlite3.SQLITE_DENY if action in refused else sqlite3.SQLITE_OK


def _connect_postgres(module: Any, target: Target, limits: Limits, _: threading.Event) -> Any:
    extra = {name: target.config[name] for name in ("sslmode", "sslrootcert") if name in target.config}
    connection = module.connect(
        host=target.host,
        port=target.port,
        user=target.username,
        password=target.secrets.get("password"),
        dbname=target.database,
        connect_timeout=max(1, round(limits.connect_seconds)),
        options=f"-c default_transaction_read_only=on -c statement_timeout={round(limits.seconds * 1000)}",
        **extra,
    )
    connection.read_only = True
    return connection


def _connect_mysql(module: Any, target: Target, limits: Limits, _: threading.Event) -> Any:
    return module.connect(
        host=target.host,
        port=target.port,
        user=target.username,
        password=target.secrets.get("password", ""),
        database=target.database,
        connect_timeout=max(1, round(limits.connect_seconds)),
        read_timeout=max(1, math.ceil(limits.seconds)),
        init_command="SET SESSION TRANSACTION READ ONLY",
    )


def _connect_sqlserver(module: Any, target: Target, limits: Limits, _: threading.Event) -> Any:
    password = target.secrets.get("password", "")
    if module.__name__ == "pymssql":
        return module.connect(
            server=target.host,
            port=str(target.port),
            user=target.username,
            password=password,
            database=target.database,
            login_timeout=max(1, round(limits.connect_seconds)),
            timeout=max(1, math.ceil(limits.seconds)),
        )
    settings = {
        "DRIVER": str(target.config.get("driver", "ODBC Driver 18 for SQL Server")),
        "SERVER": f"{target.host},{target.port}",
        "DATABASE": target.database,
        "UID": target.username or "",
        "PWD": password,
        "ApplicationIntent": "ReadOnly",
    }
    text = ";".join(f"{name}={{{value.replace('}', '}}')}}}" for name, value in settings.items())
    return module.connect(text, timeout=max(1, round(limits.connect_seconds)))


def _connect_snowflake(module: Any, target: Target, limits: Limits, _: threading.Event) -> Any:
    host = target.host or ""
    names = ("warehouse", "role", "schema")
    settings: dict[str, Any] = {name: target.config[name] for name in names if name in target.config}
    if "private_key" in target.secrets:
        settings["private_key"] = _der(target.secrets["private_key"], target.secrets.get("private_key_passphrase"))
    else:
        settings["password"] = target.secrets.get("password")
    return module.connect(
        account=target.config.get("account") or host.removesuffix(".snowflakecomputing.com"),
        user=target.username,
        database=target.database,
        login_timeout=max(1, round(limits.connect_seconds)),
        session_parameters={"STATEMENT_TIMEOUT_IN_SECONDS": max(1, math.ceil(limits.seconds))},
        **settings,
    )


def _der(pem: str, passphrase: str | None) -> bytes:
    # Comes with the Snowflake driver, which wants the key in this form.
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
        probe="SELECT count(*) FROM sqlite_master",
        cancel=lambda connection: connection.interrupt(),
    ),
    "postgres": Driver(
        ("psycopg",),
        "psycopg[binary]",
        _connect_postgres,
        # A prepared statement is always one statement: none can end the read-only transaction and go on.
        execute=lambda cursor, sql: cursor.execute(sql, prepare=True),
        cancel=lambda connection: connection.cancel(),
    ),
    "mysql": Driver(("pymysql",), "pymysql", _connect_mysql),
    "sqlserver": Driver(("pymssql", "pyodbc"), "pymssql", _connect_sqlserver, guarded=True),
    "snowflake": Driver(("snowflake.connector",), "snowflake-connector-python", _connect_snowflake, guarded=True),
}
