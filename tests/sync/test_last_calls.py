"""Calls and exits at the end of the interpreter, each in a process of its own; host names are part of all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from name_service import NameService
from processes import without_slow_callbacks

from text2everything.local import LocalService

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPTS = Path(__file__).parent.parent / "scripts"
slow = pytest.mark.slow


@pytest.fixture(params=["uvloop", pytest.param("asyncio", marks=slow)])
def loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts run on either kind of event loop."""
    monkeypatch.setenv("LOOP", request.param)


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(host="localhost") as service:
        yield service


def run(script: str, *args: object, seconds: float = 100, **options: Any) -> str:
    """Run a script to its end with every warning an error, and return what it printed; it must not complain."""
    command = [sys.executable, "-X", "dev", "-W", "error", str(SCRIPTS / script), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, **options)
    stderr = without_slow_callbacks(done.stderr)
    assert (done.returncode, stderr) == (0, "")
    return done.stdout


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize("where", ["thread", "atexit", pytest.param("atexit first", marks=slow)])
@pytest.mark.parametrize(
    ("facade", "first"), [("blocking", "used"), ("blocking", "unused"), pytest.param("async", "unused", marks=slow)]
)
def test_calls_after_the_main_thread(
    service: LocalService, tmp_path: Path, where: str, facade: str, first: str
) -> None:
    args = where, facade, first, service.base_url, service.access_token, tmp_path
    assert run("last_calls.py", *args) == "done\n"
    assert (tmp_path / "ratings.csv").exists()
    assert (tmp_path / "journal").read_text().count("\nc ") == 20


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize(
    ("how", "said"),
    [
        pytest.param("blocking", "timed out\n", marks=slow),
        pytest.param("closed", "timed out\n", marks=slow),
        pytest.param("async", "timed out\n", marks=slow),
        pytest.param("many loops", 40 * "timed out\n" + "True\n", marks=slow),
        ("in a thread", ""),
        pytest.param("atexit", 2 * "timed out\n", marks=slow),
    ],
)
def test_a_look_up_without_end_holds_nothing_up(how: str, said: str) -> None:
    assert run("slow_names.py", how) == said


@pytest.fixture
def names() -> Iterator[NameService]:
    service = NameService()
    yield service
    service.stop()


@slow
@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize("milliseconds", range(0, 600, 50))
def test_leaving_while_first_calls_begin_prints_nothing(names: NameService, milliseconds: int) -> None:
    assert run("leaves_early.py", names.base_url, milliseconds) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        "in the middle",
        pytest.param("left open", marks=slow),
        pytest.param("client closed", marks=slow),
        pytest.param("closed plainly", marks=slow),
        pytest.param("uvloop", marks=slow),
    ],
)
def test_100_short_lived_loops_leave_no_open_file(names: NameService, how: str) -> None:
    assert int(run("many_loops.py", how, names.base_url)) <= 0
