"""Running statements on the databases of connectors: off the event loop, in time, and each connector on its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from text2everything._runtime.threads import lock
from text2everything.local._databases import _workers
from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._databases._workers import WorkerEndedError, Workers
from text2everything.local._json import JsonDocument
from text2everything.local._limits import Limits
from text2everything.local._threads import run_in_daemon_thread

MAX_RUNNING: Final = 8
"""Statements of one connector that run at once; further ones wait."""

# For what is not the statement's time: a worker that has to start, on a busy machine too.
_GRACE_SECONDS = 20.0


@attrs.frozen
class QueryOutcome:
    """The result of a statement, or its error message, and how long it took."""

    elapsed_ms: int
    result: JsonDocument | None = None
    error: str | None = None


class QueryRunner:
    """Runs statements in workers, so that neither the event loop nor this process's memory bears them."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._slots: weakref.WeakValueDictionary[str, asyncio.Semaphore] = weakref.WeakValueDictionary()
        self._workers = _workers.workers
        self._workers.open()

    def close(self) -> None:
        """End the workers, if no other service needs them."""
        self._workers.close()

    async def run(
        self, connector_id: str, parameters: ConnectionParameters, sql: str, *, rows: int | None = None
    ) -> QueryOutcome:
        """Run one query, for so many rows at most. Cancelling this call stops the query in the database too."""
        limits = self.limits if rows is None else attrs.evolve(self.limits, rows=min(rows, self.limits.rows))
        return await self._run(connector_id, parameters, sql, limits, limits.seconds + limits.connect_seconds)

    async def test_connection(self, connector_id: str, parameters: ConnectionParameters) -> QueryOutcome:
        """Connect and run a trivial query; the result is whether the account could write, None if not known."""
        return await self._run(connector_id, parameters, None, self.limits, 2 * self.limits.connect_seconds)

    async def _run(
        self,
        connector_id: str,
        parameters: ConnectionParameters,
        sql: str | None,
        limits: Limits,
        seconds: float,
    ) -> QueryOutcome:
        slots = self._slots.setdefault(connector_id, asyncio.Semaphore(MAX_RUNNING))
        async with slots:
            request = {"parameters": attrs.asdict(parameters), "limits": attrs.asdict(limits), "sql": sql}
            statement = _Statement(self._workers, request)
            started = time.perf_counter()
            result = error = None
            try:
                async with asyncio.timeout(seconds + _GRACE_SECONDS):
                    result = JsonDocument(await run_in_daemon_thread(statement.run))
            except DatabaseError as failure:
                error = str(failure)
            except TimeoutError:
                error = f"the database did not answer within {seconds + _GRACE_SECONDS:g} s"
            finally:
                statement.stop()
            return QueryOutcome(round((time.perf_counter() - started) * 1000), result, error)


class _Statement:
    """One statement: `run` blocks in one thread, `stop` may be called from any other."""

    def __init__(self, workers: Workers, request: dict[str, Any]) -> None:
        self._workers = workers
        self._request = request
        self._lock = lock()
        self._stop_running: Callable[[], None] | None = None
        self._is_stopped = False

    def run(self) -> str:
        """Run the statement, and return its result, a JSON document.

        Raises:
            DatabaseError: It failed, was stopped, or is no query.
        """
        if getattr(sys, "frozen", False):  # there is no interpreter that could be a worker
            from text2everything.local._databases._answer import Answer  # noqa: PLC0415 - SQLAlchemy is slow to import

            answer = Answer(self._request)
            with self._stoppable(answer.stop):
                return answer.make()
        while True:
            worker = self._workers.take()
            try:
                with self._stoppable(worker.stop):
                    return worker.run(self._request)
            except WorkerEndedError:
                continue  # it was idle, and ended
            finally:
                self._workers.give_back(worker)

    def stop(self) -> None:
        """Stop the statement; does nothing after its end."""
        with self._lock:
            self._is_stopped = True
            if self._stop_running is not None:
                self._stop_running()

    @contextlib.contextmanager
    def _stoppable(self, stop: Callable[[], None]) -> Iterator[None]:
        with self._lock:
            if self._is_stopped:
                raise DatabaseError("stopped")
            self._stop_running = stop
        try:
            yield
        finally:
            with self._lock:
                self._stop_running = None
