"""The rule engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local.engine.contract import Draft, Example
from text2everything.local.engine.similarity import similarity

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence


class RuleEngine:
    """Answers from known examples first, then by rules over the schema metadata."""

    def draft(
        self,
        question: str,
        *,
        schemas: Sequence[tuple[str, Mapping[str, Any]]],  # noqa: ARG002
        examples: Sequence[Example],
        rated: Sequence[Example],
        contexts: Sequence[tuple[str, str]],  # noqa: ARG002
        dialect: str,  # noqa: ARG002
        examples_cutoff: float | None,  # noqa: ARG002
        feedback_cutoff: float | None,  # noqa: ARG002
        today: datetime.date,  # noqa: ARG002
    ) -> Draft:
        """Draft the SQL that answers `question`; see `Engine.draft`."""
        for example in (*examples, *rated):
            if example.positive and similarity(question, example.query) == 1:
                return Draft(example.sql, "A known example.", example_id=example.id)
        return Draft(None, "Not understood.")
