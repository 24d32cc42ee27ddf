"""Processes that take turns: the stub, the contestants, and rounds of A, B, C, A, B, C."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import attrs

from benchmarks.make_peers import PYTHON as PEERS_PYTHON

HERE = Path(__file__).parent


@attrs.frozen
class Contestant:
    """A way of doing the work: a script under `contestants/`, its options, and whose environment it runs in."""

    name: str
    script: str
    options: tuple[str, ...] = ()
    peer: bool = False

    def command(self) -> list[str]:
        python = str(PEERS_PYTHON) if self.peer else sys.executable
        return [python, str(HERE / "contestants" / f"{self.script}.py"), *self.options]


FLOOR = Contestant("aiohttp alone", "floor")
FLOOR_UVLOOP = Contestant("aiohttp alone, uvloop", "floor", ("--uvloop",))
OURS = Contestant("text2everything async", "ours_async")
OURS_UVLOOP = Contestant("text2everything async, uvloop", "ours_async", ("--uvloop",))
OURS_BARE = Contestant("text2everything async, bare install", "ours_async", ("--no-msgspec",))
OURS_SYNC = Contestant("text2everything sync, uvloop", "ours_sync")
OURS_SYNC_NO_UVLOOP = Contestant("text2everything sync", "ours_sync", ("--no-uvloop",))
OURS_SYNC_BARE = Contestant("text2everything sync, bare install", "ours_sync", ("--no-uvloop", "--no-msgspec"))
OFFICIAL = Contestant("official 0.1.7", "official", peer=True)
HTTPX_SYNC = Contestant("httpx + pydantic", "httpx_sync", peer=True)
HTTPX_ASYNC = Contestant("httpx + pydantic async", "httpx_async", peer=True)


@attrs.frozen
class Turn:
    """What a contestant does in each round: `task`, over `n` items.

    The name is the row's in the table; the contestant's own where it is not given.
    """

    contestant: Contestant
    task: str
    n: int
    options: Mapping[str, Any]
    name: str = attrs.field()

    @name.default
    def _contestants_own(self) -> str:
        return self.contestant.name


@attrs.frozen
class Samples:
    """Each round's microseconds per item, by the clock and of processor time, and MiB that memory grew by."""

    name: str
    n: int
    wall: list[float] = attrs.field(factory=list)
    cpu: list[float] = attrs.field(factory=list)
    grown: list[float] = attrs.field(factory=list)


class _Process:
    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self._command)} ended with {self._process.wait()}")
        return json.loads(line)

    def ask(self, order: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self.read()

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@contextmanager
def _running(command: Sequence[str]) -> Iterator[_Process]:
    process = _Process(command)
    try:
        yield process
    finally:
        process.end()


@contextmanager
def stub(*latencies: int) -> Iterator[dict[int, int]]:
    """Run the stub service; gives the port of each latency (milliseconds)."""
    with _running([sys.executable, "-m", "benchmarks.stub", *map(str, latencies)]) as process:
        yield {int(latency): port for latency, port in process.read().items()}


def interleaved(turns: Sequence[Turn], rounds: int, *, heats: int = 1, warm_up: bool = True) -> dict[str, Samples]:
    """Have every turn taken in so many rounds, one contestant at a time, after a round that does not count.

    Each heat has new processes: two of the same program differ by several hundredths for as long as they live.
    """
    samples = {turn.name: Samples(turn.name, turn.n) for turn in turns}
    for _ in range(heats):
        _run_heat(turns, rounds, samples, warm_up=warm_up)
    print(file=sys.stderr)
    return samples


def _run_heat(turns: Sequence[Turn], rounds: int, samples: Mapping[str, Samples], *, warm_up: bool) -> None:
    with ExitStack() as stack:
        processes = {}
        for turn in turns:
            if turn.contestant not in processes:
                processes[turn.contestant] = stack.enter_context(_running(turn.contestant.command()))
        for number in range(0 if warm_up else 1, rounds + 1):
            for turn in turns:
                answer = processes[turn.contestant].ask({"task": turn.task, **turn.options})
                if answer["result"] not in {None, turn.n}:
                    raise RuntimeError(f"{turn.name} did {answer['result']} of {turn.n} items")
                if number:
                    samples[turn.name].wall.append(1e6 * answer["seconds"] / turn.n)
                    samples[turn.name].cpu.append(1e6 * answer["cpu"] / turn.n)
                    samples[turn.name].grown.append(answer["grown"])
                print(".", end="", file=sys.stderr, flush=True)
