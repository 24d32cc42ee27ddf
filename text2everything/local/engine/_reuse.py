"""Known answers: golden examples and rated answers, where they answer a question and where they rule out SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from text2everything.local.engine._literals import differing_literals, substitute
from text2everything.local.engine._protocol import Draft, Example
from text2everything.local.engine._similarity import same_question, similarity
from text2everything.local.engine._sql_builder import canonical, is_one_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from text2everything.local.engine._catalog import Catalog

_FENCED: Final = re.compile(r"```[ \t]*\w*\s(.*?)```", re.DOTALL)
_BARE: Final = re.compile(r"\b(?:SELECT|WITH)\b.*", re.DOTALL | re.IGNORECASE)
_LONGEST_COMMENT: Final = 20_000


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
    values: Mapping[str, Sequence[str]],
    dialect: str,
    *,
    golden: bool,
    cutoff: float | None = None,
) -> Iterator[KnownAnswer]:
    """Yield what the examples say about a question: those of the same question, and of one with another literal.

    Args:
        question: The question.
        examples: The examples, good and bad.
        values: The known values of columns, by the columns' names in lower case.
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
            if (other := substitute(sql, dialect, old, new, values, is_name=is_name)) is not None:
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


def column_values(catalog: Catalog) -> dict[str, list[str]]:
    """Return the known values of columns, by the columns' names in lower case."""
    found: dict[str, list[str]] = {}
    for column in (column for table in catalog.tables for column in table.columns):
        found.setdefault(column.name.casefold(), []).extend(column.values)
    return found


def sql_in_comment(comment: str | None) -> str | None:
    """Return the SQL in a comment: in a fenced block, or from the word SELECT or WITH on; None if there is none.

    Example:
        >>> sql_in_comment("Only the paid ones: SELECT count(*) FROM bills WHERE paid = 1;")
        'SELECT count(*) FROM bills WHERE paid = 1'
    """
    comment = (comment or "")[:_LONGEST_COMMENT]
    found = _FENCED.search(comment)
    text = found[1] if found else (bare[0] if (bare := _BARE.search(comment)) else "")
    text = text.strip() if found else re.split(r";|\n\s*\n", text)[0].strip()
    return text.rstrip(";").rstrip() or None


def tables_in(sql: str, dialect: str) -> set[str]:
    """Return the names of the tables in a query, in lower case; none if it is not one query that only reads."""
    if not is_one_query(sql, dialect):
        return set()
    tree = sqlglot.parse_one(sql, dialect=dialect)
    own = {cte.alias_or_name.casefold() for cte in tree.find_all(exp.CTE)}
    return {table.name.casefold() for table in tree.find_all(exp.Table)} - own


@attrs.frozen
class Proposal:
    """SQL that a bad rating proposes instead, as an example, and the names of its tables in lower case."""

    example: Example
    tables: frozenset[str]

    def fits(self, catalog: Catalog, known: set[str], dialect: str) -> bool:
        """Whether the SQL has only tables and columns that are known.

        Args:
            catalog: The described tables.
            known: The names, in lower case, of tables that exist though they may not be described.
            dialect: The dialect of sqlglot that the SQL is in.
        """
        described = {table.name.rpartition(".")[2].casefold(): table for table in catalog.tables if table.columns}
        if not self.tables <= described.keys():
            return self.tables <= described.keys() | known
        schema: dict[str, object] = {name: {c.name: "TEXT" for c in described[name].columns} for name in self.tables}
        tree = sqlglot.parse_one(self.example.sql, dialect=dialect)
        for table in tree.find_all(exp.Table):
            table.set("db", None)
            table.set("catalog", None)
        try:
            qualify(tree, schema=schema, dialect=dialect, quote_identifiers=False)
        except SqlglotError:
            return False
        return True


def read_proposal(rated: Example, dialect: str) -> Proposal | None:
    """Return the SQL that a bad rating proposes, or None if it is not one query that only reads from tables."""
    sql = sql_in_comment(rated.comment)
    tables = tables_in(sql, dialect) if sql else set()
    if not sql or not tables:
        return None
    return Proposal(attrs.evolve(rated, sql=sql, positive=True), frozenset(tables))
