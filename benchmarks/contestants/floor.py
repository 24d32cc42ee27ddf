"""The floor: plain aiohttp, dicts in and dicts out, no models, no checks, no retries."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import aiohttp
import uvloop
from turns import HEADERS, fields, serve, url

parser = argparse.ArgumentParser()
parser.add_argument("--uvloop", action="store_true")
new_event_loop = uvloop.new_event_loop if parser.parse_args().uvloop else asyncio.new_event_loop
runner = asyncio.Runner(loop_factory=new_event_loop)


async def _open() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=0))


session = runner.run(_open())


async def _post(address: str, number: int, session: aiohttp.ClientSession = session) -> Any:
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


@cache
def _background() -> tuple[asyncio.AbstractEventLoop, aiohttp.ClientSession]:
    loop = new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop, asyncio.run_coroutine_threadsafe(_open(), loop).result()


def _threads(port: int, n: int, concurrency: int) -> int:
    """From so many threads, by hand: a loop in a thread, and the standard library's way into it."""
    loop, session = _background()
    numbers = iter(range(n))

    def work(_: int) -> int:
        return sum(
            1
            for number in numbers
            if asyncio.run_coroutine_threadsafe(_post(url(port), number, session), loop).result()
        )

    with ThreadPoolExecutor(concurrency) as executor:
        return sum(executor.map(work, range(concurrency)))


serve(
    {
        "threads": _threads,
        "create": lambda **given: runner.run(_create(**given)),
        "bulk": lambda **given: runner.run(_bulk(**given)),
        "list": lambda **given: runner.run(_list(**given)),
    }
)
if _background.cache_info().currsize:
    asyncio.run_coroutine_threadsafe(_background()[1].close(), _background()[0]).result()
runner.run(session.close())
runner.close()
