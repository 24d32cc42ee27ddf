"""Plain httpx and pydantic, awaited."""

from __future__ import annotations

import asyncio

import httpx
from httpx_sync import Rating, Ratings
from turns import HEADERS, fields, serve, url

runner = asyncio.Runner()
client = httpx.AsyncClient(headers=HEADERS, limits=httpx.Limits(max_connections=None))


async def _post(address: str, number: int) -> Rating:
    response = await client.post(address, json=fields(number))
    return Rating.model_validate_json(response.raise_for_status().content)


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
            response = await client.get(url(port, items), params={"skip": skip, "limit": size})
            pages[skip] = Ratings.model_validate_json(response.raise_for_status().content).items

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return sum(map(len, pages.values()))


serve(
    {
        "create": lambda **given: runner.run(_create(**given)),
        "bulk": lambda **given: runner.run(_bulk(**given)),
        "list": lambda **given: runner.run(_list(**given)),
    }
)
runner.run(client.aclose())
runner.close()
