# Generated from text2everything.resources.chat_sessions by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ChatSessionsResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812

from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.chat_sessions import ChatSessionQuestion, ChatSessionResponse
from text2everything.models.custom_tools import CustomTool
from text2everything.resources.chat_sessions import AsyncChatSessionsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import Pager


class ChatSessionsResource(BlockingResource[AsyncChatSessionsResource]):
    """Chat sessions, in which questions are asked; a session can use a custom tool or start from a chat preset."""

    def create(
        self, project_id: str, name: str | None = None, custom_tool_id: str | None = None
    ) -> ChatSessionResponse:
        """Start a session.

        Args:
            project_id: The project.
            name: The name of the session; None lets the service choose.
            custom_tool_id: The custom tool its agent may use.

        Raises:
            NotFoundError: There is no such project or custom tool.

        Example:
            >>> session = client.chat_sessions.create(project_id, "Monthly report")
            >>> message = client.chat.chat_to_sql(project_id, session.id, "How many orders were there?")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create, project_id, name, custom_tool_id)

    def create_with_tool(
        self, project_id: str, name: str | None = None, custom_tool_id: str | None = None
    ) -> ChatSessionResponse:
        """Start a session with a custom tool; the same as `create`.

        Raises:
            NotFoundError: There is no such project or custom tool.

        Example:
            >>> session = client.chat_sessions.create_with_tool(project_id, "Forecasts", custom_tool_id)
            >>> session.custom_tool_id == custom_tool_id
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create_with_tool, project_id, name, custom_tool_id)

    def create_from_preset(self, project_id: str, preset_id: str, name: str | None = None) -> ChatSessionResponse:
        """Start a session from a chat preset; its `redirect_url` opens it in a browser.

        Args:
            project_id: The project.
            preset_id: The preset's own `id`, not its collection id.
            name: The session's name; None lets the service choose.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> session = client.chat_sessions.create_from_preset(project_id, preset_id, "Monthly report")
            >>> print(session.redirect_url)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create_from_preset, project_id, preset_id, name)

    def create_from_active_preset(self, project_id: str) -> ChatSessionResponse:
        """Start a session from the project's active chat preset.

        Raises:
            NotFoundError: No preset is active.

        Example:
            >>> session = client.chat_sessions.create_from_active_preset(project_id)
            >>> print(session.redirect_url)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create_from_active_preset, project_id)

    def get(self, project_id: str, session_id: str) -> ChatSessionResponse:
        """Return one session; if the service cannot return it alone, it is searched for in the listing.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> session = client.chat_sessions.get(project_id, session_id)
            >>> session.name, session.custom_tool_id
            ('Monthly report', None)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, session_id)

    def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[ChatSessionResponse]:
        """Return the project's sessions.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only sessions whose name contains this.

        Example:
            >>> [session.name for session in client.chat_sessions.list(project_id, search="report")]
            ['Monthly report']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search)

    def update_custom_tool(
        self, project_id: str, session_id: str, custom_tool_id: str | None = None
    ) -> ChatSessionResponse:
        """Set the custom tool of a session; None removes it.

        Raises:
            NotFoundError: There is no such session or custom tool.

        Example:
            >>> session = client.chat_sessions.update_custom_tool(project_id, session_id, custom_tool_id)
            >>> session.custom_tool_id == custom_tool_id
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.update_custom_tool, project_id, session_id, custom_tool_id)

    def get_custom_tool(self, project_id: str, session_id: str) -> CustomTool | None:
        """Return the custom tool a session uses, or None.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> tool = client.chat_sessions.get_custom_tool(project_id, session_id)
            >>> print(tool.name if tool else "no custom tool")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_custom_tool, project_id, session_id)

    def get_questions(self, project_id: str, session_id: str, limit: int = 10) -> List[ChatSessionQuestion]:
        """Return questions that the service suggests for a session.

        Args:
            project_id: The project.
            session_id: The session.
            limit: The maximum number of questions, 1 to 1000; default 10.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> for suggestion in client.chat_sessions.get_questions(project_id, session_id, limit=3):
            ...     print(suggestion.question)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_questions, project_id, session_id, limit)

    def delete(self, project_id: str, session_id: str) -> bool:
        """Delete a session.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> client.chat_sessions.delete(project_id, session_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, session_id)

    def iter(
        self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE
    ) -> Pager[ChatSessionResponse]:
        """Return the project's items one by one, in constant memory.

        The next page is fetched in the background; items may be deleted during the iteration. `.pages()` iterates
        over whole pages, each with the total if the service reports it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for rating in client.feedback.iter(project_id, search="year"):
            ...     print(rating.feedback)
        """
        return Pager(self._portal, self._async.iter(project_id, search, page_size=page_size))

    def count(self, project_id: str, search: str | None = None) -> int:
        """Return the number of items in the project.

        One small request, if the service reports the total; otherwise the items are fetched and counted.

        Args:
            project_id: The project.
            search: Count only items whose text contains this.

        Example:
            >>> client.feedback.count(project_id)
            1000
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.count, project_id, search)
