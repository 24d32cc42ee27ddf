"""The floor: plain aiohttp, dicts in and dicts out, no models, no checks, no retries."""

from __future__ import annotations

import argparse
import asyncio
import itertools
from typing import Any

import aiohttp
import uvloop
from turns import HEADERS, fields, serve, url

parser = argparse.ArgumentParser()
parser.add_argument("--uvloop", action="store_true")
runner = asyncio.Runner(loop_factory=uvloop.new_event_loop if parser.parse_args().uvloop else None)


async def _open() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=0))


session = runner.run(_open())


async def _post(address: str, number: int) -> Any:
    async with session.post(address, json=fields(number)) as response:
        response.raise_for_status()
        return await response.json()


async def _get(address: str, skip: int, size: int) -> list[Any]:
    async with session.get(address, params={"skip": skip, "limit": size}) as response:
        response.raise_for_status()
        items: list[Any] = (await response.json())["items"]
        return items


async def _create(port: int, n: int) -> None:
    for number in range(n):
        await _post(url(port), number)


async def _bulk(port: int, n: int, concurrency: int) -> int:
    numbers, created = iter(range(n)), []

    async def work() -> None:
        for number in numbers:
            created.append(await _post(url(port), number))  # noqa: PERF401  # others append meanwhile

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return len(created)


async def _list(port: int, items: int, size: int, concurrency: int) -> int:
    skips, pages = iter(range(0, items, size)), {}

    async def work() -> None:
        for skip in skips:
            pages[skip] = await _get(url(port, items), skip, size)

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return len(list(itertools.chain.from_iterable(pages[skip] for skip in sorted(pages))))


serve(
    {
        "create": lambda **given: runner.run(_create(**given)),
        "bulk": lambda **given: runner.run(_bulk(**given)),
        "list": lambda **given: runner.run(_list(**given)),
    }
)
runner.run(session.close())
runner.close()
