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
    """Ask questions, get SQL and answers, and look up past answers in the cache.

    A chat may take minutes: `read_timeout` is 900 seconds for it by default.

    The limits bound the number of contexts, schema metadata items, rated questions and golden examples that are sent
    to the language model with a question. A cutoff is the maximum semantic distance of such an item from the
    question: lower is stricter, 0 or None is no cutoff.
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
            schema_metadata_id: Schema metadata to use.
            contexts_limit: The maximum number of contexts; None is the service's default.
            examples_limit: The maximum number of golden examples; None is the service's default.
            contexts_cutoff: The maximum distance of contexts.
            schema_cutoff: The maximum distance of schema metadata.
            feedback_cutoff: The maximum distance of rated questions.
            examples_cutoff: The maximum distance of golden examples.
            system_prompt: A system prompt that replaces the service's own.
            llm: The name of the language model; None is the service's default.
            context_id: A context to use.
            connector_id: The connector whose dialect the SQL is for.
            example_id: A golden example to use.
            schema_limit: The maximum number of schema metadata items; None is the service's default.
            feedback_limit: The maximum number of rated questions; None is the service's default.
            use_agent: Whether an agent answers the question.
            agent_accuracy: `quick`, `basic`, `standard` or `maximum`, or else `low`, `medium` or `high`; None is the
                service's default.

        Returns:
            The chat message. If the service found no SQL, `sql_query` is None and `explanation` gives the reason.

        Raises:
            NotFoundError: There is no such project, session, or item with one of the given ids.
            ValidationError: An argument is invalid.

        Example:
            >>> message = await client.chat.chat_to_sql(project_id, session_id, "How many users are active?")
            >>> print(message.sql_query)
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
            use_agent: Whether an agent answers the question; default False.
            agent_accuracy: `quick`, `basic`, `standard` or `maximum`, or else `low`, `medium` or `high`; None is the
                service's default.
            auto_add_feedback: Whether the service itself rates SQL that ran (`{"positive": True}`) or failed
                (`{"negative": True}`); off by default.
            contexts_cutoff: The maximum distance of contexts.
            schema_cutoff: The maximum distance of schema metadata.
            feedback_cutoff: The maximum distance of rated questions.
            examples_cutoff: The maximum distance of golden examples.
            system_prompt: A system prompt that replaces the service's own.
            llm: The name of the language model; None is the service's default.
            context_id: A context to use.
            schema_metadata_id: Schema metadata to use.
            example_id: A golden example to use.
            contexts_limit: The maximum number of contexts; None is the service's default.
            schema_limit: The maximum number of schema metadata items; None is the service's default.
            feedback_limit: The maximum number of rated questions; None is the service's default.
            examples_limit: The maximum number of golden examples; None is the service's default.

        Returns:
            The chat message with its `execution_result`, which is None if there was no SQL to run. If the database
            rejected the SQL, the execution result has an `error` and no rows.

        Raises:
            NotFoundError: There is no such project, session, connector, or item with one of the given ids.
            ValidationError: An argument is invalid.

        Example:
            >>> answer = await client.chat.chat_to_answer(project_id, session_id, "Count active users", connector_id)
            >>> if answer.execution_result:
            ...     print(answer.execution_result.rows)
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
        """Turn a question into SQL, using the given context, schema metadata and golden example.

        Args:
            project_id: The project.
            chat_session_id: The session to ask in.
            query: The question; must not be blank.
            context_id: A context to use.
            schema_metadata_id: Schema metadata to use.
            example_id: A golden example to use.
            options: Any other argument of `chat_to_sql`.

        Returns:
            The chat message. If the service found no SQL, `sql_query` is None and `explanation` gives the reason.

        Raises:
            NotFoundError: There is no such project, session, or item with one of the given ids.
            ValidationError: An argument is invalid.

        Example:
            >>> message = await client.chat.chat_with_context(project_id, session_id, "Revenue by month", context_id)
            >>> print(message.sql_query or message.explanation)
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
        """Let an agent answer a question.

        Args:
            project_id: The project.
            chat_session_id: The session to ask in.
            query: The question; must not be blank.
            connector_id: The connector to run the SQL on.
            custom_tool_id: The custom tool the agent may use.
            agent_accuracy: `quick`, `basic`, `standard` or `maximum`, or else `low`, `medium` or `high`; None is the
                service's default.
            options: Any other argument of `chat_to_answer`.

        Returns:
            The chat message with its `execution_result`, which is None if there was no SQL to run.

        Raises:
            NotFoundError: There is no such project, session, connector, or item with one of the given ids.
            ValidationError: An argument is invalid.

        Example:
            >>> message = await client.chat.chat_with_agent(
            ...     project_id, session_id, "Forecast the revenue", connector_id, agent_accuracy="quick"
            ... )
            >>> print(message.agent_tool_response)
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
        """Find past executions of similar questions in the cache.

        Args:
            project_id: The project.
            user_query: The question; must not be blank.
            connector_id: Only executions on this connector.
            max_age_days: The maximum age of an execution in days; default 30.
            similarity_threshold: The minimum similarity of the questions, 0 to 1; default 0.65.
            limit: The maximum number of past executions to compare; default 50. The embedded service compares those
                that share the most words with the question, then the newest.
            top_n: The maximum number of matches to return; default 5.
            only_positive_feedback: Whether to return only executions whose latest rating is positive; default False.

        Returns:
            The matches, the most similar first. `match.execution` can be read by attribute, by key or with `.get`.

        Raises:
            NotFoundError: There is no such project or connector.
            ValidationError: An argument is invalid.

        Example:
            >>> found = await client.chat.execution_cache_lookup(project_id, "How many users?", connector_id)
            >>> [match.execution.sql_query for match in found.matches]
            ['SELECT count(*) FROM users']
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
