"""Parsing order and limit: "sorted by price", "top 5", "list 10 customers"."""

from __future__ import annotations

from typing import Final

from text2everything.local.engine._catalog import Column, Table
from text2everything.local.engine._groups import Groups
from text2everything.local.engine._intent import (
    Order,
)
from text2everything.local.engine._lexicon import Mention
from text2everything.local.engine._reader import UnreadableError

_DEFAULT_LIMIT: Final = 10
_MOST: Final = 1_000_000
_RANKS: Final = ("top", "most", "price", "paid", "popular", "recent")


class Ordering(Groups):
    """The parsing steps for ORDER BY and LIMIT."""

    def _read_sort(self) -> None:
        direction = next(iter(self._ops("direction")), None)
        for op in self._ops("sort"):
            mention = self._next(op.end)
            column = self._column(mention)
            recent = self._next_op(mention.end if mention else op.end, "recent")
            if mention and mention.of("table"):
                if self.tokens[op.start].lower == "ordered":
                    self._take(op)  # "products ordered by customers in Japan"
            elif column or recent:
                column = column or next((d for name in self._said_tables() for d in self._table(name).dates), None)
                last = recent or direction
                self._take(op, mention, direction, recent, self._next_op(recent.end, "recent") if recent else None)
                self.order = Order(column, bool(last and last.arg == "desc")) if column else None
                return
        if direction and "alphabet" in self.text.casefold() and (labels := self._labels(len(self.tokens))):
            self._take(direction)
            self.order = Order(labels[0], descending=False)

    def _read_ranking(self) -> None:
        """Find the superlative, and how many it asks for: "top 5", "the newest", "the 3 cheapest"."""
        op = next(iter(self._ops(*_RANKS)), None)
        if op is not None:
            self.ranked = (op.kind, op)
            self._take(op)
            self.limit = self._take_count(op.end) or self._take_count(op.start - 1)
        if self.limit is None:
            self._read_limit()

    def _read_limit(self) -> None:
        """Find a plain number of rows: "list 10 customers", "limit 20"."""
        for mention in self.mentions:
            compared = any(op.end == mention.start - 1 and op.kind in {"compare", "between"} for op in self.ops)
            if mention.of("table") and not compared:
                self.limit = self._take_count(mention.start - 1) or self.limit
        for op in self._ops("limit"):
            if count := self._take_count(op.end):
                self._take(op)
                self.limit = count

    def _take_count(self, at: int) -> int | None:
        if not 0 <= at < len(self.tokens):
            return None
        value = self._number(at)
        if not isinstance(value, int) or not 0 < value < _MOST:
            return None
        self.taken[at] = True
        return value

    def _order_groups(self, following: Mention | None, *, descending: bool) -> None:
        self.order = Order(None, descending)
        self.limit = self.limit or self._count_of(following)

    def _order_rows(
        self, table: Table, column: Column | None, following: Mention | None, *, descending: bool
    ) -> None:
        if column is None or self.measures:
            msg = f"It is unclear what to rank {table.name} by."
            raise UnreadableError(msg)
        self.notes.append(f"ranked by {column.ref}")
        self.order = Order(column, descending)
        self.limit = self.limit or self._count_of(following)

    def _count_of(self, mention: Mention | None) -> int:
        """Return the limit of a superlative without a number: 1 for a singular noun, 10 for a plural."""
        if mention is None and self.tokens[0].lower == "who":
            return 1
        if mention is None and self.ranked is not None:
            mention = self._next(self.ranked[1].end, reach=2, taken=True)  # "the cheapest book"
        subject = mention or next((m for m in self.mentions if m.of("table")), None)
        if subject is not None and self.tokens[subject.end - 1].lower == self.tokens[subject.end - 1].stem:
            return 1
        self.notes.append(f"limited to {_DEFAULT_LIMIT}")
        return _DEFAULT_LIMIT
