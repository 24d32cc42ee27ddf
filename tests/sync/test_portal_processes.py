"""The portal where it is hardest: at exit, over forks and on Ctrl-C; each in a process of its own."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from name_service import NameService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.Popen[str]]
    Finish = Callable[..., None]

SCRIPTS = Path(__file__).parent.parent / "scripts"
each_kind = pytest.mark.parametrize("kind", ["plain", "real"])


@pytest.fixture(autouse=True, params=["uvloop", "asyncio"])
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


def run_to_exit(process: subprocess.Popen[str]) -> tuple[float, str]:
    """Return the seconds from the line `done` to the process's end, and what it wrote to stderr."""
    line = read_line(process)
    said = time.monotonic()
    try:
        _, stderr = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"hung after {line!r}; stderr: {process.communicate()[1]}")
    took = time.monotonic() - said
    assert line == "done", stderr
    return took, stderr


@pytest.fixture
def finish(start: Start) -> Finish:
    """Expects a process to say that it is done and to be gone within 2 s, with this status and a clean stderr."""

    def finish(process: subprocess.Popen[str], status: int = 0) -> None:
        took, stderr = run_to_exit(process)
        assert (process.returncode, stderr) == (status, "")
        if took >= 2:  # a busy machine? what it takes of any script's exit is not ours
            took -= max(run_to_exit(start("exits_at_once.py", "none"))[0] for _ in range(3))
        assert took < 2

    return finish


@each_kind
def test_a_script_that_never_closes_exits_cleanly(start: Start, finish: Finish, kind: str) -> None:
    finish(start("never_closes.py", kind))


@each_kind
def test_a_call_under_way_does_not_keep_a_script_from_exiting(
    service: NameService, start: Start, finish: Finish, kind: str
) -> None:
    finish(start("exits_with_status.py", kind), status=7)
    assert service.slow_dropped.wait(5)


@each_kind
def test_a_client_works_on_both_sides_of_a_fork(start: Start, finish: Finish, kind: str) -> None:
    finish(start("forks.py", kind))


@each_kind
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_client_works_in_multiprocessing_workers(start: Start, finish: Finish, kind: str, method: str) -> None:
    finish(start("multiprocesses.py", kind, method))


@each_kind
def test_ctrl_c_stops_the_request_and_leaves_the_client_usable(
    service: NameService, start: Start, finish: Finish, kind: str
) -> None:
    process = start("interrupted.py", kind)
    assert read_line(process) == "waiting"
    assert service.slow_started.wait(10)
    assert not service.slow_dropped.is_set()
    os.kill(process.pid, signal.SIGINT)
    assert service.slow_dropped.wait(5)
    finish(process)
