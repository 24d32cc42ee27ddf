"""Executions: SQL run on a connector, and what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._handlers.base import PROJECT, Resource, read_object, reply, wrong
from text2everything.local._handlers.connectors import target_of
from text2everything.local._tables import CHAT_MESSAGES, CHAT_SESSIONS, CONNECTORS, EXECUTION_ITEMS, EXECUTIONS
from text2everything.local._validation import Body, filled, may, need

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._state import State

EXECUTE = Body(
    (
        need("connector_id"),
        may("chat_message_id", filled),
        may("sql_query", filled),
        may("h2ogpte_session_id", filled),
    )
)


async def execute(
    state: State, project: str, connector: dict[str, Any], sql: str, message: dict[str, Any]
) -> dict[str, Any]:
    """Run SQL on a connector, store what came out, and return the reply to an execution.

    An error in the SQL, or in reaching the database, is a failed execution: its result is null.
    """
    outcome = await state.runner.select(target_of(state.store, connector), sql)
    stored = state.store.insert(
        EXECUTIONS,
        project,
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
    names = ("connector_id", "sql_query", "result", "execution_time_ms", "chat_message_id", "error")
    return {
        "execution_id": stored["id"],
        **{name: stored[name] for name in names},
        "is_successful": stored["is_successful"],
        "created_at": stored["created_at"],
    }


class Executions(Resource):
    """The executions in a project."""

    table = EXECUTIONS
    listed = EXECUTION_ITEMS
    path = "sql/executions"
    filters = ("connector_id", "chat_message_id")

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.post(f"{PROJECT}/sql/execute", self.execute)
        yield web.get(self.base, self.index)
        yield web.get(self.base + "/{id}", self.fetch)

    async def execute(self, request: web.Request) -> web.Response:
        """POST: run the SQL of a message, or given SQL, which gets a message of its own so that it can be rated."""
        values = EXECUTE.create(await read_object(request))
        project = self.project(request)
        if (values["chat_message_id"] is None) == (values["sql_query"] is None):
            raise wrong("sql_query", "Give exactly one of chat_message_id and sql_query")
        connector = self.require(CONNECTORS, project, values["connector_id"])
        self.refer(CHAT_SESSIONS, project, values["h2ogpte_session_id"])
        message = self._message(project, values)
        return reply(await execute(self.state, project, connector, message["sql_query"], message))

    def _message(self, project: str, values: dict[str, Any]) -> dict[str, Any]:
        if values["chat_message_id"] is not None:
            message = self.require(CHAT_MESSAGES, project, values["chat_message_id"])
            if message["sql_query"] is None:
                raise wrong("chat_message_id", "This message has no SQL")
            return {**message, "chat_session_id": values["h2ogpte_session_id"] or message["chat_session_id"]}
        return self.store.insert(
            CHAT_MESSAGES,
            project,
            {
                "chat_session_id": values["h2ogpte_session_id"],
                "user_query": values["sql_query"],
                "sql_query": values["sql_query"],
                "connector_id": values["connector_id"],
            },
        )
