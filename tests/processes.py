"""What tests of other processes share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def without_slow_callbacks(stderr: str) -> str:
    """Return what a process wrote to stderr, without asyncio's complaints of slow callbacks.

    They come with `-X dev`, and are the machine's.
    """
    return "".join(line for line in stderr.splitlines(keepends=True) if not line.startswith("Executing <"))


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
