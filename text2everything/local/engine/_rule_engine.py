"""`RuleEngine`: reuses the SQL of the same question, or else generates SQL by rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from text2everything._runtime.threads import lock
from text2everything.local.engine._protocol import Draft, Example
from text2everything.local.engine._reuse import known_answers, known_values, rejected_sql
from text2everything.local.engine._rules import Failure, generate
from text2everything.local.engine._sql import canonical, sql_dialect


class RuleEngine:
    """Turns questions into SQL by rules, without a language model.

    If there is a golden example, or an earlier answer rated good, for the same question, or for one that differs only
    in a literal, its SQL is reused. Otherwise the question is parsed with the names in the schema metadata and the
    definitions in the contexts. SQL that was rated bad at least as often as good is not returned again for the same
    question.
    """

    def __init__(self) -> None:
        # One question at a time: more at once would take turns, and all else in the process would wait for each.
        self._lock = lock()

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
        try_sql: Callable[[str], str | None] | None = None,  # noqa: ARG002 - rules make only SQL that runs
    ) -> Draft:
        """Draft the SQL that answers `question`; see `Engine.draft`.

        Example:
            >>> from datetime import date
            >>> draft = RuleEngine().draft(
            ...     "How many users?",
            ...     schemas=[("id1", {"table": {"name": "users", "columns": [{"name": "id", "type": "integer"}]}})],
            ...     examples=[],
            ...     rated=[],
            ...     contexts=[],
            ...     dialect="sqlite",
            ...     examples_cutoff=None,
            ...     feedback_cutoff=None,
            ...     today=date.today(),
            ... )
            >>> draft.sql
            'SELECT COUNT(*) AS user_count FROM users'
        """
        dialect = sql_dialect(dialect)
        with self._lock:
            return self._draft(
                question, schemas, examples, rated, contexts, dialect, examples_cutoff, feedback_cutoff, today
            )

    def _draft(
        self,
        question: str,
        schemas: Sequence[tuple[str, Mapping[str, Any]]],
        examples: Sequence[Example],
        rated: Sequence[Example],
        contexts: Sequence[tuple[str, str]],
        dialect: str,
        examples_cutoff: float | None,
        feedback_cutoff: float | None,
        today: dt.date,
    ) -> Draft:
        values = cache(lambda: known_values(schemas))
        ratings = list(known_answers(question, rated, values, dialect, golden=False, cutoff=feedback_cutoff))
        rejected = rejected_sql(ratings, dialect)
        known = [
            *known_answers(question, examples, values, dialect, golden=True, cutoff=examples_cutoff),
            *(answer for answer in ratings if answer.example.positive),
        ]
        known = [answer for answer in known if canonical(answer.sql, dialect) not in rejected]
        if known:
            return min(known, key=lambda answer: (answer.swap is not None, answer.distance)).draft()
        # A bad rating of a question with another literal says nothing about what the rules find.
        rejected = rejected_sql([answer for answer in ratings if answer.swap is None], dialect)
        return self._generate(question, schemas, contexts, dialect, rejected, today)

    @staticmethod
    def _generate(
        question: str,
        schemas: Sequence[tuple[str, Mapping[str, Any]]],
        contexts: Sequence[tuple[str, str]],
        dialect: str,
        rejected: dict[str, list[str]],
        today: dt.date,
    ) -> Draft:
        """Draft by rules: the first reading that was not rated bad."""
        readings = generate(question, schemas, contexts, dialect, today)
        if isinstance(readings, Failure):
            return Draft(None, str(readings))
        for i, found in enumerate(readings):
            if canonical(found.sql, dialect) not in rejected:
                explanation = found.explanation
                if found.context_id:
                    explanation += f" Defined in context {found.context_id}."
                if i > 0:
                    explanation += _by_ratings(rejected)
                return Draft(found.sql, explanation, schema_id=found.schema_id, context_id=found.context_id)
        return Draft(None, "Every reading of it was rated bad before, and there is no other." + _by_ratings(rejected))


def _by_ratings(rejected: Mapping[str, Sequence[str]]) -> str:
    ids = ", ".join(dict.fromkeys(name for found in rejected.values() for name in found))
    return f" Rated bad: {ids}." if ids else ""
