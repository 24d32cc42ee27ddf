"""The portal where it is hardest: at exit, over forks and on Ctrl-C; each in a process of its own."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from name_service import NameService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.Popen[str]]

SCRIPTS = Path(__file__).parent.parent / "scripts"
each_kind = pytest.mark.parametrize("kind", [pytest.param("plain", marks=pytest.mark.slow), "real"])


@pytest.fixture(autouse=True, params=["uvloop", pytest.param("asyncio", marks=pytest.mark.slow)])
def loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts run on either kind of event loop."""
    monkeypatch.setenv("LOOP", request.param)


@pytest.fixture
def service() -> Iterator[NameService]:
    service = NameService()
    yield service
    service.stop()


@pytest.fixture
def start(service: NameService) -> Iterator[Start]:
    """Starts scripts, and leaves none behind when a test fails."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, kind: str, *args: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-X",
            "faulthandler",
            "-W",
            "error",
            SCRIPTS / script,
            kind,
            service.base_url,
            *args,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], 60)[0]:
        process.kill()
        pytest.fail(f"no line within 60 s; stderr: {process.communicate()[1]}")
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str], status: int = 0) -> None:
    """Expect a process to say that it is done and to end, with this status and a clean stderr.

    It must wait for nothing: what limits such waits takes five minutes in these scripts.
    """
    line = read_line(process)
    try:
        _, stderr = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"hung after {line!r}; stderr: {process.communicate()[1]}")
    assert line == "done", stderr
    assert (process.returncode, stderr) == (status, "")


@each_kind
def test_a_script_that_never_closes_exits_cleanly(start: Start, kind: str) -> None:
    finish(start("never_closes.py", kind))


@each_kind
def test_a_call_under_way_does_not_keep_a_script_from_exiting(service: NameService, start: Start, kind: str) -> None:
    finish(start("exits_with_status.py", kind), status=7)
    assert service.slow_dropped.wait(60)


@pytest.mark.slow
@each_kind
def test_a_client_works_on_both_sides_of_a_fork(start: Start, kind: str) -> None:
    finish(start("forks.py", kind))


@pytest.mark.slow
@each_kind
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_client_works_in_multiprocessing_workers(start: Start, kind: str, method: str) -> None:
    finish(start("multiprocesses.py", kind, method))


@each_kind
def test_ctrl_c_stops_the_request_and_leaves_the_client_usable(service: NameService, start: Start, kind: str) -> None:
    process = start("interrupted.py", kind)
    assert read_line(process) == "waiting"
    assert service.slow_started.wait(60)
    assert not service.slow_dropped.is_set()
    os.kill(process.pid, signal.SIGINT)
    assert service.slow_dropped.wait(60)
    finish(process)
