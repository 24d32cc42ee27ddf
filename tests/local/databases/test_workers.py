"""Workers: kept from statement to statement, replaced when they end, and gone with the last service."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes import eventually, without_slow_callbacks
from text2everything.local import Limits
from text2everything.local._databases import _query_runner, _workers
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._databases._query_runner import QueryOutcome, QueryRunner
from text2everything.local._databases._workers import Workers

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[QueryRunner]:
    """A runner with workers of its own."""
    monkeypatch.setattr(_workers, "workers", Workers())
    runner = QueryRunner(Limits(seconds=60))
    yield runner
    if runner._workers._services:
        runner.close()


@pytest.fixture
def target(sqlite_file: Path) -> ConnectionParameters:
    return ConnectionParameters("sqlite", str(sqlite_file))


def pids(runner: QueryRunner) -> list[int]:
    workers = runner._workers
    return [worker._process.pid for worker in (*workers._idle, *workers._busy)]


async def one(runner: QueryRunner, target: ConnectionParameters) -> QueryOutcome:
    return await runner.run("c", target, "SELECT 1")


async def until(condition: Callable[[], bool]) -> None:
    assert await asyncio.to_thread(eventually, condition)


async def test_a_worker_is_kept(runner: QueryRunner, target: ConnectionParameters) -> None:
    assert (await one(runner, target)).error is None
    first = pids(runner)
    for _ in range(5):
        await one(runner, target)
    assert pids(runner) == first
    assert len(first) == 1


@pytest.mark.slow
async def test_statements_at_once_have_workers_of_their_own(
    runner: QueryRunner, target: ConnectionParameters
) -> None:
    outcomes = await asyncio.gather(*(one(runner, target) for _ in range(12)))
    assert [outcome.error for outcome in outcomes] == [None] * 12
    await until(lambda: len(pids(runner)) <= _workers.MAX_IDLE)


async def test_a_worker_that_dies_is_an_error_and_is_replaced(
    runner: QueryRunner, target: ConnectionParameters
) -> None:
    task = asyncio.ensure_future(runner.run("c", target, ENDLESS))
    await until(lambda: bool(pids(runner)))
    os.kill(pids(runner)[0], signal.SIGKILL)
    assert (await task).error == "the process that ran the statement ended"
    assert (await one(runner, target)).error is None


async def test_an_idle_worker_that_dies_is_replaced_in_silence(
    runner: QueryRunner, target: ConnectionParameters
) -> None:
    await one(runner, target)
    ((pid,), (worker,)) = pids(runner), runner._workers._idle
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not worker.is_alive)
    for _ in range(3):
        assert (await one(runner, target)).error is None
    assert pid not in pids(runner)


@pytest.mark.slow
async def test_a_worker_that_was_long_idle_ends_and_costs_no_statement(
    runner: QueryRunner, target: ConnectionParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = "; main.__globals__['MAX_IDLE_SECONDS'] = 0.02; main()"
    monkeypatch.setattr(_workers, "_COMMAND", _workers._COMMAND.replace("; main()", short))
    for pause in (0, 0.01, 0.018, 0.02, 0.022, 0.03) * 5:  # about when it ends
        await asyncio.sleep(pause)
        assert (await one(runner, target)).error is None


async def test_the_last_service_ends_the_workers(runner: QueryRunner, target: ConnectionParameters) -> None:
    other = QueryRunner()
    await one(runner, target)
    await one(other, target)
    found = pids(runner)
    other.close()
    assert psutil.pid_exists(found[0])
    runner.close()
    assert not psutil.pid_exists(found[0])


async def test_closing_ends_a_running_statement(runner: QueryRunner, target: ConnectionParameters) -> None:
    task = asyncio.ensure_future(runner.run("c", target, ENDLESS))
    await until(lambda: bool(pids(runner)))
    (pid,) = pids(runner)
    await asyncio.to_thread(runner.close)
    assert (await task).error
    assert not psutil.pid_exists(pid)


async def test_in_a_frozen_program_statements_run_in_threads(
    runner: QueryRunner, target: ConnectionParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    outcome = await runner.run("c", target, "SELECT count(*) AS n FROM items")
    assert outcome.result is not None
    assert json.loads(outcome.result.text)["data"] == [["n"], [3]]
    task = asyncio.ensure_future(runner.run("c", target, ENDLESS))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    assert (await runner.run("c", target, "SELECT missing")).error == "no such column: missing"
    assert pids(runner) == []


async def test_a_statement_that_is_stopped_before_it_begins(
    runner: QueryRunner, target: ConnectionParameters
) -> None:
    request = {"parameters": {"db_type": "sqlite", "database": target.database}, "limits": {}, "sql": ENDLESS}
    statement = _query_runner._Statement(runner._workers, request)
    statement.stop()
    with pytest.raises(Exception, match="stopped"):
        await asyncio.to_thread(statement.run)


SCRIPT = """
import json, sys, time
from text2everything import Text2EverythingClient

with Text2EverythingClient.local(demo=True) as client:
    demo = client.service.demo
    print("ready", flush=True)
    client.executions.execute_query(demo.project_id, demo.connector_id, sys.argv[1])
"""


@pytest.mark.slow
def test_a_service_that_is_killed_takes_its_workers_along() -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT, ENDLESS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        service = psutil.Process(process.pid)
        assert eventually(service.children)
        (worker,) = service.children()
        assert eventually(lambda: worker.cpu_times().user > 0.5)
        process.kill()
        assert eventually(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_leaves_the_workers_of_its_parent_alone() -> None:
    script = """
import os, sys
from text2everything import Text2EverythingClient

with Text2EverythingClient.local(demo=True) as client:
    demo = client.service.demo
    run = lambda: client.executions.execute_query(demo.project_id, demo.connector_id, "SELECT 1 AS one").rows
    assert run() == [[1]]
    if (child := os.fork()) == 0:
        os._exit(0 if run() == [[1]] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert run() == [[1]]
"""
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", script], capture_output=True, text=True)
    assert (done.returncode, without_slow_callbacks(done.stderr)) == (0, "")
