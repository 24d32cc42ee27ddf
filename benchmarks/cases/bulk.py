"""Many ratings at once."""

from __future__ import annotations

from typing import Any

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Turn

CONCURRENCY = 64

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


def _turns(port: int, n: int, few: int) -> list[Turn]:
    work = {"port": port, "n": n, "concurrency": CONCURRENCY}
    ours = [
        rounds.FLOOR,
        rounds.FLOOR_UVLOOP,
        rounds.OURS,
        rounds.OURS_UVLOOP,
        rounds.OURS_NO_MSGSPEC,
        rounds.OURS_SYNC,
    ]
    return [
        *(Turn(contestant, "bulk", n, work) for contestant in ours),
        Turn(rounds.HTTPX_ASYNC, "bulk", n // 16, {**work, "n": n // 16}),
        Turn(rounds.OFFICIAL, "bulk", few, {"port": port, "n": few}, name=OFFICIAL_DEFAULT),
        *(
            Turn(rounds.OFFICIAL, task, n // 4, {"port": port, "n": n // 4, **options}, name=name)
            for name, (task, options) in OFFICIAL_BEST.items()
        ),
    ]


def run(quick: bool) -> Outcome:
    """Create in bulk, 64 at once, without latency and with 20 ms."""
    n, few = (800, 8) if quick else (4000, 24)
    outcome = Outcome("bulk")
    with rounds.stub(0, 20) as ports:
        for latency, port in ports.items():
            found = rounds.interleaved(_turns(port, n, few), 2 if quick else 5)
            outcome.tables.append(
                Table(f"Bulk creates, {CONCURRENCY} at once, {latency} ms", list(found.values()), rounds.FLOOR.name)
            )
            ours, uvloop = found[rounds.OURS.name], found[rounds.OURS_UVLOOP.name]
            best = min(ratio(found[name], ours) for name in OFFICIAL_BEST)
            where = f"at {latency} ms"
            outcome.goals.extend(
                [
                    Goal(f"rate against aiohttp alone, {where}", ratio(found[rounds.FLOOR.name], ours), ">=", 0.85),
                    Goal(f"with uvloop, {where}", ratio(found[rounds.FLOOR_UVLOOP.name], uvloop), ">=", 0.85),
                    Goal(f"rate against official's best, {where}", best, ">=", 5),
                    Goal(
                        f"rate against official's default, {where}", ratio(found[OFFICIAL_DEFAULT], ours), ">=", 100
                    ),
                ]
            )
    return outcome
