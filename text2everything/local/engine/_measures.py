"""Parsing aggregates: "how many", "total amount", "average revenue per customer", "units sold"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs
from sqlglot import exp

from text2everything.local.engine._catalog import BOOL, DATE, NUMBER, Column
from text2everything.local.engine._grammar import OPERATORS, Operator
from text2everything.local.engine._intent import (
    Group,
    Measure,
    Related,
    tables_of,
)
from text2everything.local.engine._lexicon import Mention
from text2everything.local.engine._reader import SURE, UnreadableError
from text2everything.local.engine._values import Values

_FUNCTION_NAMES: Final = {"sum": "sum", "avg": "average", "min": "minimum", "max": "maximum"}


class Measures(Values):
    """The parsing steps for aggregates."""

    def _read_aggregates(self) -> None:
        ops = self._ops("aggregate")
        waiting: list[str] = []
        for i, op in enumerate(ops):
            if not self._free(op):
                continue
            self._take(op)
            following = ops[i + 1] if i + 1 < len(ops) else None
            next_is_close = following is not None and self._between(op.end, following.start)
            joined = following and {t.lower for t in self.tokens[op.end : following.start]} & {"and", "or"}
            if following and next_is_close and joined:
                waiting.append(op.arg)  # "minimum and maximum price"
            elif following and next_is_close and op.arg == "avg" and following.arg in {"count", "sum"}:
                self.shared = True  # "average number of orders per customer"
            elif op.arg == "count":
                self._read_count(op)
            elif not (op.arg == "sum" and next_is_close):
                self._read_figure(op)
        if waiting and self.measures and self.measures[-1].column:
            last = self.measures.pop()
            self.measures += [attrs.evolve(last, function=function) for function in waiting] + [last]
        self._read_named_figures()
        if any(isinstance(b, Operator) for b in self.by) or self._ops("money", "spend", "sold"):
            self._read_business()

    def _share_out(self) -> None:
        """As in "average number of orders per customer": a total, divided by how many customers there are in it."""
        if not self.shared:
            return
        measure = self.measures[0] if self.measures and self.measures[0].table else None
        over = self.by[0] if len(self.by) == 1 else None
        per: Group | None = None
        if measure and isinstance(over, Operator) and over.kind == "grain":
            per = Group(self._date_column(measure.table), over.arg)
        elif measure and isinstance(over, Mention) and (parent := self._best(over, "table")):
            path = self.catalog.path(measure.table, parent.table)
            per = Group(path[0].child) if path and len(path) == 1 else None
        if measure is None or per is None:
            msg = "An average of totals needs to be told over what: per customer, per month."
            raise UnreadableError(msg)
        self.by = []
        self.measures = [attrs.evolve(measure, per=per)]

    def _read_named_figures(self) -> None:
        """As in "total amount of orders" where a column is called total_amount: its sum is meant all the same."""
        subject = next((m for m in self.mentions if m.of("table", "column")), None)
        for mention in self.mentions:
            op = OPERATORS.get((self.tokens[mention.start].lower,))
            column = self._narrowed(mention) or self._column(mention, number=True)
            if op is None or op[0] != "aggregate" or column is None or not self._free(mention):
                continue
            asked = self.tokens[0].lower in {"what", "what's", "whats", "calculate", "compute", "sum"}
            if asked or mention is subject or self.by or self.measures:
                self._take(mention)
                self.measures.append(Measure(op[1], column.table, column))

    def _narrowed(self, mention: Mention) -> Column | None:
        """Read "total amount of order items" as the total of their amount, though orders have a total_amount."""
        said = self._said_tables()
        rest = self.lexicon.lookup(tuple(t.stem for t in self.tokens[mention.start + 1 : mention.end]))
        if not said or any(e.table in said for e in mention.of("column")):
            return None
        return next((e.column for e in rest if e.column and e.column.is_measure and e.table in said), None)

    def _read_figure(self, op: Operator) -> None:
        """Sum, average, minimum or maximum of what is named next, or right before."""
        mention = self._next(op.end, reach=3)
        money = self._next_op(op.end, "money", "spend")
        if money and (mention is None or money.start < mention.start):
            self._take(money)
            self.shared = op.arg == "avg" and bool(self.by)
            self._add_money("sum" if self.shared else op.arg)
        elif mention and self._read_term_figure(op, mention):
            pass
        elif op.arg == "avg" and mention and self.by and self._counts(mention):
            # "average orders per customer" counts them
            self._take(mention)
            self.shared = True
            self.measures.append(Measure("count", mention.of("table")[0].table))
        elif column := self._named_column(op, mention):
            self.measures.append(Measure(op.arg, column.table, column))
        elif mention and mention.of("table"):
            self._read_table_figure(op, mention)
        else:
            self._read_default_figure(op)

    def _read_term_figure(self, op: Operator, mention: Mention) -> bool:
        """Take a defined figure; the average or extreme of a defined sum is that of what it adds up."""
        entity = self._best(mention, "term")
        if entity is None or entity.term is None or entity.term.measure is None:
            return False
        self._take(mention)
        measure = self._term_measure(entity.term)
        if op.arg != "sum" and isinstance(measure.expression, exp.Sum):
            self.shared = op.arg == "avg" and bool(self.by)
            if not self.shared:
                kind = {"avg": exp.Avg, "min": exp.Min, "max": exp.Max}[op.arg]
                inner = measure.expression.this.copy()
                measure = attrs.evolve(measure, expression=kind(this=inner), name=f"{op.arg}_{measure.name}")
        self.measures.append(measure)
        return True

    def _counts(self, mention: Mention) -> bool:
        """Whether an average of rows is meant, as in "average orders", and not of a figure of theirs."""
        plural = self.tokens[mention.end - 1].lower.endswith("s")
        return bool(mention.of("table")) and plural and not self._figure_follows(mention)

    def _named_column(self, op: Operator, mention: Mention | None) -> Column | None:
        """The column named after the function, or right before it."""
        numeric = op.arg in {"sum", "avg"}
        if mention is not None:
            return self._figure_column(mention, numeric=numeric)
        previous = self._previous(op.start, reach=1)
        column = self._column(previous, number=numeric)
        if column:
            self._take(previous)
        return column

    def _read_table_figure(self, op: Operator, mention: Mention) -> None:
        """The figure of a table: of the column named after it, or of what people mean by its amount."""
        table = self._table(mention.of("table")[0].table)
        following = self._next(mention.end, reach=2)
        numeric = op.arg in {"sum", "avg"}
        column = self._figure_column(following, numeric=numeric, table=table.name)
        self._take(mention)
        # "total orders" counts them, "total of the orders" adds them up
        rows = mention.start == op.end and self.tokens[op.start].lower == "total" and self._counts(mention)
        if column is None and op.arg == "sum" and (rows or not table.money):
            self.measures.append(Measure("count", table.name))
            return
        if column is None:
            column = table.money or next(iter(table.measures), None)
            if column is None:
                msg = f"{table.name} has no column to take the {_FUNCTION_NAMES[op.arg]} of."
                raise UnreadableError(msg)
            self.notes.append(f"the figure of {table.name} is taken from {column.name}")
        self.measures.append(Measure(op.arg, column.table, column))

    def _read_count(self, op: Operator) -> None:
        distinct = self._next_op(op.end, "distinct")
        self._take(distinct)
        mention = self._next(distinct.end if distinct else op.end, reach=4)
        # "number of active users": the thing counted is the table after its adjectives
        later = [m for m in self.mentions if mention and m.start >= mention.start and m.of("table")]
        table = self._best(mention, "table")
        column = None if table and table.strength >= SURE else self._column(mention)
        column = None if column and column.kind == BOOL else column
        if column is None and table is None and mention and mention.of("value", "term") and later:
            table, column, mention = self._best(later[0], "table"), None, later[0]
        if column is not None and not column.is_measure and mention:
            self._take(mention)
            self.measures.append(Measure("count", column.table, column, distinct=True))
        elif column is not None and mention and not mention.of("table"):
            self._take(mention)
            self.measures.append(Measure("count", column.table, column, distinct=distinct is not None))
        elif table is not None:
            key = self._table(table.table).primary_key if distinct else None
            self._take(mention)
            self.measures.append(Measure("count", table.table, key, distinct=key is not None))
        else:
            self.measures.append(Measure("count", ""))

    def _figure_follows(self, mention: Mention) -> bool:
        return self._column(self._next(mention.end, reach=1), number=True) is not None

    def _figure_column(self, mention: Mention | None, *, numeric: bool, table: str | None = None) -> Column | None:
        """Read a mention as the column to aggregate; "order value" is two mentions, one of them of the table."""
        if mention is None:
            return None
        readings = [
            e
            for e in mention.of("column")
            if e.column and (e.column.is_measure if numeric else e.column.kind in {NUMBER, DATE})
        ]
        if table:
            readings = [e for e in readings if e.table == table] or readings
        if mention.of("table") and not any(e.strength >= SURE for e in readings):
            return None
        best = self._strongest(readings)
        if best is None or best.column is None:
            return None
        self._take(mention)
        return best.column

    def _read_default_figure(self, op: Operator) -> None:
        """As in "the total" of something that was only hinted at."""
        if self.measures or self._ops("money", "spend", "sold"):
            if self._ops("money", "spend"):
                self._take(*self._ops("money", "spend")[:1])
                self._add_money(op.arg)
            return
        said = self._said_tables()
        for name in said:
            if column := self._table(name).money:
                self.measures.append(Measure(op.arg, name, column))
                self.notes.append(f"the figure of {name} is taken from {column.name}")
                return
        if op.arg == "sum" and said:
            self.measures.append(Measure("count", said[0]))

    def _read_business(self) -> None:
        """Revenue, sales, spending: the amounts of whatever records them. Sold: quantities."""
        for op in self._ops("money", "spend"):
            self._take(op)
            if not any(self._is_money(m) for m in self.measures):
                self._add_money("sum")
        for op in self._ops("sold"):
            self._take(op)
            negated, main = self._negation_before(op.start), next(iter(self._said_tables()), None)
            sold = next(iter(self._recording(main)), None) if main else None
            figure = self.measures or self.by or self.ranked or self._asks_how_much()
            if sold and (negated or not figure):
                self._take(negated)
                if negated or self.tokens[op.start].lower == "sold":
                    self.related.append((op.start, Related(sold.name, present=negated is None)))
            else:
                # "by quantity sold" is one figure
                self.by = [op if isinstance(b, Mention) and self._column(b, number=True) else b for b in self.by]
                self._add_quantity()

    def _asks_how_much(self) -> bool:
        """Whether it asks for an amount, or names what is counted: "units sold", "quantity sold"."""
        return "how much" in self.text.casefold() or any(self._column(m, number=True) for m in self.mentions)

    def _add_money(self, function: str) -> None:
        candidates = list(self._money_measures(function))
        if not candidates:
            msg = "No column holds amounts of money."
            raise UnreadableError(msg)
        self.measures.append(candidates[0])

    def _money_measures(self, function: str) -> Iterator[Measure]:
        """Every way to sum up money, best first: amounts of tables spoken of, of records of business, prices."""
        said = self._said_tables()

        def rank(measure: Measure) -> tuple[bool, bool, bool, int]:
            table = self._table(measure.table)
            priced = measure.column is not None and set(measure.column.words) <= {
                "price",
                "cost",
                "unit",
                "list",
                *table.words,
            }
            record = any(link.child.table == table.name for link in self.catalog.links) or bool(table.dates)
            reached = all(self.catalog.path(table.name, name) is not None for name in said)
            return not reached, priced and measure.times is None, not record, self.catalog.tables.index(table)

        found = []
        for table in self.catalog.tables:
            if table.money and not set(table.money.words) & {"salary", "wage", "budget", "spend", "cost", "balance"}:
                found.append(Measure(function, table.name, table.money, name="money"))
            quantity = next((c for c in table.measures if "quantity" in c.words), None)
            price = next((c for c in table.measures if "price" in c.words), None)
            if quantity and price and not any(set(c.words) & {"amount", "total", "revenue"} for c in table.measures):
                found.append(Measure(function, table.name, price, times=quantity, name="money"))
        return iter(sorted(found, key=rank))

    @staticmethod
    def _is_money(measure: Measure) -> bool:
        return measure.name == "money" or isinstance(measure.expression, exp.Sum)

    def _add_quantity(self) -> None:
        said = self._said_tables()
        if "how much" in self.text.casefold():
            self._add_money("sum")
            return
        for table in self.catalog.tables:
            quantity = next((c for c in table.measures if "quantity" in c.words), None)
            if quantity and all(self.catalog.path(table.name, name) is not None for name in said):
                self._take(*(m for m in self.mentions if self._column(m, number=True) is quantity))
                figure = Measure("sum", table.name, quantity)
                self.measures = [m for m in self.measures if m.function != "count" and m != figure] + [figure]
                return
        self._add_money("sum")

    def _settle_money(self, table: str) -> str:
        """Take money from a table that can be split as the question asks, where the first choice cannot."""
        if len(self.measures) != 1 or not self._is_money(self.measures[0]):
            return table
        needed = {g.column.table for g in self.groups} | {tables_of(c)[0] for _, c in self.conditions}
        if all(self.catalog.path(table, name) is not None for name in needed):
            return table
        for measure in self._money_measures("sum"):
            if all(self.catalog.path(measure.table, name) is not None for name in needed):
                self.notes.append(f"taken from {measure.table}, as {table} cannot be split like that")
                self.measures = [measure]
                return measure.table
        return table
