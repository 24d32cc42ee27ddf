"""`RuleEngine`: reuses the SQL of the same question, or else generates SQL by rules."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import attrs

from text2everything._runtime.threads import lock
from text2everything.local.engine._catalog import Catalog, Table, build_catalog
from text2everything.local.engine._definitions import read_terms
from text2everything.local.engine._explain import explain, explain_failure
from text2everything.local.engine._intent import Compare, Condition, Failure, Intent, Measure, Within
from text2everything.local.engine._lexicon import Lexicon
from text2everything.local.engine._parse import parse
from text2everything.local.engine._protocol import Draft, Example
from text2everything.local.engine._reuse import known_answers, known_values, rejected_sql
from text2everything.local.engine._sql_builder import IntentError, build, canonical, sql_dialect


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
        catalog, lexicon = _prepare(schemas, contexts)
        # A bad rating of a question with another literal says nothing about what the rules find.
        rejected = rejected_sql([answer for answer in ratings if answer.swap is None], dialect)
        return self._generate(question, catalog, lexicon, dialect, rejected, today)

    @staticmethod
    def _generate(
        question: str,
        catalog: Catalog,
        lexicon: Lexicon,
        dialect: str,
        rejected: dict[str, list[str]],
        today: dt.date,
    ) -> Draft:
        """Draft by rules: the first reading that was not rejected."""
        intent = parse(question, catalog, lexicon, today)
        if isinstance(intent, Failure):
            return Draft(None, explain_failure(intent, catalog))
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
            if reading.context_id:
                explanation += f" Defined in context {reading.context_id}."
            if i > 0:
                explanation += _by_ratings(rejected)
            schema_id = table.schema_id if table else None
            return Draft(sql, explanation, schema_id=schema_id, context_id=reading.context_id)
        assert failure is not None  # noqa: S101
        return Draft(None, explain_failure(failure, catalog) + _by_ratings(rejected))


def _by_ratings(rejected: Mapping[str, Sequence[str]]) -> str:
    ids = ", ".join(dict.fromkeys(name for found in rejected.values() for name in found))
    return f" Rated bad: {ids}." if ids else ""


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
