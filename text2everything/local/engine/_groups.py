"""Groups in a question: "per month", "by country and status", "for each customer"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from text2everything.local.engine._catalog import BOOL, DATE, STATUS, Column, Table
from text2everything.local.engine._grammar import Operator
from text2everything.local.engine._intent import (
    Group,
    Measure,
    Order,
    tables_of,
)
from text2everything.local.engine._lexicon import Mention
from text2everything.local.engine._measures import _FUNCTION_NAMES, Measures
from text2everything.local.engine._reader import SURE, UnreadableError
from text2everything.local.engine._words import FILLERS, word_set

_DONE: Final = word_set("worked placed ordered made bought purchased created submitted issued sent written done")
# Figures that are not added up.
_INTENSIVE: Final = word_set("price salary rate rating age score percent percentage temperature share wage grade")


_OVER_TIME: Final = word_set(
    "daily weekly monthly quarterly yearly annual annually over trend trends trending timeline"
)


class Groups(Measures):
    """Reads what the figures are split by."""

    def _read_groups(self) -> None:
        for op in self._ops("group"):
            if self.tokens[op.start].lower == "by" and self._says_who(op):
                self._take(op)
            elif targets := self._group_targets(op.end):
                self.by += targets
                self._take(op)
        for op in self._ops("grain"):
            if self.tokens[op.start].lower in _OVER_TIME or op.end - op.start > 1:
                self.by.append(op)
                self._take(op)

    def _group_targets(self, at: int) -> list[Mention | Operator]:
        """Take what stands after a "per" or "by", as far as "and" and commas join it."""
        targets: list[Mention | Operator] = []
        while target := self._group_target(at):
            targets.append(target)
            self._take(target)
            at = target.end
            joined = at < len(self.tokens) and "," in self.text[self.tokens[at - 1].end : self.tokens[at].start]
            if at < len(self.tokens) and self.tokens[at].lower in {"and", "then"}:
                at += 1
            elif not joined:
                break
        return targets

    def _says_who(self, op: Operator) -> bool:
        """Whether a "by" follows a verb: "orders placed yesterday by customers in Japan"."""
        for i in range(op.start - 1, max(op.start - 6, -1), -1):
            if self.tokens[i].lower in _DONE:
                return True
            if not self.taken[i] and self.tokens[i].stem not in FILLERS:
                return False
        return False

    def _group_target(self, at: int) -> Mention | Operator | None:
        if aggregate := self._next_op(at, "aggregate", "money", "sold", "spend", "grain"):
            return aggregate
        return self._next(at, reach=2)

    def _grouping(self, by: Mention) -> bool:
        """Whether a mention after "by" is a thing to group by rather than a figure to rank by."""
        if by.of("table") and by.of("table")[0].strength >= SURE:
            return True
        column = self._column(by)
        return column is not None and not column.is_measure

    def _group_rows(self, name: str) -> None:
        """Group by the rows of a table, shown by their names."""
        table = self._table(name)
        labels = table.labels or ((table.primary_key,) if table.primary_key else ())
        if not labels:
            msg = f"{name} has neither a name nor a key to group by."
            raise UnreadableError(msg)
        self.groups += [Group(label, entity=True) for label in labels if Group(label, entity=True) not in self.groups]

    def _group_by_column(self, column: Column) -> None:
        grain = "month" if column.kind == DATE and self._table(column.table).dates else None
        if grain:
            self.notes.append(f"{column.ref} taken by month")
        if Group(column, grain) not in self.groups:
            self.groups.append(Group(column, grain))

    def _resolve_by(self) -> None:
        """Decide what each thing after "by" is: a grain or a column to group by, or a figure to rank by."""
        ranking = False
        for target in self.by:
            ranks = self._by_operator(target) if isinstance(target, Operator) else self._by_mention(target)
            ranking = ranks or ranking
        figure = self.measures[0].table if self.measures else None
        if figure and not self.groups and (self.having or (ranking and self.order is None)):
            # "customers by revenue": a group for each of what is listed, largest first
            name = next((t for t in self._said_tables() if t != figure), None)
            if name:
                self._group_rows(name)
            elif self.having:
                msg = "It is unclear what the figure is to be compared for."
                raise UnreadableError(msg)
        if ranking and self.order is None:
            self.order = Order(None, descending=True)
        if self.groups and not self.measures:
            self._default_measure()

    def _by_mention(self, target: Mention) -> bool:
        """Group by a table or column, or rank by a figure; says whether it ranks."""
        entity, column, term = self._best(target, "table"), self._column(target), self._best(target, "term")
        if term and term.term and term.term.measure is not None:
            self.measures.append(self._term_measure(term.term))
            return True
        if entity and entity.strength >= SURE:
            self._group_rows(entity.table)
        elif column and self._grouping(target):
            self._group_by_column(self._within_reach(column))
        elif number := self._column(target, number=True):
            self._by_number(number)
            return True
        else:
            msg = "It is unclear what to group by."
            raise UnreadableError(msg)
        return False

    def _within_reach(self, column: Column) -> Column:
        """Take a flag for the status of a table that has no column of that name."""
        name = (
            self.measures[0].table
            if self.measures and self.measures[0].table
            else next(iter(self._said_tables()), None)
        )
        if name is None or self.catalog.path(name, column.table) is not None or not set(column.words) & STATUS:
            return column
        flags = [c for c in self._table(name).columns if c.kind == BOOL]
        if not flags:
            return column
        self.notes.append(f"the status of {name} is taken from {flags[0].name}")
        return flags[0]

    def _default_measure(self) -> None:
        for mention in self.mentions:
            column = self._column(mention, number=True)
            if column and self._free(mention) and not mention.of("table", "value", "term"):
                # "hours per employee" adds them up; "salary by title" can only mean what is usual
                function = "avg" if set(column.words) & _INTENSIVE else "sum"
                self._take(mention)
                self.measures.append(Measure(function, column.table, column))
                self.notes.append(f"the {_FUNCTION_NAMES[function]} of {column.ref}")
                return
        said = self._said_tables()
        grouped = {g.column.table for g in self.groups if g.entity}
        rest = [name for name in said if name not in grouped]
        name = rest[0] if rest else (said[0] if said else self.groups[0].column.table)
        self.measures.append(Measure("count", name))

    def _by_operator(self, op: Operator) -> bool:
        """A grain groups; a figure ranks."""
        if op.kind == "grain":
            group = Group(self._date_column(self._grain_table()), op.arg)
            if group not in self.groups:
                self.groups.append(group)
            return False
        if op.kind == "aggregate":
            self._read_count(op) if op.arg == "count" else self._read_figure(op)
        elif op.kind == "sold":
            self._add_quantity()
        else:
            self._add_money("sum")
        return True

    def _subject(self) -> Table:
        """The table whose rows are asked for: the first one spoken of, or that of a column, value or figure."""
        name = next(self._subjects(), None)
        if name is None:
            msg = "No known table, column or value is named in it."
            raise UnreadableError(msg)
        return self._table(name)

    def _subjects(self) -> Iterator[str]:
        """Name tables it may be about, best first."""
        for kind in ("table", "verb"):
            yield from (e.table for m in self.mentions if (e := self._best(m, kind)))
        yield from (measure.table for measure in self.measures if measure.table)
        plain = [m for m in self.mentions if not m.of("value", "term")]
        yield from (e.table for m in plain if (e := self._best(m, "column")))
        yield from (tables_of(condition)[0] for _, condition in self.conditions)
        yield from (e.table for m in self.mentions if (e := self._best(m, "column", "term")))
        if len(self.catalog.tables) == 1 and (self.measures or self.dates or self.ranked):
            yield self.catalog.tables[0].name

    def _grain_table(self) -> str:
        if self.measures and self.measures[0].table:
            return self.measures[0].table
        said = self._said_tables()
        return said[0] if said else self._subject().name

    def _by_number(self, column: Column) -> None:
        said = self._said_tables()
        if self.measures and all(m.function == "count" for m in self.measures) and self.ranked is None:
            self.groups.append(Group(column))  # "number of products by price"
        elif self.measures:
            msg = f"It is unclear what to do with {column.ref}."
            raise UnreadableError(msg)
        elif said and said[0] == column.table:
            self.order = self.order or Order(column, descending=True)
        else:
            self.measures.append(Measure("sum", column.table, column))
