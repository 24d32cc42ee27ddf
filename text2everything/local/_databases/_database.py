"""`Database`: what is special about one type of database; SQLAlchemy does the rest."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._databases._values import to_json_value
from text2everything.local._limits import Limits


class Database:
    """One type of database.

    Subclasses set the attributes, and override the methods that are different for them.

    Attributes:
        db_type: Its name in connectors.
        driver: The dialect and driver in SQLAlchemy's URLs.
        sql_dialect: The name of its SQL in sqlglot.
        modules: The modules that must be importable.
        packages: The packages to install for them.
        test_sql: A query that succeeds on every database of this type.
        engine_options: Further arguments of SQLAlchemy's `create_engine`.
    """

    db_type: ClassVar[str]
    driver: ClassVar[str]
    sql_dialect: ClassVar[str]
    modules: ClassVar[tuple[str, ...]]
    packages: ClassVar[str]
    test_sql: ClassVar[str] = "SELECT 1"
    engine_options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, parameters: ConnectionParameters, limits: Limits) -> None:
        self.parameters = parameters
        self.limits = limits
        self.stopped = threading.Event()
        self._connection: Any = None

    # What is different for each type

    def url(self) -> sa.URL:
        """Return the URL of the database."""
        parameters = self.parameters
        return sa.URL.create(
            self.driver,
            parameters.username,
            parameters.password,
            parameters.host,
            parameters.port,
            parameters.database,
        )

    def connect_arguments(self) -> dict[str, Any]:
        """Return further arguments of the driver's `connect`."""
        return {}

    def prepare(self, dbapi_connection: Any) -> None:
        """Make a new connection read-only, and set its limits."""

    def execute(self, connection: sa.Connection, sql: str, *, is_query: bool) -> sa.CursorResult[Any]:
        """Run a statement, and return its rows as they come.

        Args:
            connection: What `connect` returned.
            sql: The statement.
            is_query: Whether it is a query, for which the server can hold a cursor; else it is one such as EXPLAIN.
        """
        options = {"no_parameters": True, "stream_results": is_query, "max_row_buffer": 1}
        return connection.execution_options(**options).exec_driver_sql(sql)

    def to_json_value(self, value: Any) -> Any:
        """Return a value of a row as JSON."""
        return to_json_value(value)

    def can_write(self, connection: sa.Connection) -> bool | None:  # noqa: ARG002
        """Return whether the account could write, if it were let; None if that is not known."""
        return None

    def error_message(self, error: BaseException) -> str:
        """Return what an error of the driver says."""
        return str(error)

    def cancel(self, dbapi_connection: Any) -> None:
        """Stop what the connection is doing; called in another thread."""
        dbapi_connection.close()

    # The same for all

    def connect(self) -> sa.Connection:
        """Open a read-only connection.

        Raises:
            DatabaseError: The driver is not installed.
        """
        for module in self.modules:
            try:
                importlib.import_module(module)
            except ImportError:
                message = f"the driver for {self.db_type} is not installed: pip install {self.packages}"
                raise DatabaseError(message) from None
        engine = sa.create_engine(
            self.url(), poolclass=NullPool, connect_args=self.connect_arguments(), **self.engine_options
        )
        sa.event.listen(engine, "connect", lambda dbapi_connection, _: self.prepare(dbapi_connection))
        connection = engine.connect()
        self._connection = connection.connection.driver_connection
        if self.stopped.is_set():
            self.stop()
        return connection

    def stop(self) -> None:
        """Stop the statement, from another thread, or the next one; does nothing after its end."""
        self.stopped.set()
        if self._connection is not None:
            with suppress(Exception):  # it may have ended meanwhile
                self.cancel(self._connection)

    @contextmanager
    def time_limit(self) -> Iterator[None]:
        """Stop what runs in the block when the time of a statement is over.

        Raises:
            DatabaseError: The time was over, or the statement was stopped before.
        """
        seconds, is_over = self.limits.seconds, threading.Event()

        def stop() -> None:
            is_over.set()
            self.stop()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception:
            if is_over.is_set():
                raise DatabaseError(f"stopped after {seconds:g} s, the time limit") from None
            if self.stopped.is_set():
                raise DatabaseError("stopped") from None
            raise
        finally:
            timer.cancel()


def given(settings: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return those of the settings that are given."""
    return {name: settings[name] for name in names if settings.get(name) is not None}
