"""Make the peers' own virtual environment, beside this file: `python -m benchmarks.make_peers`."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HOME = Path(__file__).parent / ".venv-peers"
PYTHON = HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
EXTRA = HOME / "extra"
"""Where orjson is put, for measuring it in our own environment without adding it there."""


def main() -> None:
    """Install the published client with what it needs (it declares nothing), and orjson aside."""
    if not PYTHON.exists():
        venv.create(HOME, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "h2o-text-2-everything==0.1.7", "httpx", "pydantic"], check=True)
    subprocess.run([*pip, "--upgrade", "--target", str(EXTRA), "orjson"], check=True)


if __name__ == "__main__":
    main()
