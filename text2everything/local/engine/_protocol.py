"""`Engine`: the interface between the service and whatever turns questions into SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence


@attrs.frozen
class Example:
    """A question with its SQL: a golden example, or an earlier answer with its rating.

    Attributes:
        query: The question.
        sql: The SQL that answers it.
        id: The id of the golden example, or of the chat message of an earlier answer.
        positive: Whether the answer was rated good; always True for a golden example.
        comment: What the user wrote with the rating; None for a golden example.
    """

    query: str
    sql: str
    id: str | None = None
    positive: bool = True
    comment: str | None = None


@attrs.frozen
class Draft:
    """The SQL for a question, or the reason why there is none.

    Attributes:
        sql: One SELECT statement; None if the question was not understood.
        explanation: How the question was understood, or what was not understood.
        example_id: The golden example whose SQL was reused.
        schema_id: The schema metadata of the main table.
        context_id: The context whose definition was used.
    """

    sql: str | None
    explanation: str
    example_id: str | None = None
    schema_id: str | None = None
    context_id: str | None = None


class Engine(Protocol):
    """Turns questions into SQL. It does not raise, whatever is in the question, the schemas and the examples."""

    def draft(
        self,
        question: str,
        *,
        schemas: Sequence[tuple[str, Mapping[str, Any]]],
        examples: Sequence[Example],
        rated: Sequence[Example],
        contexts: Sequence[tuple[str, str]],
        dialect: str,
        examples_cutoff: float | None,
        feedback_cutoff: float | None,
        today: dt.date,
        try_sql: Callable[[str], str | None] | None = None,
    ) -> Draft:
        """Draft the SQL that answers `question`.

        Args:
            question: The question, in plain words.
            schemas: (schema metadata id, schema data) pairs.
            examples: The golden examples.
            rated: The earlier answers with a rating.
            contexts: (context id, text) pairs.
            dialect: The `db_type` of the connector, or a dialect of sqlglot.
            examples_cutoff: The largest distance (1 - similarity) at which the SQL of a golden example is reused;
                None or 0: the engine's default.
            feedback_cutoff: The same for rated answers.
            today: The date that "last month" is relative to.
            try_sql: Has the database of the connector check a query, and returns the database's own error message, or
                None if there is none to tell. It blocks. None where no connector is known.

        Example:
            >>> from typing import Any
            >>> class UserCounter:
            ...     def draft(self, question: str, **_: Any) -> Draft:
            ...         return Draft("SELECT count(*) FROM users", "Counts the users, whatever the question")
            >>> service = LocalService(engine=UserCounter())
        """
        ...  # pragma: no cover
