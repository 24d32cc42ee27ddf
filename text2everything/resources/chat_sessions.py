"""Chat sessions, in which questions are asked: `client.chat_sessions`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here

from text2everything import _codec as codec
from text2everything._codec import DecodeError
from text2everything.exceptions import NotFoundError, ServerError
from text2everything.models._checks import check_int
from text2everything.models.chat_sessions import (
    ChatSessionCreate,
    ChatSessionQuestion,
    ChatSessionQuestionsResponse,
    ChatSessionResponse,
    ChatSessionUpdateRequest,
)
from text2everything.models.custom_tools import CustomTool
from text2everything.resources._base import ItemsResource
from text2everything.resources._paths import escape, project_path

MAX_QUESTIONS = 1_000


class AsyncChatSessionsResource(ItemsResource[ChatSessionResponse, ChatSessionCreate]):
    """Chat sessions, in which questions are asked; a session can use a custom tool or start from a chat preset."""

    _name = "chat-sessions"
    _item = ChatSessionResponse
    _new = ChatSessionCreate

    async def create(
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
            >>> session = await client.chat_sessions.create(project_id, "Monthly report")
            >>> message = await client.chat.chat_to_sql(project_id, session.id, "How many orders were there?")
        """
        return await self._create(project_id, ChatSessionCreate(name=name, custom_tool_id=custom_tool_id))

    async def create_with_tool(
        self, project_id: str, name: str | None = None, custom_tool_id: str | None = None
    ) -> ChatSessionResponse:
        """Start a session with a custom tool; the same as `create`.

        Raises:
            NotFoundError: There is no such project or custom tool.

        Example:
            >>> session = await client.chat_sessions.create_with_tool(project_id, "Forecasts", custom_tool_id)
            >>> session.custom_tool_id == custom_tool_id
            True
        """
        return await self.create(project_id, name, custom_tool_id)

    async def create_from_preset(
        self, project_id: str, preset_id: str, name: str | None = None
    ) -> ChatSessionResponse:
        """Start a session from a chat preset; its `redirect_url` opens it in a browser.

        Args:
            project_id: The project.
            preset_id: The preset's own `id`, not its collection id.
            name: The session's name; None lets the service choose.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> session = await client.chat_sessions.create_from_preset(project_id, preset_id, "Monthly report")
            >>> print(session.redirect_url)
        """
        path = f"{project_path(project_id)}/chat-presets/{escape('preset_id', preset_id)}/chat-sessions"
        new = ChatSessionCreate(name=name)
        reply = await self._send("POST", path, None if name is None else {"name": new.name})
        return self._decode(reply, ChatSessionResponse)

    async def create_from_active_preset(self, project_id: str) -> ChatSessionResponse:
        """Start a session from the project's active chat preset.

        Raises:
            NotFoundError: No preset is active.

        Example:
            >>> session = await client.chat_sessions.create_from_active_preset(project_id)
            >>> print(session.redirect_url)
        """
        path = f"{project_path(project_id)}/chat-presets/active/start"
        return self._decode(await self._send("POST", path), ChatSessionResponse)

    async def get(self, project_id: str, session_id: str) -> ChatSessionResponse:
        """Return one session; if the service cannot return it alone, it is searched for in the listing.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> session = await client.chat_sessions.get(project_id, session_id)
            >>> session.name, session.custom_tool_id
            ('Monthly report', None)
        """
        path = self._path(project_id, session_id=session_id)
        try:
            return await self._get(path)
        except (NotFoundError, ServerError) as error:
            # The hosted service fails here, even for sessions that it lists.
            async for session in self.iter(project_id):
                if session.id == session_id:
                    return session
            raise error from None

    async def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[ChatSessionResponse]:
        """Return the project's sessions.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only sessions whose name contains this.

        Example:
            >>> [session.name for session in await client.chat_sessions.list(project_id, search="report")]
            ['Monthly report']
        """
        return await self._list(project_id, skip=skip, limit=limit, q=search)

    async def update_custom_tool(
        self, project_id: str, session_id: str, custom_tool_id: str | None = None
    ) -> ChatSessionResponse:
        """Set the custom tool of a session; None removes it.

        Raises:
            NotFoundError: There is no such session or custom tool.

        Example:
            >>> session = await client.chat_sessions.update_custom_tool(project_id, session_id, custom_tool_id)
            >>> session.custom_tool_id == custom_tool_id
            True
        """
        path = self._path(project_id, session_id=session_id)
        request = ChatSessionUpdateRequest(custom_tool_id=custom_tool_id)
        reply = await self._send("PUT", f"{path}/custom-tool", request)
        return (
            self._decode(reply, ChatSessionResponse) if reply.body.strip() else await self.get(project_id, session_id)
        )

    async def get_custom_tool(self, project_id: str, session_id: str) -> CustomTool | None:
        """Return the custom tool a session uses, or None.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> tool = await client.chat_sessions.get_custom_tool(project_id, session_id)
            >>> print(tool.name if tool else "no custom tool")
        """
        reply = await self._send("GET", f"{self._path(project_id, session_id=session_id)}/custom-tool")
        if reply.body.strip() in {b"", b"null"}:
            return None
        return self._decode(reply, CustomTool)

    async def get_questions(self, project_id: str, session_id: str, limit: int = 10) -> List[ChatSessionQuestion]:
        """Return questions that the service suggests for a session.

        Args:
            project_id: The project.
            session_id: The session.
            limit: The maximum number of questions, 1 to 1000; default 10.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> for suggestion in await client.chat_sessions.get_questions(project_id, session_id, limit=3):
            ...     print(suggestion.question)
        """
        limit = check_int("limit", limit, 1, MAX_QUESTIONS)
        path = f"{self._path(project_id, session_id=session_id)}/questions"
        reply = await self._send("GET", path, query={"limit": limit})
        try:
            if reply.body.lstrip()[:1] == b"[":
                return codec.decode(reply.body, list[ChatSessionQuestion])
            return codec.decode(reply.body, ChatSessionQuestionsResponse).questions
        except DecodeError as error:
            raise reply.invalid(str(error)) from None

    async def delete(self, project_id: str, session_id: str) -> bool:
        """Delete a session.

        Raises:
            NotFoundError: There is no such session.

        Example:
            >>> await client.chat_sessions.delete(project_id, session_id)
            True
        """
        return await self._delete(self._path(project_id, session_id=session_id))
