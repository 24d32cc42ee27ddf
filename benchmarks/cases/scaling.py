"""How throughput grows with concurrency, at several latencies."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import Outcome, Table
from benchmarks.rounds import Contestant, Turn

LATENCIES = (0, 5, 20, 100)
CONCURRENCIES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
CEILING = 6_000
"""Creates a second that nobody here goes far beyond: for how many make a run of about half a second."""


def _turn(contestant: Contestant, task: str, port: int, latency: int, concurrency: int) -> Turn:
    rate = min(CEILING, concurrency * (1000 / latency if latency else CEILING))
    n = max(20, 2 * concurrency, int(rate / 2))
    return Turn(contestant, task, n, {"port": port, "n": n, "concurrency": concurrency})


def run(quick: bool) -> Outcome:
    """Create from 1 to 512 at once at 0 to 100 ms; shown as one table per point, kept for the plot."""
    outcome = Outcome("scaling")
    with rounds.stub(*LATENCIES) as ports:
        for latency in LATENCIES:
            for concurrency in CONCURRENCIES[::3] if quick else CONCURRENCIES:
                turns = [
                    _turn(contestant, task, ports[latency], latency, concurrency)
                    for contestant, task in (
                        (rounds.FLOOR, "bulk"),
                        (rounds.OURS, "concurrent"),
                        (rounds.OURS_UVLOOP, "concurrent"),
                    )
                ]
                found = rounds.interleaved(turns, 1 if quick else 3)
                title = f"{concurrency} at once, {latency} ms"
                outcome.tables.append(Table(title, list(found.values()), rounds.FLOOR.name))
    return outcome
