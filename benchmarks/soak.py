"""Ten minutes of mixed load on a service that misbehaves: `python -m benchmarks.soak [--seconds 600]`.

Half of the callers are tasks of an async client, half are threads of a blocking one. Every sample counts memory, open
files, tasks and threads; what grows with time makes the run fail. The first quarter is for warming up.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import psutil

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import hostile

from text2everything import AsyncText2EverythingClient, Text2EverythingClient, Text2EverythingError

MAX_GROWTH = 8 * 2**20
"""Bytes that memory may grow from the second quarter of the run to the last: in ten minutes, 18 kB a second."""

FAULT_SHARE = 0.08
FAULTS = [
    hostile.reset_at_once,
    hostile.close_at_once,
    hostile.reset_in_body,
    hostile.half_body,
    hostile.half_chunks,
    hostile.html,
    hostile.bad_gzip,
    hostile.server_error,
    hostile.redirect_loop,
    hostile.silent,
    hostile.drip_body,
]
FEEDBACK = {"id": "f", "chat_message_id": "m", "feedback": "good", "is_positive": True, "project_id": "p"}
PAGE = {"items": [FEEDBACK | {"id": f"f{number}"} for number in range(50)], "total": 50, "has_next": False}


async def behave(exchange: hostile.Exchange) -> None:
    """Answer as a service with a bad day."""
    exchange.service.requests.clear()
    chance = random.random()
    if chance < FAULT_SHARE:
        await random.choice(FAULTS)(exchange)
    elif chance < FAULT_SHARE + 0.02:
        await exchange.reply(random.choice([429, 503]), {"detail": "busy"}, {"Retry-After": "0.01"})
    else:
        body: Any = PAGE if exchange.method == "GET" and "limit" in exchange.target else FEEDBACK
        await exchange.reply(200, body)
        if chance > 0.99:  # a connection that is closed once it is idle
            await asyncio.sleep(0.001)
            exchange.close()


CALLS: list[Callable[[Any], Any]] = [
    lambda client: client.feedback.create("p", "m", "good", True),
    lambda client: client.feedback.get("p", "f"),
    lambda client: client.feedback.list("p"),
    lambda client: client.feedback.update("p", "f", feedback="better"),
    lambda client: client.feedback.delete("p", "f"),
    lambda client: client.custom_tools.create("p", "n", "d", [b"x" * 10_000]),
    lambda client: client.with_options(timeout=0.2, headers={"X-A": "b"}).feedback.get("p", "f"),
]


@attrs.frozen
class Sample:
    """What there was at one moment."""

    seconds: float
    memory: int
    files: int
    tasks: int
    threads: int


@attrs.define
class Soak:
    """The load, and what is seen of it."""

    address: str
    seconds: float
    concurrency: int
    outcomes: Counter[str] = attrs.field(factory=Counter)
    samples: list[Sample] = attrs.field(factory=list)
    problems: list[str] = attrs.field(factory=list)
    ends: float = 0

    def options(self) -> dict[str, Any]:
        return {
            "base_url": self.address,
            "access_token": "t",
            "workspace_name": "workspaces/w",
            "timeout": 2,
            "read_timeout": 0.3,
            "max_retries": 2,
            "retry_delay": 0.01,
            "max_connections": self.concurrency // 2,
        }

    @contextmanager
    def counted(self) -> Iterator[None]:
        try:
            yield
        except Text2EverythingError as error:
            self.outcomes[type(error).__name__] += 1
        except asyncio.CancelledError:
            self.outcomes["cancelled"] += 1
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
        except Exception as error:  # noqa: BLE001  # which must not happen
            self.outcomes[type(error).__name__] += 1
            self.problems.append(f"unforeseen: {error!r}")
        else:
            self.outcomes["success"] += 1

    async def caller(self, client: AsyncText2EverythingClient) -> None:
        while time.monotonic() < self.ends:
            call: Awaitable[Any] = random.choice(CALLS)(client)
            with self.counted():
                if random.random() < 0.02:
                    await asyncio.wait([task := asyncio.ensure_future(call)], timeout=0.002)
                    task.cancel()
                    call = task
                await call

    def blocking_caller(self, client: Text2EverythingClient) -> None:
        while time.monotonic() < self.ends:
            with self.counted():
                random.choice(CALLS)(client)

    async def watch(self) -> None:
        process, began = psutil.Process(), time.monotonic()
        every = max(0.5, self.seconds / 120)
        while time.monotonic() < self.ends:
            await asyncio.sleep(every)
            gc.collect()
            now = time.monotonic() - began
            self.samples.append(
                Sample(
                    now,
                    process.memory_info().rss,
                    process.num_fds(),
                    len(asyncio.all_tasks()),
                    threading.active_count(),
                )
            )
            if len(self.samples) % 20 == 0:
                last = self.samples[-1]
                print(
                    f"{now:5.0f} s  {last.memory / 2**20:6.1f} MiB  {last.files:4d} files  {last.tasks:4d} tasks  "
                    f"{sum(self.outcomes.values()):8d} calls",
                    file=sys.stderr,
                )

    async def main(self) -> None:
        """Run both clients until the time is over, and check what is left after they are closed."""
        process = psutil.Process()
        files, threads = process.num_fds(), threading.active_count()
        self.ends = time.monotonic() + self.seconds
        blocking = Text2EverythingClient(**self.options())
        workers = [
            threading.Thread(target=self.blocking_caller, args=(blocking,)) for _ in range(self.concurrency // 2)
        ]
        for worker in workers:
            worker.start()
        async with AsyncText2EverythingClient(**self.options()) as client:
            callers = [self.caller(client) for _ in range(self.concurrency // 2)]
            await asyncio.gather(self.watch(), *callers)
        for worker in workers:
            await asyncio.to_thread(worker.join)
        await asyncio.to_thread(blocking.close)
        await asyncio.sleep(0.5)
        if (left := len(asyncio.all_tasks())) > 1:
            self.problems.append(f"{left - 1} tasks are left")
        # The loop's own executor keeps a few threads, and each loop a few files.
        if (left := process.num_fds() - files) > 3:
            self.problems.append(f"{left} more files are open than before")
        if (left := threading.active_count() - threads) > 8:
            self.problems.append(f"{left} more threads are alive than before")

    def judge(self) -> dict[str, Any]:
        """Return what was measured; what grew is among the problems."""
        quarter = len(self.samples) // 4
        early, late = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        report: dict[str, Any] = {"seconds": self.seconds, "concurrency": self.concurrency}
        for name, most in {
            "memory": MAX_GROWTH,
            "files": self.concurrency / 4,
            "tasks": self.concurrency / 4,
        }.items():
            before = statistics.median(getattr(sample, name) for sample in early)
            after = statistics.median(getattr(sample, name) for sample in late)
            times = [sample.seconds for sample in self.samples[quarter:]]
            slope = statistics.linear_regression(times, [getattr(s, name) for s in self.samples[quarter:]]).slope
            report[name] = {"before": before, "after": after, "a_second": round(slope, 3)}
            if after - before > most:
                self.problems.append(f"{name} grew from {before:.0f} to {after:.0f}")
        if self.outcomes["success"] < 0.5 * sum(self.outcomes.values()):
            self.problems.append("most calls failed")
        return report | {"outcomes": dict(self.outcomes.most_common()), "problems": self.problems[:20]}


def serve() -> None:
    service = hostile.HostileService(behave)
    print(service.base_url, flush=True)
    sys.stdin.read()


def main() -> int:
    """Run it; 0 if nothing grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return 0
    command = [sys.executable, "-m", "benchmarks.soak", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        soak = Soak(service.stdout.readline().strip(), arguments.seconds, arguments.concurrency)
        try:
            asyncio.run(soak.main())
        finally:
            service.kill()
    report = soak.judge()
    print(json.dumps(report, indent=2))
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
