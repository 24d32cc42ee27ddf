"""Ten thousand ratings in one list."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Turn

ITEMS = 10_000
PAGE = 100
LARGE_PAGES = "text2everything async, iter, pages of 1,000"


def _turns(port: int) -> list[Turn]:
    work = {"port": port, "items": ITEMS}
    pages = {**work, "size": PAGE}
    return [
        Turn(rounds.FLOOR, "list", ITEMS, {**pages, "concurrency": 16}),
        Turn(rounds.OURS, "list", ITEMS, work),
        Turn(rounds.OURS_UVLOOP, "list", ITEMS, work),
        Turn(rounds.OURS_BARE, "list", ITEMS, work),
        Turn(rounds.OURS_SYNC, "list", ITEMS, work),
        Turn(rounds.OURS, "iter", ITEMS, work, name="text2everything async, iter"),
        Turn(rounds.OURS, "iter", ITEMS, {**work, "page_size": 1000}, name=LARGE_PAGES),
        Turn(rounds.HTTPX_SYNC, "list", ITEMS, pages),
        Turn(rounds.HTTPX_ASYNC, "list", ITEMS, {**pages, "concurrency": 16}),
        Turn(rounds.OFFICIAL, "list", ITEMS, work),
    ]


def run(quick: bool) -> Outcome:
    """List 10,000 ratings, without latency and with 20 ms."""
    outcome = Outcome("list")
    with rounds.stub(0, 20) as ports:
        for latency, port in ports.items():
            found = rounds.interleaved(_turns(port), 2 if quick else 4, heats=1 if quick else 3)
            title = f"Listing {ITEMS:,} items, per item, {latency} ms"
            outcome.tables.append(Table(title, list(found.values()), rounds.FLOOR.name))
            target = 40 if latency else 6
            names = [contestant.name for contestant in (rounds.OURS, rounds.OURS_UVLOOP, rounds.OURS_SYNC)]
            for name in names if latency else [*names, LARGE_PAGES]:
                rate = ratio(found[rounds.OFFICIAL.name], found[name])
                outcome.goals.append(Goal(f"rate of {name} against official, at {latency} ms", rate, ">=", target))
    return outcome
