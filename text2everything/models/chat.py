"""Questions, their SQL and answers, and lookups in the cache of past executions."""

from __future__ import annotations

from typing import Any

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._fields import (
    bool_field,
    id_field,
    int_field,
    number_field,
    optional_bool,
    optional_id,
    optional_text,
    text_field,
)
from text2everything.models._html import paragraph, sql, table
from text2everything.models._plain import plain
from text2everything.models.base import Model
from text2everything.models.executions import Execution, SQLExecuteResponse
from text2everything.models.feedback import FeedbackResponse

MAX_LIMIT = 10_000


def _limit() -> Any:
    return int_field(0, MAX_LIMIT, default=None)


def _cutoff() -> Any:
    return number_field(0, default=None)


@attrs.define(kw_only=True, repr=False)
class AutoFeedbackConfig(Model):
    """Whether the service itself adds a rating: `positive` if the SQL ran, `negative` if it failed."""

    positive: bool = bool_field(default=False)
    negative: bool = bool_field(default=False)


@attrs.define(kw_only=True, repr=False)
class ChatRequest(Model):
    """A question.

    The limits bound the number of contexts, schema metadata items, ratings and examples that are sent to the language
    model with it. A cutoff is the maximum semantic distance of such an item: lower is stricter, 0 or None is none.
    """

    query: str = text_field()
    llm: str | None = optional_text()
    context_id: str | None = optional_id()
    schema_metadata_id: str | None = optional_id()
    connector_id: str | None = optional_id()
    example_id: str | None = optional_id()
    contexts_limit: int | None = _limit()
    schema_limit: int | None = _limit()
    feedback_limit: int | None = _limit()
    examples_limit: int | None = _limit()
    contexts_cutoff: float | None = _cutoff()
    schema_cutoff: float | None = _cutoff()
    feedback_cutoff: float | None = _cutoff()
    examples_cutoff: float | None = _cutoff()
    use_agent: bool | None = optional_bool()
    agent_accuracy: str | None = optional_text()
    system_prompt: str | None = optional_text()


def _auto_feedback(value: Any) -> Any:
    """Accept the two flags as a dict too, as the published client does."""
    value = plain(value)
    if value is None:
        return AutoFeedbackConfig()
    if isinstance(value, dict):
        unknown = set(value) - {"positive", "negative"}
        if unknown:
            raise ValidationError(f"auto_add_feedback has unknown keys: {', '.join(sorted(map(str, unknown)))}")
        return AutoFeedbackConfig(**value)
    return value


@attrs.define(kw_only=True, repr=False)
class ChatToAnswerRequest(ChatRequest):
    """A question to answer by running its SQL on a connector."""

    connector_id: str = id_field()
    auto_add_feedback: AutoFeedbackConfig = attrs.field(converter=_auto_feedback, factory=AutoFeedbackConfig)
    custom_tool_id: str | None = optional_id()

    @auto_add_feedback.validator
    def _check_auto_feedback(self, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not isinstance(value, AutoFeedbackConfig):
            raise ValidationError(
                f"{attribute.name} must be an AutoFeedbackConfig or a dict, got {type(value).__name__}"
            )


@attrs.define(kw_only=True, repr=False)
class ChatResponse(Model):
    """A chat message: the question and its SQL, or an explanation why there is none."""

    id: str
    project_id: str | None = None
    chat_session_id: str | None = None
    user_query: str | None = None
    sql_query: str | None = None
    explanation: str | None = None
    agent_tool_response: str | None = None
    context_id: str | None = None
    schema_metadata_id: str | None = None
    connector_id: str | None = None
    example_id: str | None = None

    @property
    def chat_message_id(self) -> str:
        """The id under which the message is rated; the same as `id`."""
        return self.id

    def _repr_html_(self) -> str:
        return "".join(
            [
                paragraph(self.user_query),
                sql(self.sql_query),
                paragraph(self.explanation),
                paragraph(self.agent_tool_response),
                paragraph(self.chat_message_id, "chat_message_id"),
            ]
        )


@attrs.define(kw_only=True, repr=False)
class ChatToAnswerResponse(ChatResponse):
    """A chat message with the result of running its SQL."""

    execution_result: SQLExecuteResponse | None = None
    feedback: FeedbackResponse | dict[str, Any] | None = None

    @property
    def execution_id(self) -> str | None:
        """The id under which the execution is rated, or None if no SQL was run."""
        return None if self.execution_result is None else self.execution_result.execution_id

    def _repr_html_(self) -> str:
        result = self.execution_result
        shown = "" if result is None else result._repr_html_()  # notebooks call it too
        return f"{super()._repr_html_()}{shown}{paragraph(self.execution_id, 'execution_id')}"


@attrs.define(kw_only=True, repr=False)
class ExecutionCacheLookupRequest(Model):
    """A question to find similar, already answered questions for."""

    user_query: str = text_field()
    connector_id: str = id_field()
    max_age_days: int = int_field(0, default=30)
    similarity_threshold: float = number_field(0, 1, default=0.65)
    limit: int = int_field(1, default=50)
    top_n: int = int_field(1, default=5)
    only_positive_feedback: bool = bool_field(default=False)


@attrs.define(kw_only=True, repr=False)
class CacheMatch(Model):
    """A past execution, the similarity of its question (0 to 1), and its latest rating.

    The question that was matched is `match.execution.user_query`.
    """

    execution: Execution
    similarity_score: float
    has_feedback: bool = False
    feedback_is_positive: bool | None = None
    feedback_comment: str | None = None


@attrs.define(kw_only=True, repr=False)
class ExecutionCacheLookupResponse(Model):
    """The matches, the most similar first."""

    cache_hit: bool
    matches: list[CacheMatch] = attrs.field(factory=list)
    candidates_checked: int = 0

    def _repr_html_(self) -> str:
        found = f"{len(self.matches):,} of {self.candidates_checked:,} past executions are similar enough"
        rows = (
            (
                f"{match.similarity_score:.2f}",
                {None: "", True: "good", False: "bad"}[match.feedback_is_positive],
                match.feedback_comment,
                match.execution.user_query,
                match.execution.sql_query,
                f"{match.execution.row_count:,}" if match.execution.successful else "failed",
                match.execution.id,
            )
            for match in self.matches
        )
        columns = ("similarity", "rating", "comment", "question", "SQL", "rows", "execution_id")
        shown = table(columns, rows, len(self.matches)) if self.matches else ""
        return paragraph(found, "cache hit:" if self.cache_hit else "no cache hit:") + shown
