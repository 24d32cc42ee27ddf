"""Many ratings at once."""

from __future__ import annotations

from typing import Any

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Turn

CONCURRENCY = 64
MORE = 256

OURS_MORE = f"text2everything async, uvloop, {MORE} at once"
OFFICIAL_DEFAULT = "official bulk_create, default"
OFFICIAL_BEST: dict[str, tuple[str, dict[str, Any]]] = {
    "official bulk_create, one client": ("bulk", {"use_connection_isolation": False}),
    "official bulk_create, one client, 64 threads": (
        "bulk",
        {"use_connection_isolation": False, "max_workers": CONCURRENCY, "max_concurrent": CONCURRENCY},
    ),
    "official create from 8 threads": ("threads", {"concurrency": 8}),
    "official create from 64 threads": ("threads", {"concurrency": CONCURRENCY}),
}


def _turns(port: int, n: int, few: int, many: int) -> list[Turn]:
    work = {"port": port, "n": n, "concurrency": CONCURRENCY}
    ours = [
        rounds.OURS_BARE,
        rounds.FLOOR,  # between those that are compared with it
        rounds.OURS,
        rounds.FLOOR_UVLOOP,
        rounds.OURS_UVLOOP,
        rounds.OURS_SYNC,
    ]
    return [
        *(Turn(contestant, "bulk", n, work) for contestant in ours),
        Turn(rounds.OURS_UVLOOP, "bulk", many, {**work, "n": many, "concurrency": MORE}, name=OURS_MORE),
        Turn(rounds.HTTPX_ASYNC, "bulk", 250, {**work, "n": 250}),
        Turn(rounds.OFFICIAL, "bulk", few, {"port": port, "n": few}, name=OFFICIAL_DEFAULT),
        *(
            Turn(rounds.OFFICIAL, task, 500, {"port": port, "n": 500, **options}, name=name)
            for name, (task, options) in OFFICIAL_BEST.items()
        ),
    ]


def run(quick: bool) -> Outcome:
    """Create in bulk, 64 at once, without latency and with 20 ms."""
    outcome = Outcome("bulk")
    with rounds.stub(0, 20) as ports:
        for latency, port in ports.items():
            # Short turns, for the machine's own speed drifts. But finding the level takes a tenth of a second, and
            # with latency half of one, which is not to be most of a turn.
            n, few, many = (400, 8, 400) if quick else (4000, 20, 20_000) if latency else (3000, 20, 3000)
            found = rounds.interleaved(
                _turns(port, n, few, many), 2 if quick or latency else 4, heats=1 if quick else 3
            )
            title = f"Bulk creates, {CONCURRENCY} at once, {latency} ms"
            outcome.tables.append(Table(title, list(found.values()), rounds.FLOOR.name))
            where = f"at {latency} ms"
            for mine, floor in ((rounds.OURS, rounds.FLOOR), (rounds.OURS_UVLOOP, rounds.FLOOR_UVLOOP)):
                rate = ratio(found[floor.name], found[mine.name])
                outcome.goals.append(Goal(f"rate against {floor.name}, {where}", rate, ">=", 0.85))
            bare = ratio(found[rounds.FLOOR.name], found[rounds.OURS_BARE.name])
            outcome.goals.append(Goal(f"the same in a bare install, {where}", bare, ">=", 0.8))
            best = found[OURS_MORE if latency else rounds.OURS_UVLOOP.name]
            against = min(ratio(found[name], best) for name in OFFICIAL_BEST)
            outcome.goals.append(Goal(f"best rate against official's best, {where}", against, ">=", 5))
            against = ratio(found[OFFICIAL_DEFAULT], best)
            outcome.goals.append(Goal(f"best rate against official's default, {where}", against, ">=", 100))
    return outcome
