"""Parsing comparisons: "over 100", "between 10 and 20", "named Alice", "with more than 5 orders"."""

from __future__ import annotations

from typing import Final

from text2everything.local.engine._catalog import TEXT, Column, Table
from text2everything.local.engine._grammar import Operator
from text2everything.local.engine._intent import (
    Compare,
    Group,
    Measure,
    Related,
)
from text2everything.local.engine._reader import SURE, Reader
from text2everything.local.engine._words import word_set

_OPPOSITE: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "in": "not in"}
# These compare texts only if a column or quotes say so.
_LOOSE: Final = frozenset(("like", "contain", "matching"))
_UNITS: Final = frozenset(("second", "minute", "hour", "day", "week", "month", "quarter", "year", "percent"))
_CURRENCY: Final = word_set("usd eur gbp dollar euro pound")


class Comparisons(Reader):
    """The parsing steps for comparisons with numbers and texts."""

    def _read_named(self) -> None:
        """As in "named Alice", "containing 'pro'": a text after a word that says how to compare."""
        for op in self._ops("named", "like"):
            literal = self._literal_after(op.end)
            if literal is None:
                continue
            text, end = literal
            quoted = self.tokens[end - 1].kind == "quoted"
            before = self._previous(op.start)
            column = self._column(before) if before and self._between(before.end, op.start) else None
            if column is not None and column.kind == TEXT:
                columns: tuple[Column, ...] = (column,)
                self._take(before)
            elif self.tokens[op.start].lower in _LOOSE and not quoted:
                continue  # "customers who like jazz"
            else:
                columns = self._labels(op.start) or (self._objects() if op.arg == "contains" else ())
            if columns:
                self._take(op)
                self.taken[op.end : end] = [True] * (end - op.end)
                exact = quoted and len(columns) == 1
                self._add(op.start, Compare(columns, op.arg or ("=" if exact else "contains"), text))

    def _literal_after(self, at: int) -> tuple[str, int] | None:
        """Read a quoted text, or the words up to something understood."""
        while at < len(self.tokens) and self.tokens[at].lower in {"the", "a", "an", "word", "letter", "text"}:
            at += 1
        if at < len(self.tokens) and self.tokens[at].kind == "quoted":
            return self.tokens[at].text, at + 1
        end = at
        while end < len(self.tokens) and self._plain(end) and (end == at or self.tokens[end].capitalised):
            end += 1
        return (self.text[self.tokens[at].start : self.tokens[end - 1].end], end) if end > at else None

    def _read_comparisons(self) -> None:
        for op in self._ops("between"):
            self._read_between(op)
        for op in self._ops("compare"):
            self._read_compare(op)
        for op in self._ops("out of"):
            mention = self._next(op.end, reach=0)
            if (column := self._column(mention, number=True)) and mention:
                self._take(op, mention)
                self._add(op.start, Compare((column,), "<=", 0))
        for op in self._ops("or more"):
            number = op.start - 1
            if number >= 0 and self._number(number) is not None:
                self._compare(op, op.arg, number, op.start, op.end)

    def _read_between(self, op: Operator) -> None:
        numbers = [i for i in range(op.end, min(op.end + 6, len(self.tokens))) if self._number(i) is not None]
        if len(numbers) < 2:  # noqa: PLR2004
            return
        first, second = numbers[:2]
        column = self._compared_column(op.start, second + 1)
        if column is None:
            return
        low, high = sorted((self._number(first) or 0, self._number(second) or 0))
        self._take(op)
        self.taken[first : second + 1] = [True] * (second + 1 - first)
        self._add(op.start, Compare((column,), "between", (low, high)))

    def _read_compare(self, op: Operator) -> None:
        number = op.end
        while number < len(self.tokens) and self.tokens[number].lower in {"a", "the", "to", "than", "of"}:
            number += 1
        negated = self._negation_before(op.start)
        how = _OPPOSITE[op.arg] if negated else op.arg
        if number < len(self.tokens) and self._number(number) is not None:
            self._take(negated)
            self._compare(op, how, number, op.start, number + 1)
        elif op.arg in {"=", "!="}:
            self._equals(op, how)

    def _equals(self, op: Operator, how: str) -> None:
        """As in "country = Germany": a column, a sign and a text."""
        before = self._previous(op.start)
        column, literal = self._column(before), self._literal_after(op.end)
        if column and literal and before:
            self._take(before, op)
            self.taken[op.end : literal[1]] = [True] * (literal[1] - op.end)
            self._add(op.start, Compare((column,), how, _spelled(column, literal[0])))

    def _compare(self, op: Operator, how: str, number: int, start: int, end: int) -> None:
        value = self._number(number)
        assert value is not None  # noqa: S101
        while end < len(self.tokens) and self.tokens[end].stem in _CURRENCY:
            self.taken[end] = True
            end += 1
        following = self._next(end, reach=1)
        if following is None and end < len(self.tokens) and self.tokens[end].stem in _UNITS:
            return  # "more than 30 days": of what is not known
        counted = self._best(following, "table")
        strong = counted is not None and (counted.strength >= SURE or not self._column(following, number=True))
        before = [m for m in self.mentions if m.end <= start and m.of("table")]
        if following and counted and strong and before and before[-1].of("table")[0].table != counted.table:
            # "customers with more than 5 orders"
            self._take(op, following)
            self.taken[number] = True
            self.related.append((op.start, Related(counted.table, count=(how, value))))
            return
        if following and counted and strong and not before and self._group_having(start, counted.table):
            # "countries with more than 20 customers"
            self._take(op, following)
            self.taken[number] = True
            self.having = (how, value)
            return
        spent = next((o for o in self.ops if o.kind in {"spend", "money"} and 0 <= start - o.end <= 2), None)  # noqa: PLR2004
        if spent and before:
            # "customers who spent more than 1000"
            self._take(op)
            self.taken[number] = True
            self.having = (how, value)
            return
        column = self._compared_column(start, end, price=op.arg in "<>" and "expensive" in self._said(op))
        if column is None:
            return
        self._take(op)
        self.taken[number] = True
        self._add(op.start, Compare((column,), how, value))

    def _group_having(self, start: int, table: str) -> bool:
        """Group the rows of a table by the column that is asked for, if one is."""
        mention = next((m for m in self.mentions if m.end <= start), None)
        column = self._column(mention)
        if column is None or mention is None or not column.categorical:
            return False
        self._take(mention)
        self.groups.append(Group(column))
        self.measures.append(Measure("count", table))
        return True

    def _said(self, op: Operator) -> str:
        said = " ".join(token.lower for token in self.tokens[op.start : op.end])
        return said.replace("cheaper", "expensive").replace("cost", "expensive").replace("priced", "expensive")

    def _compared_column(self, start: int, end: int, *, price: bool = False) -> Column | None:
        """Find what is compared: the column named right after the number, or before the comparison, or the amount."""
        following = self._next(end, reach=1)
        if column := self._column(following, number=True):
            self._take(following)
            return column
        for mention in reversed([m for m in self.mentions if m.end <= start and start - m.end <= 4]):  # noqa: PLR2004
            column = self._column(mention, number=True)
            if column and not mention.of("table"):
                self._take(mention)
                return column
            if mention.of("table"):
                break
        tables = [m.of("table")[0].table for m in self.mentions if m.of("table")]
        before = [m.of("table")[0].table for m in self.mentions if m.of("table") and m.end <= start]
        for name in dict.fromkeys([*reversed(before), *tables]):
            table = self._table(name)
            column = _priced(table) if price else None
            column = column or table.money or next(iter(table.measures), None)
            if column:
                self.notes.append(f"compared {column.ref}")
                return column
        return None


def _priced(table: Table) -> Column | None:
    return next((c for word in ("price", "cost") for c in table.measures if word in c.words), None)


def _spelled(column: Column, text: str) -> str:
    """Write a value the way the column's description does."""
    return next((v for v in column.values if v.casefold() == text.casefold()), text)
