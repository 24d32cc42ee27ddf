"""Chat: questions are answered with SQL, or with SQL and its result; and the lookup in the execution cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._execution_cache import CACHED_COLUMNS, look_up
from text2everything.local._handlers.base import (
    PROJECT_PATH,
    Handlers,
    ReplyShape,
    invalid_field,
    json_response,
    read_json_object,
)
from text2everything.local._handlers.connectors import connection_parameters
from text2everything.local._handlers.executions import EXECUTION_REPLY, execute
from text2everything.local._operations import (
    BOOLEAN,
    INTEGER,
    TEXT,
    TEXT_OR_NULL,
    Body,
    Operation,
    Schema,
    column_of,
    item_of,
    list_of,
    object_with,
    or_null,
)
from text2everything.local._request_body import (
    BodySchema,
    Field,
    boolean,
    integer,
    non_blank,
    number,
    object_of,
    one_of,
    optional,
    required,
)
from text2everything.local._tables import (
    CHAT_MESSAGES,
    CHAT_SESSIONS,
    CONNECTORS,
    CONTEXTS,
    CUSTOM_TOOLS,
    EXECUTIONS,
    FEEDBACK,
    GOLDEN_EXAMPLES,
    SCHEMA_METADATA,
)
from text2everything.local._text_to_sql import draft_sql
from text2everything.local._try_sql import trying_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_CANDIDATES = 10_000
# Two generations of names for the same choice; clients use both.
ACCURACIES = ("low", "medium", "high", "quick", "basic", "standard", "maximum")

_CHAT_FIELDS = (
    required("query"),
    optional("llm"),
    optional("context_id", non_blank),
    optional("schema_metadata_id", non_blank),
    optional("connector_id", non_blank),
    optional("example_id", non_blank),
    *(optional(f"{kind}_limit", integer()) for kind in ("contexts", "schema", "feedback", "examples")),
    *(optional(f"{kind}_cutoff", number(0, 2)) for kind in ("contexts", "schema", "feedback", "examples")),
    optional("use_agent", boolean),
    Field("agent_accuracy", one_of(*ACCURACIES), default="medium", nullable=True),
    optional("system_prompt"),
)
CHAT_TO_SQL_BODY = BodySchema(_CHAT_FIELDS)
CHAT_TO_ANSWER_BODY = BodySchema(
    (
        *_CHAT_FIELDS,
        optional("custom_tool_id", non_blank),
        optional(
            "auto_add_feedback", object_of(optional("positive", boolean, False), optional("negative", boolean, False))
        ),
    )
)
CACHE_LOOKUP_BODY = BodySchema(
    (
        required("user_query"),
        required("connector_id"),
        optional("max_age_days", number(0, 2**53), 30),
        optional("similarity_threshold", number(0, 1), 0.65),
        optional("limit", integer(1, _MAX_CANDIDATES), 50),
        optional("top_n", integer(1, _MAX_CANDIDATES), 5),
        optional("only_positive_feedback", boolean, False),
    )
)
_REFERENCES = {
    "context_id": CONTEXTS,
    "schema_metadata_id": SCHEMA_METADATA,
    "connector_id": CONNECTORS,
    "example_id": GOLDEN_EXAMPLES,
    "custom_tool_id": CUSTOM_TOOLS,
}


CACHE_LOOKUP_REPLY = object_with(
    cache_hit=BOOLEAN,
    matches=list_of(
        object_with(
            execution=object_with(**{name: column_of(EXECUTIONS, name) for name in CACHED_COLUMNS}, user_query=TEXT),
            similarity_score={"type": "number"},
            has_feedback=BOOLEAN,
            feedback_is_positive=or_null(BOOLEAN),
            feedback_comment=TEXT_OR_NULL,
        )
    ),
    candidates_checked=INTEGER,
)


class Chat(Handlers):
    """The chat of a session, and the execution cache."""

    def operations(self) -> Iterable[Operation]:
        session = f"{PROJECT_PATH}/chat-sessions/{{id}}"
        message = item_of(CHAT_MESSAGES)
        results = object_with(execution_result=or_null(EXECUTION_REPLY), feedback=or_null(item_of(FEEDBACK)))
        answer: Schema = {"allOf": [message, results]}
        yield Operation("POST", f"{session}/chat-to-sql", self.chat_to_sql, message, body=Body(CHAT_TO_SQL_BODY))
        yield Operation(
            "POST", f"{session}/chat-to-answer", self.chat_to_answer, answer, body=Body(CHAT_TO_ANSWER_BODY)
        )
        yield Operation(
            "POST",
            f"{PROJECT_PATH}/execution-cache-lookup",
            self.look_up,
            CACHE_LOOKUP_REPLY,
            body=Body(CACHE_LOOKUP_BODY),
        )

    def shapes(self) -> Iterable[ReplyShape]:
        yield ReplyShape(CHAT_MESSAGES)

    async def chat_to_sql(self, request: web.Request) -> web.Response:
        """POST: return the SQL that answers a question."""
        values = CHAT_TO_SQL_BODY.validate(await read_json_object(request))
        project_id, session = self._project_and_session(request, values)
        return json_response(
            await self._create_message(
                project_id, session, values, self._select_connector(project_id, session, values)
            )
        )

    async def chat_to_answer(self, request: web.Request) -> web.Response:
        """POST: return the SQL that answers a question, and its result."""
        values = CHAT_TO_ANSWER_BODY.validate(await read_json_object(request))
        project_id, session = self._project_and_session(request, values)
        connector = self._select_connector(project_id, session, values)
        if connector is None:
            raise invalid_field(
                "connector_id", "Give a connector_id: the project does not have exactly one connector"
            )
        message = await self._create_message(project_id, session, values, connector)
        if message["sql_query"] is None:
            return json_response({**message, "execution_result": None, "feedback": None})
        execution = await execute(self.state, project_id, connector, message["sql_query"], message)
        feedback = self._add_automatic_feedback(project_id, execution, values["auto_add_feedback"] or {})
        return json_response({**message, "execution_result": execution, "feedback": feedback})

    async def look_up(self, request: web.Request) -> web.Response:
        """POST: return the results of earlier questions that are similar."""
        values = CACHE_LOOKUP_BODY.validate(await read_json_object(request))
        project_id = self.project_id(request)
        self.check_exists(CONNECTORS, project_id, values["connector_id"])
        return json_response(await look_up(self.store, project_id, values))

    def _project_and_session(self, request: web.Request, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the project id and the session, or raise 404 if they or an item in the body do not exist."""
        project_id = self.project_id(request)
        session = self.get_or_404(CHAT_SESSIONS, project_id, request.match_info["id"])
        for name, table in _REFERENCES.items():
            self.check_exists(table, project_id, values.get(name))
        return project_id, session

    def _select_connector(
        self, project_id: str, session: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Return the connector in the body, that of the session's preset, the only one of the project, or None."""
        for wanted in (values["connector_id"], session["connector_id"]):
            if wanted is not None and (connector := self.store.get(CONNECTORS, project_id, wanted)):
                return connector
        connectors = self.store.list_first(CONNECTORS, project_id, 2)
        return connectors[0] if len(connectors) == 1 else None

    async def _create_message(
        self,
        project_id: str,
        session: dict[str, Any],
        values: dict[str, Any],
        connector: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """Draft the SQL and store it in a new message, which is returned."""
        if connector is None:
            draft = await draft_sql(self.state, project_id, values, "sqlite")
        else:
            parameters = connection_parameters(self.store, connector)
            with trying_sql(self.state.runner, connector["id"], parameters) as try_sql:
                draft = await draft_sql(self.state, project_id, values, connector["db_type"], try_sql)
        return self.store.insert(
            CHAT_MESSAGES,
            project_id,
            {
                "chat_session_id": session["id"],
                "user_query": values["query"],
                "sql_query": draft.sql,
                "explanation": draft.explanation,
                "agent_tool_response": _agent_tool_response(values, session),
                "context_id": values["context_id"] or draft.context_id,
                "schema_metadata_id": values["schema_metadata_id"] or draft.schema_id,
                "connector_id": connector["id"] if connector else None,
                "example_id": values["example_id"] or draft.example_id,
            },
        )

    def _add_automatic_feedback(
        self, project_id: str, execution: dict[str, Any], ratings: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Rate an execution positive if it succeeded and negative if it failed, if `ratings` asks for that."""
        is_successful = execution["is_successful"]
        if not ratings.get("positive" if is_successful else "negative"):
            return None
        comment = "The query ran." if is_successful else f"The query failed: {execution['error']}"
        return self.store.insert(
            FEEDBACK,
            project_id,
            {
                "chat_message_id": execution["chat_message_id"],
                "execution_id": execution["execution_id"],
                "feedback": comment,
                "is_positive": is_successful,
            },
        )


def _agent_tool_response(values: dict[str, Any], session: dict[str, Any]) -> str | None:
    """Return a message if the request asks for an agent or a custom tool, neither of which this service runs."""
    if values.get("custom_tool_id") or session["custom_tool_id"]:
        return "This service runs no custom tools; the answer was made without one."
    if values["use_agent"]:
        return "This service has no agent; the answer was made from the schema metadata and the examples."
    return None
