"""Chat sessions, their custom tool, and what could be asked in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local import _paging as paging
from text2everything.local._errors import invalid
from text2everything.local._handlers.base import Resource, read_object, reply
from text2everything.local._handlers.custom_tools import render_tool
from text2everything.local._questions import suggest
from text2everything.local._tables import CHAT_SESSIONS, CUSTOM_TOOLS, GOLDEN_EXAMPLES, SCHEMA_METADATA
from text2everything.local._validation import Body, Field, filled, may

if TYPE_CHECKING:
    from collections.abc import Iterable

CUSTOM_TOOL = Body((Field("custom_tool_id", filled, nullable=True),))
MOST_QUESTIONS = 100


class ChatSessions(Resource):
    """The chat sessions of a project. Deleting one keeps its messages, which ratings and the cache rest on."""

    table = CHAT_SESSIONS
    path = "chat-sessions"
    body = Body((may("name"), may("custom_tool_id", filled)))

    def more_routes(self) -> Iterable[web.RouteDef]:
        yield web.get(self.base + "/{id}/custom-tool", self.custom_tool)
        yield web.put(self.base + "/{id}/custom-tool", self.change_custom_tool)
        yield web.get(self.base + "/{id}/questions", self.questions)

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        self.refer(CUSTOM_TOOLS, project, values["custom_tool_id"])
        return super().add(project, values)

    def put(self, project: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        self.refer(CUSTOM_TOOLS, project, values.get("custom_tool_id"))
        return super().put(project, current, values)

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return render_session(item)

    async def custom_tool(self, request: web.Request) -> web.Response:
        """GET: the session's custom tool, or null."""
        project = self.project(request)
        session = self.require(self.table, project, request.match_info["id"])
        if session["custom_tool_id"] is None:
            return reply(None)
        tool = self.require(CUSTOM_TOOLS, project, session["custom_tool_id"])
        return reply(render_tool(self.store, tool))

    async def change_custom_tool(self, request: web.Request) -> web.Response:
        """PUT: another custom tool; null detaches it."""
        body = await read_object(request)
        project = self.project(request)
        session = self.require(self.table, project, request.match_info["id"])
        return reply(self.put(project, session, CUSTOM_TOOL.replace(body)))

    async def questions(self, request: web.Request) -> web.Response:
        """GET: questions that the golden examples and the schema metadata suggest."""
        project = self.project(request)
        session = self.require(self.table, project, request.match_info["id"])
        problems: list[dict[str, Any]] = []
        limit = paging.integer(request.query, "limit", problems, least=1)
        if problems:
            raise invalid(*problems)
        found = suggest(
            self.store.rows(GOLDEN_EXAMPLES, project),
            self.store.rows(SCHEMA_METADATA, project),
            min(limit or 10, MOST_QUESTIONS),
        )
        return reply({"session_id": session["id"], "questions": [{"question": text} for text in found]})


def render_session(item: dict[str, Any]) -> dict[str, Any]:
    """Return a session as replies show it; which connector its preset chose is the service's own affair."""
    return {name: value for name, value in item.items() if name != "connector_id"}
