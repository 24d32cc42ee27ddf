"""A service of feedback that tests can hold up, cut off and limit: in memory, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from text2everything import AsyncText2EverythingClient

Hook = Callable[["FeedbackService", dict[str, Any]], Awaitable[web.StreamResponse | None]]


class FeedbackService:
    """Stores ratings. `before` and `after` are awaited around the storing, and may answer instead.

    Attributes:
        items: What is stored.
        active: Requests to create that are being worked on.
        most: The highest that ever was.
        requests: How many requests to create came in.
        levels: How many were active as each was let in.
    """

    def __init__(self, before: Hook | None = None, after: Hook | None = None) -> None:
        self.before = before
        self.after = after
        self.items: list[dict[str, Any]] = []
        self.active = self.most = self.requests = 0
        self.levels: list[int] = []
        self.listings = 0
        self.deletes: list[list[str]] = []

    async def create(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self.active += 1
        self.most = max(self.most, self.active)
        try:
            body = await request.json()
            answer = await self.before(self, body) if self.before else None
            if answer is not None:
                return answer
            self.levels.append(self.active)
            item = self.store(body)
            answer = await self.after(self, item) if self.after else None
            return answer or web.json_response(item)
        finally:
            self.active -= 1

    def store(self, body: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        item = {"id": f"id-{len(self.items)}", "created_at": now, "updated_at": now, "project_id": "p", **body}
        self.items.append(item)
        return item

    async def list(self, request: web.Request) -> web.Response:
        self.listings += 1
        skip, limit = int(request.query["skip"]), int(request.query["limit"])
        return web.json_response({"items": self.items[skip : skip + limit], "total": len(self.items)})

    async def delete(self, request: web.Request) -> web.StreamResponse:
        ids = (await request.json())["ids"]
        self.deletes.append(ids)
        answer = await self.before(self, {"ids": ids}) if self.before else None
        if answer is not None:
            return answer
        known = {item["id"] for item in self.items}
        self.items = [item for item in self.items if item["id"] not in ids]
        return web.json_response(
            {"deleted_count": len(known & set(ids)), "failed_ids": [each for each in ids if each not in known]}
        )

    async def until(self, count: int) -> None:
        """Wait until so many requests to create came in."""
        while self.requests < count:  # noqa: ASYNC110  # whatever thread they come from
            await asyncio.sleep(0.005)

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[AsyncText2EverythingClient]:
        """Start the service, and give a client of it."""
        app = web.Application()
        path = "/api/projects/{project}/feedback"
        app.add_routes(
            [web.post(path, self.create), web.get(path, self.list), web.post(f"{path}/bulk-delete", self.delete)]
        )
        runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1)
        await runner.setup()
        self.site = web.TCPSite(runner, "127.0.0.1", 0)
        await self.site.start()
        port = runner.addresses[0][1]
        options = {"retry_delay": 0.01, "max_retries": 1} | options
        try:
            async with AsyncText2EverythingClient(
                base_url=f"http://127.0.0.1:{port}", access_token="x", workspace_name="workspaces/x", **options
            ) as client:
                yield client
        finally:
            await runner.cleanup()


def ratings(count: int) -> list[dict[str, Any]]:
    return [
        {"chat_message_id": f"m{index}", "feedback": f"rating {index}", "is_positive": True} for index in range(count)
    ]


def refusing(status: int, *indices: int, headers: dict[str, str] | None = None) -> Hook:
    """Refuse the ratings with these numbers."""
    texts = {f"rating {index}" for index in indices}

    async def hook(_: FeedbackService, body: dict[str, Any]) -> web.Response | None:
        if body.get("feedback") in texts:
            return web.json_response({"detail": "not this one"}, status=status, headers=headers)
        return None

    return hook


def slow(seconds: float) -> Hook:
    async def hook(_: FeedbackService, __: dict[str, Any]) -> None:
        await asyncio.sleep(seconds)

    return hook


async def drained(stream: AsyncIterable[Any], into: list[Any]) -> None:
    """Put what `stream` gives into a list, which thus has it also if the stream ends in an error."""
    async for each in stream:
        into.append(each)  # noqa: PERF401
