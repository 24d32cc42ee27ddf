"""The README's code runs as shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = [block for block in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL) if ".local(" in block]


@pytest.mark.parametrize("block", BLOCKS, ids=["async", "blocking"])
def test_a_block_runs_as_shown(block: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "SELECT" in done.stdout


def test_the_commands_are_one_line_each() -> None:
    lines = [line for line in README.read_text().splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert lines[0].endswith("text2everything demo")
    assert lines[1].endswith("pytest")
