# Generated from text2everything.resources.executions by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ExecutionsResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812

from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.executions import Execution, ExecutionListItem, SQLExecuteResponse
from text2everything.resources.executions import AsyncExecutionsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import Pager


class ExecutionsResource(BlockingResource[AsyncExecutionsResource]):
    """Run SQL on a connector and read the results. SQL that fails raises no exception: its result is None.

    SQL may take minutes: `read_timeout` is 900 seconds for it by default.
    """

    def execute_sql(
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
            >>> result = client.executions.execute_sql(
            ...     project_id, connector_id, sql_query="SELECT count(*) AS orders FROM orders"
            ... )
            >>> print(list(result) if result.successful else result.error)
            [{'orders': 600}]
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.execute_sql, project_id, connector_id, chat_message_id, sql_query, chat_session_id
        )

    def execute_from_chat(
        self, project_id: str, connector_id: str, chat_message_id: str, chat_session_id: str | None = None
    ) -> SQLExecuteResponse:
        """Run the SQL of a chat message; see `execute_sql`.

        Raises:
            NotFoundError: There is no such project, connector or message.
            ValidationError: An argument is invalid.

        Example:
            >>> message = client.chat.chat_to_sql(project_id, session_id, "How many orders were there?")
            >>> if message.sql_query:
            ...     result = client.executions.execute_from_chat(project_id, connector_id, message.id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.execute_from_chat, project_id, connector_id, chat_message_id, chat_session_id
        )

    def execute_query(
        self, project_id: str, connector_id: str, sql_query: str, chat_session_id: str | None = None
    ) -> SQLExecuteResponse:
        """Run the given SQL; see `execute_sql`.

        Raises:
            NotFoundError: There is no such project or connector.
            ValidationError: An argument is invalid.

        Example:
            >>> result = client.executions.execute_query(project_id, connector_id, "SELECT 1 AS one")
            >>> result.rows
            [[1]]
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.execute_query, project_id, connector_id, sql_query, chat_session_id)

    def get(self, project_id: str, execution_id: str) -> Execution:
        """Return one execution with its result.

        Raises:
            NotFoundError: There is no such execution.

        Example:
            >>> stored = client.executions.get(project_id, execution_id)
            >>> frame = stored.to_pandas()
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, execution_id)

    def list(
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
            >>> executions = client.executions.list(project_id, connector_id=connector_id)
            >>> failed = [each.sql_query for each in executions if not each.successful]
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, q, connector_id, chat_message_id)

    def iter(
        self,
        project_id: str,
        q: str | None = None,
        connector_id: str | None = None,
        chat_message_id: str | None = None,
        *,
        page_size: int = PAGE_SIZE,
    ) -> Pager[ExecutionListItem]:
        """Return the project's executions one by one, in constant memory.

        Args:
            project_id: The project.
            q: Only executions whose text contains this.
            connector_id: Only those on this connector.
            chat_message_id: Only those of this message.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for each in client.executions.iter(project_id, "orders"):
            ...     print(each.id, each.execution_time_ms)
        """
        return Pager(
            self._portal, self._async.iter(project_id, q, connector_id, chat_message_id, page_size=page_size)
        )
