"""Short and cold calls: what a script makes, one call and not a benchmark's tenth."""

from __future__ import annotations

from typing import Any

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Turn

LATENCY = 20
CREATED = 200
LISTED = 10_000
CONCURRENCY = 96

OFFICIAL_BEST: dict[str, tuple[str, dict[str, Any]]] = {
    **{f"official create from {n} threads": ("threads", {"concurrency": n}) for n in (16, 32, 64)},
    "official bulk_create, one client, 64 threads": (
        "bulk",
        {"use_connection_isolation": False, "max_workers": CONCURRENCY, "max_concurrent": CONCURRENCY},
    ),
}


def _creates(port: int, outcome: Outcome, *, quick: bool) -> None:
    """A single call of `bulk_create`, with the default concurrency; what it imports was imported before."""
    work = {"port": port, "n": CREATED}
    ours = [
        Turn(contestant, "bulk", CREATED, {**work, "concurrency": CONCURRENCY})
        for contestant in (rounds.OURS_BARE, rounds.OURS_UVLOOP, rounds.OURS_SYNC_BARE, rounds.OURS_SYNC)
    ]
    peers = [
        Turn(rounds.OFFICIAL, task, CREATED, {**work, **options}, name=name)
        for name, (task, options) in OFFICIAL_BEST.items()
    ]
    floor = Turn(rounds.FLOOR, "bulk", CREATED, {**work, "concurrency": CONCURRENCY})
    found = rounds.interleaved([*peers, floor, *ours], 3 if quick else 8, heats=1 if quick else 3)
    title = f"{CREATED} creates in one call, {LATENCY} ms"
    outcome.tables.append(Table(title, list(found.values()), floor.name))
    for turn in ours:
        rate = min(ratio(found[name], found[turn.name]) for name in OFFICIAL_BEST)
        outcome.goals.append(Goal(f"{CREATED} creates, {turn.name}: rate against official's best", rate, ">=", 3))


def _cold_listing(port: int, outcome: Outcome, *, quick: bool) -> None:
    """The first call in a new process, with what it imports and the connections it opens."""
    work = {"port": port, "items": LISTED}
    ours = {rounds.OURS_BARE: 15, rounds.OURS_UVLOOP: 30, rounds.OURS_SYNC_BARE: 15, rounds.OURS_SYNC: 30}
    turns = [Turn(contestant, "list", LISTED, work) for contestant in (rounds.OFFICIAL, *ours)]
    found = rounds.interleaved(turns, 1, heats=3 if quick else 12, warm_up=False)
    title = f"The first call in a process: listing {LISTED:,} items, per item, {LATENCY} ms"
    outcome.tables.append(Table(title, list(found.values()), rounds.OFFICIAL.name))
    for contestant, target in ours.items():
        rate = ratio(found[rounds.OFFICIAL.name], found[contestant.name])
        outcome.goals.append(Goal(f"cold listing, {contestant.name}: rate against official", rate, ">=", target))


def run(quick: bool) -> Outcome:
    """Create 200 in one call, and list 10,000 in the first call of a process."""
    outcome = Outcome("short")
    with rounds.stub(LATENCY) as ports:
        _creates(ports[LATENCY], outcome, quick=quick)
        _cold_listing(ports[LATENCY], outcome, quick=quick)
    return outcome
