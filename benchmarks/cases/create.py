"""One rating after another: what a single call costs."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Contestant, Turn

CONTESTANTS = [
    rounds.OURS_BARE,  # neighbours are compared
    rounds.FLOOR,
    rounds.OURS,
    rounds.OURS_SYNC_NO_UVLOOP,
    rounds.FLOOR_UVLOOP,
    rounds.OURS_UVLOOP,
    rounds.OURS_SYNC,
    rounds.OFFICIAL,
    rounds.HTTPX_SYNC,
    rounds.HTTPX_ASYNC,
]


def run(quick: bool) -> Outcome:
    """Create one by one, without latency."""
    n = 100 if quick else 300
    with rounds.stub(0) as ports:
        turns = [Turn(contestant, "create", n, {"port": ports[0], "n": n}) for contestant in CONTESTANTS]
        found = rounds.interleaved(turns, 3 if quick else 9, heats=1 if quick else 3)

    def times(one: Contestant, other: Contestant) -> float:
        return ratio(found[one.name], found[other.name])

    goals = [
        Goal("time of async against aiohttp alone", times(rounds.OURS, rounds.FLOOR), "<=", 1.15),
        Goal("the same with uvloop", times(rounds.OURS_UVLOOP, rounds.FLOOR_UVLOOP), "<=", 1.15),
        Goal("rate in a bare install against aiohttp alone", times(rounds.FLOOR, rounds.OURS_BARE), ">=", 0.8),
        Goal("rate of sync against official", times(rounds.OFFICIAL, rounds.OURS_SYNC), ">=", 1.3),
        Goal(
            "rate of sync without uvloop against official",
            times(rounds.OFFICIAL, rounds.OURS_SYNC_NO_UVLOOP),
            ">=",
            1.3,
        ),
        Goal("time of sync against async", times(rounds.OURS_SYNC_NO_UVLOOP, rounds.OURS), "<=", 1.6),
        Goal("the same with uvloop", times(rounds.OURS_SYNC, rounds.OURS_UVLOOP), "<=", 1.6),
    ]
    return Outcome(
        "create", [Table("Creates in sequence, no latency", list(found.values()), rounds.FLOOR.name)], goals
    )
