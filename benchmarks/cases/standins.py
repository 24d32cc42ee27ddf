"""What this package does in place of the standard library: each part against the plain way, by itself."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Contestant, Turn

PLAIN = {"asyncio.timeout_at in place of deadlines.py": "--timeout-at"}
LEAST = 1.02
"""How many times as long a create must take the plain way, for a part to be kept."""


def run(quick: bool) -> Outcome:
    """Create one by one, in short turns: neighbours have the machine at the same speed."""
    n, outcome = 60, Outcome("standins")
    with rounds.stub(0) as ports:
        for loop, options in (("asyncio", ()), ("uvloop", ("--uvloop",))):
            ours = Contestant("text2everything", "standins", options)
            again = Contestant("the same program again", "standins", (*options,))
            turns = [Turn(each, "create", n, {"port": ports[0], "n": n}) for each in (ours, again)]
            for name, option in PLAIN.items():
                turns.append(Turn(Contestant(name, "standins", (*options, option)), "create", n, turns[0].options))
            found = rounds.interleaved(turns, 5 if quick else 40, heats=1 if quick else 10)
            outcome.tables.append(Table(f"One create on {loop}", list(found.values()), ours.name, by="cpu"))
            for name in PLAIN:
                times = ratio(found[name], found[ours.name], by="cpu")
                outcome.goals.append(Goal(f"{name}, on {loop}", times, ">=", LEAST))
    return outcome
