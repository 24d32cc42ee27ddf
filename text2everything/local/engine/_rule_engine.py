"""`RuleEngine`: reuses the SQL of the same question, or else generates SQL by rules."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import attrs

from text2everything._runtime.threads import lock
from text2everything.local.engine._catalog import Catalog, Table, build_catalog
from text2everything.local.engine._definitions import read_terms
from text2everything.local.engine._explain import explain, explain_failure
from text2everything.local.engine._intent import Compare, Condition, Failure, Intent, Measure, Within
from text2everything.local.engine._lexicon import Lexicon
from text2everything.local.engine._parse import parse
from text2everything.local.engine._protocol import Draft, Example
from text2everything.local.engine._similarity import same_question, similarity
from text2everything.local.engine._sql_builder import IntentError, build, canonical, is_one_query, sql_dialect

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
        catalog, lexicon = _prepare(schemas, contexts)
        generated, vague = self._generate(question, catalog, lexicon, dialect, rejected, today)
        if known and (generated.sql is None or vague):
            return _reuse(known[0])
        return generated

    @staticmethod
    def _generate(
        question: str,
        catalog: Catalog,
        lexicon: Lexicon,
        dialect: str,
        rejected: set[str],
        today: dt.date,
    ) -> tuple[Draft, bool]:
        """Draft by rules; also return whether the question is so vague that the answer to a similar one is better."""
        intent = parse(question, catalog, lexicon, today)
        if isinstance(intent, Failure):
            return Draft(None, explain_failure(intent, catalog)), True
        failure = Failure("Every reading of it was rated bad before, and there is no other.") if rejected else None
        for i, reading in enumerate(_alternative_intents(intent, catalog)):
            try:
                sql = build(reading, catalog, dialect)
            except IntentError as error:
                failure = failure or Failure(str(error))
                continue
            if canonical(sql, dialect) in rejected:
                continue
            table = catalog.table(reading.table)
            explanation = explain(reading, is_alternative=i > 0)
            schema_id = table.schema_id if table else None
            return Draft(sql, explanation, schema_id=schema_id, context_id=reading.context_id), reading.vague
        assert failure is not None  # noqa: S101
        return Draft(None, explain_failure(failure, catalog)), True


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


def _alternative_intents(intent: Intent, catalog: Catalog) -> Iterator[Intent]:
    """Yield the intent of a question, then similar ones to try if its SQL was rated bad."""
    yield intent
    table = catalog.table(intent.table)
    if table is not None:
        yield from _other_dates(intent, table)
        yield from _other_figures(intent, table)
        yield from _main_columns(intent, table)
    yield from _any_case(intent)


def _other_dates(intent: Intent, table: Table) -> Iterator[Intent]:
    for column in table.dates:
        conditions = tuple(attrs.evolve(c, column=column) if isinstance(c, Within) else c for c in intent.conditions)
        groups = tuple(attrs.evolve(g, column=column) if g.grain else g for g in intent.groups)
        if conditions != intent.conditions or groups != intent.groups:
            notes = (*intent.notes, f"dates from {column.ref}")
            yield attrs.evolve(intent, conditions=conditions, groups=groups, notes=notes)


def _other_figures(intent: Intent, table: Table) -> Iterator[Intent]:
    for i, measure in enumerate(intent.measures):
        others: list[Measure] = []
        if measure.column and measure.column.is_measure and measure.function in {"sum", "avg", "min", "max"}:
            columns = [c for c in table.measures if c is not measure.column]
            others = [attrs.evolve(measure, column=c, times=None, name="") for c in columns]
        elif measure.function == "count" and measure.column is None and table.primary_key:
            others = [attrs.evolve(measure, column=table.primary_key, distinct=True)]
        for other in others:
            measures = (*intent.measures[:i], other, *intent.measures[i + 1 :])
            notes = (*intent.notes, f"figures from {other.column.ref}") if other.column else intent.notes
            yield attrs.evolve(intent, measures=measures, notes=notes)


def _main_columns(intent: Intent, table: Table) -> Iterator[Intent]:
    main = tuple(c for c in table.columns if c in table.labels or c.categorical or c is table.money)
    if main and not (intent.measures or intent.columns or intent.groups):
        yield attrs.evolve(intent, columns=main, notes=(*intent.notes, "only the main columns"))


def _any_case(intent: Intent) -> Iterator[Intent]:
    def folded(condition: Condition) -> Condition:
        if (
            not isinstance(condition, Compare)
            or not isinstance(condition.value, str)
            or condition.op not in {"=", "!="}
        ):
            return condition
        return attrs.evolve(condition, value=condition.value.casefold(), fold=True)

    conditions = tuple(map(folded, intent.conditions))
    if conditions != intent.conditions:
        yield attrs.evolve(
            intent, conditions=conditions, notes=(*intent.notes, "upper and lower case treated as equal")
        )


def _prepare(
    schemas: Sequence[tuple[str, Mapping[str, Any]]], contexts: Sequence[tuple[str, str]]
) -> tuple[Catalog, Lexicon]:
    """Return the catalog and lexicon of schemas and contexts, cached as long as these stay the same."""
    try:
        return _prepare_cached(json.dumps(list(schemas)), tuple((str(i), str(text)) for i, text in contexts))
    except (TypeError, ValueError):  # not JSON, so not cached
        catalog = build_catalog(schemas)
        return catalog, Lexicon(catalog, read_terms(catalog, contexts))


@lru_cache(maxsize=4)
def _prepare_cached(schemas: str, contexts: tuple[tuple[str, str], ...]) -> tuple[Catalog, Lexicon]:
    catalog = build_catalog(json.loads(schemas))
    return catalog, Lexicon(catalog, read_terms(catalog, contexts))
