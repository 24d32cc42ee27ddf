"""This package, awaited."""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvloop
from turns import fields, project, serve

parser = argparse.ArgumentParser()
parser.add_argument("--uvloop", action="store_true")
parser.add_argument("--no-msgspec", action="store_true")
options = parser.parse_args()
if options.no_msgspec:
    sys.modules["msgspec"] = None  # type: ignore[assignment]  # makes its import fail, as where it is not installed

from text2everything import AsyncText2EverythingClient  # noqa: E402  # after what it may not find

runner = asyncio.Runner(loop_factory=uvloop.new_event_loop if options.uvloop else None)


clients: dict[int, AsyncText2EverythingClient] = {}


def _client(port: int) -> AsyncText2EverythingClient:
    if port not in clients:
        clients[port] = AsyncText2EverythingClient(
            base_url=f"http://127.0.0.1:{port}",
            access_token="token",
            workspace_name="workspaces/bench",
            max_connections=1000,
        )
    return clients[port]


async def _create(port: int, n: int) -> None:
    feedback = _client(port).feedback
    for number in range(n):
        await feedback.create("p", **fields(number))


async def _concurrent(port: int, n: int, concurrency: int) -> int:
    """Single creates, from so many tasks."""
    feedback, numbers, created = _client(port).feedback, iter(range(n)), []

    async def work() -> None:
        for number in numbers:
            created.append(await feedback.create("p", **fields(number)))  # noqa: PERF401  # others append meanwhile

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return len(created)


async def _bulk(port: int, n: int, concurrency: int) -> int:
    return len(await _client(port).feedback.bulk_create("p", map(fields, range(n)), max_concurrency=concurrency))


async def _list(port: int, items: int) -> int:
    return len(await _client(port).feedback.list(project(items)))


async def _iter(port: int, items: int, page_size: int = 100) -> int:
    count = 0
    async for _ in _client(port).feedback.iter(project(items), page_size=page_size):
        count += 1
    return count


async def _stream(port: int, n: int, concurrency: int) -> int:
    count = 0
    async for outcome in _client(port).feedback.bulk_create_stream(
        "p", map(fields, range(n)), max_concurrency=concurrency
    ):
        count += outcome.ok
    return count


serve(
    {
        "create": lambda **given: runner.run(_create(**given)),
        "concurrent": lambda **given: runner.run(_concurrent(**given)),
        "bulk": lambda **given: runner.run(_bulk(**given)),
        "list": lambda **given: runner.run(_list(**given)),
        "iter": lambda **given: runner.run(_iter(**given)),
        "stream": lambda **given: runner.run(_stream(**given)),
    }
)
for client in clients.values():
    runner.run(client.close())
runner.close()
