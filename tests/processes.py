"""What tests of other processes and threads share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def without_slow_callbacks(stderr: str) -> str:
    """Return what a process wrote to stderr, without asyncio's complaints of slow callbacks.

    They come with `-X dev`, and are the machine's.
    """
    return "".join(line for line in stderr.splitlines(keepends=True) if not line.startswith("Executing <"))


def eventually(holds: Callable[[], object]) -> bool:
    """Wait until something holds, for a minute at most; return whether it does."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.01)
    return False


def run_mypy(directory: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Check code as strictly as `mypy --strict` does, in a file `use.py` of a directory."""
    (directory / "use.py").write_text(code)
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(directory), "use.py"],
        capture_output=True,
        text=True,
        cwd=directory,
        timeout=300,
        check=False,
    )
