"""Two hundred threads on one blocking client, against as many tasks on an async one."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Turn

THREADS = 200
LATENCY = 20

FLOOR = "aiohttp alone, tasks"
FLOOR_UVLOOP = f"{FLOOR}, uvloop"
BY_HAND = "aiohttp alone, run_coroutine_threadsafe"
BY_HAND_UVLOOP = f"{BY_HAND}, uvloop"
"""What is left of aiohttp's speed when threads wait for its loop, with nothing of ours in between."""


def run(quick: bool) -> Outcome:
    """Create with 200 at once at 20 ms; the ideal is 10,000 a second."""
    n = 1_000 if quick else 6_000
    with rounds.stub(LATENCY) as ports:
        work = {"port": ports[LATENCY], "n": n, "concurrency": THREADS}
        turns = [
            Turn(rounds.OURS, "concurrent", n, work),
            Turn(rounds.OURS_UVLOOP, "concurrent", n, work),
            Turn(rounds.OURS_SYNC_NO_UVLOOP, "concurrent", n, work),
            Turn(rounds.FLOOR, "threads", n, work, name=BY_HAND),
            Turn(rounds.FLOOR, "bulk", n, work, name=FLOOR),
            Turn(rounds.OURS_SYNC, "concurrent", n, work),
            Turn(rounds.FLOOR_UVLOOP, "threads", n, work, name=BY_HAND_UVLOOP),
            Turn(rounds.FLOOR_UVLOOP, "bulk", n, work, name=FLOOR_UVLOOP),
            Turn(rounds.OFFICIAL, "threads", n // 4, {**work, "n": n // 4}),
        ]
        found = rounds.interleaved(turns, 3 if quick else 4, heats=1 if quick else 3)
    plain = ratio(found[rounds.OURS.name], found[rounds.OURS_SYNC_NO_UVLOOP.name])
    with_uvloop = ratio(found[rounds.OURS_UVLOOP.name], found[rounds.OURS_SYNC.name])
    goals = [
        Goal(f"rate of {THREADS} threads against as many tasks", plain, ">=", 0.8),
        Goal("the same with uvloop", with_uvloop, ">=", 0.8),
        Goal(
            "threads, as installed with the extra `speed`, against tasks on asyncio's loop",
            ratio(found[rounds.OURS.name], found[rounds.OURS_SYNC.name]),
            ">=",
            0.8,
        ),
    ]
    floor = {"asyncio": (FLOOR, BY_HAND), "uvloop": (FLOOR_UVLOOP, BY_HAND_UVLOOP)}
    facts = {
        f"rate of {THREADS} threads against as many tasks of aiohttp alone, on {loop}": round(
            ratio(found[tasks], found[threads]), 2
        )
        for loop, (tasks, threads) in floor.items()
    }
    title = f"Creates, {THREADS} at once, {LATENCY} ms"
    return Outcome("threads", [Table(title, list(found.values()), rounds.OURS.name)], goals, facts)
