"""Questions and answers: `client.chat`."""

from __future__ import annotations

from typing import Any

from text2everything.models.chat import (
    AutoFeedbackConfig,
    ChatRequest,
    ChatResponse,
    ChatToAnswerRequest,
    ChatToAnswerResponse,
    ExecutionCacheLookupRequest,
    ExecutionCacheLookupResponse,
)
from text2everything.resources._base import Resource
from text2everything.resources._paths import escape, project_path


class AsyncChatResource(Resource):
    """Questions: their SQL, their answers, and the cache of past answers.

    A chat may take minutes. Limits say how many contexts, schemas, feedback items and examples may accompany a
    question; a cutoff is a distance, where lower is stricter and 0 or None is off.
    """

    async def chat_to_sql(
        self,
        project_id: str,
        chat_session_id: str,
        query: str,
        schema_metadata_id: str | None = None,
        contexts_limit: int | None = None,
        examples_limit: int | None = None,
        contexts_cutoff: float | None = None,
        schema_cutoff: float | None = None,
        feedback_cutoff: float | None = None,
        examples_cutoff: float | None = None,
        system_prompt: str | None = None,
        *,
        llm: str | None = None,
        context_id: str | None = None,
        connector_id: str | None = None,
        example_id: str | None = None,
        schema_limit: int | None = None,
        feedback_limit: int | None = None,
        use_agent: bool | None = None,
        agent_accuracy: str | None = None,
    ) -> ChatResponse:
        """Turn a question into SQL, without running it.

        Args:
            project_id: The project.
            chat_session_id: The session to ask in.
            query: The question; must not be blank.
            schema_metadata_id: Use this schema metadata.
            contexts_limit: Contexts at most.
            examples_limit: Golden examples at most.
            contexts_cutoff: Distance of contexts at most.
            schema_cutoff: Distance of schema metadata at most.
            feedback_cutoff: Distance of rated questions at most.
            examples_cutoff: Distance of golden examples at most.
            system_prompt: Replaces the service's system prompt.
            llm: The language model.
            context_id: Use this context.
            connector_id: The connector whose dialect the SQL is for.
            example_id: Use this golden example.
            schema_limit: Pieces of schema metadata at most.
            feedback_limit: Rated questions at most.
            use_agent: Whether an agent works on it.
            agent_accuracy: `quick`, `basic`, `standard` or `maximum`.

        Returns:
            The message; `sql_query` is None, and `explanation` says why, where the service has no answer.

        Raises:
            NotFoundError: There is no such project or session, or one of the given ids.
        """
        request = ChatRequest(
            query=query,
            llm=llm,
            context_id=context_id,
            schema_metadata_id=schema_metadata_id,
            connector_id=connector_id,
            example_id=example_id,
            contexts_limit=contexts_limit,
            schema_limit=schema_limit,
            feedback_limit=feedback_limit,
            examples_limit=examples_limit,
            contexts_cutoff=contexts_cutoff,
            schema_cutoff=schema_cutoff,
            feedback_cutoff=feedback_cutoff,
            examples_cutoff=examples_cutoff,
            use_agent=use_agent,
            agent_accuracy=agent_accuracy,
            system_prompt=system_prompt,
        )
        path = f"{_session_path(project_id, chat_session_id)}/chat-to-sql"
        return self._decode(await self._send("POST", path, request, slow=True), ChatResponse)

    async def chat_to_answer(
        self,
        project_id: str,
        chat_session_id: str,
        query: str,
        connector_id: str,
        custom_tool_id: str | None = None,
        use_agent: bool = False,
        agent_accuracy: str | None = None,
        auto_add_feedback: AutoFeedbackConfig | dict[str, bool] | None = None,
        contexts_cutoff: float | None = None,
        schema_cutoff: float | None = None,
        feedback_cutoff: float | None = None,
        examples_cutoff: float | None = None,
        system_prompt: str | None = None,
        *,
        llm: str | None = None,
        context_id: str | None = None,
        schema_metadata_id: str | None = None,
        example_id: str | None = None,
        contexts_limit: int | None = None,
        schema_limit: int | None = None,
        feedback_limit: int | None = None,
        examples_limit: int | None = None,
    ) -> ChatToAnswerResponse:
        """Turn a question into SQL and run it.

        Args:
            project_id: The project.
            chat_session_id: The session to ask in.
            query: The question; must not be blank.
            connector_id: The connector to run the SQL on.
            custom_tool_id: The custom tool an agent may use.
            use_agent: Whether an agent works on it.
            agent_accuracy: `quick`, `basic`, `standard` or `maximum`.
            auto_add_feedback: `{"positive": …, "negative": …}`: whether the service rates what ran, or failed.
            contexts_cutoff: Distance of contexts at most.
            schema_cutoff: Distance of schema metadata at most.
            feedback_cutoff: Distance of rated questions at most.
            examples_cutoff: Distance of golden examples at most.
            system_prompt: Replaces the service's system prompt.
            llm: The language model.
            context_id: Use this context.
            schema_metadata_id: Use this schema metadata.
            example_id: Use this golden example.
            contexts_limit: Contexts at most.
            schema_limit: Pieces of schema metadata at most.
            feedback_limit: Rated questions at most.
            examples_limit: Golden examples at most.

        Returns:
            The message, with `execution_result`. That is None where there was no SQL to run; where the database
            refused the SQL, it has an `error` and no result.

        Raises:
            NotFoundError: There is no such project, session or connector, or one of the given ids.

        Example:
            >>> answer = await client.chat.chat_to_answer(project_id, session.id, "Count active users", connector.id)
            >>> answer.execution_result.rows
            [[42]]
        """
        request = ChatToAnswerRequest(
            query=query,
            llm=llm,
            context_id=context_id,
            schema_metadata_id=schema_metadata_id,
            connector_id=connector_id,
            example_id=example_id,
            contexts_limit=contexts_limit,
            schema_limit=schema_limit,
            feedback_limit=feedback_limit,
            examples_limit=examples_limit,
            contexts_cutoff=contexts_cutoff,
            schema_cutoff=schema_cutoff,
            feedback_cutoff=feedback_cutoff,
            examples_cutoff=examples_cutoff,
            use_agent=use_agent,
            agent_accuracy=agent_accuracy,
            system_prompt=system_prompt,
            auto_add_feedback=auto_add_feedback,
            custom_tool_id=custom_tool_id,
        )
        path = f"{_session_path(project_id, chat_session_id)}/chat-to-answer"
        return self._decode(await self._send("POST", path, request, slow=True), ChatToAnswerResponse)

    async def chat_with_context(
        self,
        project_id: str,
        chat_session_id: str,
        query: str,
        context_id: str | None = None,
        schema_metadata_id: str | None = None,
        example_id: str | None = None,
        **options: Any,
    ) -> ChatResponse:
        """Turn a question into SQL with the given context, schema metadata and example.

        Args:
            project_id: The project.
            chat_session_id: The session to ask in.
            query: The question; must not be blank.
            context_id: Use this context.
            schema_metadata_id: Use this schema metadata.
            example_id: Use this golden example.
            options: Any other argument of `chat_to_sql`.
        """
        return await self.chat_to_sql(
            project_id,
            chat_session_id,
            query,
            schema_metadata_id=schema_metadata_id,
            context_id=context_id,
            example_id=example_id,
            **options,
        )

    async def chat_with_agent(
        self,
        project_id: str,
        chat_session_id: str,
        query: str,
        connector_id: str,
        custom_tool_id: str | None = None,
        agent_accuracy: str | None = None,
        **options: Any,
    ) -> ChatToAnswerResponse:
        """Have an agent answer a question.

        Args:
            project_id: The project.
            chat_session_id: The session to ask in.
            query: The question; must not be blank.
            connector_id: The connector to run the SQL on.
            custom_tool_id: The custom tool the agent may use.
            agent_accuracy: `quick`, `basic`, `standard` or `maximum`.
            options: Any other argument of `chat_to_answer`.
        """
        return await self.chat_to_answer(
            project_id,
            chat_session_id,
            query,
            connector_id,
            custom_tool_id=custom_tool_id,
            use_agent=True,
            agent_accuracy=agent_accuracy,
            **options,
        )

    async def execution_cache_lookup(
        self,
        project_id: str,
        user_query: str,
        connector_id: str,
        max_age_days: int = 30,
        similarity_threshold: float = 0.65,
        limit: int = 50,
        top_n: int = 5,
        only_positive_feedback: bool = False,
    ) -> ExecutionCacheLookupResponse:
        """Look for past executions of questions like this one.

        Args:
            project_id: The project.
            user_query: The question; must not be blank.
            connector_id: Only executions on this connector.
            max_age_days: Only executions of the last so many days.
            similarity_threshold: How like the questions must be, 0 to 1.
            limit: How many past executions to look at, newest first.
            top_n: How many matches to return.
            only_positive_feedback: Only executions whose latest rating is good.

        Returns:
            The matches, best first; read `match.execution` by attribute, by key or with `.get`.

        Raises:
            NotFoundError: There is no such project or connector.
        """
        request = ExecutionCacheLookupRequest(
            user_query=user_query,
            connector_id=connector_id,
            max_age_days=max_age_days,
            similarity_threshold=similarity_threshold,
            limit=limit,
            top_n=top_n,
            only_positive_feedback=only_positive_feedback,
        )
        path = f"{project_path(project_id)}/execution-cache-lookup"
        return self._decode(await self._send("POST", path, request, repeatable=True), ExecutionCacheLookupResponse)


def _session_path(project_id: object, chat_session_id: object) -> str:
    return f"{project_path(project_id)}/chat-sessions/{escape('chat_session_id', chat_session_id)}"
