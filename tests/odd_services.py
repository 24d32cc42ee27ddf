"""Services that page in every way a service might: one description each, usable in-process and over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

import attrs
from aiohttp import web

from text2everything._codec import Listing
from text2everything.models.feedback import FeedbackResponse

Row = dict[str, Any]
Field = Literal["total", "page", "page_size", "has_next"]
FIELDS: tuple[Field, ...] = ("total", "page", "page_size", "has_next")


def rows(count: int, start: int = 0) -> list[Row]:
    return [row(number) for number in range(start, start + count)]


def row(number: int) -> Row:
    return {"id": f"f{number}", "chat_message_id": f"m{number % 7}", "feedback": f"text {number}"}


@attrs.define(kw_only=True)
class OddService:
    """A listing.

    Attributes:
        items: What there is.
        style: What it goes by: skip/limit, page/per_page, neither.
        cap: Items a page may have, whatever was asked for; the page number counts pages of that size.
        fields: What a reply says beside the items.
        bare: Whether a reply is a bare list.
        takes_size: Whether limit or per_page count; otherwise a page has `cap` items.
        tells: What the reply's fields say in place of the truth.
        before: Called before each reply with its number; may change `items`.
        delay: Seconds a reply takes.
    """

    items: list[Row]
    style: Literal["skip", "page", "neither"] = "skip"
    cap: int | None = None
    fields: tuple[Field, ...] = FIELDS
    bare: bool = False
    takes_size: bool = True
    tells: Mapping[str, Callable[[Any], Any]] = {}
    before: Callable[[int], object] = lambda _: None
    delay: float = 0
    asked: list[tuple[int, int]] = attrs.field(factory=list)
    status: Callable[[int], int] = lambda _: 200
    most_at_once: int = 0
    at_once: int = 0

    def reply(self, query: Mapping[str, str]) -> list[Row] | Row:
        skip, limit = int(query["skip"]), int(query["limit"])
        page, per_page = int(query["page"]), int(query["per_page"])
        assert skip == (page - 1) * per_page, "both styles must mean the same page"
        assert limit == per_page
        self.asked.append((skip, limit))
        assert len(self.asked) < 1000, f"loops: {self.asked[-20:]}"
        self.before(len(self.asked))
        size = limit if self.takes_size else len(self.items)
        if self.cap is not None:
            size = min(size, self.cap) if self.takes_size else self.cap
        start = {"skip": skip, "page": (page - 1) * size, "neither": 0}[self.style]
        found = self.items[start : start + size]
        if self.bare:
            return found
        truth: dict[str, Any] = {
            "total": len(self.items),
            "page": page,
            "page_size": size,
            "has_next": start + len(found) < len(self.items),
        }
        said = {name: truth[name] for name in self.fields}
        return {"items": found} | {name: self.tells.get(name, lambda true: true)(said[name]) for name in said}

    async def fetch(self, skip: int, limit: int) -> Listing:
        """Answer in-process."""
        page = skip // limit + 1
        said = self.reply({"skip": str(skip), "limit": str(limit), "page": str(page), "per_page": str(limit)})
        await asyncio.sleep(self.delay)
        if isinstance(said, list):
            return Listing([FeedbackResponse(**each) for each in said])
        items = [FeedbackResponse(**each) for each in said.pop("items")]
        return Listing(items, **said)

    async def handle(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            said = self.reply(request.query)
            status = self.status(len(self.asked))
            await asyncio.sleep(self.delay)
            return web.json_response(said if status == 200 else {"detail": "no"}, status=status)
        finally:
            self.at_once -= 1


@asynccontextmanager
async def serving(service: OddService) -> AsyncIterator[str]:
    """Serve the feedback of project "p" on a socket; gives the base URL."""
    app = web.Application()
    app.router.add_get("/api/projects/p/feedback", service.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
