"""Ranks in a question: "top 5 customers by revenue", "the newest order", "sorted by price"."""

from __future__ import annotations

from typing import Final

from text2everything.local.engine.catalog import DATE, Column, Table
from text2everything.local.engine.comparisons import _priced
from text2everything.local.engine.grammar import Op
from text2everything.local.engine.groups import Groups
from text2everything.local.engine.intent import (
    Group,
    Measure,
    Order,
)
from text2everything.local.engine.link import Entity, Mention
from text2everything.local.engine.reader import UnreadableError, _is_person
from text2everything.local.engine.words import leader

_DEFAULT_LIMIT: Final = 10


class Ranking(Groups):
    """Reads what is sorted, and how much of it is wanted."""

    def _read_sort(self) -> None:
        direction = next(iter(self._ops("direction")), None)
        for op in self._ops("sort"):
            mention = self._next(op.end)
            column = self._column(mention)
            if self.tokens[op.start].lower == "ordered" and mention and mention.of("table"):
                self._take(op)  # "products ordered by customers in Japan"
            if column and mention and not mention.of("table"):
                self._take(op, mention, direction)
                self.order = Order(column, bool(direction and direction.arg == "desc"))
                recent = self._next_op(mention.end if mention else op.end, "recent")
                if recent:
                    self._take(recent)
                    self.order = Order(column, recent.arg == "desc")
                return
            recent = self._next_op(op.end, "recent")
            tables = [self._table(name) for name in self._said_tables()]
            if recent and tables and tables[0].dates:
                self._take(op, recent, self._next_op(recent.end, "recent"))
                self.order = Order(tables[0].dates[0], recent.arg == "desc")
                return
        if direction and "alphabet" in self.text.casefold():
            labels = self._labels(len(self.tokens))
            if labels:
                self._take(direction)
                self.order = Order(labels[0], descending=False)

    def _read_ranking(self) -> None:
        """ "top 5", "the newest", "the most orders", "the 3 cheapest"."""
        for op in self._ops("top", "most", "price", "paid", "popular", "recent"):
            if self.ranked is not None:
                break
            if op.kind == "recent" and op.arg == "asc" and self._next_op(op.end, "aggregate"):
                continue
            self.ranked = (op.kind, op)
            self._take(op)
            number = op.end if op.end < len(self.tokens) and self.tokens[op.end].value is not None else op.start - 1
            if (
                number >= 0
                and self.tokens[number].value is not None
                and self.tokens[number].kind in {"number", "word"}
            ):
                value = self._number(number)
                if isinstance(value, int) and 0 < value < 1_000_000:  # noqa: PLR2004
                    self.taken[number] = True
                    self.limit = value
        if self.limit is None:
            self._read_limit()

    def _read_limit(self) -> None:
        """ "list 10 customers", "limit 20"."""
        for mention in self.mentions:
            at = mention.start - 1
            compared = any(op.end == at and op.kind in {"compare", "between"} for op in self.ops)
            if at >= 0 and not compared and mention.of("table") and self.tokens[at].kind in {"number", "word"}:
                value = self._number(at)
                if isinstance(value, int) and 0 < value < 1_000_000 and self.tokens[at].lower != "single":  # noqa: PLR2004
                    self.taken[at] = True
                    self.limit = value
        for op in self._ops("limit"):
            if op.end < len(self.tokens) and isinstance(value := self._number(op.end), int) and value > 0:
                self._take(op)
                self.taken[op.end] = True
                self.limit = value

    def _rank(self, main: Table) -> None:
        """Turn a superlative into an order and a limit, a group, or a maximum."""
        if self.ranked is None:
            return
        kind, op = self.ranked
        descending = op.arg == "desc"
        following = self._next(op.end, reach=4)
        if kind == "recent":
            self._rank_recent(main, following, descending=descending)
        elif kind == "price":
            table = self._best(following, "table")
            priced = self._table(table.table) if table else main
            column = _priced(priced) or priced.money or next(iter(priced.measures), None)
            self._order_rows(priced, column, following, descending=descending)
        elif kind == "paid":
            table = self._best(following, "table")
            paid = self._table(table.table) if table else main
            salary = next((c for c in paid.measures if {leader(w) for w in c.words} & {"salary"}), None)
            self._order_rows(paid, salary, following, descending=descending)
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
        """How many a superlative means: one customer, or a few customers."""
        if mention is None and self.tokens[0].lower == "who":
            return 1
        subject = mention or next((m for m in self.mentions if m.of("table")), None)
        if subject is not None and self.tokens[subject.end - 1].lower == self.tokens[subject.end - 1].stem:
            return 1
        self.notes.append(f"limited to {_DEFAULT_LIMIT}")
        return _DEFAULT_LIMIT

    def _rank_recent(self, main: Table, following: Mention | None, *, descending: bool) -> None:
        table = self._best(following, "table")
        named = [e for e in following.of("column") if e.strength >= 0.9] if following else []  # noqa: PLR2004
        column = self._column(following, date=True) if not table and (named or self._ops("when")) else None
        if table and following and (after := self._next(following.end, reach=1)):
            says_date = any(t.stem in {"date", "day", "time"} for t in self.tokens[after.start : after.end])
            column = self._column(after, date=True) if says_date else None
        subject = self._table(table.table) if table else main
        if column is not None or self._ops("when"):
            dated = column or next(iter(subject.dates), None)
            if dated:
                self._take(following, *self._ops("when"))
                self.measures = [Measure("max" if descending else "min", dated.table, dated)]
                return
        key = next(iter(subject.dates), None) or subject.primary_key
        if self.by and key and key.kind == DATE and not self.measures:
            # "the last order of each customer"
            self.measures = [Measure("max" if descending else "min", subject.name, key)]
            return
        if self.measures:
            msg = "It is unclear which rows the figure is to be taken of."
            raise UnreadableError(msg)
        self._order_rows(subject, key, following, descending=descending)

    def _rank_top(self, main: Table, following: Mention | None, *, descending: bool) -> None:
        subject = self._best(following, "table", "column") or Entity("table", 1.0, main.name)
        self._take(following)
        by = [b for b in self.by if not (isinstance(b, Mention) and self._grouping(b))]
        column = next((c for b in by if isinstance(b, Mention) and (c := self._column(b, number=True))), None)
        if subject.kind == "table" and column is not None and column.table == subject.table and not self.measures:
            self.by = [b for b in self.by if b not in by]
            self._order_rows(self._table(subject.table), column, following, descending=descending)
            return
        if not by and not self.measures:
            table = self._table(subject.table)
            if subject.kind == "table" and table.money and _priced(table) is not table.money:
                self._order_rows(table, table.money, following, descending=descending)
                return
            self._add_money("sum")
            self.notes.append("ranked by the sum of money, as nothing else was said")
        if subject.kind == "table":
            self._group_rows(subject.table)
        elif subject.column is not None:
            self.groups.append(Group(subject.column))
        self._order_groups(following, descending=descending)

    def _rank_most(self, main: Table, op: Op, following: Mention | None, *, descending: bool) -> None:
        """ "customers with the most orders", "the highest price", "who spent the most"."""
        said = [m for m in self.mentions if m.end <= op.start]
        subject = next((m for m in said if m.of("table", "column") and not m.of("value", "term")), None)
        entity = self._best(subject, "table", "column")
        counted, column = self._best(following, "table"), self._column(following, number=True)
        if counted and counted.strength >= 0.8:  # noqa: PLR2004
            grained = any(g.kind == "grain" and self._free(g) for g in self.ops)
            if (entity is None and not grained) or (
                entity and entity.table == counted.table and entity.kind == "table"
            ):
                table = self._table(counted.table)
                after = self._next(following.end, reach=2) if following else None
                own = self._figure_column(after, numeric=True, table=table.name)
                if own is not None and entity is None:
                    self._extreme(own, descending=descending)
                    return
                self._order_rows(
                    table, own or table.money or next(iter(table.measures), None), following, descending=descending
                )
                return
            self._take(following)
            self.measures = self.measures or [Measure("count", counted.table)]
        elif column is not None and not self.measures:
            self._take(following)
            if entity is None and self.tokens[0].lower == "who":
                self._order_rows(self._table(column.table), column, None, descending=descending)
                return
            if entity is None:
                self._extreme(column, descending=descending)
                return
            if entity.kind == "table" and (
                entity.table == column.table or self.catalog.path(entity.table, column.table)
            ):
                self._order_rows(self._table(entity.table), column, subject, descending=descending)
                return
            self.measures = [Measure("sum", column.table, column)]
        elif not self.measures:
            verb = next((m for m in self.mentions if m.of("verb") and self._free(m)), None)
            if self._ops("money", "spend", "sold"):
                self._read_business()
            elif verb:
                self._take(verb)
                self.measures = [Measure("count", verb.of("verb")[0].table)]
            else:
                self._order_rows(
                    main, main.money or next(iter(main.measures), None), following, descending=descending
                )
                return
        grain = next((g for g in self.ops if g.kind == "grain" and self._free(g)), None)
        if entity is None and grain and self.measures:
            self._take(grain)
            self.groups.append(Group(self._date_column(self.measures[0].table), grain.arg))
            self.order, self.limit = Order(None, descending), self.limit or 1
            return
        if entity is None:
            entity = self._best(following, "table", "column") or next(
                (e for m in self.mentions if (e := self._best(m, "table")) and e.table != self.measures[0].table),
                None,
            )
        if entity is None and self.tokens[0].lower in {"who", "whom", "whose"}:
            people = [t for t in self._parents(self.measures[0].table) if _is_person(t)]
            entity = Entity("table", 1.0, people[0].name) if people else None
        if entity is None:
            self._order_rows(main, main.money, following, descending=descending)
            return
        if entity.kind == "table":
            self._group_rows(entity.table)
        elif entity.column is not None:
            self._take(subject)
            self._group_by_column(entity.column)
        self._order_groups(subject, descending=descending)

    def _extreme(self, column: Column, *, descending: bool) -> None:
        self.measures = [Measure("max" if descending else "min", column.table, column)]

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
