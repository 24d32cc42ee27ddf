"""SQL executions: `client.executions`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here

from text2everything._pagination.pager import PAGE_SIZE, AsyncPager
from text2everything.models._checks import check_text
from text2everything.models.executions import (
    Execution,
    ExecutionListItem,
    SQLExecuteRequest,
    SQLExecuteResponse,
)
from text2everything.resources._base import Resource
from text2everything.resources._paths import escape, project_path, query_text


class AsyncExecutionsResource(Resource):
    """Run SQL on a connector and read the results. SQL that fails raises no exception: its result is None.

    SQL may take minutes: `read_timeout` is 900 seconds for it by default.
    """

    async def execute_sql(
        self,
        project_id: str,
        connector_id: str,
        chat_message_id: str | None = None,
        sql_query: str | None = None,
        chat_session_id: str | None = None,
    ) -> SQLExecuteResponse:
        """Run SQL: give either the chat message whose SQL to run, or `sql_query`.

        Args:
            project_id: The project.
            connector_id: The connector to the database.
            chat_message_id: The chat message whose SQL to run.
            sql_query: The SQL to run.
            chat_session_id: The session it belongs to.

        Returns:
            The execution. Its data is in `columns` and `rows`, by iteration over dicts, and in `to_pandas()`. If the
            database rejected the SQL, `successful` is False and `error` gives the reason.

        Raises:
            NotFoundError: There is no such project, connector or message.
            ValidationError: Neither or both of `chat_message_id` and `sql_query` are given, or one is invalid.

        Example:
            >>> result = await client.executions.execute_sql(
            ...     project_id, connector_id, sql_query="SELECT count(*) AS orders FROM orders"
            ... )
            >>> print(list(result) if result.successful else result.error)
            [{'orders': 600}]
        """
        request = SQLExecuteRequest(
            connector_id=connector_id,
            chat_message_id=chat_message_id,
            sql_query=sql_query,
            chat_session_id=chat_session_id,
        )
        path = f"{project_path(project_id)}/sql/execute"
        return self._decode(await self._send("POST", path, request, slow=True), SQLExecuteResponse)

    async def execute_from_chat(
        self, project_id: str, connector_id: str, chat_message_id: str, chat_session_id: str | None = None
    ) -> SQLExecuteResponse:
        """Run the SQL of a chat message; see `execute_sql`.

        Raises:
            NotFoundError: There is no such project, connector or message.
            ValidationError: An argument is invalid.

        Example:
            >>> message = await client.chat.chat_to_sql(project_id, session_id, "How many orders were there?")
            >>> if message.sql_query:
            ...     result = await client.executions.execute_from_chat(project_id, connector_id, message.id)
        """
        check_text("chat_message_id", chat_message_id)
        return await self.execute_sql(
            project_id, connector_id, chat_message_id=chat_message_id, chat_session_id=chat_session_id
        )

    async def execute_query(
        self, project_id: str, connector_id: str, sql_query: str, chat_session_id: str | None = None
    ) -> SQLExecuteResponse:
        """Run the given SQL; see `execute_sql`.

        Raises:
            NotFoundError: There is no such project or connector.
            ValidationError: An argument is invalid.

        Example:
            >>> result = await client.executions.execute_query(project_id, connector_id, "SELECT 1 AS one")
            >>> result.rows
            [[1]]
        """
        check_text("sql_query", sql_query)
        return await self.execute_sql(project_id, connector_id, sql_query=sql_query, chat_session_id=chat_session_id)

    async def get(self, project_id: str, execution_id: str) -> Execution:
        """Return one execution with its result.

        Raises:
            NotFoundError: There is no such execution.

        Example:
            >>> stored = await client.executions.get(project_id, execution_id)
            >>> frame = stored.to_pandas()
        """
        path = f"{project_path(project_id)}/sql/executions/{escape('execution_id', execution_id)}"
        return self._decode(await self._send("GET", path), Execution)

    async def list(
        self,
        project_id: str,
        skip: int = 0,
        limit: int | None = None,
        q: str | None = None,
        connector_id: str | None = None,
        chat_message_id: str | None = None,
    ) -> List[ExecutionListItem]:
        """Return the project's executions, without their results.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            q: Only executions whose text contains this.
            connector_id: Only those on this connector.
            chat_message_id: Only those of this message.

        Example:
            >>> executions = await client.executions.list(project_id, connector_id=connector_id)
            >>> failed = [each.sql_query for each in executions if not each.successful]
        """
        path, query = _listing(project_id, q, connector_id, chat_message_id)
        return await self._pager(path, ExecutionListItem, query, skip=skip, limit=limit).collect()

    def iter(
        self,
        project_id: str,
        q: str | None = None,
        connector_id: str | None = None,
        chat_message_id: str | None = None,
        *,
        page_size: int = PAGE_SIZE,
    ) -> AsyncPager[ExecutionListItem]:
        """Return the project's executions one by one, in constant memory.

        Args:
            project_id: The project.
            q: Only executions whose text contains this.
            connector_id: Only those on this connector.
            chat_message_id: Only those of this message.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> async for each in client.executions.iter(project_id, "orders"):
            ...     print(each.id, each.execution_time_ms)
        """
        path, query = _listing(project_id, q, connector_id, chat_message_id)
        return self._pager(path, ExecutionListItem, query, page_size=page_size)


def _listing(
    project_id: str, q: str | None, connector_id: str | None, chat_message_id: str | None
) -> tuple[str, dict[str, str | None]]:
    """Return the path and query of a listing; `q` is checked here, so that an error names it as the caller does."""
    text = None if q is None else query_text("q", q)
    query = {"q": text, "connector_id": connector_id, "chat_message_id": chat_message_id}
    return f"{project_path(project_id)}/sql/executions", query
