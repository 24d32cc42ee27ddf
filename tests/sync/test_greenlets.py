"""Programs that gevent or eventlet has patched, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from name_service import NameService
from processes import without_slow_callbacks

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parent.parent / "scripts" / "greenlets.py"


@pytest.fixture
def service() -> Iterator[NameService]:
    service = NameService()
    yield service
    service.stop()


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "library",
    [
        pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"needs {name}"))
        for name in ("gevent", "eventlet")
    ],
)
def test_a_patched_program(service: NameService, tmp_path: Path, library: str, when: str) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", SCRIPT, library, when, service.base_url, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    stderr = without_slow_callbacks(done.stderr)
    assert (done.returncode, done.stdout, stderr) == (0, "done\n", "")
