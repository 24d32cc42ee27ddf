"""Having the database of a connector check SQL, for an engine that runs in a thread."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from text2everything._runtime.threads import lock
from text2everything.local._databases._query_runner import MAX_RUNNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from text2everything.local._databases._parameters import ConnectionParameters
    from text2everything.local._databases._query_runner import QueryRunner

EXPLAINING: Final = frozenset({"sqlite", "duckdb", "postgres", "mysql", "mariadb", "snowflake"})
"""The databases that check a query without running it."""
# For waiting in the queue of the connector, and for starting workers.
_QUEUE_SECONDS: Final = 60.0


@contextlib.contextmanager
def trying_sql(
    runner: QueryRunner, connector_id: str, parameters: ConnectionParameters
) -> Iterator[Callable[[str], str | None]]:
    """Give a function that blocks until the database has checked a query, to be called in other threads.

    It returns the database's own message, or None if the query is right, or if the database cannot be asked: then the
    query is not to blame. At the end of the block, what is being checked is stopped.
    """
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    is_over = False
    limits = runner.limits
    most_seconds = MAX_RUNNING * limits.seconds + 3 * limits.connect_seconds + _QUEUE_SECONDS

    def try_sql(sql: str) -> str | None:
        done = lock()
        done.acquire()
        messages: list[str] = []

        async def check() -> None:
            try:
                message = await _check(runner, connector_id, parameters, sql)
                messages.extend([message] if message is not None else [])
            finally:
                done.release()

        def start() -> None:
            if is_over:
                done.release()
                return
            task = loop.create_task(check())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody awaits the draft any more
            loop.call_soon_threadsafe(start)
            done.acquire(timeout=most_seconds)
        return messages[0] if messages else None

    try:
        yield try_sql
    finally:
        is_over = True
        for task in tasks:
            task.cancel()


async def _check(runner: QueryRunner, connector_id: str, parameters: ConnectionParameters, sql: str) -> str | None:
    # What begins with a parenthesis, some of them would take for options of EXPLAIN.
    explains = parameters.db_type in EXPLAINING and not sql.lstrip().startswith("(")
    outcome = await runner.run(connector_id, parameters, f"EXPLAIN {sql}" if explains else sql, rows=1)
    if outcome.error is None:
        return None
    connection = await runner.test_connection(connector_id, parameters)
    return outcome.error if connection.error is None else None
