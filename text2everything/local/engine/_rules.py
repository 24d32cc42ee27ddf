"""Rules that turn a question into SQL: every word of it must be explained, or there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import attrs
import sqlglot
from sqlglot import exp

from text2everything.local.engine._catalog import (
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
from text2everything.local.engine._chunks import Chunk, Lexicon
from text2everything.local.engine._conditions import Conditions
from text2everything.local.engine._definitions import Term, read_terms
from text2everything.local.engine._query import AGGREGATES, Entity, Reading, Shown, UnclearError, said
from text2everything.local.engine._sql import NoSqlError, check, is_query_itself, number
from text2everything.local.engine._words import stem, word_set

if TYPE_CHECKING:
    import datetime as dt

_LONGEST: Final = 2_000
_MANY: Final = 10
_BIRTH: Final = word_set("birth birthdate birthday born")
_UNIQUE: Final = word_set("email phone address fax")


@attrs.frozen
class Failure:
    """Why a question is not understood: the words that were lacking, and known names like them."""

    reason: str
    unknown: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [self.reason] if self.reason else []
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
        parser = _Parser(lexicon.catalog, lexicon.chunks(question, today), dialect)
        parser.parse()
        readings = dict.fromkeys(parser.readings())
    except UnclearError as error:
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


class _Parser(Conditions):
    """Reads the noun that a question is about, what comes before it, and figures that rank it."""

    def __init__(self, catalog: Catalog, chunks: list[Chunk], dialect: str) -> None:
        super().__init__(catalog, chunks, dialect)
        self.aggs: list[str] = []
        self.counted = self.who = False
        self.rank: tuple[str, bool, int | None, str] | None = None  # kind, descending, how many, as written

    def parse(self) -> None:
        unknown = [
            c.text
            for c in self.chunks
            if c.plain and not c.words and not c.date and c.number is None and not c.quoted
        ]
        if unknown:
            known = any(not c.plain for c in self.chunks)
            raise UnclearError("" if known else "No known table, column or value is named in it.", *unknown)
        if not self.chunks or (all(c.plain for c in self.chunks) and len(self.catalog.tables) != 1):
            raise UnclearError("No known table, column or value is named in it.")
        if self.at(0).text.casefold() == "where":
            raise UnclearError("It is unclear what is asked for.", self.at(0).text)
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
                self.aggs.append(next(k for k in chunk.words if k in AGGREGATES))
            elif chunk["distinct"] and chunk.plain:
                self.distinct = True
            elif kind := next(
                (k for k in ("super", "newest", "youngest", "hint", "top") if chunk[k] and chunk.plain), None
            ):
                size = int(after.number) if after.number is not None and after.plain else None
                self.i += size is not None
                if self.rank and self.rank[2] is None:
                    raise UnclearError("It is unclear what to rank.", chunk.text)
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
                self.i = i
                dates = [c for c in chunk.columns if c.kind == DATE]
                self.ask(self.table(self.only(dates, chunk.text).table), modifiers)
                return
            elif not chunk.plain or self.grain(chunk):
                self.head(i, modifiers)
                return
            elif not (chunk["with"] or chunk["their"] or chunk["an"]):
                raise UnclearError("It is unclear what is asked for.", chunk.text)
        self.headless(modifiers)

    def adjective(self, chunk: Chunk) -> bool:
        """Whether a term only adds a condition to a noun that follows."""
        term = chunk.terms[0]
        table = self.catalog.table(term.table)
        return term.condition is not None and (table is None or term.words[-len(table.words) :] != table.words)

    def headless(self, modifiers: list[int]) -> None:
        """Take the table of the only value named, or the only table there is, as what is asked about."""
        values = [self.at(i) for i in modifiers if self.at(i).values]
        tables = [self.catalog.tables[0].name] if len(self.catalog.tables) == 1 else []
        for chunk in values[:1]:
            tables = [c.table for c, _ in chunk.values if c not in self.table(c.table).labels]
        if len(tables) != 1 or self.aggs:
            raise UnclearError("It is unclear what is asked for.", *(self.at(i).text for i in modifiers))
        self.ask(self.table(tables[0]), modifiers)

    def ask(self, table: Table, modifiers: list[int]) -> None:
        """Ask for the rows of a table, or for their number."""
        self.start(table)
        self.rows(self.base)
        self.finish(modifiers)

    def head(self, i: int, modifiers: list[int]) -> None:  # noqa: C901, PLR0912
        """Read the noun that the question is about, and all after it."""
        chunk = self.at(i)
        if chunk.verb and not (self.who and chunk.roles):
            raise UnclearError("It is unclear what is asked for.", chunk.text)
        if self.grain(chunk) and chunk.plain:
            if self.regroup(chunk, modifiers):
                return
            raise UnclearError("It is unclear what is asked for.", chunk.text)
        if self.counted and self.aggs not in ([], ["sum"], ["avg"]):
            raise UnclearError("Figures of counts are not understood.", *self.aggs)
        if chunk.terms:
            term = self.only(chunk.terms, chunk.text)
            self.start(self.table(term.table))
            if term.measure is not None:
                self.measures.append(self.term_measure(term))
            else:
                self.rows(self.base)
                self.defined(term, self.base)
            self.finish(modifiers)
            return
        if chunk.tables and not (chunk.columns and self.aggs):
            table = self.only(chunk.tables, chunk.text)
            if self.aggs and not self.counted:
                totals = [c for c in table.columns if c.words == ("total",)]
                if totals and self.at(i - 1).text.casefold() == "total of":
                    self.start(table)
                    listed = self.at(i - 2)["and"] or self.at(i - 2)["comma"]
                    # "The average total of orders" is of that column, and no sum.
                    functions = self.aggs if listed else self.aggs[:-1] or ["sum"]
                    self.measures += [self.aggregate(function, totals[0], self.base) for function in functions]
                    self.finish(modifiers)
                    return
                if self.aggs == ["avg"] and any(c["per"] for c in self.chunks[self.i :]):
                    self.counted = True
                elif self.aggs != ["sum"] or totals:
                    raise UnclearError(f"There is no column of {table.name} named to calculate with.", chunk.text)
                else:
                    self.counted, self.aggs = True, []
            self.ratio = self.aggs == ["avg"]
            if not self.counted and self.regroup(chunk, modifiers):
                return
            self.ask(table, modifiers)
            return
        if chunk.columns and not self.counted and not self.aggs and self.regroup(chunk, modifiers):
            return
        self.columns_head(i, modifiers)

    def columns_head(self, i: int, modifiers: list[int]) -> None:  # noqa: C901, PLR0912
        """Read the columns that are asked for, or that figures are asked of."""
        heads = [self.at(i)]
        while (self.at(self.i)["and"] or self.at(self.i)["comma"] or self.at(self.i)["their"]) and self.next_column():
            heads.append(self.at(self.i - 1))
        if self.counted and self.aggs == ["avg"]:
            raise UnclearError("Figures of counts are not understood.", heads[0].text)
        roles = heads[0].roles
        if self.who and len(roles) == 1 and self.at(self.i).values:
            self.role_head(roles[0], i, modifiers)
            return
        if roles and not heads[0].columns:
            raise UnclearError("It is unclear what is asked for.", heads[0].text)
        named = [t for c in self.chunks[i + 1 :] for t in c.tables if not c.verb]
        if named and not self.aggs:
            self.no_adjective(i, modifiers)
        tables = self.tables_of(heads, named)
        self.start(tables)
        ranked_max = self.rank and self.rank[0] in {"super", "newest"} and self.rank[2] is None and not self.counted
        if ranked_max and self.rank and not self.aggs and not named_first(self.chunks[:i], named):
            if self.who:
                col = self.own(heads[0], self.base)
                self.ordered(col, self.rank[1])
                self.rank, self.shown = None, []
                self.finish(modifiers)
                return
            dated = self.rank[0] == "newest" and stem(heads[0].text.split()[-1]) not in {"date", "time", "day"}
            if self.at(self.i).tables or dated:
                raise UnclearError("It is unclear what to rank.", self.rank[3])
            self.aggs, self.rank = ["max" if self.rank[1] else "min"], None
        elif heads[0].text.casefold().startswith("total ") and heads[0].columns and not self.counted:
            self.aggs = self.aggs or ["sum"]
        for chunk in heads:
            labels = self.base.table.labels
            if not (self.counted or self.aggs) and len(labels) > 1 and all(c in chunk.columns for c in labels):
                self.shown += [Shown(self.base.column(c), c.name, c.ref) for c in labels]
                continue
            col, path = self.best(self.base, chunk.columns, chunk.text, up=True)
            entity = self.at_end(self.base, path)
            if self.counted:
                if path or col.kind == NUMBER:
                    raise UnclearError("It is unclear what to count.", chunk.text)
                counted = exp.Count(this=exp.Distinct(expressions=[entity.column(col)]))
                self.measures.append(Shown(counted, f"{said(col)}_count", f"the number of different {col.ref}"))
            elif self.aggs:
                self.measures += [self.aggregate(function, col, entity) for function in self.aggs]
            else:
                alias = "_".join((*self.table(col.table).words, *col.words)) if path else col.name
                self.shown.append(Shown(entity.column(col), alias, col.ref))
                self.subject = (
                    col if len(heads) == 1 and not path and col in self.catalog.measures(self.base.table) else None
                )
                plain = col.kind == TEXT and not path and col not in self.base.table.labels
                self.distinct |= len(heads) == 1 and plain and not set(col.words) & _UNIQUE
        self.finish(modifiers)

    def no_adjective(self, i: int, modifiers: list[int]) -> None:
        """Refuse a column that describes the rows after it: "shipped orders" and "high priority tickets"."""
        head, before = self.at(i), self.at(i - 1)
        if head.participle:
            raise UnclearError("It is unclear which rows that means.", head.text)
        last = head.text.casefold().split()[-1]
        if before.values and i - 1 in modifiers and self.at(self.i).tables and stem(last) == last:
            raise UnclearError(f"It is no known value of {head.text}.", before.text)

    def role_head(self, link: ForeignKey, i: int, modifiers: list[int]) -> None:
        """Read "who reports to Ann", which asks for rows, or "who is the manager of Bob", for what they refer to."""
        self.start(self.table(link.child.table))
        if link.child.words[-1] in {"to", "by"}:
            self.i = i
            self.rows(self.base)
        else:
            parent = self.at_end(self.base, (Step(link, up=True),))
            self.shown += [Shown(parent.column(c), c.name, c.ref) for c in parent.table.labels]
        self.finish(modifiers)

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
            raise UnclearError(f"Several tables have it: {', '.join(sorted(common))}.", *words)
        raise UnclearError("It is unclear which table that is asked of.", *words)

    def regroup(self, head: Chunk, modifiers: list[int]) -> bool:
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
                aggs += [] if self.at(j)["count"] else [next(w for w in self.at(j).words if w in AGGREGATES)]
                j += 1
            if not self.rank_by(head, self.at(j), counted, aggs):
                continue
            if not descending and not having and head.tables and (counted or self.at(j).tables):
                raise UnclearError("Rows without any cannot be ranked.", chunk.text)
            single = 1 if chunk["super"] else None
            if not having:
                self.order = (None, descending)
                self.limit = self.rank[2] if self.rank and self.rank[2] else single or (_MANY if self.rank else None)
            self.having, self.rank = having, None
            self.tail_part(self.i, k, self.group_entity)
            self.i = j + 1
            self.modify(modifiers, self.group_entity)
            self.finish([])
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
                raise UnclearError("It is unclear what to rank.", by.text)
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

    def term_measure(self, term: Term) -> Shown:
        assert term.measure is not None  # noqa: S101
        if self.aggs == ["avg"] and any(c["per"] for c in self.chunks[self.i :]):
            self.ratio = True
        elif self.aggs not in ([], ["sum"]) or self.counted:
            raise UnclearError("It is defined as a figure already.", " ".join(term.words))
        self.aggs, self.context_id = [], self.context_id or term.context_id
        if term.context_id:
            self.notes.append(term.source)
        name = "_".join(term.words)
        return Shown(
            self.placed(term.measure, self.base), name, f"{' '.join(term.words)} as defined, from {term.table}"
        )

    def rows(self, entity: Entity) -> None:
        """Ask for the number of rows or for the rows."""
        self.keyed(entity)
        if self.counted and not self.percent:
            self.measures.append(self.count(entity))
            self.counted = False
        else:
            self.everything = not self.percent

    def finish(self, modifiers: list[int]) -> None:
        if self.group_chunks:
            self.count_rows(self.group_chunks[0][0])
        self.modify(modifiers, self.base)
        self.apply_rank()
        self.tail_part(self.i, len(self.chunks), self.base)
        for chunk, of in self.group_chunks:
            self.group(chunk, of)
        if self.verbs and not self.related:
            raise UnclearError("It is unclear what that is about.", *self.verbs)
        if self.ratio:
            self.divide()
        if self.percent and (self.measures or self.groups or self.aggs or self.shown or self.order or self.limit):
            raise UnclearError("Only the percentage of rows that meet a condition is understood.")

    def modify(self, modifiers: list[int], entity: Entity) -> None:
        """Apply the conditions before the noun."""
        kept, end, skip = self.chunks, self.i, self.skip
        self.chunks, self.skip = [kept[i] for i in modifiers], set()
        self.tail_part(0, len(self.chunks), entity)
        self.chunks, self.i, self.skip = kept, end, skip

    def divide(self) -> None:
        """Turn an average number of rows per group into one figure."""
        if len(self.group_chunks) != 1 or len(self.measures) != 1 or not self.groups[0].keys:
            raise UnclearError("An average number needs to be told over what: per customer, say.")
        over = exp.Count(this=exp.Distinct(expressions=[self.groups[0].keys[0].copy()]))
        figure = self.measures[0]
        quotient = exp.Div(this=exp.Mul(this=figure.expression, expression=number(1.0)), expression=over)
        one = self.group_chunks[0][0].text.casefold()
        name = f"{figure.name}_per_{'_'.join(stem(word) for word in one.split())}"
        self.measures = [Shown(quotient, name, f"{figure.said} per {one}, of those that have any")]
        self.groups = []

    def apply_rank(self) -> None:
        """Sort by what a superlative before the noun is about."""
        if self.rank is None:
            return
        kind, descending, size, text = self.rank
        table, col = self.base.table, None
        if self.measures or self.percent:
            raise UnclearError("It is unclear what to rank.", text)
        self.limit = size
        if kind == "number":
            return
        if kind == "top":
            col = self.top_column()
        elif kind == "hint":
            col = self.hinted(text, table)
        elif kind in {"newest", "youngest"}:
            born = [c for c in table.columns if c.kind == DATE and set(c.words) & _BIRTH]
            text = text.casefold()
            if "young" in text or (text == "oldest" and born):
                col, descending = self.only(born, text), "young" in text
            elif text == "oldest" and ("first", "name") in [c.words for c in table.columns]:
                raise UnclearError("It is unclear what makes one old.", text)
            else:
                col = self.date_column(self.base, text, newest=text != "oldest")
        else:
            col = self.figure(table, text) if text.casefold() not in {"most", "least", "fewest"} else None
        if col is None:
            raise UnclearError("It is unclear what to rank.", text)
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


def named_first(chunks: Sequence[Chunk], tables: Sequence[Table]) -> bool:
    """Whether one of the tables is named in some chunks."""
    return any(t in chunk.tables for chunk in chunks for t in tables)
