"""What every contestant shares: it does what it is told, a line at a time, and answers how long that took.

Run in both environments, so it knows the standard library only.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = "p"
STATUS = Path("/proc/self/status")
HEADERS = {"Authorization": "Bearer token", "X-Workspace-Name": "workspaces/bench"}


def url(port: int, items: int | None = None) -> str:
    """Return the address of the ratings of a project with so many items."""
    return f"http://127.0.0.1:{port}/api/projects/{project(items)}/feedback"


def project(items: int | None = None) -> str:
    """Return the id of a project with so many items."""
    return PROJECT if items is None else f"items-{items}"


def fields(number: int) -> dict[str, Any]:
    """Return one rating to be made."""
    return {
        "chat_message_id": f"0c7a1c9e-3333-4444-8555-{number:012d}",
        "feedback": f"The total leaves out refunds, row {number} of the report",
        "is_positive": number % 3 != 0,
        "execution_id": f"77d0a7a0-1111-4222-8333-{number:012d}",
    }


def _reset_peak() -> float:
    """Return the memory in use in MiB, from which on the peak is measured; Linux only, elsewhere 0."""
    if not STATUS.exists():
        return 0.0
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _memory(name: str) -> float:
    """Return one of the kernel's figures on this process, in MiB."""
    if not STATUS.exists():
        return 0.0
    found = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(name))
    return int(found.split()[1]) / 1024


def serve(tasks: dict[str, Callable[..., Any]]) -> None:
    """Do the tasks that come in on standard input, until it ends."""
    for line in sys.stdin:
        order = json.loads(line)
        task = tasks[order.pop("task")]
        gc.collect()
        memory = _reset_peak()
        cpu, start = time.process_time(), time.perf_counter()
        result = task(**order)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        grown = max(0.0, _memory("VmHWM") - memory)
        print(json.dumps({"seconds": seconds, "cpu": cpu, "result": result, "grown": grown}), flush=True)
