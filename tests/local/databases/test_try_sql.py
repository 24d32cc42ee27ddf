"""Having a database check SQL from another thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.extras import needs
from text2everything.local import Limits
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._databases._query_runner import QueryRunner
from text2everything.local._databases._read_only import require_read_only
from text2everything.local._try_sql import EXPLAINING, trying_sql


@pytest.fixture(scope="module")
def runner() -> Iterator[QueryRunner]:
    runner = QueryRunner()
    yield runner
    runner.close()


def parameters(db_type: str, database: Path) -> ConnectionParameters:
    return ConnectionParameters(db_type=db_type, database=str(database))


async def messages(runner: Any, where: ConnectionParameters, *statements: str) -> list[str | None]:
    with trying_sql(runner, "connector", where) as try_sql:
        return [await asyncio.to_thread(try_sql, sql) for sql in statements]


async def test_every_database_says_what_is_wrong(runner: QueryRunner, target: ConnectionParameters) -> None:
    right = ["SELECT name FROM items", "WITH t AS (SELECT id FROM items) SELECT max(id) FROM t", "(SELECT 1)"]
    if target.db_type == "sqlite":  # has no queries in parentheses
        right.pop()
    assert await messages(runner, target, *right) == [None] * len(right)
    column, table, syntax, writing = await messages(
        runner, target, "SELECT nope FROM items", "SELECT 1 FROM nothing", "SELECT 1 FROM", "DELETE FROM items"
    )
    assert "nope" in str(column)
    assert "nothing" in str(table)
    assert syntax
    assert "only a query that reads" in str(writing)


@needs("duckdb")
async def test_what_cannot_be_explained_is_run(runner: QueryRunner, tmp_path: Path) -> None:
    (tmp_path / "numbers.csv").write_text("n\n1\n2\n")
    where = parameters("duckdb", tmp_path / "numbers.csv")
    told = await messages(runner, where, "(SELECT n FROM numbers)", "(SELECT nope FROM numbers)", "FROM numbers")
    assert told[0] is told[2] is None
    assert "nope" in str(told[1])


async def test_a_database_that_is_not_there_says_nothing(runner: QueryRunner, tmp_path: Path) -> None:
    assert await messages(runner, parameters("sqlite", tmp_path / "none.db"), "SELECT nope FROM nothing") == [None]


@pytest.mark.parametrize("db_type", sorted(EXPLAINING))
@pytest.mark.parametrize("sql", ["SELECT a FROM b", "WITH t AS (SELECT 1 AS a) SELECT a FROM t", "-- x\nSELECT 1"])
def test_a_query_that_may_be_run_may_be_explained(db_type: str, sql: str) -> None:
    require_read_only(sql, db_type)
    require_read_only(f"EXPLAIN {sql}", db_type)


class NeverRuns:
    """A runner whose statements never end."""

    limits = Limits()

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.stopped = False

    async def run(self, *_: object, rows: int) -> None:
        assert rows == 1
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True


async def test_the_end_of_the_block_stops_what_is_being_checked(tmp_path: Path) -> None:
    runner: Any = NeverRuns()
    told: list[str | None] = []
    with trying_sql(runner, "connector", parameters("sqlite", tmp_path / "x.db")) as try_sql:
        thread = threading.Thread(target=lambda: told.append(try_sql("SELECT 1")))
        thread.start()
        await runner.started.wait()
    await asyncio.to_thread(thread.join)
    assert (runner.stopped, told) == (True, [None])
    assert await asyncio.to_thread(try_sql, "SELECT 1") is None  # nobody waits for it any more


def test_after_the_end_of_the_loop_nothing_is_checked(tmp_path: Path) -> None:
    async def give() -> Any:
        with trying_sql(NeverRuns(), "connector", parameters("sqlite", tmp_path / "x.db")) as try_sql:  # type: ignore[arg-type]
            return try_sql

    assert asyncio.run(give())("SELECT 1") is None
