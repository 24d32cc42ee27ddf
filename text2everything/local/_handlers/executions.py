"""Executions: SQL that was run on a connector, with its result or error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._handlers.base import (
    PROJECT_PATH,
    ReplyShape,
    Resource,
    invalid_field,
    json_response,
    read_json_object,
)
from text2everything.local._handlers.connectors import connection_parameters
from text2everything.local._operations import OBJECT, TEXT, Body, Operation, column_of, item_of, object_with
from text2everything.local._request_body import BodySchema, non_blank, optional, required
from text2everything.local._tables import CHAT_MESSAGES, CHAT_SESSIONS, CONNECTORS, EXECUTION_SUMMARIES, EXECUTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._app_state import AppState

EXECUTE_BODY = BodySchema(
    (
        required("connector_id"),
        optional("chat_message_id", non_blank),
        optional("sql_query", non_blank),
        optional("h2ogpte_session_id", non_blank),
    ),
    exactly_one=("chat_message_id", "sql_query"),
)


# In place of the result of a failed execution: clients read an object.
NO_ROWS = {"columns": [], "data": [], "rowCount": 0}


_STORED_COLUMNS = ("connector_id", "sql_query", "execution_time_ms", "chat_message_id", "error")
EXECUTION_REPLY = object_with(
    execution_id=TEXT,
    **{name: column_of(EXECUTIONS, name) for name in (*_STORED_COLUMNS, "is_successful", "created_at", "result")},
)


async def execute(
    state: AppState, project_id: str, connector: dict[str, Any], sql: str, message: dict[str, Any]
) -> dict[str, Any]:
    """Run SQL on a connector, store the execution, and return it as the reply.

    If the SQL is wrong or the database cannot be reached, the execution has an error, and its result no rows.
    """
    outcome = await state.runner.run(connector["id"], connection_parameters(state.store, connector), sql)
    stored = state.store.insert(
        EXECUTIONS,
        project_id,
        {
            "connector_id": connector["id"],
            "chat_message_id": message["id"],
            "h2ogpte_session_id": message["chat_session_id"],
            "sql_query": sql,
            "execution_time_ms": outcome.elapsed_ms,
            "is_successful": outcome.error is None,
            "error": outcome.error,
            "result": outcome.result,
        },
    )
    return {
        "execution_id": stored["id"],
        **{name: stored[name] for name in _STORED_COLUMNS},
        "result": stored["result"] or NO_ROWS,
        "is_successful": stored["is_successful"],
        "created_at": stored["created_at"],
    }


class Executions(Resource):
    """The executions in a project."""

    table = EXECUTIONS
    list_table = EXECUTION_SUMMARIES
    path = "sql/executions"
    filters = ("connector_id", "chat_message_id")

    def operations(self) -> Iterable[Operation]:
        yield Operation("POST", f"{PROJECT_PATH}/sql/execute", self.execute, EXECUTION_REPLY, body=Body(EXECUTE_BODY))
        yield self.list_operation()
        yield Operation("GET", self.items_path + "/{id}", self.get, item_of(EXECUTIONS))

    def shapes(self) -> Iterable[ReplyShape]:
        yield ReplyShape(EXECUTIONS, added={"result": OBJECT})
        yield ReplyShape(EXECUTION_SUMMARIES)

    async def execute(self, request: web.Request) -> web.Response:
        """POST: run the SQL of a message, or other SQL, for which a message is created so that it can be rated."""
        values = EXECUTE_BODY.validate(await read_json_object(request))
        project_id = self.project_id(request)
        connector = self.get_or_404(CONNECTORS, project_id, values["connector_id"])
        self.check_exists(CHAT_SESSIONS, project_id, values["h2ogpte_session_id"])
        message = self._find_or_create_message(project_id, values)
        return json_response(await execute(self.state, project_id, connector, message["sql_query"], message))

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "result": item["result"] or NO_ROWS} if "result" in item else item

    def _find_or_create_message(self, project_id: str, values: dict[str, Any]) -> dict[str, Any]:
        if values["chat_message_id"] is not None:
            message = self.get_or_404(CHAT_MESSAGES, project_id, values["chat_message_id"])
            if message["sql_query"] is None:
                raise invalid_field("chat_message_id", "This message has no SQL")
            return {**message, "chat_session_id": values["h2ogpte_session_id"] or message["chat_session_id"]}
        return self.store.insert(
            CHAT_MESSAGES,
            project_id,
            {
                "chat_session_id": values["h2ogpte_session_id"],
                "user_query": values["sql_query"],
                "sql_query": values["sql_query"],
                "connector_id": values["connector_id"],
            },
        )
