"""Parsing superlatives: "top 5 customers by revenue", "the newest order", "who spent the most"."""

from __future__ import annotations

from typing import Final

from text2everything.local.engine._catalog import Column, Table
from text2everything.local.engine._comparisons import _priced
from text2everything.local.engine._grammar import Operator
from text2everything.local.engine._intent import (
    Group,
    Measure,
    Order,
)
from text2everything.local.engine._lexicon import Entity, Mention
from text2everything.local.engine._ordering import Ordering
from text2everything.local.engine._reader import SURE, UnreadableError, _is_person
from text2everything.local.engine._words import first_synonym

# How well a table must fit to be what is counted, and a date column to be what is asked for.
_NAMED: Final = 0.9
_WHO: Final = frozenset(("who", "whom", "whose"))


class Ranking(Ordering):
    """The parsing steps for superlatives."""

    def _rank(self, main: Table) -> None:
        """Turn a superlative into an order and a limit, a group, or a maximum."""
        if self.ranked is None:
            return
        kind, op = self.ranked
        descending = op.arg == "desc"
        following = self._next(op.end, reach=4)
        if kind == "recent":
            self._rank_recent(main, following, descending=descending)
        elif kind in {"price", "paid"}:
            entity = self._best(following, "table")
            table = self._table(entity.table) if entity else main
            column = _priced(table) or table.money if kind == "price" else _paid(table)
            self._order_rows(table, column, following, descending=descending)
        elif kind == "popular":
            self._rank_popular(main, following, descending=descending)
        elif kind == "top":
            self._rank_top(main, following, descending=descending)
        else:
            self._rank_most(main, op, following, descending=descending)

    def _rank_popular(self, main: Table, following: Mention | None, *, descending: bool) -> None:
        """Rank the rows of a table, or the values of one of its columns, by what was sold of them."""
        entity = self._best(following, "table", "column") or Entity("table", 1.0, main.name)
        self._take(following)
        self._add_quantity_of(self._table(entity.table))
        if entity.column is not None:
            self._group_by_column(entity.column)
        else:
            self._group_rows(entity.table)
        self._order_groups(following, descending=descending)

    def _rank_recent(self, main: Table, following: Mention | None, *, descending: bool) -> None:
        """Read "the newest customers", "the last order of each customer", "when was the last order"."""
        entity = self._best(following, "table")
        subject = self._table(entity.table) if entity else main
        dated = self._asked_date(following, subject)
        own = next(iter(subject.dates), None)
        if dated is None and own and self.by and not self.measures:
            dated = own
        if dated is not None:
            self._take(following, *self._ops("when"))
            self.measures = [_extreme(dated, descending=descending)]
            return
        self._order_rows(subject, own or subject.primary_key, following, descending=descending)

    def _asked_date(self, following: Mention | None, subject: Table) -> Column | None:
        """Find the date column, if it is a date that is asked for and not the row it belongs to."""
        if self._ops("when"):
            return self._column(following, date=True) or next(iter(subject.dates), None)
        if following is None:
            return None
        if not following.of("table"):
            sure = any(e.strength >= _NAMED for e in following.of("column"))
            return self._column(following, date=True) if sure else None
        after = self._next(following.end, reach=1)
        stems = {t.stem for t in self.tokens[after.start : after.end]} if after else set()
        return self._column(after, date=True) if stems & {"date", "day", "time"} else None

    def _rank_top(self, main: Table, following: Mention | None, *, descending: bool) -> None:
        """Read "top 5 customers by revenue", "top 3 products by price", "top countries"."""
        subject = self._best(following, "table", "column") or Entity("table", 1.0, main.name)
        table = self._table(subject.table)
        self._take(following)
        by = [b for b in self.by if not (isinstance(b, Mention) and self._grouping(b))]
        column = next((c for b in by if isinstance(b, Mention) and (c := self._column(b, number=True))), None)
        if subject.kind == "table" and not self.measures:
            own = table.money if not by and _priced(table) is not table.money else None
            own = column if column is not None and column.table == table.name else own
            if own is not None:
                self.by = [b for b in self.by if b not in by]
                self._order_rows(table, own, following, descending=descending)
                return
        if not by and not self.measures:
            self._add_money("sum")
            self.notes.append("ranked by the sum of money, as nothing else was said")
        if subject.column is not None:
            self.groups.append(Group(subject.column))
        else:
            self._group_rows(subject.table)
        self._order_groups(following, descending=descending)

    def _rank_most(self, main: Table, op: Operator, following: Mention | None, *, descending: bool) -> None:
        """Read "customers with the most orders", "the highest price", "who spent the most"."""
        before = [m for m in self.mentions if m.end <= op.start]
        subject = next((m for m in before if m.of("table", "column") and not m.of("value", "term")), None)
        entity = self._best(subject, "table", "column")
        counted = self._best(following, "table")
        counted = counted if counted and counted.strength >= SURE else None
        column = self._column(following, number=True) if not counted and not self.measures else None
        if counted and following and self._is_own(entity, counted):
            self._rank_own(counted.table, following, entity, descending=descending)
            return
        if column and self._rank_by_column(entity, subject, column, descending=descending):
            self._take(following)
            return
        if counted:
            self._take(following)
            self.measures = self.measures or [Measure("count", counted.table)]
        elif column:
            self._take(following)
            self.measures = [Measure("sum", column.table, column)]
        elif not self.measures and not self._read_verb():
            self._order_rows(main, main.money or next(iter(main.measures), None), following, descending=descending)
            return
        self._rank_groups(entity or self._best(following, "table", "column"), subject, descending=descending)

    def _is_own(self, entity: Entity | None, counted: Entity) -> bool:
        """Whether it ranks the rows of a table themselves: "the largest order", not "the most orders"."""
        if entity is None:
            return not any(op.kind == "grain" and self._free(op) for op in self.ops)
        return entity.kind == "table" and entity.table == counted.table

    def _rank_own(self, name: str, following: Mention, entity: Entity | None, *, descending: bool) -> None:
        """Read "the largest order", and "the highest order amount", which is a figure."""
        table = self._table(name)
        column = self._figure_column(self._next(following.end, reach=2), numeric=True, table=name)
        if column is not None and entity is None:
            self.measures = [_extreme(column, descending=descending)]
        else:
            column = column or table.money or next(iter(table.measures), None)
            self._order_rows(table, column, following, descending=descending)

    def _rank_by_column(
        self, entity: Entity | None, subject: Mention | None, column: Column, *, descending: bool
    ) -> bool:
        """Read "the highest price" and "products with the highest price"; False where it takes a sum for each."""
        if entity is None and self.tokens[0].lower == "who":
            self._order_rows(self._table(column.table), column, None, descending=descending)
        elif entity is None:
            self.measures = [_extreme(column, descending=descending)]
        elif entity.kind == "table" and self.catalog.path(entity.table, column.table) is not None:
            self._order_rows(self._table(entity.table), column, subject, descending=descending)
        else:
            return False
        return True

    def _read_verb(self) -> bool:
        """Take the figure from a verb: who spent, sold or ordered the most."""
        if self._ops("money", "spend", "sold"):
            self._read_business()
            return True
        verb = next((m for m in self.mentions if m.of("verb") and self._free(m)), None)
        if verb is not None:
            self._take(verb)
            self.measures = [Measure("count", verb.of("verb")[0].table)]
        return verb is not None

    def _rank_groups(self, entity: Entity | None, subject: Mention | None, *, descending: bool) -> None:
        """Rank what a figure is split by: what is asked for, a grain of time, or people."""
        figure = self.measures[0].table
        grain = next((g for g in self.ops if g.kind == "grain" and self._free(g)), None)
        people = [t for t in self._parents(figure) if _is_person(t)] if self.tokens[0].lower in _WHO else []
        if entity is None and grain:
            self._take(grain)
            self.groups.append(Group(self._date_column(figure), grain.arg))
            self.order, self.limit = Order(None, descending), self.limit or 1
            return
        other = (e for m in self.mentions if (e := self._best(m, "table")) and e.table != figure)
        entity = entity or next(other, None)
        if entity and entity.column is not None:
            self._take(subject)
            self._group_by_column(entity.column)
        elif entity or people:
            self._group_rows(entity.table if entity else people[0].name)
        else:
            msg = "It is unclear what is to be ranked."
            raise UnreadableError(msg)
        self._order_groups(subject, descending=descending)

    def _add_quantity_of(self, main: Table) -> None:
        """How popular rows of a table are: the quantities recorded of them, or how many records there are."""
        children = self._recording(main.name)
        for child in children:
            if quantity := next((c for c in child.measures if "quantity" in c.words), None):
                self.measures = [Measure("sum", child.name, quantity)]
                return
        if not children:
            msg = f"Nothing records how popular {main.name} are."
            raise UnreadableError(msg)
        self.measures = [Measure("count", children[0].name)]


def _extreme(column: Column, *, descending: bool) -> Measure:
    return Measure("max" if descending else "min", column.table, column)


def _paid(table: Table) -> Column | None:
    return next((c for c in table.measures if {first_synonym(w) for w in c.words} & {"salary"}), None)
