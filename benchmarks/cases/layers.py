"""Where the time of one create goes: the same request with one layer more each time."""

from __future__ import annotations

import statistics

from benchmarks import rounds
from benchmarks.report import Outcome, Table
from benchmarks.rounds import Contestant, Samples, Turn

CONTESTANTS = {"asyncio": Contestant("asyncio", "layers"), "uvloop": Contestant("uvloop", "layers", ("--uvloop",))}
STACK = {
    "sockets": "event loop, sockets and the stub",
    "aiohttp": "+ aiohttp: a session's post() and read()",
    "transport": "+ transport: deadline, slot, token, errors",
    "resource": "+ resource: checks, path, encoding, decoding",
}
PARTS = {
    "model": "of which checking the arguments",
    "encode": "of which encoding",
    "decode": "of which decoding",
}


def run(quick: bool) -> Outcome:
    """Time each layer on both event loops."""
    n = 100 if quick else 500
    outcome = Outcome("layers")
    with rounds.stub(0) as ports:
        for loop, contestant in CONTESTANTS.items():
            turns = [
                *(Turn(contestant, task, n, {"port": ports[0], "n": n}, name=name) for task, name in STACK.items()),
                *(Turn(contestant, task, n, {"n": n}, name=name) for task, name in PARTS.items()),
            ]
            found = rounds.interleaved(turns, 3 if quick else 25)
            outcome.tables.append(
                Table(f"One create, layer upon layer, on {loop}", list(found.values()), STACK["aiohttp"], by="cpu")
            )
            outcome.facts[f"µs of processor time that each layer adds, on {loop}"] = _added(
                [found[name] for name in STACK.values()]
            )
    return outcome


def _added(rows: list[Samples]) -> dict[str, float]:
    added, before = {}, [0.0] * len(rows[0].cpu)
    for row in rows:
        added[row.name] = round(statistics.median(a - b for a, b in zip(row.cpu, before, strict=True)), 1)
        before = row.cpu
    return added
