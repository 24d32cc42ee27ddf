"""Parsing a question into an `Intent`."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from text2everything.local.engine._catalog import DATE, NUMBER, TEXT, Catalog, Column, Table
from text2everything.local.engine._grammar import HARMLESS
from text2everything.local.engine._intent import (
    Compare,
    Condition,
    Failure,
    Group,
    Intent,
    Measure,
    Related,
    Within,
    tables_of,
)
from text2everything.local.engine._lexicon import Lexicon, Mention
from text2everything.local.engine._ranking import Ranking
from text2everything.local.engine._reader import UnreadableError
from text2everything.local.engine._words import FILLERS, NEGATIONS, clean

# How well a column must fit to be grouped by without being asked to, and to be shown next to a date.
_LIKELY: Final = 0.7
_CERTAIN: Final = 0.9
_LONGEST: Final = 2000
# Operators that change the answer: none of them may be left over.
_DECISIVE: Final = (
    "aggregate",
    "percent",
    "top",
    "most",
    "price",
    "paid",
    "popular",
    "recent",
    "compare",
    "between",
    "not",
    "out of",
)


def parse(question: str, catalog: Catalog, lexicon: Lexicon, today: dt.date) -> Intent | Failure:
    """Parse a question; a `Failure` names the words that were not understood."""
    if len(question) > _LONGEST:
        return Failure(f"The question is longer than {_LONGEST} characters.")
    return _Parser(clean(question), catalog, lexicon, today).parse()


class _Parser(Ranking):
    """Runs the parsing steps in order and assembles the `Intent`."""

    def parse(self) -> Intent | Failure:
        if not self.catalog.tables:
            return Failure("No tables are described in this project's schema metadata.")
        if not self.tokens:
            return Failure("There is no question in it.")
        try:
            self._read_pieces()
            intent = self._assemble()
        except UnreadableError as error:
            return Failure(str(error))
        unknown = self._unknown()
        if unknown:
            return Failure("Part of the question was not understood.", unknown)
        return intent

    def _read_pieces(self) -> None:
        self._read_named()
        self._read_comparisons()
        self._read_sort()
        self._read_ranking()
        self._read_groups()
        self._read_aggregates()
        self._read_terms()
        self._share_out()
        self._read_values()
        self._read_keys()
        self._read_literals()

    def _assemble(self) -> Intent:
        self.vague = next(iter(self._ops("vague")), None)
        self._take(*self._ops("vague"))
        percent = next(iter(self._ops("percent")), None)
        self._take(percent)
        main = self._subject()
        # "how many are active": the counted table is known only now
        self._set_measure_tables(main)
        self._rank(main)
        self._resolve_by()
        self._set_measure_tables(main)  # of a count after "by"
        table = self.measures[0].table if self.measures else main.name
        self._apply_direction()
        columns, distinct = self._projection(table)
        if not columns and not self.measures and self._ops("when"):
            # "when was order 5 placed"
            self._take(*self._ops("when"))
            columns = (self._date_column(table),)
        self._take_tables(table)
        if self.vague and not columns and not self.groups and not percent:
            self._summarise(self._table(table))
            table = self.measures[0].table if self.measures else table
        table = self._settle_money(table)
        conditions, related = self._place_conditions(table)
        if percent and not self.measures:
            self.measures = [Measure("count", table)]
        return Intent(
            table=table,
            columns=columns,
            everything=self.everything,
            distinct=distinct,
            measures=tuple(self.measures),
            groups=tuple(self.groups),
            conditions=conditions,
            related=related,
            percent=percent is not None,
            having=self.having,
            order=self.order,
            limit=self.limit,
            notes=tuple(dict.fromkeys(self.notes)),
            vague=self.vague is not None,
            context_id=self.context_id,
        )

    def _set_measure_tables(self, main: Table) -> None:
        self.measures = [m if m.table else attrs.evolve(m, table=main.name) for m in self.measures]

    def _apply_direction(self) -> None:
        """As in "orders by amount, ascending"."""
        direction = next(iter(self._ops("direction")), None)
        if direction is not None and self.order is not None:
            self._take(direction)
            self.order = attrs.evolve(self.order, descending=direction.arg == "desc")

    def _projection(self, table: str) -> tuple[tuple[Column, ...], bool]:
        """The columns a listing asks for by name, and whether each value is wanted once."""
        distinct = self._ops("distinct")
        self._take(*distinct)
        asked = [(m, c) for m in self.mentions if self._free(m) and (c := self._asked_column(m))]
        columns = list(dict.fromkeys(column for _, column in asked))
        if self.measures or self.groups:
            for column in columns:
                self._group_by_column(self._within_reach(column))
            return (), False
        if not columns:
            return (), False
        mention, first = asked[0]
        subject = next((m for m in self.mentions if m.of("table")), None)
        also = self._previous_op(mention.start, "with")
        if also is not None and subject and subject.end <= also.start:
            # "orders with their customer names": that as well as all the rest
            self.everything = True
            return tuple(c for c in columns if c.table != table), False
        leads = subject is None or mention.start < subject.start
        if bool(distinct) or (leads and len(columns) == 1 and self._many(first, alone=subject is None)):
            return tuple(columns), True
        if not leads and first.table == table and not any(c.is_id for c in columns):
            # "customers' emails", "orders and their status": which ones they are is shown as well
            columns = [*(c for c in self._table(table).labels if c not in columns), *columns]
        return tuple(columns), False

    def _many(self, column: Column, *, alone: bool) -> bool:
        """Whether a column has each of its values in many rows, so that a list of them wants each once."""
        named = column in self._table(column.table).labels
        return column.categorical or (alone and column.kind == TEXT and not named and not self.conditions)

    def _asked_column(self, mention: Mention) -> Column | None:
        """Read a mention as a column to show, unless it tells which rows: "without email", "created in May"."""
        column = None if mention.of("table", "term") else self._column(mention)
        if column is None or self._says_date(mention, column) or self._says_missing(mention, column):
            return None
        strength = next(e.strength for e in mention.entities if e.column is column)
        if self.groups or (self.measures and not (strength >= _LIKELY and column.categorical)):
            return None  # left over: it will be said that it was not understood
        self._take(mention)
        return column

    def _says_date(self, mention: Mention, column: Column) -> bool:
        """Whether it only tells which date is meant; one that tells of another date is left over."""
        strength = next(e.strength for e in mention.entities if e.column is column)
        dated = bool(self.dates) or (self.ranked is not None and self.ranked[0] == "recent")
        if not dated or column.kind != DATE or strength >= _CERTAIN:
            return False
        if column is self._date_column(column.table):
            self._take(mention)
        return True

    def _says_missing(self, mention: Mention, column: Column) -> bool:
        """Whether it asks for rows that have something there, or nothing."""
        if negated := self._negation_before(mention.start):
            self._take(mention, negated)
            self._add(mention.start, Compare((column,), "null"))
            return True
        with_op = self._previous_op(mention.start, "with")
        if with_op is None or column.kind == NUMBER or not self._between(with_op.end, mention.start):
            return False
        if self.measures or {t.lower for t in self.tokens[with_op.end : mention.start]} & {"a", "an", "any"}:
            self._take(mention, with_op)
            self._add(mention.start, Compare((column,), "not null"))
            return True
        return False

    def _take_tables(self, table: str) -> None:
        """Take the tables named, and require rows of those that do not just say where the columns are."""
        grouped = {g.column.table for g in self.groups}
        measured = {m.table for m in self.measures}
        for mention in self.mentions:
            entity = self._best(mention, "table", "verb")
            if entity is None:
                continue
            own = entity.table == table or entity.table in measured
            was_free = self._free(mention)
            negated = self._negation_before(mention.start) if not own or entity.kind == "verb" else None
            self._take(mention)
            if negated is not None and entity.table != table:
                self._take(negated)
                self.related.append((mention.start, Related(entity.table, present=False)))
            elif was_free and not own and entity.table not in grouped and self._needs_rows(table, entity.table):
                self.related.append((mention.start, Related(entity.table)))

    def _needs_rows(self, table: str, other: str) -> bool:
        """Whether naming another table asks for its rows: not if each row of the first has one anyway."""
        if any(r.table == other for _, r in self.related):
            return False
        return self.catalog.path(table, other) is None and self.catalog.path(table, other, fan_out=True) is not None

    def _place_conditions(self, table: str) -> tuple[tuple[Condition, ...], tuple[Related, ...]]:
        """Assign each condition to the main table or to a related one, depending on which has its column."""
        related = dict(self.related)
        self._date_conditions(table, related)
        own: list[Condition] = []
        for at, condition in sorted(self.conditions, key=lambda pair: pair[0]):
            names = tables_of(condition)
            if any(self.catalog.path(table, name) is not None for name in names):
                own.append(condition)
                continue
            for place, other in related.items():
                if any(self.catalog.path(other.table, name) is not None for name in names):
                    related[place] = attrs.evolve(other, conditions=(*other.conditions, condition))
                    break
            else:
                if self.catalog.path(table, names[0], fan_out=True) is None:
                    msg = f"Nothing links {table} and {names[0]}."
                    raise UnreadableError(msg)
                related[at] = Related(names[0], conditions=(condition,))
        return tuple(own), tuple(related.values())

    def _date_conditions(self, table: str, related: dict[int, Related]) -> None:
        if not self.dates:
            return
        at = next((i for i, t in enumerate(self.tokens) if t.start >= self.dates[0].at[0]), len(self.tokens))
        mention = self._previous(at, reach=2)
        column = self._column(mention, date=True)
        name = table
        for place, other in related.items():
            if other.present and place < at and self._dated(other.table):
                name = other.table
        for other in related.values():
            # "customers who have not ordered this year" dates the orders, not the customers
            if not other.present and self._dated(other.table):
                name = other.table
        column = column or self._date_column(name)
        bounded = tuple((r.start, r.end) for r in self.dates if r.start and r.end)
        self.notes += [r.note for r in self.dates if r.note]
        conditions = [Within(column, bounded)] if bounded else []
        conditions += [Within(column, ((r.start, r.end),)) for r in self.dates if not (r.start and r.end)]
        for condition in conditions:
            owner = next(
                (p for p, r in related.items() if self.catalog.path(r.table, column.table) is not None), None
            )
            if (owner is not None and self.catalog.path(table, column.table) is None) or (
                owner is not None and name != table
            ):
                other = related[owner]
                related[owner] = attrs.evolve(other, conditions=(*other.conditions, condition))
            else:
                self._add(at, condition)

    def _summarise(self, table: Table) -> None:
        """Choose measures for vague requests such as "customer metrics" and "sales data"."""
        vague = self.vague
        assert vague is not None  # noqa: S101
        if self.measures:
            measure = self.measures[0]
            if self._dated(measure.table):
                self.groups.append(Group(self._date_column(measure.table), "month"))
                if measure.function != "count":
                    self.measures.append(Measure("count", measure.table))
                self.notes.append("a vague question: answered with one row a month")
            return
        if vague.arg == "rows" or self.conditions or self.order or self.limit:
            return
        self.measures.append(Measure("count", table.name))
        if column := table.money or next(iter(table.measures), None):
            self.measures += [Measure(f, table.name, column) for f in ("sum", "avg", "min", "max")]
        status = [c for c in table.columns if c.categorical and (c.values or c.status_like) and c.kind == TEXT]
        if status:
            best = min(status, key=lambda c: (not c.status_like, table.columns.index(c)))
            self.groups.append(Group(best))
            self.notes.append(f"a vague question: answered with figures of {table.name} by {best.name}")
        else:
            self.notes.append(f"a vague question: answered with figures of {table.name}")

    def _unknown(self) -> tuple[str, ...]:
        """Return the words that no step understood and that could change the answer."""
        grammar = {
            i
            for op in self.ops
            if op.kind in {"with", "limit"} or (op.kind == "grain" and op.arg == "day")
            for i in range(op.start, op.end)
        }
        # words that say little on their own, but as the name of a column would have said something
        named = {i for m in self.mentions if m.end - m.start > 1 and self._free(m) for i in range(m.start, m.end)}
        left = [self._text(op) for op in self._ops(*_DECISIVE)]
        if not self.groups:
            left += [token.text for token in self.tokens if token.lower in {"compare", "comparison"}]
        for i, token in enumerate(self.tokens):
            if self.taken[i] or (i in grammar and token.lower not in NEGATIONS):
                continue
            if token.kind == "symbol" and token.text in {"+", "%", "#"}:
                continue
            if token.kind == "word" and (
                token.stem in FILLERS or token.lower in FILLERS or (token.lower in HARMLESS and i not in named)
            ):
                continue
            if token.kind == "word" and token.lower.endswith("ly") and len(token.text) > 5:  # noqa: PLR2004
                continue
            left.append(token.text)
        return tuple(dict.fromkeys(left))
