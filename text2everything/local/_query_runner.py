"""Running SQL on the databases of connectors: read-only, one statement at a time, with limits, off the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import Any

import attrs

from text2everything.local._database_drivers import DRIVERS, ConnectionParameters, DatabaseError, import_module
from text2everything.local._limits import Limits
from text2everything.local._query_results import fetch_result
from text2everything.local._threads import run_in_daemon_thread

# Each running statement has a thread of its own.
_MAX_CONCURRENT_QUERIES = 16


@attrs.frozen
class QueryOutcome:
    """The result of a statement, or its error message, and how long it took."""

    elapsed_ms: int
    result: dict[str, Any] | None = None
    error: str | None = None


class QueryRunner:
    """Runs statements in threads, so that the event loop never waits for a database."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._semaphore = asyncio.Semaphore(_MAX_CONCURRENT_QUERIES)

    async def run(self, parameters: ConnectionParameters, sql: str) -> QueryOutcome:
        """Run one query. Cancelling this call stops the query in the database too."""
        return await self._run(parameters, sql, self.limits.seconds + self.limits.connect_seconds)

    async def test_connection(self, parameters: ConnectionParameters) -> QueryOutcome:
        """Connect and run a trivial query."""
        return await self._run(parameters, DRIVERS[parameters.db_type].test_sql, self.limits.connect_seconds)

    async def _run(self, parameters: ConnectionParameters, sql: str, seconds: float) -> QueryOutcome:
        if parameters.db_type == "sqlite":
            seconds = self.limits.seconds
        async with self._semaphore:
            query = _Query(parameters, sql, self.limits)
            started = time.perf_counter()
            result = error = None
            try:
                async with asyncio.timeout(seconds):
                    result = await run_in_daemon_thread(query.run)
            except DatabaseError as failure:
                error = str(failure)
            except TimeoutError:
                error = f"stopped after {seconds:g} s, the time limit"
            finally:
                query.stop()
            return QueryOutcome(round((time.perf_counter() - started) * 1000), result, error)


class _Query:
    """One statement on one database: `run` blocks in one thread, `stop` may be called from any other."""

    def __init__(self, parameters: ConnectionParameters, sql: str, limits: Limits) -> None:
        self._parameters = parameters
        self._driver = DRIVERS[parameters.db_type]
        self._sql = sql
        self._limits = limits
        self._stopped = threading.Event()
        self._connection: Any = None

    def stop(self) -> None:
        """Stop the statement; does nothing if it has not started, has ended or was stopped before."""
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
        except Exception as error:  # noqa: BLE001 - each driver has its own exceptions
            raise DatabaseError(self._parameters.redact(str(error)) or type(error).__name__) from None

    def _run(self) -> dict[str, Any]:
        module = import_module(self._driver, self._parameters.db_type)
        if self._driver.parse_before_running:
            _require_read_only_query(self._sql, self._parameters.db_type)
        self._connection = self._driver.connect(module, self._parameters, self._limits, self._stopped)
        try:
            cursor = self._connection.cursor()
            self._driver.execute(cursor, self._sql)
            if cursor.description is None:
                raise DatabaseError("only a statement that returns rows can be run")
            return fetch_result(cursor, self._limits.rows)
        finally:
            self._connection.close()


def _require_read_only_query(sql: str, db_type: str) -> None:
    import sqlglot  # noqa: PLC0415 - only some databases need it
    from sqlglot import exp  # noqa: PLC0415

    dialect = {"sqlserver": "tsql"}.get(db_type, db_type)
    try:
        statements = [statement for statement in sqlglot.parse(sql, read=dialect) if statement is not None]
    except sqlglot.errors.SqlglotError as error:
        raise DatabaseError(f"the SQL could not be read: {error}") from None
    if len(statements) != 1:
        raise DatabaseError("exactly one statement can be run at a time")
    query = statements[0]
    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Into, exp.Command)
    if not isinstance(query, exp.Query) or query.find(*writes) is not None:
        raise DatabaseError("only a query that reads can be run")
