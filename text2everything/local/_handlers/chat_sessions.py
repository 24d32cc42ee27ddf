"""Chat sessions, their custom tools, and suggested questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local import _query_string as query_string
from text2everything.local._errors import unprocessable
from text2everything.local._handlers.base import ReplyShape, Resource, json_response, read_json_object
from text2everything.local._handlers.custom_tools import render_custom_tool
from text2everything.local._operations import TEXT, Body, Operation, item_of, list_of, object_with, or_null
from text2everything.local._request_body import BodySchema, Field, non_blank, optional
from text2everything.local._suggested_questions import suggest_questions
from text2everything.local._tables import CHAT_SESSIONS, CUSTOM_TOOLS, GOLDEN_EXAMPLES, SCHEMA_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

CUSTOM_TOOL_BODY = BodySchema((Field("custom_tool_id", non_blank, nullable=True),))
MAX_QUESTIONS = query_string.MAX_PAGE_SIZE
# Of how many golden examples and parts of schema metadata the questions are.
_MAX_SOURCES = 1_000


class ChatSessions(Resource):
    """The chat sessions of a project. The messages of a deleted session are kept, for feedback and the cache."""

    table = CHAT_SESSIONS
    path = "chat-sessions"
    body_schema = BodySchema((optional("name"), optional("custom_tool_id", non_blank)))

    shape = ReplyShape(CHAT_SESSIONS, hidden=("connector_id",))

    def extra_operations(self) -> Iterable[Operation]:
        one = self.items_path + "/{id}"
        tool, session = or_null(item_of(CUSTOM_TOOLS)), item_of(CHAT_SESSIONS)
        yield Operation("GET", f"{one}/custom-tool", self.get_custom_tool, tool)
        yield Operation(
            "PUT",
            f"{one}/custom-tool",
            self.set_custom_tool,
            session,
            body=Body(CUSTOM_TOOL_BODY, "new"),
        )
        questions = list_of(object_with(question=TEXT))
        yield Operation("GET", f"{one}/questions", self.suggest_questions, questions, query=(query_string.LIMIT,))

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        self.check_exists(CUSTOM_TOOLS, project_id, values["custom_tool_id"])
        return super().create_item(project_id, values)

    def replace_item(self, project_id: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        self.check_exists(CUSTOM_TOOLS, project_id, values.get("custom_tool_id"))
        return super().replace_item(project_id, current, values)

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return render_chat_session(item)

    async def get_custom_tool(self, request: web.Request) -> web.Response:
        """GET: return the session's custom tool, or null."""
        project_id = self.project_id(request)
        session = self.get_or_404(self.table, project_id, request.match_info["id"])
        if session["custom_tool_id"] is None:
            return json_response(None)
        tool = self.get_or_404(CUSTOM_TOOLS, project_id, session["custom_tool_id"])
        return json_response(render_custom_tool(self.store, tool))

    async def set_custom_tool(self, request: web.Request) -> web.Response:
        """PUT: set the session's custom tool; null removes it."""
        body = await read_json_object(request)
        project_id = self.project_id(request)
        session = self.get_or_404(self.table, project_id, request.match_info["id"])
        return json_response(self.replace_item(project_id, session, CUSTOM_TOOL_BODY.validate_replacement(body)))

    async def suggest_questions(self, request: web.Request) -> web.Response:
        """GET: return questions that could be asked, from the golden examples and the schema metadata."""
        project_id = self.project_id(request)
        self.get_or_404(self.table, project_id, request.match_info["id"])
        errors: list[dict[str, Any]] = []
        limit = query_string.integer_param(request.query, query_string.LIMIT, errors)
        if errors:
            raise unprocessable(*errors)
        questions = suggest_questions(
            self.store.list_first(GOLDEN_EXAMPLES, project_id, _MAX_SOURCES),
            self.store.list_first(SCHEMA_METADATA, project_id, _MAX_SOURCES),
            min(limit or 10, MAX_QUESTIONS),
        )
        return json_response([{"question": question} for question in questions])


def render_chat_session(item: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a session in replies, without the connector of its preset, which is internal."""
    return {name: value for name, value in item.items() if name != "connector_id"}
