"""Executions: SQL that was run, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._fields import id_field, optional_id, optional_text
from text2everything.models._tables import ResultTable
from text2everything.models.base import KeyAccess, Model, Stored


@attrs.define(kw_only=True, repr=False)
class SQLExecuteRequest(Model):
    """SQL to run: give either the chat message that has it, or `sql_query`."""

    connector_id: str = id_field()
    chat_message_id: str | None = optional_id()
    sql_query: str | None = optional_text()
    chat_session_id: str | None = optional_id()

    def __attrs_post_init__(self) -> None:
        if (self.chat_message_id is None) == (self.sql_query is None):
            raise ValidationError("give exactly one of chat_message_id and sql_query")
        if self.sql_query is not None and not self.sql_query.strip():
            raise ValidationError("sql_query must not be empty or blank")


class _ExecutionResult(ResultTable):
    """The result of an execution, and whether it succeeded."""

    __slots__ = ()

    error: str | None
    result: dict[str, Any] | None

    def __attrs_post_init__(self) -> None:
        if self.error:
            self.result = None  # type: ignore[misc]  # a slot of the subclasses; some services send an empty one

    def __post_init__(self) -> None:
        """Do the same for msgspec, which takes models for dataclasses."""
        self.__attrs_post_init__()

    @property
    def is_successful(self) -> bool:
        """Whether the SQL ran without an error."""
        return self.result is not None

    @property
    def successful(self) -> bool:
        """The same as `is_successful`."""
        return self.is_successful


@attrs.define(kw_only=True, repr=False)
class SQLExecuteResponse(_ExecutionResult, Model):
    """A new execution. If the SQL failed, `result` is None and `error` gives the reason."""

    execution_id: str
    connector_id: str | None = None
    sql_query: str | None = None
    result: dict[str, Any] | None = None
    execution_time_ms: float | None = None
    chat_message_id: str | None = None
    error: str | None = None


@attrs.define(kw_only=True, repr=False)
class Execution(KeyAccess, _ExecutionResult, Stored):
    """A stored execution. If the SQL failed, `result` is None and `error` gives the reason."""

    connector_id: str | None = None
    sql_query: str | None = None
    result: dict[str, Any] | None = None
    execution_time_ms: float | None = None
    chat_message_id: str | None = None
    error: str | None = None
    user_query: str | None = None
    """The question that the SQL answered, in a match of the cache; otherwise None."""

    def __iter__(self) -> Iterator[dict[str, Any]]:  # type: ignore[override]  # rows, not keys
        """Iterate over the rows as dicts of column name to value."""
        return ResultTable.__iter__(self)

    @property
    def execution_id(self) -> str:
        """The same as `id`, under the name that a new execution has it."""
        return self.id


@attrs.define(kw_only=True, repr=False)
class ExecutionListItem(Stored):
    """An execution in a listing, without its result."""

    connector_id: str | None = None
    sql_query: str | None = None
    execution_time_ms: float | None = None
    chat_message_id: str | None = None
    is_successful: bool | None = None

    @property
    def successful(self) -> bool | None:
        """The same as `is_successful`."""
        return self.is_successful

    @property
    def execution_id(self) -> str:
        """The same as `id`, under the name that a new execution has it."""
        return self.id
