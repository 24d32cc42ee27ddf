"""Known answers: golden examples and rated answers, where they answer a question and where they rule out SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local.engine._catalog import build_catalog
from text2everything.local.engine._literals import differing_literals, substitute
from text2everything.local.engine._protocol import Draft
from text2everything.local.engine._similarity import same_question, similarity
from text2everything.local.engine._sql import canonical, is_one_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from text2everything.local.engine._protocol import Example


@attrs.frozen
class KnownAnswer:
    """SQL that answers a question, and the example that it is of.

    Attributes:
        sql: The SQL of the example, or that SQL with another literal.
        example: The example.
        golden: Whether it is a golden example; otherwise an earlier answer with a rating.
        swap: The literal of the example's question and that in its place; None for the same question.
        distance: 1 - similarity of the questions, but for that literal.
    """

    sql: str
    example: Example
    golden: bool
    swap: tuple[str, str] | None = None
    distance: float = 0.0

    def draft(self) -> Draft:
        """Return the draft that reuses the SQL."""
        kind = "golden example" if self.golden else "answer that was rated good"
        if not self.golden and self.example.comment and self.example.sql in self.example.comment:
            kind = "SQL that was proposed in a rating"
        named = f" ({'golden example' if self.golden else 'rating'} {self.example.id})" if self.example.id else ""
        same = "for the same question" if self.swap is None else "with {1!r} for {0!r} in".format(*self.swap)
        return Draft(
            self.sql,
            f"Reused the {kind}{named} {same}: {self.example.query!r}.",
            example_id=self.example.id if self.golden else None,
        )


def known_answers(
    question: str,
    examples: Sequence[Example],
    values: Callable[[], Mapping[str, Sequence[str]]],
    dialect: str,
    *,
    golden: bool,
    cutoff: float | None = None,
) -> Iterator[KnownAnswer]:
    """Yield what the examples say about a question: those of the same question, and of one with another literal.

    Args:
        question: The question.
        examples: The examples, good and bad.
        values: Returns the known values of columns, by the columns' names in lower case.
        dialect: The dialect of sqlglot that the SQL is in.
        golden: Whether these are golden examples.
        cutoff: The largest distance of the questions; None or 0: any at which they ask for the same.
    """
    for example in examples:
        sql = example.sql.strip().rstrip(";").rstrip()
        if same_question(question, example.query):
            distance = 1 - similarity(question, example.query)
            if distance <= (cutoff or 1) and is_one_query(sql, dialect):
                yield KnownAnswer(sql, example, golden, distance=distance)
            continue
        for old, new, is_name in differing_literals(example.query, question):
            distance = 1 - similarity(example.query, question.replace(new, old))
            if distance > (cutoff or 1) or not is_one_query(sql, dialect):
                continue
            if (other := substitute(sql, dialect, old, new, values(), is_name=is_name)) is not None:
                yield KnownAnswer(other, example, golden, (old, new), distance)
                break


def rejected_sql(rated: Sequence[KnownAnswer], dialect: str) -> dict[str, list[str]]:
    """Return the SQL that was rated bad at least as often as good, in canonical form, with the ids of the ratings."""
    votes: dict[str, int] = {}
    ids: dict[str, list[str]] = {}
    for answer in rated:
        sql = canonical(answer.sql, dialect)
        votes[sql] = votes.get(sql, 0) + (1 if answer.example.positive else -1)
        if not answer.example.positive:
            ids.setdefault(sql, []).extend([answer.example.id] if answer.example.id else [])
    return {sql: found for sql, found in ids.items() if votes[sql] <= 0}


def known_values(schemas: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, list[str]]:
    """Return the known values of columns in schemas, by the columns' names in lower case."""
    catalog = build_catalog(schemas)
    found: dict[str, list[str]] = {}
    for column in (column for table in catalog.tables for column in table.columns):
        found.setdefault(column.name.casefold(), []).extend(column.values)
    return found
