"""What the service knows of an engine: the question goes in with everything the project holds, a draft comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence


@attrs.frozen
class Example:
    """A question whose SQL is known: a golden example, or a past answer that somebody rated.

    `positive` is False for a past answer that was rated bad.
    """

    query: str
    sql: str
    id: str | None = None
    positive: bool = True


@attrs.frozen
class Draft:
    """An engine's answer: one SELECT, or None with an explanation of what was not understood.

    The ids name the golden example reused, the schema metadata of the main table, and the context that decided.
    """

    sql: str | None
    explanation: str
    example_id: str | None = None
    schema_id: str | None = None
    context_id: str | None = None


class Engine(Protocol):
    """Turns a question into SQL. Never raises for what the question, the schema or an example says."""

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
    ) -> Draft:
        """Draft the SQL that answers `question`.

        Args:
            question: What was asked, in plain words.
            schemas: (schema metadata id, schema data).
            examples: Golden examples.
            rated: Past answers with their ratings; one entry a rating.
            contexts: (context id, text).
            dialect: The connector's `db_type`, or a sqlglot dialect.
            examples_cutoff: Largest distance (1 - similarity) of a golden example; None or 0: the engine's own.
            feedback_cutoff: Likewise for rated answers.
            today: What "last month" is counted from.
        """
        ...  # pragma: no cover
