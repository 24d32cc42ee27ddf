"""What an import costs, each in a new process."""

from __future__ import annotations

import statistics
import subprocess
import sys

from benchmarks.make_peers import PYTHON as PEERS_PYTHON
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Samples

TIMED = """
import time
start, cpu = time.perf_counter(), time.process_time()
{}
print(time.perf_counter() - start, time.process_time() - cpu)
"""
CLIENT = "client = {}(base_url='https://t2e.example.com', access_token='t', workspace_name='workspaces/w')"

MINE = "import text2everything"
OFFICIAL = "official: import text2everything_sdk"
STATEMENTS = {
    MINE: (sys.executable, "import text2everything"),
    "import text2everything.exceptions": (sys.executable, "import text2everything.exceptions"),
    "from text2everything.models import Feedback": (sys.executable, "from text2everything.models import Feedback"),
    "… import Text2EverythingClient": (sys.executable, "from text2everything import Text2EverythingClient"),
    "… and make one": (
        sys.executable,
        "from text2everything import Text2EverythingClient\n" + CLIENT.format("Text2EverythingClient"),
    ),
    "import aiohttp": (sys.executable, "import aiohttp"),
    OFFICIAL: (str(PEERS_PYTHON), "import text2everything_sdk"),
    "official: and make a client": (
        str(PEERS_PYTHON),
        "from text2everything_sdk import Text2EverythingClient\n" + CLIENT.format("Text2EverythingClient"),
    ),
    "import httpx, pydantic": (str(PEERS_PYTHON), "import httpx, pydantic"),
}


def run(quick: bool) -> Outcome:
    """Time the statements in turns."""
    found = {name: Samples(name, 1) for name in STATEMENTS}
    for number in range(3 if quick else 16):
        for name, (python, statement) in STATEMENTS.items():
            output = subprocess.run(
                [python, "-c", TIMED.format(statement)], check=True, capture_output=True, text=True
            ).stdout
            wall, cpu = map(float, output.split())
            if number:  # the first time compiles
                found[name].wall.append(1e6 * wall)
                found[name].cpu.append(1e6 * cpu)
    goals = [
        Goal("import text2everything", statistics.median(found[MINE].wall) / 1000, "<=", 60, "ms"),
        Goal("the same against official", ratio(found[MINE], found[OFFICIAL], by="cpu"), "<=", 0.25),
    ]
    return Outcome(
        "import", [Table("Imports, each in a new process", list(found.values()), OFFICIAL, by="cpu")], goals
    )
