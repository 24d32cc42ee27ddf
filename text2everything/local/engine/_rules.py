"""Rules that turn a question into SQL: every word of it must be explained, or there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import sqlglot
from sqlglot import exp

from text2everything.local.engine._catalog import (
    BOOL,
    DATE,
    NUMBER,
    TEXT,
    Catalog,
    Column,
    ForeignKey,
    Step,
    Table,
    build_catalog,
)
from text2everything.local.engine._chunks import GRAINS, Chunk, Lexicon, root
from text2everything.local.engine._definitions import Term, read_terms
from text2everything.local.engine._sql import (
    COMPARISONS,
    NoSqlError,
    Scope,
    check,
    column,
    is_query_itself,
    literal,
    number,
    render,
    truncated,
)
from text2everything.local.engine._words import stem, word_set

if TYPE_CHECKING:
    import datetime as dt

_AGGREGATES: Final = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}
_PREFIXES: Final = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest"}
_SAID: Final = {"sum": "the sum", "avg": "the average", "min": "the lowest", "max": "the highest"}
_INVERSE: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
# The columns that adjectives without a noun are about, by the words in their names.
_HINTS: Final = {
    "price": re.compile(r"expensive|cheap|priced|cost"),
    "length duration millisecond second minute runtime": re.compile(r"long|short"),
    "weight": re.compile(r"heav|light"),
    "height": re.compile(r"tall"),
}
# Dates of other things than of the row itself: they must be named.
_OTHER_DATES: Final = word_set(
    """
    birth born birthdate birthday due required end expiry updated modified update deleted last
    """
)
# A date with only these words, or those of its table, is that of the row itself; others must be named.
_DATE_ROOTS: Final = frozenset(map(root, word_set("date day time timestamp datetime at on")))
_LONGEST: Final = 2_000
_MANY: Final = 10


@attrs.frozen
class Reading:
    """One way to understand a question: its SQL and what that means."""

    sql: str
    explanation: str
    schema_id: str | None = None
    context_id: str | None = None


@attrs.frozen
class Failure:
    """Why a question is not understood: the words that were lacking, and known names like them."""

    reason: str
    unknown: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [self.reason]
        if self.unknown:
            parts.append(f"Not understood: {', '.join(map(repr, self.unknown))}.")
        if self.nearest:
            parts.append(f"Did you mean: {', '.join(map(repr, self.nearest))}?")
        if self.tables:
            more = f" and {len(self.tables) - 12} more" if len(self.tables) > 12 else ""  # noqa: PLR2004
            parts.append(f"Known tables: {', '.join(self.tables[:12])}{more}.")
        return " ".join(parts)


def generate(
    question: str,
    schemas: Sequence[tuple[str, Mapping[str, Any]]],
    contexts: Sequence[tuple[str, str]],
    dialect: str,
    today: dt.date,
) -> tuple[Reading, ...] | Failure:
    """Return the readings of a question, the likeliest first, or why there is none.

    Args:
        question: The question, in plain words.
        schemas: (schema metadata id, schema data) pairs.
        contexts: (context id, text) pairs; their definitions are used.
        dialect: A dialect of sqlglot.
        today: The date that "last month" is relative to.
    """
    lexicon = _prepare(schemas, contexts)
    tables = tuple(t.name for t in lexicon.catalog.tables)
    if len(question) > _LONGEST:
        return Failure(f"The question is longer than {_LONGEST} characters.", tables=tables)
    if is_query_itself(question, dialect) and _fits(question, lexicon.catalog, dialect):
        return (Reading(question.strip().rstrip(";").rstrip(), "The question is a query itself."),)
    try:
        parser = _Parser(lexicon, lexicon.chunks(question, today), dialect)
        parser.parse()
        readings = dict.fromkeys(parser.readings())
    except _UnclearError as error:
        nearest = dict.fromkeys(name for word in error.words for name in lexicon.nearest(word))
        return Failure(error.reason, error.words, tuple(nearest), tables)
    except NoSqlError as error:
        return Failure(str(error), tables=tables)
    return tuple(readings)


def _fits(sql: str, catalog: Catalog, dialect: str) -> bool:
    """Whether SQL names only known tables and columns."""
    try:
        check(sqlglot.parse_one(sql, dialect=dialect), catalog)
    except NoSqlError:
        return False
    return True


def _prepare(schemas: Sequence[tuple[str, Mapping[str, Any]]], contexts: Sequence[tuple[str, str]]) -> Lexicon:
    """Return the lexicon of schemas and contexts, cached as long as these stay the same."""
    try:
        return _prepare_cached(json.dumps(list(schemas)), tuple((str(i), str(text)) for i, text in contexts))
    except (TypeError, ValueError):  # not JSON, so not cached
        catalog = build_catalog(schemas)
        return Lexicon(catalog, read_terms(catalog, contexts))


@lru_cache(maxsize=4)
def _prepare_cached(schemas: str, contexts: tuple[tuple[str, str], ...]) -> Lexicon:
    catalog = build_catalog(json.loads(schemas))
    return Lexicon(catalog, read_terms(catalog, contexts))


_T = TypeVar("_T")


class _UnclearError(Exception):
    def __init__(self, reason: str, *words: str) -> None:
        super().__init__(reason)
        self.reason, self.words = reason, words


@attrs.frozen(eq=False)
class _Entity:
    """The rows of a table that conditions are about: those of a scope, or what a path of joins leads to from them."""

    scope: Scope
    table: Table
    path: tuple[Step, ...] = ()

    def column(self, col: Column) -> exp.Column:
        return column(col, self.scope.join(self.path))


@attrs.frozen
class _Shown:
    """A selected expression, with its name and what explanations say of it."""

    expression: exp.Expr
    name: str
    said: str
    keys: tuple[exp.Expr, ...] = ()
    grain: bool = False


class _Parser:
    def __init__(self, lexicon: Lexicon, chunks: list[Chunk], dialect: str) -> None:
        self.catalog, self.dialect = lexicon.catalog, dialect
        self.chunks = [c for c in chunks if not c.filler or c.words]
        self.i = 0
        self.aggs: list[str] = []
        self.counted = self.distinct = self.percent = self.negated = self.with_ = self.who = self.related = False
        self.rank: tuple[str, bool, int | None, str] | None = None  # kind, descending, how many, as written
        self.shown: list[_Shown] = []
        self.measures: list[_Shown] = []
        self.groups: list[_Shown] = []
        self.group_chunks: list[tuple[Chunk, Chunk | None]] = []
        self.order: tuple[exp.Expr | None, bool] | None = None
        self.limit: int | None = None
        self.having: tuple[str, float] | None = None
        self.everything = False
        self.ratio = False
        self.named_dates: list[Column] = []
        self.notes: list[str] = []
        self.verbs: list[str] = []
        self.context_id: str | None = None
        self.skip: set[int] = set()

    # -- looking at chunks -------------------------------------------------------------------------------------

    def at(self, i: int) -> Chunk:
        return self.chunks[i] if 0 <= i < len(self.chunks) else _END

    def is_agg(self, i: int) -> bool:
        """Whether a chunk is an aggregate's name here: "total" may be a column, too."""
        chunk = self.at(i)
        if not chunk.words.keys() & _AGGREGATES.keys():
            return False
        after = self.at(i + 1)
        return chunk.plain or not after.plain or bool(after["count"] or (after["and"] and self.is_agg(i + 2)))

    # -- the question ------------------------------------------------------------------------------------------

    def parse(self) -> None:
        unknown = [
            c.text
            for c in self.chunks
            if c.plain and not c.words and not c.date and c.number is None and not c.quoted
        ]
        if unknown:
            known = any(not c.plain for c in self.chunks)
            raise _UnclearError("" if known else "No known table, column or value is named in it.", *unknown)
        if not self.chunks or (all(c.plain for c in self.chunks) and len(self.catalog.tables) != 1):
            raise _UnclearError("No known table, column or value is named in it.")
        if self.at(0).text.casefold() == "where":
            raise _UnclearError("It is unclear what is asked for.", self.at(0).text)
        self.leads()

    def leads(self) -> None:  # noqa: C901, PLR0912 - one alternative after the other
        """Read what comes before the noun that the question is about, then the noun, then the rest."""
        modifiers: list[int] = []
        while self.i < len(self.chunks):
            i, chunk = self.i, self.at(self.i)
            after = self.at(i + 1)
            self.i += 1
            if chunk["percent"]:
                self.percent = True
            elif chunk["count"] and (chunk.plain or not after.plain):
                self.counted = True
            elif self.is_agg(i) and not (chunk["super"] and self.who):
                self.aggs.append(next(k for k in chunk.words if k in _AGGREGATES))
            elif chunk["distinct"] and chunk.plain:
                self.distinct = True
            elif kind := next(
                (k for k in ("super", "newest", "youngest", "hint", "top") if chunk[k] and chunk.plain), None
            ):
                size = int(after.number) if after.number is not None and after.plain else None
                self.i += size is not None
                if self.rank and self.rank[2] is None:
                    raise _UnclearError("It is unclear what to rank.", chunk.text)
                size = size or (self.rank[2] if self.rank else None)
                self.rank = (kind, chunk[kind] == "desc", size, chunk.text)
            elif chunk.number is not None and chunk.plain and not self.rank and not chunk["than"]:
                self.rank = ("number", True, int(chunk.number), chunk.text)
            elif chunk["per"] and (after.tables or after.columns or after.roles or self.grain(after)):
                self.i = self.read_groups(i + 1)
            elif chunk["with"] and self.counted and len(self.catalog.tables) == 1:
                self.i = i
                break
            elif chunk["who"]:
                self.who = True
            elif chunk["and"] or chunk["comma"] or chunk["or"] or chunk["not"]:
                modifiers.append(i)
            elif (chunk.values and self.as_value(i)) or (chunk.terms and self.adjective(chunk)) or chunk.date:
                modifiers.append(i)
                then = self.at(i + 2)
                if (then.tables or then.columns) and any(c in after.columns for c, _ in chunk.values):
                    modifiers.append(i + 1)
                    self.i += 1
            elif self.grain(chunk) and (not after.plain or self.counted) and chunk.plain:
                self.group_chunks.append((chunk, None))
            elif chunk.verb and chunk.columns and self.who and after.date:
                self.start(self.table(self.only([c for c in chunk.columns if c.kind == DATE], chunk.text).table))
                self.rows(self.base)
                self.i = i
                self.finish(modifiers, self.base)
                return
            elif not chunk.plain or self.grain(chunk):
                self.head(i, modifiers)
                return
            elif not (chunk["with"] or chunk["their"] or chunk["an"]):
                raise _UnclearError("It is unclear what is asked for.", chunk.text)
        self.headless(modifiers)

    def adjective(self, chunk: Chunk) -> bool:
        """Whether a term only adds a condition to a noun that follows."""
        term = chunk.terms[0]
        table = self.catalog.table(term.table)
        return term.condition is not None and (table is None or term.words[-len(table.words) :] != table.words)

    def grain(self, chunk: Chunk) -> str | None:
        return next((g for g in GRAINS if chunk[g]), None)

    def as_value(self, i: int) -> bool:
        """Whether a chunk that may also be a name is a value here: before the name of its table or column."""
        chunk, k = self.at(i), i + 1
        while (self.at(k)["or"] or self.at(k)["and"] or self.at(k)["comma"] or self.at(k).values) and not self.at(
            k
        ).tables:
            k += 1
        after = self.at(k)
        if not (chunk.tables or chunk.columns or chunk.terms):
            return True
        return any(
            any(c is o for o in after.columns) or any(c.table == t.name for t in after.tables)
            for c, _ in chunk.values
        )

    def headless(self, modifiers: list[int]) -> None:
        """Take the table of the only value named, or the only table there is, as what is asked about."""
        values = [self.at(i) for i in modifiers if self.at(i).values]
        tables = [self.catalog.tables[0].name] if len(self.catalog.tables) == 1 else []
        for chunk in values[:1]:
            tables = [c.table for c, _ in chunk.values if c not in self.table(c.table).labels]
        if len(tables) != 1 or self.aggs:
            raise _UnclearError("It is unclear what is asked for.", *(self.at(i).text for i in modifiers))
        self.start(self.table(tables[0]))
        self.rows(self.base)
        self.finish(modifiers, self.base)

    def table(self, name: str) -> Table:
        table = self.catalog.table(name)
        assert table is not None  # noqa: S101
        return table

    def start(self, table: Table) -> None:
        self.base = self.entity = _Entity(Scope(table, table.name, self.catalog, {table.name.casefold()}), table)

    def head(self, i: int, modifiers: list[int]) -> None:  # noqa: C901, PLR0912
        """Read the noun that the question is about, and all after it."""
        chunk = self.at(i)
        if chunk.verb:
            raise _UnclearError("It is unclear what is asked for.", chunk.text)
        if self.grain(chunk) and chunk.plain:
            if not self.regroup(chunk, i, modifiers):
                raise _UnclearError("It is unclear what is asked for.", chunk.text)
            return
        if chunk.terms:
            term = self.only(chunk.terms, chunk.text)
            self.start(self.table(term.table))
            if term.measure is not None:
                self.measures.append(self.term_measure(term))
            else:
                self.rows(self.base)
                self.defined(term, self.base)
            self.finish(modifiers, self.base)
            return
        if chunk.tables and not (chunk.columns and self.aggs):
            table = self.only(chunk.tables, chunk.text)
            if self.aggs and not self.counted:
                totals = [c for c in table.columns if c.words == ("total",)]
                if totals and self.at(i - 1).text.casefold() == "total of":
                    self.start(table)
                    self.measures.append(self.aggregate("sum", totals[0], self.base))
                    self.finish(modifiers, self.base)
                    return
                if self.aggs == ["avg"] and any(c["per"] for c in self.chunks[self.i :]):
                    self.counted = True
                elif self.aggs != ["sum"] or totals:
                    raise _UnclearError(f"There is no column of {table.name} named to calculate with.", chunk.text)
                else:
                    self.counted, self.aggs = True, []
            self.ratio = self.aggs == ["avg"]
            if not self.counted and self.regroup(chunk, i, modifiers):
                return
            self.start(table)
            self.rows(self.base)
            self.finish(modifiers, self.base)
            return
        if chunk.columns and not self.counted and not self.aggs and self.regroup(chunk, i, modifiers):
            return
        self.columns_head(i, modifiers)

    def columns_head(self, i: int, modifiers: list[int]) -> None:  # noqa: C901, PLR0912
        """Read the columns that are asked for, or that figures are asked of."""
        heads = [self.at(i)]
        while (self.at(self.i)["and"] or self.at(self.i)["comma"] or self.at(self.i)["their"]) and self.next_column():
            heads.append(self.at(self.i - 1))
        roles = heads[0].roles
        if self.who and len(roles) == 1 and self.at(self.i).values:
            self.role_head(roles[0], i, modifiers)
            return
        if roles and not heads[0].columns:
            raise _UnclearError("It is unclear what is asked for.", heads[0].text)
        named = [t for c in self.chunks[i + 1 :] for t in c.tables if not c.verb]
        tables = self.tables_of(heads, named)
        self.start(tables)
        ranked_max = self.rank and self.rank[0] in {"super", "newest"} and self.rank[2] is None and not self.counted
        if ranked_max and self.rank and not self.aggs and not named_first(self.chunks[:i], named):
            if self.who:
                col = self.own(heads[0], self.base)
                self.ordered(col, self.rank[1])
                self.rank, self.shown = None, []
                self.finish(modifiers, self.base)
                return
            dated = self.rank[0] == "newest" and stem(heads[0].text.split()[-1]) not in {"date", "time", "day"}
            if self.at(self.i).tables or dated:
                raise _UnclearError("It is unclear what to rank.", self.rank[3])
            self.aggs, self.rank = ["max" if self.rank[1] else "min"], None
        elif heads[0].text.casefold().startswith("total ") and heads[0].columns and not self.counted:
            self.aggs = self.aggs or ["sum"]
        for chunk in heads:
            labels = self.base.table.labels
            if not (self.counted or self.aggs) and len(labels) > 1 and all(c in chunk.columns for c in labels):
                self.shown += [_Shown(self.base.column(c), c.name, c.ref) for c in labels]
                continue
            col, path = self.best(self.base, chunk.columns, chunk.text, up=True)
            entity = self.at_end(self.base, path)
            if self.counted:
                if path or col.kind == NUMBER:
                    raise _UnclearError("It is unclear what to count.", chunk.text)
                counted = exp.Count(this=exp.Distinct(expressions=[entity.column(col)]))
                self.measures.append(_Shown(counted, f"{said(col)}_count", f"the number of different {col.ref}"))
            elif self.aggs:
                self.measures += [self.aggregate(function, col, entity) for function in self.aggs]
            else:
                alias = "_".join((*self.table(col.table).words, *col.words)) if path else col.name
                self.shown.append(_Shown(entity.column(col), alias, col.ref))
                plain = col.kind == TEXT and not path and col not in self.base.table.labels
                self.distinct |= len(heads) == 1 and plain and not set(col.words) & _UNIQUE
        self.finish(modifiers, self.base)

    def role_head(self, link: ForeignKey, i: int, modifiers: list[int]) -> None:
        """Read "who reports to Ann", which asks for rows, or "who is the manager of Bob", for what they refer to."""
        self.start(self.table(link.child.table))
        if link.child.words[-1] in {"to", "by"}:
            self.i = i
            self.rows(self.base)
        else:
            parent = self.at_end(self.base, (Step(link, up=True),))
            self.shown += [_Shown(parent.column(c), c.name, c.ref) for c in parent.table.labels]
        self.finish(modifiers, self.base)

    def next_column(self) -> bool:
        """Step to the next column of a list, if there is one."""
        k = self.i
        while self.at(k)["and"] or self.at(k)["comma"] or self.at(k)["their"]:
            k += 1
        if self.at(k).columns and not self.at(k).tables and not self.at(k).verb and not self.is_agg(k):
            self.i = k + 1
            return True
        return False

    def tables_of(self, heads: list[Chunk], named: list[Table]) -> Table:
        """Return the table that columns are asked of: the first named one that has or reaches all of them."""
        own = [{c.table for c in chunk.columns} for chunk in heads]
        for table in named:
            if all(table.name in tables for tables in own):
                return table
        common = set.intersection(*own)
        if self.aggs or not named:
            values = [c for chunk in self.chunks for c, _ in chunk.values]
            valued = {c.table for c in values if c in self.table(c.table).labels} & common
            if len(valued or common) == 1:
                return self.table(next(iter(valued or common)))
        elif all(any(self.up_paths(named[0].name, t) for t in tables) for tables in own):
            return named[0]
        words = [chunk.text for chunk in heads]
        if len(common) > 1:
            raise _UnclearError(f"Several tables have it: {', '.join(sorted(common))}.", *words)
        raise _UnclearError("It is unclear which table that is asked of.", *words)

    def up_paths(self, start: str, end: str) -> list[tuple[Step, ...]]:
        return [()] if start == end else [p for p in self.catalog.paths(start, end) if all(s.up for s in p)]

    # -- ranking by something else than a column of the rows ---------------------------------------------------

    def regroup(self, head: Chunk, i: int, modifiers: list[int]) -> bool:
        """Read "which X has the most Y", "top X by Y" and "X with more than 5 Y" where figures of Y decide."""
        for k in range(self.i, len(self.chunks)):
            chunk, j = self.at(k), k + 1
            descending, having = True, None
            by_rank = (chunk["by"] and (self.rank or not self.at(j).tables)) or (
                chunk["sort"] and not self.at(j).tables
            )
            if chunk["super"] and chunk.plain:
                descending = chunk["super"] == "desc"
            elif by_rank:
                descending = self.rank[1] if self.rank else True
            elif chunk["than"] and self.at(j).number is not None and not head.tables:
                having, j = (chunk["than"] or "", self.at(j).number or 0), j + 1
            else:
                continue
            counted, aggs = False, []
            while self.at(j)["count"] or self.is_agg(j):
                counted |= bool(self.at(j)["count"])
                aggs += [] if self.at(j)["count"] else [next(w for w in self.at(j).words if w in _AGGREGATES)]
                j += 1
            if not self.rank_by(head, self.at(j), counted, aggs):
                continue
            if not descending and not having and head.tables and (counted or self.at(j).tables):
                raise _UnclearError("Rows without any cannot be ranked.", chunk.text)
            single = 1 if chunk["super"] else None
            if not having:
                self.order = (None, descending)
                self.limit = self.rank[2] if self.rank and self.rank[2] else single or (_MANY if self.rank else None)
            self.having, self.rank = having, None
            self.skip |= set(range(k, j + 1))
            if chunk["super"] and any(c["with"] is None and not c["verb"] for c in self.chunks[i + 1 : k]):
                self.tail_part(i + 1, k, self.group_entity)
                self.i = j + 1
            self.modify(modifiers, self.group_entity)
            self.finish([], self.base)
            return True
        return False

    def rank_by(self, head: Chunk, by: Chunk, counted: bool, aggs: list[str]) -> bool:
        """Start a query for figures of `by` for each `head`; False where a column of the rows of `head` decides."""
        if self.shown or self.measures:
            return False
        term = by.terms[0] if by.terms and by.terms[0].measure is not None else None
        if term and not counted and aggs in ([], ["sum"]):
            self.start(self.table(term.table))
            self.measures.append(self.term_measure(term))
        elif by.tables and not aggs and (not by.columns or counted):
            self.start(self.only(by.tables, by.text))
            if head.tables and self.base.table in head.tables:
                raise _UnclearError("It is unclear what to rank.", by.text)
            self.measures.append(self.count(self.base))
        elif by.columns and len(aggs) == 1 and not counted:
            own = [c for c in by.columns if not any(t.name == c.table for t in head.tables)] or list(by.columns)
            col = self.only(own, by.text)
            self.start(self.table(col.table))
            self.measures.append(self.aggregate(aggs[0], col, self.base))
        else:
            return False
        self.group_entity = self.group(head, None)
        return True

    # -- finishing ---------------------------------------------------------------------------------------------

    def rows(self, entity: _Entity) -> None:
        """Ask for the number of rows or for the rows."""
        self.keyed(entity)
        if self.counted and not self.percent:
            self.measures.append(self.count(entity))
            self.counted = False
        else:
            self.everything = not self.percent

    def count(self, entity: _Entity) -> _Shown:
        name = f"{'_'.join(entity.table.words)}_count"
        return _Shown(exp.Count(this=exp.Star()), name, f"the number of rows of {entity.table.name}")

    def finish(self, modifiers: list[int], entity: _Entity) -> None:
        if self.group_chunks:
            self.count_rows(self.group_chunks[0][0])
        self.modify(modifiers, entity)
        self.apply_rank()
        self.tail_part(self.i, len(self.chunks), self.base)
        for chunk, of in self.group_chunks:
            self.group(chunk, of)
        if self.verbs and not self.related:
            raise _UnclearError("It is unclear what that is about.", *self.verbs)
        if self.ratio:
            self.divide()

    def modify(self, modifiers: list[int], entity: _Entity) -> None:
        """Apply the conditions before the noun."""
        kept = list(self.chunks)
        end = self.i
        self.chunks = [kept[i] for i in modifiers]
        self.tail_part(0, len(self.chunks), entity)
        self.chunks, self.i = kept, end

    def divide(self) -> None:
        """Turn an average number of rows per group into one figure."""
        if len(self.groups) != 1 or len(self.measures) != 1 or not self.groups[0].keys:
            raise _UnclearError("An average number needs to be told over what: per customer, say.")
        over = exp.Count(this=exp.Distinct(expressions=[self.groups[0].keys[0].copy()]))
        figure = self.measures[0]
        quotient = exp.Div(this=exp.Mul(this=figure.expression, expression=number(1.0)), expression=over)
        name = f"{figure.name}_per_{self.groups[0].name}"
        self.measures = [_Shown(quotient, name, f"{figure.said} per {self.groups[0].said}")]
        self.groups = []

    def apply_rank(self) -> None:
        """Sort by what a superlative before the noun is about."""
        if self.rank is None:
            return
        kind, descending, size, text = self.rank
        table, col = self.base.table, None
        if self.measures or self.percent:
            raise _UnclearError("It is unclear what to rank.", text)
        self.limit = size
        if kind == "number":
            return
        if kind == "top":
            col = self.top_column()
        elif kind == "hint":
            col = self.hinted(text, table)
        elif kind in {"newest", "youngest"}:
            born = [
                c
                for c in table.columns
                if c.kind == DATE and set(c.words) & {"birth", "birthdate", "birthday", "born"}
            ]
            text = text.casefold()
            if "young" in text or (text == "oldest" and born):
                col, descending = self.only(born, text), "young" in text
            elif text == "oldest" and ("first", "name") in [c.words for c in table.columns]:
                raise _UnclearError("It is unclear what makes one old.", text)
            else:
                col = self.date_column(self.base, text, newest=True)
        else:
            col = self.only(self.catalog.measures(table), text)
        if col is None:
            raise _UnclearError("It is unclear what to rank.", text)
        self.ordered(col, descending)
        self.limit = size or (_MANY if self.plural() else 1)

    def top_column(self) -> Column | None:
        """Find the column after "by" in "top 5 products by price"."""
        for k in range(self.i, len(self.chunks)):
            if self.at(k)["by"] and self.at(k + 1).columns:
                col = self.own(self.at(k + 1), self.base)
                self.skip |= {k, k + 1}
                return col
        return None

    def plural(self) -> bool:
        head = self.chunks[self.i - 1].text.casefold() if self.i else ""
        return head.endswith("s") and not head.endswith("ss")

    def hinted(self, text: str, table: Table) -> Column:
        words = next((set(w.split()) for w, pattern in _HINTS.items() if pattern.search(text.casefold())), set())
        return self.only([c for c in table.columns if c.kind == NUMBER and words & set(c.words)], text)

    def ordered(self, col: Column, descending: bool) -> None:
        self.order, self.limit = (self.base.column(col), descending), self.limit or 1

    # -- figures -----------------------------------------------------------------------------------------------

    def aggregate(self, function: str, col: Column, entity: _Entity) -> _Shown:
        dated = col.kind == DATE and function in {"min", "max"}
        if not dated and (self.catalog.is_key(col) or not col.is_measure):
            raise _UnclearError(f"Nothing can be calculated from {col.ref}.", col.name)
        prefix = {"max": "latest", "min": "earliest"}[function] if dated else _PREFIXES[function]
        name = said(col) if said(col).startswith(prefix) else f"{prefix}_{said(col)}"
        return _Shown(_AGGREGATES[function](this=entity.column(col)), name, f"{_SAID[function]} of {col.ref}")

    def term_measure(self, term: Term) -> _Shown:
        assert term.measure is not None  # noqa: S101
        if self.aggs == ["avg"] and any(c["per"] for c in self.chunks[self.i :]):
            self.ratio = True
        elif self.aggs not in ([], ["sum"]) or self.counted:
            raise _UnclearError("It is defined as a figure already.", " ".join(term.words))
        self.aggs, self.context_id = [], self.context_id or term.context_id
        if term.context_id:
            self.notes.append(term.source)
        name = "_".join(term.words)
        return _Shown(
            self.placed(term.measure, self.base), name, f"{' '.join(term.words)} as defined, from {term.table}"
        )

    def placed(self, expression: exp.Expr, entity: _Entity) -> exp.Expr:
        """Return a definition with its columns taken from an entity."""
        tree = expression.copy()
        for col in tree.find_all(exp.Column):
            col.set("table", exp.to_identifier(entity.scope.join(entity.path)))
        return tree

    def group(self, chunk: Chunk, of: Chunk | None) -> _Entity:
        """Group by a column, the rows of a table or a period."""
        base, entity = self.base, self.base
        if (grain := self.grain(chunk)) and not chunk.columns:
            dates = [c for c in of.columns if c.kind == DATE] if of else []
            own = [c for c in dates if c.table == base.table.name] if of else self.named_dates
            col = self.only(own, chunk.text) if own else self.date_column(base, chunk.text)
            cut = truncated(base.column(col), grain, self.dialect)
            self.groups.append(_Shown(cut, grain, f"{grain} of {col.ref}", (cut,), grain=True))
            return base
        if chunk.tables or (chunk.roles and not chunk.columns) or self.role_to_group(chunk):
            if chunk.tables:
                table = self.only(chunk.tables, chunk.text)
                path = self.path(base, table, chunk.text)
            else:
                link = self.only([r for r in chunk.roles if r.child.table == base.table.name], chunk.text)
                table, path = self.table(link.parent.table), (Step(link, up=True), *())
            if not path or not all(s.up for s in path):
                raise _UnclearError(
                    f"Joining {table.name} to {base.table.name} would count rows more than once.", chunk.text
                )
            entity = self.at_end(base, path)
            columns = table.labels or ((table.primary_key,) if table.primary_key else ())
            key = path[0].key.child if len(path) == 1 else table.primary_key
            keys = [base.column(key) if len(path) == 1 else entity.column(key)] if key else []
            for col in columns:
                self.groups.append(
                    _Shown(entity.column(col), col.name, col.ref, tuple(keys) if col is columns[0] else ())
                )
            return entity
        col, path = self.best(base, chunk.columns, chunk.text, up=True)
        entity = self.at_end(base, path)
        self.groups.append(_Shown(entity.column(col), col.name, col.ref))
        return entity

    def role_to_group(self, chunk: Chunk) -> bool:
        return any(r.child.table == self.base.table.name for r in chunk.roles)

    def read_groups(self, i: int) -> int:
        """Read what to group by, from the chunk `i`; return the index after it."""
        while True:
            chunk, after = self.at(i), self.at(i + 1)
            of = after if self.grain(chunk) and any(c.kind == DATE for c in after.columns) else None
            self.group_chunks.append((chunk, of))
            i += 1 if of is None else 2
            further = self.at(i + 1)
            listed = (self.at(i)["and"] or self.at(i)["comma"]) and not self.is_agg(i + 1)
            if self.at(i)["per"] and (further.tables or further.columns or self.grain(further)):
                i += 1
            elif not (listed and (further.tables or further.columns or further.roles or self.grain(further))):
                return i
            else:
                i += 1

    # -- choosing ----------------------------------------------------------------------------------------------

    def only(self, items: Sequence[_T], text: str) -> _T:
        if len(items) == 1:
            return items[0]
        refs = ", ".join(i.ref if isinstance(i, Column) else str(getattr(i, "name", "")) for i in items)
        raise _UnclearError(f"It could be {refs}." if items else "It is unclear which column that is.", text)

    def own(self, chunk: Chunk, entity: _Entity) -> Column:
        return self.only([c for c in chunk.columns if c.table == entity.table.name], chunk.text)

    def best(
        self, entity: _Entity, columns: Sequence[Column], text: str, *, up: bool = False
    ) -> tuple[Column, tuple[Step, ...]]:
        """Return the nearest column and the path to it; those of the rows themselves and of their parents first."""
        ranked: list[tuple[tuple[bool, int], Column, list[tuple[Step, ...]]]] = []
        for col in columns:
            paths: list[tuple[Step, ...]] = (
                [()] if col.table == entity.table.name else self.catalog.paths(entity.table.name, col.table)
            )
            if paths and (not up or all(s.up for s in paths[0])):
                ranked.append(((not all(s.up for s in paths[0]), len(paths[0])), col, paths))
        ranked.sort(key=lambda r: r[0])
        if not ranked:
            tables = sorted({c.table for c in columns})
            raise _UnclearError(f"Nothing links {entity.table.name} and {' or '.join(tables)} so.", text)
        first = [r for r in ranked if r[0] == ranked[0][0]]
        if len({id(r[1]) for r in first}) > 1:
            raise _UnclearError(f"It could be {', '.join(dict.fromkeys(r[1].ref for r in first))}.", text)
        if len(first[0][2]) > 1:
            raise _UnclearError(f"Several foreign keys link {entity.table.name} and {first[0][1].table}.", text)
        return first[0][1], first[0][2][0]

    def path(self, entity: _Entity, table: Table, text: str) -> tuple[Step, ...]:
        if table is entity.table:
            return ()
        paths = self.catalog.paths(entity.table.name, table.name)
        if len(paths) != 1:
            how = "Several foreign keys link" if paths else "Nothing links"
            raise _UnclearError(f"{how} {entity.table.name} and {table.name}.", text)
        return paths[0]

    def at_end(self, entity: _Entity, path: tuple[Step, ...], *, fresh: bool = False) -> _Entity:
        """Return the rows that a path leads to, in a subquery where it goes from the one to the many."""
        if not path:
            return entity
        self.related = True
        table = self.table(path[-1].there.table)
        if all(s.up for s in path):
            return _Entity(entity.scope, table, (*entity.path, *path))
        sub = entity.scope.sub(path, entity.path, fresh=fresh)
        inner = _Entity(sub, table, path[1:])
        sub.join(path[1:])
        return inner

    def date_column(self, entity: _Entity, text: str, *, newest: bool = False) -> Column:
        dates = [c for c in entity.table.columns if c.kind == DATE]
        if not dates:
            raise _UnclearError(f"{entity.table.name} has no date column.", text)
        own = [c for c in dates if not set(c.words) & _OTHER_DATES]
        event = {root(w) for w in entity.table.words} | _DATE_ROOTS
        if not newest and len(own) == 1 and not {root(w) for w in own[0].words} <= event:
            raise _UnclearError(f"Only {own[0].ref} is a date of it.", text)
        return self.only(own, text)

    # -- conditions --------------------------------------------------------------------------------------------

    def add(self, entity: _Entity, condition: exp.Expr) -> None:
        entity.scope.where.append(condition)
        self.negated = False

    def compare(self, entity: _Entity, col: Column, op: str, value: Any) -> None:
        op = _INVERSE[op] if self.negated else op
        self.add(entity, COMPARISONS[op](this=entity.column(col), expression=literal(value, col)))

    def defined(self, term: Term, entity: _Entity) -> None:
        assert term.condition is not None  # noqa: S101
        condition = self.placed(term.condition, entity)
        condition = exp.paren(condition) if isinstance(condition, exp.Or) else condition
        self.context_id = self.context_id or term.context_id
        self.notes.append(term.source)
        self.add(entity, exp.Not(this=exp.paren(condition)) if self.negated else condition)

    def tail_part(self, i: int, end: int, entity: _Entity) -> None:
        """Read conditions, groups and order, from the chunk `i` on; what cannot be read raises."""
        self.i, self.entity = i, entity
        while self.i < end:
            if self.i in self.skip:
                self.i += 1
                continue
            chunk = self.at(self.i)
            if not self.one():
                raise _UnclearError("It is unclear what that adds." if not chunk.plain else "", chunk.text)
        if self.negated:
            raise _UnclearError("It is unclear what is negated.")

    def one(self) -> bool:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one alternative after the other
        """Read one part of the rest of the question; False if there is none."""
        i, chunk, after = self.i, self.at(self.i), self.at(self.i + 1)
        self.i += 1
        if chunk.date is not None:
            self.dated(*self.date_of(chunk), chunk)
        elif chunk.quoted and not chunk.values:
            raise _UnclearError("It is unclear which column that is a value of.", chunk.text)
        elif chunk.verb and after.date and not self.negated and self.own_dates(chunk):
            self.i += 1
            self.dated(self.entity, self.only(self.own_dates(chunk), chunk.text), after)
        elif after["per"] and self.grain(self.at(i + 2)) and self.own_dates(chunk):
            self.named_dates = self.own_dates(chunk)
        elif chunk.values and (
            self.as_value(i) or (chunk.columns and self.flag(chunk) and not self.comparable(i + 1))
        ):
            self.read_values(i)
        elif chunk["than"] and after.number is not None and after.plain:
            self.i = self.compared(chunk, chunk["than"] or "=", after.number, i + 2)
        elif chunk["hinted"] and after.number is not None:
            self.i += 1
            mine = [c for c in self.at(self.i).columns if c.table == self.entity.table.name]
            col = mine[0] if len(mine) == 1 and mine[0].is_measure else self.hinted(chunk.text, self.entity.table)
            self.i += col in mine
            self.compare(self.entity, col, chunk["hinted"] or "", after.number)
        elif chunk.number is not None and chunk.plain and after["after"]:
            self.i = self.compared(chunk, after["after"] or "", chunk.number, i + 2)
        elif chunk.number is not None and chunk.plain and self.with_ and after.tables:
            self.i = self.compared(chunk, "=", chunk.number, i + 1)
        elif chunk["between"]:
            self.between(self.only(self.catalog.measures(self.entity.table), chunk.text), self.entity)
        elif chunk["no"] and not after.plain:
            self.without(i + 1)
        elif chunk["per"] or (chunk["by"] and (self.measures or self.ratio) and self.groupable(i + 1)):
            if chunk.text == "a" and not self.grain(after):
                return True
            if not (after.tables or after.columns or after.roles or self.grain(after)):
                return False
            self.count_rows(chunk)
            self.i = self.read_groups(i + 1)
        elif chunk["sort"] and (after.columns or after["count"]) and not after.tables:
            self.sort(i + 1)
        elif chunk["sort"] and re.match("(?:newest|oldest) first", after.text) and self.everything:
            self.i += 1
            self.order = (self.base.column(self.date_column(self.base, after.text)), after["desc"] is not None)
        elif chunk["sort"] and after.tables and "ordered" in chunk.text:
            self.verbs.append(chunk.text)
        elif (chunk["asc"] or chunk["desc"]) and chunk.plain:
            self.direct(chunk)
        elif chunk["limit"] and after.number is not None:
            self.limit = int(after.number)
            self.i += 1
        elif chunk["named"] and (after.quoted or after.values):
            self.named(after)
        elif chunk["their"] and after.columns and self.everything and not chunk.columns:
            self.show_more(i + 1)
        elif chunk["super"] and after.columns and self.everything and self.order is None:
            self.ordered(self.own(after, self.base), chunk["super"] == "desc")
            self.i += 1
        elif chunk["verb"] and chunk.plain:
            self.verbs.append(chunk.text)
        elif chunk["not"] and chunk.plain:
            self.negated = not self.negated
            return True
        elif (chunk["and"] or chunk["comma"]) and self.measures and (self.is_agg(i + 1) or after["count"]):
            self.further_measure(i + 1)
        elif chunk["and"] and after.tables and not after.verb:
            return False
        elif chunk.roles and self.role(chunk, i):
            return True
        elif chunk.terms and chunk.terms[0].condition is not None:
            term = self.only(chunk.terms, chunk.text)
            self.defined(term, self.at_end(self.entity, self.path(self.entity, self.table(term.table), chunk.text)))
        elif chunk.tables and (chunk.verb or not (chunk.columns and self.comparable(i + 1))):
            self.relation(chunk)
        elif chunk.columns and not chunk.verb:
            self.column_condition(chunk)
        else:
            self.with_ = self.with_ or bool(chunk["with"])
            return bool(chunk.words.keys() & {"with", "who", "an", "by", "and", "comma"}) and chunk.plain
        self.with_ = False
        return True

    def own_dates(self, chunk: Chunk) -> list[Column]:
        return [c for c in chunk.columns if c.kind == DATE and c.table == self.entity.table.name]

    def flag(self, chunk: Chunk) -> bool:
        return all(c.kind == BOOL for c in chunk.columns)

    def count_rows(self, chunk: Chunk) -> None:
        """Count the rows of each group where no other figure is asked for."""
        if not self.measures:
            if not self.everything or self.shown or self.order or self.limit:
                raise _UnclearError("It is unclear what figure is asked for.", chunk.text)
            self.everything = False
            self.measures.append(self.count(self.base))

    def groupable(self, i: int) -> bool:
        chunk, after = self.at(i), self.at(i + 1)
        own_value = any(c.table == t.name for t in chunk.tables for c, _ in after.values)
        return bool(chunk.tables or chunk.columns or chunk.roles or self.grain(chunk)) and not own_value

    def comparable(self, i: int) -> bool:
        chunk = self.at(i)
        kinds = {"than", "between", "contains", "starts", "ends", "missing", "present"}
        return bool(chunk.words.keys() & kinds) or chunk.number is not None or chunk.quoted or bool(chunk.values)

    def date_of(self, chunk: Chunk) -> tuple[_Entity, Column]:
        """Return whose date is meant, and which: that of the rows that were named last, or of those asked about."""
        entity = self.entity
        if entity is not self.base and entity.scope is self.base.scope:
            dated = [e for e in (entity, self.base) if any(c.kind == DATE for c in e.table.columns)]
            entity = self.only(dated, chunk.text)
        return entity, self.date_column_or_year(entity, chunk)

    def date_column_or_year(self, entity: _Entity, chunk: Chunk) -> Column:
        years = [c for c in entity.table.columns if c.kind == NUMBER and c.words[-1:] == ("year",)]
        if years and not any(c.kind == DATE for c in entity.table.columns):
            return self.only(years, chunk.text)
        return self.date_column(entity, chunk.text)

    def dated(self, entity: _Entity, col: Column, chunk: Chunk) -> None:
        date = chunk.date
        if self.negated or date is None:
            raise _UnclearError("Only conditions other than dates can be negated.", chunk.text)
        if date.note:
            self.notes.append(date.note)
        bounds: list[exp.Expr] = []
        for day, kind in ((date.start, exp.GTE), (date.end, exp.LT)):
            if day is not None and col.kind == NUMBER and (day.month, day.day) != (1, 1):
                raise _UnclearError(f"{col.ref} only has years.", chunk.text)
            if day is not None:
                value = number(day.year) if col.kind == NUMBER else exp.Literal.string(day.isoformat())
                bounds.append(kind(this=entity.column(col), expression=value))
        condition = exp.and_(*bounds)
        while (self.at(self.i)["or"] or self.at(self.i)["and"]) and self.at(self.i + 1).date:
            raise _UnclearError("Several periods are not understood.", self.at(self.i + 1).text)
        self.add(entity, condition)

    def read_values(self, i: int) -> None:
        """Read one value or a list of values of one column."""
        chunks, joined = [self.at(i)], set()
        columns = {id(c): c for c, _ in chunks[0].values}
        k = i + 1
        while True:
            j = k
            while self.at(j)["or"] or self.at(j)["and"] or self.at(j)["comma"]:
                j += 1
            shared = (
                {id(c) for c, _ in self.at(j).values} & columns.keys() if j > k and j < len(self.chunks) else None
            )
            if not shared:
                break
            joined |= {w for n in range(k, j) for w in ("or", "and") if self.at(n)[w]}
            chunks.append(self.at(j))
            columns = {key: columns[key] for key in shared}
            k = j + 1
        text = " ".join(c.text for c in chunks)
        after = self.at(k)
        if k not in self.skip and (named := [c for c in columns.values() if c in after.columns]):
            columns, k = {id(c): c for c in named}, k + 1
        elif self.entity.table not in after.tables:
            named = [c for c in columns.values() if any(c.table == t.name for t in after.tables)]
            columns, k = ({id(c): c for c in named}, k + 1) if named else (columns, k)
        if len(joined) == 2:  # noqa: PLR2004
            raise _UnclearError("A list has either 'and' or 'or'.", text)
        self.i = k
        self.valued(self.entity, list(columns.values()), chunks, "and" in joined)

    def valued(self, entity: _Entity, columns: list[Column], chunks: list[Chunk], every: bool) -> None:
        text = " ".join(c.text for c in chunks)
        col, path = self.best(entity, columns, text)
        down = not all(s.up for s in path)
        self.whole(down, text)
        if (
            path
            and col not in self.table(col.table).labels
            and any(c.words == col.words for c in entity.table.columns)
        ):
            raise _UnclearError(f"{entity.table.name} has no such {' '.join(col.words)}.", text)
        if down and every:
            raise _UnclearError("It is unclear whether all of these are meant or any.", text)
        target = self.at_end(entity, path, fresh=self.negated)
        values = [v for chunk in chunks for c, v in chunk.values if c is col]
        if down and self.negated:
            target.scope.negated, self.negated = True, False
        this = target.column(col)
        if any(
            isinstance(w, exp.EQ) and w.this == this and not isinstance(w.expression, exp.Column)
            for w in target.scope.where
        ):
            raise _UnclearError(f"{col.ref} cannot have two values.", text)
        if len(values) == 1:
            if isinstance(values[0], bool):
                value, self.negated = values[0] is not self.negated, False
                self.add(target, exp.EQ(this=this, expression=literal(value, col)))
            else:
                self.compare(target, col, "=", values[0])
            return
        within = exp.In(this=this, expressions=[literal(v, col) for v in dict.fromkeys(values)])
        self.add(target, exp.Not(this=within) if self.negated else within)

    def whole(self, down: bool, text: str) -> None:
        """Refuse a figure of rows of which only a part is meant: the total of orders, for one of their products."""
        if down and any(not m.expression.find(exp.Count) for m in self.measures) and self.entity is self.base:
            raise _UnclearError("That would calculate with rows that it is only a part of.", text)

    def compared(self, chunk: Chunk, op: str, value: float, i: int) -> int:
        """Read what a number is compared with: rows of another table, or a column; return the index after it."""
        after = self.at(i)
        if after["after"]:
            op, i, after = after["after"] or op, i + 1, self.at(i + 1)
        if after.tables and not after.verb and (not after.columns or self.with_):
            table = self.only(after.tables, after.text)
            path = self.path(self.entity, table, after.text)
            if not path or any(s.up for s in path):
                raise _UnclearError("It is unclear what to count.", after.text)
            entity = self.at_end(self.entity, path, fresh=True)
            entity.scope.count = (_INVERSE[op] if self.negated else op, value)
            self.negated, self.entity = False, entity
            return i + 1
        if after.columns and not after.verb and any(c.table == self.entity.table.name for c in after.columns):
            col, i = self.own(after, self.entity), i + 1
            if col.kind != NUMBER or self.catalog.is_key(col):
                raise _UnclearError(f"{col.ref} is no figure.", after.text)
        else:
            col = self.only(self.catalog.measures(self.entity.table), chunk.text)
            if self.percent or self.with_ or any(not m.expression.find(exp.Count) for m in self.measures):
                raise _UnclearError("It is unclear what is compared.", chunk.text)
        self.compare(self.entity, col, op, value)
        return i

    def between(self, col: Column, entity: _Entity) -> None:
        low, high = self.at(self.i).number, self.at(self.i + 2).number
        if low is None or high is None or not self.at(self.i + 1)["and"] or self.negated:
            raise _UnclearError("It is unclear between what.", col.name)
        self.i += 3
        self.add(entity, exp.Between(this=entity.column(col), low=literal(low, col), high=literal(high, col)))

    def without(self, i: int) -> None:
        """Read what there is none of: a value of a column, rows of a table, or the row of a foreign key."""
        chunk, entity = self.at(i), self.entity
        self.i = i + 1
        own = [c for c in chunk.columns if c.table == entity.table.name]
        roles = [r for r in chunk.roles if r.child.table == entity.table.name]
        if roles or own:
            self.add(
                entity,
                exp.Is(
                    this=entity.column(roles[0].child if roles else self.only(own, chunk.text)), expression=exp.Null()
                ),
            )
        elif chunk.tables:
            table = self.only(chunk.tables, chunk.text)
            path = self.path(entity, table, chunk.text)
            if not path or path[0].up:
                if len(path) != 1:
                    raise _UnclearError("It is unclear what there is none of.", chunk.text)
                self.add(entity, exp.Is(this=entity.column(path[0].key.child), expression=exp.Null()))
                return
            self.entity = self.at_end(entity, path, fresh=True)
            self.entity.scope.negated = True
        else:
            raise _UnclearError("It is unclear what there is none of.", chunk.text)

    def relation(self, chunk: Chunk) -> None:
        """Read another table: its rows must exist, or not; the conditions after it are about these."""
        table = self.only(chunk.tables, chunk.text)
        if table is self.base.table:
            self.entity = self.base
        elif table is not self.entity.table:
            path = self.path(self.entity, table, chunk.text)
            down = not all(s.up for s in path)
            self.whole(down and not self.negated, chunk.text)
            self.entity = self.at_end(self.entity, path, fresh=down)
            if down and self.negated:
                self.entity.scope.negated, self.negated = True, False
        self.keyed(self.entity)

    def keyed(self, entity: _Entity) -> None:
        """Read the number that a row is known by: "order 12"."""
        key, after = entity.table.primary_key, self.at(self.i)
        if after.number is not None and after.plain and not after.words and not self.at(self.i + 1)["after"] and key:
            if key.kind != NUMBER or self.plural():
                raise _UnclearError("It is unclear what that number is.", after.text)
            self.compare(entity, key, "=", after.number)
            self.i += 1

    def role(self, chunk: Chunk, i: int) -> bool:
        """Read a foreign key by its own name, and the row that it leads to."""
        roles = [r for r in chunk.roles if r.child.table == self.entity.table.name]
        if len(roles) != 1 or not self.at(i + 1).values:
            return False
        entity = self.at_end(self.entity, (Step(roles[0], up=True),))
        while self.at(self.i).values:
            mine = [c for c, _ in self.at(self.i).values if c.table == entity.table.name]
            self.valued(entity, [self.only(mine, self.at(self.i).text)], [self.at(self.i)], every=False)
            self.i += 1
        return True

    def column_condition(self, chunk: Chunk) -> None:  # noqa: C901, PLR0912
        """Read a column and what it is compared with."""
        columns = list(chunk.columns)
        if self.at(self.i)["not"]:
            self.negated, self.i = True, self.i + 1
        i, after, then = self.i, self.at(self.i), self.at(self.i + 1)
        if after.values and (not after.columns or any(c in columns for c, _ in after.values)):
            if not (mine := [c for c, _ in after.values if c in columns]):
                raise _UnclearError(f"It is no known value of {chunk.text}.", after.text)
            kept, self.chunks = (
                self.chunks,
                [attrs.evolve(c, values=tuple(v for v in c.values if v[0] in mine)) for c in self.chunks],
            )
            self.read_values(i)
            self.chunks = kept
            return
        col, path = self.best(self.entity, columns, chunk.text, up=True)
        entity = self.at_end(self.entity, path)
        this = entity.column(col)
        figure = col.kind == NUMBER and not (self.catalog.is_key(col) and after["than"] != "=")
        self.i += 1
        if after["missing"] or after["present"]:
            null: exp.Expr = exp.Is(this=this, expression=exp.Null())
            self.add(entity, null if bool(after["missing"]) is not self.negated else exp.Not(this=null))
        elif after["between"] and figure:
            self.between(col, entity)
        elif after.date and col.kind in {DATE, NUMBER}:
            self.dated(entity, col, after)
        elif after["than"] and then.number is not None and figure:
            self.i += 1
            self.compare(entity, col, after["than"] or "", then.number)
        elif after["than"] in {"=", "!="} and (then.quoted or then.values):
            self.i += 1
            self.text(entity, col, after["than"] or "=", then)
        elif after.number is not None and after.plain and (figure or self.catalog.is_key(col)):
            self.i += bool(then["after"])
            self.compare(entity, col, then["after"] or "=", after.number)
        elif after.quoted:
            self.text(entity, col, "=", after)
        elif kind := next((k for k in ("contains", "starts", "ends") if after[k] and then.quoted), None):
            self.i += 1
            self.like(entity, col, kind, then.text)
        elif (self.at(i - 2)["an"] or self.at(i - 2)["with"]) and self.ends(i):
            self.i = i
            self.add(entity, exp.Not(this=exp.Is(this=this, expression=exp.Null())))
        else:
            raise _UnclearError(f"It is unclear what is said of {col.ref}.", chunk.text)

    def ends(self, i: int) -> bool:
        return i >= len(self.chunks) and self.at(i - 2)["an"] is not None

    def text(self, entity: _Entity, col: Column, op: str, chunk: Chunk) -> None:
        known = [v for c, v in chunk.values if c is col]
        if col.kind not in {TEXT, DATE} or not (known or chunk.quoted):
            raise _UnclearError(f"It is no known value of {col.ref}.", chunk.text)
        self.compare(entity, col, op, known[0] if known else chunk.text)

    def like(self, entity: _Entity, col: Column, kind: str, text: str) -> None:
        text = text.casefold().replace("%", "")
        pattern = {"contains": f"%{text}%", "starts": f"{text}%", "ends": f"%{text}"}[kind]
        like = exp.Like(this=exp.Lower(this=entity.column(col)), expression=exp.Literal.string(pattern))
        self.add(entity, exp.Not(this=like) if self.negated else like)

    def named(self, chunk: Chunk) -> None:
        self.i += 1
        self.text(self.entity, self.only(self.entity.table.labels, chunk.text), "=", chunk)

    def show_more(self, i: int) -> None:
        """Read columns to show besides those of the rows."""
        self.i = i
        while self.at(self.i).columns:
            chunk = self.at(self.i)
            col, path = self.best(self.base, chunk.columns, chunk.text, up=True)
            if path:
                alias = "_".join((*self.table(col.table).words, *col.words))
                self.shown.append(_Shown(self.at_end(self.base, path).column(col), alias, col.ref))
            self.i += 1
            if not (self.at(self.i)["and"] or self.at(self.i)["comma"]):
                break
            self.i += 1

    def further_measure(self, i: int) -> None:
        self.i = i + 1
        chunk, after = self.at(i), self.at(i + 1)
        if chunk["count"] and self.base.table in after.tables:
            self.measures.append(self.count(self.base))
        elif chunk["count"] or not after.columns:
            raise _UnclearError("It asks for figures of different tables at once.", after.text)
        else:
            function = next(k for k in chunk.words if k in _AGGREGATES)
            self.measures.append(self.aggregate(function, self.own(after, self.base), self.base))
        self.i += 1

    def sort(self, i: int) -> None:
        chunk = self.at(i)
        self.i = i + 1
        if chunk["count"]:
            if not self.measures or self.base.table not in self.at(self.i).tables:
                raise _UnclearError("It cannot be sorted by that.", self.at(self.i).text)
            self.order, self.i = (None, True), self.i + 1
            return
        if self.measures:
            if not any(c.name in m.said for m in self.measures for c in chunk.columns):
                self.sort_groups(chunk)
                return
            self.order = (None, False)
            return
        self.order = (self.base.column(self.own(chunk, self.base)), False)

    def sort_groups(self, chunk: Chunk) -> None:
        for groups in self.group_chunks:
            if groups[0].columns and any(c in chunk.columns for c in groups[0].columns):
                col = self.own(chunk, self.base)
                self.order = (exp.Column(this=exp.to_identifier(col.name)), False)
                return
        raise _UnclearError("It cannot be sorted by that.", chunk.text)

    def direct(self, chunk: Chunk) -> None:
        descending = bool(chunk["desc"])
        if self.order:
            self.order = (self.order[0], descending)
        elif "alphabet" in chunk.text and self.everything:
            self.order = (self.base.column(self.only(self.base.table.labels, chunk.text)), False)
        else:
            raise _UnclearError("It is unclear what to sort by.", chunk.text)

    # -- the SQL -----------------------------------------------------------------------------------------------

    def readings(self) -> Iterator[Reading]:
        """Yield the SQL of the question, then other readings to try if that was rated bad."""
        yield self.reading(self.select())
        first = True
        for tree in (self.main_columns(), self.distinct_count(), self.any_case()):
            if tree is not None:
                yield self.reading(tree, alternative=first or True)

    def reading(self, tree: exp.Select, *, alternative: bool = False) -> Reading:
        explanation = self.explanation()
        if alternative:
            explanation += " An earlier reading was rated bad, so this is another one."
        return Reading(
            render(tree, self.catalog, self.dialect), explanation, self.base.table.schema_id, self.context_id
        )

    def select(self) -> exp.Select:
        scope, measures = self.base.scope, self.measures
        conditions = scope.conditions()
        if self.percent:
            if len(conditions) != 1:
                raise _UnclearError("A percentage needs a condition to take the share of.")
            case = exp.Case().when(exp.and_(*conditions), number(100.0)).else_(number(0.0))
            measures = [_Shown(exp.Avg(this=case), "percentage", f"the percentage of {self.base.table.name}")]
            self.measures = measures
        groups = self.groups
        if groups and not measures:
            raise _UnclearError("It is unclear what figure is asked for.")
        shown: list[exp.Expr] = [self.named_as(s) for s in (*groups, *measures)]
        if not shown:
            all_columns = exp.Column(this=exp.Star(), table=exp.to_identifier(scope.alias))
            shown = [all_columns] if self.everything or not self.shown else []
            shown += [self.named_as(s) for s in self.shown]
        query = scope.select(*shown, with_conditions=not self.percent)
        if self.distinct and not measures and not self.everything:
            query = query.distinct()
        if groups:
            keys = [k.copy() for g in groups for k in (*g.keys, *(() if g.grain else (g.expression,)))]
            query = query.group_by(*keys)
        if self.having:
            op, value = self.having
            query = query.having(COMPARISONS[op](this=measures[0].expression.copy(), expression=number(value)))
        return self.plain(self.sorted(query, groups, measures))

    def sorted(self, query: exp.Select, groups: list[_Shown], measures: list[_Shown]) -> exp.Select:
        by: list[exp.Expr] = []
        descending = self.order[1] if self.order else False
        if self.order and self.order[0] is not None:
            by = [self.order[0].copy()]
        elif groups and not self.order and any(g.grain for g in groups):
            by = [exp.Column(this=exp.to_identifier(self.name(g))) for g in groups]
        elif groups:
            descending = self.order[1] if self.order else True
            by = [exp.Column(this=exp.to_identifier(measures[0].name))]
        if by:
            query = query.order_by(
                *(exp.Ordered(this=b, desc=descending or None, nulls_first=not descending) for b in by)
            )
        return query.limit(self.limit) if self.limit else query

    def name(self, shown: _Shown) -> str:
        same = [s for s in (*self.groups, *self.measures, *self.shown) if s.name == shown.name]
        table = self.catalog.table(shown.said.partition(".")[0])
        return f"{'_'.join(table.words)}_{shown.name}" if len(same) > 1 and table else shown.name

    def named_as(self, shown: _Shown) -> exp.Expr:
        name = self.name(shown)
        if isinstance(shown.expression, exp.Column) and shown.expression.name == name:
            return shown.expression.copy()
        return exp.alias_(shown.expression.copy(), exp.to_identifier(name))

    def plain(self, tree: exp.Select) -> exp.Select:
        """Leave out the tables' names where there is one table only."""
        if len(list(tree.find_all(exp.Table))) == 1:
            for col in tree.find_all(exp.Column):
                if isinstance(col.this, exp.Star):
                    col.replace(exp.Star())
                else:
                    col.set("table", None)
        return tree

    def main_columns(self) -> exp.Select | None:
        table = self.base.table
        main = [
            c for c in table.columns if c in table.labels or (c.kind in {TEXT, BOOL} and c.values) or c.kind == BOOL
        ]
        if not main or not self.everything or self.shown or self.measures:
            return None
        self.shown, self.everything = [_Shown(self.base.column(c), c.name, c.ref) for c in main], False
        tree = self.select()
        self.shown, self.everything = [], True
        return tree

    def distinct_count(self) -> exp.Select | None:
        key = self.base.table.primary_key
        if len(self.measures) != 1 or self.measures[0].expression != exp.Count(this=exp.Star()) or key is None:
            return None
        kept = self.measures
        counted = exp.Count(this=exp.Distinct(expressions=[self.base.column(key)]))
        self.measures = [attrs.evolve(kept[0], expression=counted)]
        tree = self.select()
        self.measures = kept
        return tree

    def any_case(self) -> exp.Select | None:
        tree = self.select()
        equal = [
            e
            for e in tree.find_all(exp.EQ, exp.NEQ)
            if isinstance(e.expression, exp.Literal) and e.expression.is_string
        ]
        for e in equal:
            e.set("this", exp.Lower(this=e.this.copy()))
            e.set("expression", exp.Literal.string(e.expression.name.casefold()))
        return tree if equal else None

    def explanation(self) -> str:
        """Return which tables, columns and conditions the SQL uses, and what was assumed."""
        if self.measures:
            text = " and ".join(m.said for m in self.measures)
        elif self.shown and not self.everything:
            text = (
                f"the {'different values' if self.distinct else 'values'} of {', '.join(s.said for s in self.shown)}"
            )
        else:
            text = f"all columns of {self.base.table.name}"
        parts = [text[:1].upper() + text[1:]]
        if self.groups:
            parts.append(f"for each {' and '.join(g.said for g in self.groups)}")
        if conditions := self.base.scope.conditions():
            parts.append(f"where {' and '.join(self.plain_sql(c) for c in conditions)}")
        if self.having:
            parts.append(f"only where that figure is {self.having[0]} {self.having[1]}")
        if self.order:
            by = self.order[0].sql() if self.order[0] is not None else "the figure"
            parts.append(f"sorted by {by}, {'largest' if self.order[1] else 'smallest'} first")
        if self.limit:
            parts.append(f"the first {self.limit}")
        notes = f" Assumed: {'; '.join(dict.fromkeys(self.notes))}." if self.notes else ""
        return f"{', '.join(parts)}.{notes}"

    def plain_sql(self, condition: exp.Expr) -> str:
        return condition.sql()


def said(col: Column) -> str:
    """Return a column's name as part of another name."""
    return "_".join(re.findall(r"[^\W_]+", col.name.casefold()))


def named_first(chunks: Sequence[Chunk], tables: Sequence[Table]) -> bool:
    """Whether one of the tables is named in some chunks."""
    return any(t in chunk.tables for chunk in chunks for t in tables)


_UNIQUE: Final = frozenset(["email", "phone", "address", "fax"])
_END: Final = Chunk("")
