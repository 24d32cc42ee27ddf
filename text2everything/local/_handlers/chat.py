"""Chat: questions answered with SQL, and with what it gives; and the cache of such answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._cache import look_up
from text2everything.local._chat import draft
from text2everything.local._handlers.base import PROJECT, Handlers, read_object, reply, wrong
from text2everything.local._handlers.executions import execute
from text2everything.local._tables import (
    CHAT_MESSAGES,
    CHAT_SESSIONS,
    CONNECTORS,
    CONTEXTS,
    CUSTOM_TOOLS,
    FEEDBACK,
    GOLDEN_EXAMPLES,
    SCHEMA_METADATA,
)
from text2everything.local._validation import (
    Body,
    filled,
    flag,
    may,
    need,
    nested,
    number,
    one_of,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_CANDIDATES = 10_000
ACCURACIES = ("quick", "basic", "standard", "maximum")

_ASK = (
    need("query"),
    may("llm"),
    may("context_id", filled),
    may("schema_metadata_id", filled),
    may("connector_id", filled),
    may("example_id", filled),
    *(may(f"{kind}_limit", whole()) for kind in ("contexts", "schema", "feedback", "examples")),
    *(may(f"{kind}_cutoff", number(0, 2)) for kind in ("contexts", "schema", "feedback", "examples")),
    may("use_agent", flag),
    may("agent_accuracy", one_of(*ACCURACIES)),
    may("system_prompt"),
)
TO_SQL = Body(_ASK)
TO_ANSWER = Body(
    (
        *_ASK,
        may("custom_tool_id", filled),
        may("auto_add_feedback", nested(may("positive", flag, False), may("negative", flag, False))),
    )
)
LOOK_UP = Body(
    (
        need("user_query"),
        need("connector_id"),
        may("max_age_days", number(0, 2**53), 30),
        may("similarity_threshold", number(0, 1), 0.65),
        may("limit", whole(1, _MOST_CANDIDATES), 50),
        may("top_n", whole(1, _MOST_CANDIDATES), 5),
        may("only_positive_feedback", flag, False),
    )
)
_REFERENCES = {
    "context_id": CONTEXTS,
    "schema_metadata_id": SCHEMA_METADATA,
    "connector_id": CONNECTORS,
    "example_id": GOLDEN_EXAMPLES,
    "custom_tool_id": CUSTOM_TOOLS,
}


class Chat(Handlers):
    """Asking in a session."""

    def routes(self) -> Iterable[web.RouteDef]:
        session = f"{PROJECT}/chat-sessions/{{id}}"
        yield web.post(f"{session}/chat-to-sql", self.to_sql)
        yield web.post(f"{session}/chat-to-answer", self.to_answer)
        yield web.post(f"{PROJECT}/execution-cache-lookup", self.look_up)

    async def to_sql(self, request: web.Request) -> web.Response:
        """POST: the SQL that answers a question."""
        values = TO_SQL.create(await read_object(request))
        project, session = self._where(request, values)
        return reply(await self._answer(project, session, values, self._connector(project, session, values)))

    async def to_answer(self, request: web.Request) -> web.Response:
        """POST: the SQL that answers a question, and its result."""
        values = TO_ANSWER.create(await read_object(request))
        project, session = self._where(request, values)
        connector = self._connector(project, session, values)
        if connector is None:
            raise wrong("connector_id", "Say which connector, as the project has not just one")
        message = await self._answer(project, session, values, connector)
        if message["sql_query"] is None:
            return reply({**message, "execution_result": None, "feedback": None})
        execution = await execute(self.state, project, connector, message["sql_query"], message)
        feedback = self._rate(project, execution, values["auto_add_feedback"] or {})
        return reply({**message, "execution_result": execution, "feedback": feedback})

    async def look_up(self, request: web.Request) -> web.Response:
        """POST: earlier results of similar questions."""
        values = LOOK_UP.create(await read_object(request))
        project = self.project(request)
        self.refer(CONNECTORS, project, values["connector_id"])
        return reply(look_up(self.store, project, values))

    def _where(self, request: web.Request, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the project and the session, and make sure that all a question refers to exists."""
        project = self.project(request)
        session = self.require(CHAT_SESSIONS, project, request.match_info["id"])
        for name, table in _REFERENCES.items():
            self.refer(table, project, values.get(name))
        return project, session

    def _connector(self, project: str, session: dict[str, Any], values: dict[str, Any]) -> dict[str, Any] | None:
        """Return the connector that is asked for, or the one of the session's preset, or the project's only one."""
        for wanted in (values["connector_id"], session["connector_id"]):
            if wanted is not None and (connector := self.store.get(CONNECTORS, project, wanted)):
                return connector
        connectors = self.store.rows(CONNECTORS, project)
        return connectors[0] if len(connectors) == 1 else None

    async def _answer(
        self,
        project: str,
        session: dict[str, Any],
        values: dict[str, Any],
        connector: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """Draft the SQL, and return the message in which it is stored."""
        found = await draft(self.state, project, values, connector["db_type"] if connector else "sqlite")
        return self.store.insert(
            CHAT_MESSAGES,
            project,
            {
                "chat_session_id": session["id"],
                "user_query": values["query"],
                "sql_query": found.sql,
                "explanation": found.explanation,
                "agent_tool_response": _agent(values, session),
                "context_id": values["context_id"] or found.context_id,
                "schema_metadata_id": values["schema_metadata_id"] or found.schema_id,
                "connector_id": connector["id"] if connector else None,
                "example_id": values["example_id"] or found.example_id,
            },
        )

    def _rate(self, project: str, execution: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any] | None:
        """Rate an answer by whether its SQL ran, if that is wanted."""
        good = execution["is_successful"]
        if not wanted.get("positive" if good else "negative"):
            return None
        comment = "The query ran." if good else f"The query failed: {execution['error']}"
        return self.store.insert(
            FEEDBACK,
            project,
            {
                "chat_message_id": execution["chat_message_id"],
                "execution_id": execution["execution_id"],
                "feedback": comment,
                "is_positive": good,
            },
        )


def _agent(values: dict[str, Any], session: dict[str, Any]) -> str | None:
    """Return what to say of agents and tools, which this service does not run."""
    if values.get("custom_tool_id") or session["custom_tool_id"]:
        return "This service runs no custom tools; the answer was made without."
    if values["use_agent"]:
        return "This service has no agent; the answer was made from the schema metadata and the examples."
    return None
