"""`RuleEngine`: reuses the SQL of the same question, or else generates SQL by rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from text2everything._runtime.threads import lock
from text2everything.local.engine._protocol import Draft, Example
from text2everything.local.engine._rules import Failure, generate
from text2everything.local.engine._similarity import same_question, similarity
from text2everything.local.engine._sql import canonical, is_one_query, sql_dialect

# The largest distances at which an example is used, unless the caller gives others.
EXAMPLES_CUTOFF: Final = 0.25
FEEDBACK_CUTOFF: Final = 0.25
# The largest distance that a caller can set: beyond it, an example answers another question.
_MAX_DISTANCE: Final = 0.4


@attrs.frozen
class _Known:
    """An example whose question is within the cutoff of the new question."""

    example: Example
    score: float
    golden: bool
    same: bool


class RuleEngine:
    """Turns questions into SQL by rules, without a language model.

    If there is a golden example, or an earlier answer rated good, for the same question, its SQL is reused. Otherwise
    the question is parsed with the names in the schema metadata and the definitions in the contexts. SQL that was
    rated bad at least as often as good is not returned again for a similar question.
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
        far, far_rated = examples_cutoff or EXAMPLES_CUTOFF, feedback_cutoff or FEEDBACK_CUTOFF
        rejected = _rejected(question, rated, far_rated, dialect)
        known = sorted(
            (
                *_known(question, examples, far, golden=True),
                *_known(question, [r for r in rated if r.positive], far_rated, golden=False),
            ),
            key=lambda k: (not k.same, -k.score, not k.golden),
        )
        known = [
            k
            for k in known
            if is_one_query(k.example.sql, dialect) and canonical(k.example.sql, dialect) not in rejected
        ]
        if known and known[0].same:
            return _reuse(known[0])
        generated = self._generate(question, schemas, contexts, dialect, rejected, today)
        if known and generated.sql is None:
            return _reuse(known[0])
        return generated

    @staticmethod
    def _generate(
        question: str,
        schemas: Sequence[tuple[str, Mapping[str, Any]]],
        contexts: Sequence[tuple[str, str]],
        dialect: str,
        rejected: set[str],
        today: dt.date,
    ) -> Draft:
        """Draft by rules: the first reading that was not rated bad."""
        readings = generate(question, schemas, contexts, dialect, today)
        if isinstance(readings, Failure):
            return Draft(None, str(readings))
        for found in readings:
            if canonical(found.sql, dialect) not in rejected:
                return Draft(found.sql, found.explanation, schema_id=found.schema_id, context_id=found.context_id)
        return Draft(None, "Every reading of it was rated bad before, and there is no other.")


def _known(question: str, examples: Sequence[Example], cutoff: float, *, golden: bool) -> Iterator[_Known]:
    for example in examples:
        score = similarity(question, example.query)
        if example.positive and 1 - score <= min(cutoff, _MAX_DISTANCE):
            yield _Known(example, score, golden, same_question(question, example.query))


def _rejected(question: str, rated: Sequence[Example], cutoff: float, dialect: str) -> set[str]:
    """Return the SQL of similar questions that was rated bad at least as often as good, in canonical form."""
    votes: dict[str, int] = {}
    for example in rated:
        if 1 - similarity(question, example.query) <= min(cutoff, _MAX_DISTANCE):
            sql = canonical(example.sql, dialect)
            votes[sql] = votes.get(sql, 0) + (1 if example.positive else -1)
    bad = {canonical(e.sql, dialect) for e in rated if not e.positive}
    return {sql for sql, balance in votes.items() if balance <= 0 and sql in bad}


def _reuse(known: _Known) -> Draft:
    kind = "a golden example" if known.golden else "an earlier answer that was rated good"
    alike = "the same question" if known.same else f"a like question ({known.score:.0%})"
    text = f"Reused {kind} for {alike}: {known.example.query!r}."
    return Draft(
        known.example.sql.strip().rstrip(";").rstrip(), text, example_id=known.example.id if known.golden else None
    )
