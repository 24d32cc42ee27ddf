"""A million ratings, read and written one after another: time per item and memory."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import Goal, Outcome, Table
from benchmarks.rounds import Contestant, Samples, Turn

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST_MEMORY = 30
BY_SIZE = "{:,} items"


def _grown(port: int, contestant: Contestant, task: str, sizes: tuple[int, ...], **options: int) -> list[Samples]:
    """Time each size in a process of its own, so that none pays for another's memory."""
    found = []
    name = "items" if task == "iter" else "n"
    for size in sizes:
        turn = Turn(contestant, task, size, {"port": port, name: size, **options}, name=BY_SIZE.format(size))
        warm = Turn(contestant, task, 2_000, {"port": port, name: 2_000, **options}, name="warming up")
        # Small sizes are repeated: one alone is too short to be measured.
        found.append(rounds.interleaved([warm, turn], max(1, min(10, 20_000 // size)), warm_up=False)[turn.name])
    return found


def run(quick: bool) -> Outcome:
    """Read by `iter` and write by `bulk_create_stream`, a thousand to a million items."""
    sizes = SIZES[:2] if quick else SIZES
    outcome = Outcome("stream")
    with rounds.stub(0) as ports:
        for task, what, options in (("iter", "iter", {}), ("stream", "bulk_create_stream", {"concurrency": 64})):
            rows = _grown(ports[0], rounds.OURS_UVLOOP, task, sizes, **options)
            outcome.tables.append(Table(f"{what}, per item", rows, BY_SIZE.format(sizes[0]), by="cpu"))
            memory = max(rows[-1].grown)
            goal = f"peak memory growth over {sizes[-1]:,} items through {what}"
            outcome.goals.append(Goal(goal, memory, "<=", MOST_MEMORY, "MiB"))
            flat = min(rows[-1].cpu) / min(rows[1].cpu)
            outcome.goals.append(Goal(f"{what}: time per item at {sizes[-1]:,} against 10,000", flat, "<=", 1.2))
    return outcome
