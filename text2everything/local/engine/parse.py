"""From the words of a question to what it asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from sqlglot import exp

from text2everything.local.engine.catalog import BOOL, DATE, NUMBER, PLACES, STATUS, TEXT, Catalog, Column, Table
from text2everything.local.engine.dates import DateRange, find_dates
from text2everything.local.engine.definitions import Term
from text2everything.local.engine.grammar import HARMLESS, OPERATORS, Op, find_operators
from text2everything.local.engine.intent import (
    Compare,
    Condition,
    Defined,
    Failure,
    Group,
    Intent,
    Measure,
    Order,
    Related,
    Value,
    Within,
)
from text2everything.local.engine.link import Entity, Lexicon, Mention
from text2everything.local.engine.words import DEMONYMS, FILLERS, NEGATIONS, clean, leader, tokenize, word_set

_LONGEST: Final = 2000
_DEFAULT_LIMIT: Final = 10
_OPPOSITE: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "in": "not in"}
# Operators that change the answer: none of them may be left over.
_DECISIVE: Final = ("aggregate", "percent", "top", "most", "price", "paid", "popular", "recent", "compare", "between", "not", "out of")
# What stands before the name of a thing somebody got, and what stands before "by" when it tells who did it.
_OBTAINED: Final = frozenset("bought buy buys ordered order purchased purchase contain contains containing".split())
_DONE: Final = frozenset("worked placed ordered made bought purchased created submitted issued sent written done".split())
# Figures that are not added up.
_INTENSIVE: Final = word_set("price salary rate rating age score percent percentage temperature share wage grade")
_CURRENCY: Final = frozenset("usd eur gbp dollar euro pound".split())


def parse(question: str, catalog: Catalog, terms: Sequence[Term], today: dt.date) -> Intent | Failure:
    """Read a question; a `Failure` names the words that were not understood."""
    return _Parser(clean(question)[:_LONGEST], catalog, terms, today).parse()


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """Carries the reason out of the depths of the parser."""


class _Parser:
    """One question being read. Each step takes the tokens it understands; what is left decides."""

    def __init__(self, text: str, catalog: Catalog, terms: Sequence[Term], today: dt.date) -> None:
        self.text = text
        self.catalog = catalog
        self.tokens = tokenize(text)
        self.taken = [False] * len(self.tokens)
        self.notes: list[str] = []
        self.dates = self._dates(today)
        in_dates = list(self.taken)
        self.mentions = self._mentions(Lexicon(catalog, terms), in_dates)
        self.ops = self._operators(in_dates)
        self.conditions: list[tuple[int, Condition]] = []
        self.groups: list[Group] = []
        self.measures: list[Measure] = []
        self.related: list[tuple[int, Related]] = []
        self.order: Order | None = None
        self.limit: int | None = None
        self.having: tuple[str, int | float] | None = None
        self.context_id: str | None = None
        self.ranked: tuple[str, Op] | None = None
        self.by: list[Mention | Op] = []
        self.vague: Op | None = None
        self.everything = False
        self.shared = False

    # -- words ---------------------------------------------------------------------------------------------

    def _dates(self, today: dt.date) -> tuple[DateRange, ...]:
        found = find_dates(self.text, today)
        for i, token in enumerate(self.tokens):
            if token.kind != "quoted" and any(r.at[0] <= token.start and token.end <= r.at[1] for r in found):
                self.taken[i] = True
        quoted = [t for t in self.tokens if t.kind == "quoted"]
        return tuple(r for r in found if not any(t.start <= r.at[0] and r.at[1] <= t.end for t in quoted))

    def _mentions(self, lexicon: Lexicon, taken: list[bool]) -> list[Mention]:
        """Name things, but leave to the operators the single words that are better read as one."""
        operators = find_operators(self.tokens, taken)
        kept = []
        for mention in lexicon.mentions(self.tokens, taken):
            overlapping = [op for op in operators if op.start < mention.end and mention.start < op.end]
            if overlapping and not self._outweighs(mention, overlapping):
                continue
            kept.append(mention)
        return kept

    def _outweighs(self, mention: Mention, operators: list[Op]) -> bool:
        longest = max(op.end - op.start for op in operators)
        length = mention.end - mention.start
        if length != longest:
            return length > longest and mention.entities[0].strength > 0.5  # noqa: PLR2004
        if operators[0].kind in {"money", "spend", "sold", "vague", "grain", "like"}:
            # "sales" may be a table, a column or a defined term, "month" a column: known names come first
            return any(e.strength >= 0.95 or e.kind == "term" for e in mention.entities)  # noqa: PLR2004
        return operators[0].kind in {"top", "price", "when", "with"} and mention.entities[0].strength == 1

    def _operators(self, in_dates: list[bool]) -> list[Op]:
        taken = list(in_dates)
        for mention in self.mentions:
            taken[mention.start : mention.end] = [True] * (mention.end - mention.start)
        found = find_operators(self.tokens, taken)
        return [op for op in found if op.kind not in {"money", "sold"} or not self._names(op)]

    def _names(self, op: Op) -> bool:
        """Whether an operator is a name here: "the Sales department"."""
        capitalised = self.tokens[op.start].capitalised and op.start > 0
        return capitalised and any(m.start == op.end and m.of("table") for m in self.mentions)

    def _take(self, *spans: Mention | Op | None) -> None:
        for span in spans:
            if span is not None:
                self.taken[span.start : span.end] = [True] * (span.end - span.start)

    def _free(self, span: Mention | Op) -> bool:
        return not any(self.taken[span.start : span.end])

    def _ops(self, *kinds: str) -> list[Op]:
        return [op for op in self.ops if op.kind in kinds and self._free(op)]

    def _between(self, start: int, end: int) -> bool:
        """Whether nothing of weight stands between two places."""
        return all(
            self.tokens[i].stem in FILLERS or self.tokens[i].lower in HARMLESS or self.taken[i]
            for i in range(start, end)
        )

    def _next(self, at: int, reach: int = 3, *, taken: bool = False) -> Mention | None:
        """Find the mention right after a place, past fillers."""
        for mention in self.mentions:
            if at <= mention.start <= at + reach and (taken or self._free(mention)):
                return mention if self._between(at, mention.start) else None
        return None

    def _next_op(self, at: int, *kinds: str) -> Op | None:
        op = next((op for op in self.ops if at <= op.start <= at + 2 and self._free(op)), None)
        return op if op and op.kind in kinds and self._between(at, op.start) else None

    def _previous(self, at: int, reach: int = 4) -> Mention | None:
        for mention in reversed(self.mentions):
            if at - reach <= mention.end <= at:
                return mention
        return None

    # -- tables --------------------------------------------------------------------------------------------

    def _said_tables(self) -> list[str]:
        """Name the tables the question names, in its order; those named in full before those named by half."""
        strong = [m.of("table", "verb")[0] for m in self.mentions if m.of("table")]
        return list(dict.fromkeys(e.table for e in strong))

    def _table(self, name: str) -> Table:
        table = self.catalog.table(name)
        assert table is not None  # noqa: S101 - entities are made from the catalog
        return table

    def _score(self, entity: Entity) -> float:
        """Rate a reading: its fit, and whether its table is spoken of or near one that is."""
        said = list(dict.fromkeys([*self._said_tables(), *(m.table for m in self.measures)]))
        if entity.table in said:
            return entity.strength + 0.8 - 0.01 * said.index(entity.table)
        near = any(self.catalog.path(t, entity.table) is not None for t in said)
        return entity.strength + (0.1 if near else 0)

    def _best(self, mention: Mention | None, *kinds: str) -> Entity | None:
        readings = mention.of(*kinds) if mention else ()
        return max(readings, key=self._score, default=None)

    def _column(self, mention: Mention | None, *, number: bool = False, date: bool = False) -> Column | None:
        """Read a mention as a column, of a kind if asked."""
        readings = mention.of("column") if mention else ()
        fitting = [
            e
            for e in readings
            if e.column and (not number or e.column.is_measure) and (not date or e.column.kind == DATE)
        ]
        best = max(fitting, key=self._score, default=None)
        return best.column if best else None

    # -- the whole -----------------------------------------------------------------------------------------

    def parse(self) -> Intent | Failure:
        if not self.catalog.tables:
            return Failure("No tables are described in this project's schema metadata.")
        if not self.tokens:
            return Failure("There is no question in it.")
        try:
            self._read_pieces()
            intent = self._assemble()
        except _Unreadable as error:
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

    # -- conditions ----------------------------------------------------------------------------------------

    def _add(self, at: int, condition: Condition) -> None:
        self.conditions.append((at, condition))

    def _read_named(self) -> None:
        """ "named Alice", "containing 'pro'", "status = 'x'": a text after a word that says how to compare."""
        for op in self._ops("named", "like"):
            literal = self._literal_after(op.end)
            if literal is None:
                continue
            text, end = literal
            before = self._previous(op.start)
            column = self._column(before)
            bare = (
                self.tokens[op.end].lower in {"like", "contain", "matching"} or self.tokens[op.start].lower == "like"
            )
            if bare and (before is None or before.of("table")) and self.tokens[end - 1].kind != "quoted":
                continue  # "customers who like jazz"
            if (
                column is not None
                and before is not None
                and column.kind == TEXT
                and self._between(before.end, op.start)
            ):
                columns: tuple[Column, ...] = (column,)
                self._take(before)
            else:
                columns = self._labels(op.start)
            if op.arg == "contains" and not columns:
                columns = self._objects()
            if not columns:
                continue
            self._take(op)
            self.taken[op.end : end] = [True] * (end - op.end)
            how = op.arg or "="
            self._add(op.start, Compare(columns, "contains" if how == "=" and len(columns) > 1 else how, text))

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

    def _plain(self, i: int) -> bool:
        """Whether a token is nobody's yet: no mention, no operator, no filler, no date."""
        token = self.tokens[i]
        spans = [*self.mentions, *self.ops]
        return (
            not self.taken[i]
            and token.kind in {"word", "number"}
            and not any(s.start <= i < s.end for s in spans)
            and token.stem not in FILLERS
        )

    def _labels(self, at: int) -> tuple[Column, ...]:
        """The columns that hold names, of the table spoken of last before a place, or first in all."""
        tables = [m.of("table")[0].table for m in self.mentions if m.of("table") and m.start <= at]
        for name in [*reversed(tables), *self._said_tables()]:
            if labels := self._table(name).labels:
                return labels
        entity = self._best(self._previous(at, reach=3), "column") if not self._said_tables() else None
        return self._table(entity.table).labels if entity else ()

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

    def _read_between(self, op: Op) -> None:
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

    def _number(self, i: int) -> int | float | None:
        token = self.tokens[i]
        return token.value if not self.taken[i] else None

    def _read_compare(self, op: Op) -> None:
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

    def _equals(self, op: Op, how: str) -> None:
        """ "country = Germany": a column, a sign and a text."""
        before = self._previous(op.start)
        column, literal = self._column(before), self._literal_after(op.end)
        if column and literal and before:
            self._take(before, op)
            self.taken[op.end : literal[1]] = [True] * (literal[1] - op.end)
            self._add(op.start, Compare((column,), how, _spelled(column, literal[0])))

    def _compare(self, op: Op, how: str, number: int, start: int, end: int) -> None:
        value = self._number(number)
        assert value is not None  # noqa: S101 - the callers looked
        while end < len(self.tokens) and self.tokens[end].stem in _CURRENCY:
            self.taken[end] = True
            end += 1
        following = self._next(end, reach=1)
        counted = self._best(following, "table")
        strong = counted is not None and (counted.strength >= 0.8 or not self._column(following, number=True))  # noqa: PLR2004
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

    def _text(self, op: Op) -> str:
        return self.text[self.tokens[op.start].start : self.tokens[op.end - 1].end]

    def _said(self, op: Op) -> str:
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

    def _negation_before(self, at: int) -> Op | None:
        """Find a "not" that belongs to what stands at a place."""
        for op in reversed(self.ops):
            if op.end <= at and op.kind in {"not", "without"}:
                return op if at - op.end <= 3 and self._between(op.end, at) else None  # noqa: PLR2004
        return None

    def _read_terms(self) -> None:
        """Apply the business terms that are conditions; those that are figures are read as measures."""
        for mention in self.mentions:
            entity = self._best(mention, "term")
            if entity is None or not self._free(mention) or entity.term is None:
                continue
            term = entity.term
            if term.condition is not None:
                if entity.strength < 1 and entity.table not in self._said_tables():
                    continue
                negated = self._negation_before(mention.start)
                if negated:
                    continue
                self._take(mention)
                self._add(mention.start, Defined(term.condition, term.table, term.said))
                self._credit(term)
            elif term.measure is not None:
                self._take(mention)
                self.measures.append(self._term_measure(term))

    def _term_measure(self, term: Term) -> Measure:
        self._credit(term)
        return Measure("expression", term.table, expression=term.measure, name="_".join(term.words))

    def _credit(self, term: Term) -> None:
        self.context_id = self.context_id or term.context_id
        self.notes.append(f"{' '.join(term.words)!r} taken as defined: {term.said}")

    def _read_values(self) -> None:
        for mention in self.mentions:
            if not self._free(mention) or mention.of("term", "table"):
                continue
            entity = self._best(mention, "value")
            if entity is None or entity.column is None or entity.value is None:
                continue
            column_reading = self._best(mention, "column")
            if column_reading and self._score(column_reading) > self._score(entity):
                continue
            negated = self._negation_before(mention.start)
            self._take(mention, negated)
            self._take_column_word(entity.column, mention)
            others = {e.column.ref for e in mention.of("value") if e.column} - {entity.column.ref}
            if others and entity.table not in self._said_tables():
                self.notes.append(f"{entity.value!r} looked up in {entity.column.ref}")
            no = (negated is not None) != entity.negated
            if isinstance(entity.value, bool):
                self._add_value(mention.start, entity.column, entity.value != no, negated=False)
            else:
                self._add_value(mention.start, entity.column, entity.value, negated=no)

    def _take_column_word(self, column: Column, mention: Mention) -> None:
        """ "status active", "with status active", "active status": the column's own name adds nothing."""
        for other in self.mentions:
            near = 0 <= mention.start - other.end <= 2 or other.start == mention.end  # noqa: PLR2004
            if near and self._free(other) and any(e.column is column for e in other.of("column")):
                self._take(other)

    def _add_value(self, at: int, column: Column, value: Value, *, negated: bool) -> None:
        """Add an equality, widening an earlier one on the same column: "active or pending"."""
        how, many = ("!=", "not in") if negated else ("=", "in")
        for i, (place, old) in enumerate(self.conditions):
            if isinstance(old, Compare) and old.columns == (column,) and old.op in {how, many}:
                values = old.value if isinstance(old.value, tuple) else (old.value,)
                merged = tuple(dict.fromkeys((*values, value)))
                if len(merged) > len(values):
                    self.conditions[i] = (place, Compare((column,), many, merged))
                return
        self._add(at, Compare((column,), how, value))

    def _read_keys(self) -> None:
        """ "customer 12", "order number 7", "id 3": a row by its key."""
        for mention in self.mentions:
            entity = self._best(mention, "table", "column")
            at = mention.end
            while at < len(self.tokens) and self.tokens[at].lower in {"number", "no", "id", "#", "nr", "with", "is"}:
                at += 1
            if entity is None or at >= len(self.tokens) or self.tokens[at].kind != "number":
                continue
            value = self._number(at)
            if value is None:
                continue
            column = entity.column if entity.kind == "column" else self._table(entity.table).primary_key
            if column is None or (entity.kind == "column" and column.kind != NUMBER):
                continue
            self.taken[mention.end : at + 1] = [True] * (at + 1 - mention.end)
            if entity.kind == "column":
                self._take(mention)
            self._add(mention.start, Compare((column,), "=", value))

    def _read_literals(self) -> None:
        """Give a column to every quoted text and to the names that nothing else explains."""
        for i, token in enumerate(self.tokens):
            if token.kind == "quoted" and not self.taken[i]:
                self._read_literal(token.text, i, i + 1, quoted=True)
        i = 0
        while i < len(self.tokens):
            if not self._unknown_at(i):
                i += 1
                continue
            end = i + 1
            while end < len(self.tokens) and self._unknown_at(end) and self.tokens[end].capitalised:
                end += 1
            self._read_literal(self.text[self.tokens[i].start : self.tokens[end - 1].end], i, end, quoted=False)
            i = end

    def _unknown_at(self, i: int) -> bool:
        token = self.tokens[i]
        return self._plain(i) and token.kind == "word" and token.lower not in HARMLESS

    def _read_literal(self, text: str, start: int, end: int, *, quoted: bool) -> None:
        negated = self._negation_before(start)
        condition = (
            self._stated_column(text, start)
            or self._titled(text, start, end)
            or self._place(text, start, quoted=quoted)
            or self._adjective(text, start, end)
            or self._person(text, start, quoted=quoted)
        )
        if condition is None:
            return
        if negated and condition.op in _OPPOSITE:
            condition = attrs.evolve(condition, op=_OPPOSITE[condition.op])
        elif negated:
            return
        self._take(negated)
        self.taken[start:end] = [True] * (end - start)
        columns = condition.columns
        if (
            len(columns) == 1
            and condition.op in {"=", "!="}
            and isinstance(condition.value, str)
            and not condition.fold
        ):
            self._add_value(start, columns[0], condition.value, negated=condition.op == "!=")
        else:
            self._add(start, condition)

    def _stated_column(self, text: str, start: int) -> Compare | None:
        """ "country Germany", "whose city is Bonn": the column is named before the value."""
        before = self._previous(start, reach=3)
        column = self._column(before)
        if before is None or column is None or before.of("table", "value") or column.kind != TEXT:
            return None
        bare = before.end == start and text[0].islower() and self.tokens[start].kind != "quoted"
        if bare or not self._between(before.end, start) or (before.end == start and not self._free(before)):
            return None
        said = {t.lower for t in self.tokens[before.end : start]}
        if said - {"is", "are", "as", "of", "the", "was", "not", "isn't", "equal", "to"} or (
            "of" in said and not column.categorical
        ):
            return None
        self._take(before)
        return Compare((column,), "=", _spelled(column, text))

    def _place(self, text: str, start: int, *, quoted: bool) -> Compare | None:
        """ "in Germany", "from Berlin", "German customers": a place, where there are columns for places."""
        word = self.tokens[start - 1].lower if start else ""
        if word == "the" and start > 1:
            word = self.tokens[start - 2].lower
        demonym = DEMONYMS.get(text.casefold())
        if word not in {"in", "from", "near", "at", "within", "outside"} and not demonym:
            return None
        columns = self._place_columns()
        if demonym:
            countries = [c for c in columns if "country" in c.words or "nation" in c.words]
            return Compare((countries[0],), "=", demonym, fold=True) if countries else None
        if not columns or (not quoted and text.isdigit()):
            return None
        fold = not text[0].isupper()
        self.notes.append(f"{text!r} taken as a place")
        value = text.casefold() if fold else text
        return Compare(columns, "=", value, fold=fold)

    def _place_columns(self) -> tuple[Column, ...]:
        """The country and city columns of the first table spoken of, or of one it belongs to."""
        said = self._said_tables() or [t.name for t in self.catalog.tables]
        tables = [self._table(name) for name in said]
        belongs = [t for name in said for t in self.catalog.tables if self.catalog.path(name, t.name)]
        for table in [*tables, *belongs]:
            columns = [c for c in table.columns if c.place]
            if columns and table in belongs and table not in tables:
                # "staff in Oslo", "staff in Research": where the department is, or the department
                return (columns[0], *table.labels[:1])
            exact = [c for place in PLACES[:3] for c in columns if c.words[-1] == place]
            if exact or columns:
                # a place of a described column would have been found among its values
                open_ended = [c for c in exact if not c.values]
                return tuple(open_ended or exact or columns[:1])
        return ()

    def _adjective(self, text: str, start: int, end: int) -> Compare | None:
        """ "dormant customers": a word before a table that has a status column nobody described the values of."""
        following = next((m for m in self.mentions if m.start == end), None)
        entity = self._best(following, "table")
        if entity is None or end != start + 1 or self.tokens[start].text != text:
            return None
        columns = [c for c in self._table(entity.table).columns if c.status_like and not c.values]
        if not columns:
            return None
        self.notes.append(f"{text!r} taken as a value of {columns[0].ref}")
        return Compare((columns[0],), "=", text.casefold(), fold=True)

    def _titled(self, text: str, start: int, end: int) -> Compare | None:
        """"the Sales department", "the Garden category": a name before the word for what it names."""
        following = next((m for m in self.mentions if m.start == end), None)
        if following is None or not self.tokens[start].capitalised or start == 0:
            return None
        table, column = self._best(following, "table"), self._column(following)
        aside = table is not None and (table.table != self._said_tables()[0] or self.tokens[start - 1].lower == "the")
        if table and aside and (labels := self._table(table.table).labels):
            return Compare(labels, "contains", text)
        if column and column.categorical and column.kind == TEXT:
            self._take(following)
            return Compare((column,), "=", _spelled(column, text))
        return None

    def _person(self, text: str, start: int, *, quoted: bool) -> Compare | None:
        """ "orders of Alice Smith": a name, where there is a column for names."""
        if not quoted and (not text[0].isupper() or text.isupper() or start == 0):
            return None
        before = start - 1
        while before >= 0 and self.tokens[before].lower in {"the", "a", "an", "any", "some"}:
            before -= 1
        columns = self._labels(start)
        if before >= 0 and self.tokens[before].lower in {"in", "at", "within"}:
            # "staff in Research": what they belong to, not their own names
            columns = next((t.labels for name in self._said_tables() for t in self._parents(name) if t.labels), ())
        elif before >= 0 and self.tokens[before].lower in _OBTAINED:
            columns = self._objects()  # "who bought the Teapot"
        elif not columns:
            figures = [c.table for m in self.mentions if (c := self._column(m, number=True))]
            said = [*self._said_tables(), *(m.table for m in self.measures if m.table), *figures]
            columns = next((t.labels for name in said for t in self._parents(name) if t.labels), ())
        elif self.tokens[start - 1].lower in {"by", "for", "of", "from"}:
            # "orders by Alice": the one who ordered, not the name of the order
            for name in self._said_tables():
                parents = [p.labels for p in self._parents(name) if p.labels and _is_person(p)]
                if parents and not _is_person(self._table(name)):
                    columns = parents[0]
                    break
        if not columns:
            return None
        self.notes.append(f"{text!r} looked up in {', '.join(c.ref for c in columns)}")
        return Compare(columns, "=" if quoted and len(columns) == 1 else "contains", text)

    def _objects(self) -> tuple[Column, ...]:
        """The names of things that rows of the tables spoken of consist of: the products of an order."""
        for name in self._said_tables():
            paths = [
                (self.catalog.path(name, t.name, fan_out=True), t) for t in self.catalog.tables if t.name != name
            ]
            reached = sorted(
                (p for p in paths if p[0] and p[1].labels and not _is_person(p[1])), key=lambda p: len(p[0] or ())
            )
            if reached:
                return reached[0][1].labels
        return ()

    def _parents(self, name: str) -> Iterator[Table]:
        """The tables that each row of one belongs to, nearest first."""
        paths = [(self.catalog.path(name, t.name), t) for t in self.catalog.tables if t.name != name]
        yield from (t for path, t in sorted((p for p in paths if p[0]), key=lambda p: len(p[0] or ())))

    # -- order, ranking, groups ----------------------------------------------------------------------------

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

    def _read_groups(self) -> None:
        for op in self._ops("group"):
            if self.tokens[op.start].lower == "by" and self._says_who(op):
                self._take(op)
                continue
            at, first = op.end, True
            while True:
                target = self._group_target(at)
                if target is None:
                    break
                self.by.append(target)
                self._take(target)
                if first:
                    self._take(op)
                at, first = target.end, False
                if at < len(self.tokens) and self.tokens[at].lower in {"and", "then"}:
                    at += 1
                elif not (
                    at < len(self.tokens) and "," in self.text[self.tokens[at - 1].end : self.tokens[at].start]
                ):
                    break
        for op in self._ops("grain"):
            word = self.tokens[op.start].lower
            if (
                word.endswith("ly")
                or word in {"annual", "over", "trend", "trends", "trending", "timeline"}
                or op.end - op.start > 1
            ):
                self.by.append(op)
                self._take(op)

    def _says_who(self, op: Op) -> bool:
        """Whether a "by" follows a verb: "orders placed yesterday by customers in Japan"."""
        for i in range(op.start - 1, max(op.start - 6, -1), -1):
            if self.tokens[i].lower in _DONE:
                return True
            if not self.taken[i] and self.tokens[i].stem not in FILLERS:
                return False
        return False

    def _group_target(self, at: int) -> Mention | Op | None:
        if aggregate := self._next_op(at, "aggregate", "money", "sold", "spend", "grain"):
            return aggregate
        return self._next(at, reach=2)

    # -- figures -------------------------------------------------------------------------------------------

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
        if any(isinstance(b, Op) for b in self.by) or self._ops("money", "spend", "sold"):
            self._read_business()

    def _share_out(self) -> None:
        """ "average number of orders per customer": a total, divided by how many customers there are in it."""
        if not self.shared:
            return
        measure = self.measures[0] if self.measures else None
        over = self.by[0] if len(self.by) == 1 else None
        per: Group | None = None
        if measure and isinstance(over, Op) and over.kind == "grain":
            per = Group(self._date_column(measure.table), over.arg)
        elif measure and isinstance(over, Mention) and (parent := self._best(over, "table")):
            path = self.catalog.path(measure.table, parent.table)
            per = Group(path[0].child) if path and len(path) == 1 else None
        if measure is None or per is None:
            msg = "An average of totals needs to be told over what: per customer, per month."
            raise _Unreadable(msg)
        self.by = []
        self.measures = [attrs.evolve(measure, per=per)]

    def _read_named_figures(self) -> None:
        """ "total amount of orders" where a column is called total_amount: its sum is meant all the same."""
        subject = next((m for m in self.mentions if m.of("table", "column")), None)
        for mention in self.mentions:
            op = OPERATORS.get((self.tokens[mention.start].lower,))
            column = self._column(mention, number=True)
            if op is None or op[0] != "aggregate" or column is None or self.measures or not self._free(mention):
                continue
            asked = self.tokens[0].lower in {"what", "what's", "whats", "calculate", "compute", "sum"}
            if asked or mention is subject or self.by:
                self._take(mention)
                self.measures.append(Measure("avg" if op[1] == "avg" else op[1], column.table, column))

    def _read_figure(self, op: Op) -> None:
        """Sum, average, minimum or maximum of what is named next, or right before."""
        mention = self._next(op.end, reach=3)
        money = self._next_op(op.end, "money", "spend")
        if money and (mention is None or money.start < mention.start):
            self._take(money)
            self.shared = op.arg == "avg" and bool(self.by)
            self._add_money("sum" if self.shared else op.arg)
            return
        if mention and (term := self._best(mention, "term")) and term.term and term.term.measure is not None:
            self._take(mention)
            measure = self._term_measure(term.term)
            if op.arg != "sum" and isinstance(measure.expression, exp.Sum):
                self.shared = op.arg == "avg" and bool(self.by)
                if not self.shared:
                    kind = {"avg": exp.Avg, "min": exp.Min, "max": exp.Max}[op.arg]
                    measure = attrs.evolve(
                        measure, expression=kind(this=measure.expression.this), name=f"{op.arg}_{measure.name}"
                    )
            self.measures.append(measure)
            return
        plural = mention is not None and mention.of("table") and self.tokens[mention.end - 1].lower.endswith("s")
        if op.arg == "avg" and mention and plural and self.by and not self._figure_follows(mention):
            # "average orders per customer" counts them
            self._take(mention)
            self.shared = True
            self.measures.append(Measure("count", mention.of("table")[0].table))
            return
        numeric = op.arg in {"sum", "avg"}
        column = self._figure_column(mention, numeric=numeric)
        if column is None and mention is None:
            previous = self._previous(op.start, reach=1)
            column = self._column(previous, number=numeric)
            if column and previous:
                self._take(previous)
        if column is None and mention and mention.of("table"):
            table = self._table(mention.of("table")[0].table)
            following = self._next(mention.end, reach=2)
            column = self._figure_column(following, numeric=numeric, table=table.name) if following else None
            self._take(mention)
            if column is None and op.arg == "sum" and not table.money:
                self.measures.append(Measure("count", table.name))
                return
            column = column or table.money or next(iter(table.measures), None)
            if column is None:
                msg = f"{table.name} has no column to take the {_FUNCTION_NAMES[op.arg]} of."
                raise _Unreadable(msg)
            if not following:
                self.notes.append(f"the figure of {table.name} is taken from {column.name}")
        if column is None:
            self._read_default_figure(op)
            return
        self.measures.append(Measure(op.arg, column.table, column))

    def _read_count(self, op: Op) -> None:
        distinct = self._next_op(op.end, "distinct")
        self._take(distinct)
        mention = self._next(distinct.end if distinct else op.end, reach=4)
        # "number of active users": the thing counted is the table after its adjectives
        later = [m for m in self.mentions if mention and m.start >= mention.start and m.of("table")]
        table = self._best(mention, "table")
        column = None if table and table.strength >= 0.8 else self._column(mention)  # noqa: PLR2004
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
        if mention.of("table") and not any(e.strength >= 0.8 for e in readings):  # noqa: PLR2004
            return None
        best = max(readings, key=self._score, default=None)
        if best is None or best.column is None:
            return None
        self._take(mention)
        return best.column

    def _read_default_figure(self, op: Op) -> None:
        """ "the total" of something that was only hinted at."""
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
            if negated and sold:
                self._take(negated)
                self.related.append((op.start, Related(sold.name, present=False)))
            else:
                self._add_quantity()

    def _add_money(self, function: str) -> None:
        candidates = list(self._money_measures(function))
        if not candidates:
            msg = "No column holds amounts of money."
            raise _Unreadable(msg)
        self.measures.append(candidates[0])

    def _money_measures(self, function: str) -> Iterator[Measure]:
        """Every way to sum up money, best first: amounts of the tables spoken of, of the records of business, prices."""
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

    def _add_quantity(self) -> None:
        said = self._said_tables()
        if "how much" in self.text.casefold():
            self._add_money("sum")
            return
        for table in self.catalog.tables:
            quantity = next((c for c in table.measures if "quantity" in c.words), None)
            if quantity and all(self.catalog.path(table.name, name) is not None for name in said):
                said_so = [m for m in self.mentions if self._column(m, number=True) is quantity]
                self._take(*said_so)
                self.by = [b for b in self.by if b not in said_so]
                figure = Measure("sum", table.name, quantity)
                self.measures = [m for m in self.measures if m.function != "count" and m != figure] + [figure]
                self.order = self.order or (Order(None, descending=True) if said_so and self.ranked else None)
                return
        self._add_money("sum")

    # -- putting it together -------------------------------------------------------------------------------

    def _assemble(self) -> Intent:
        self.vague = next(iter(self._ops("vague")), None)
        self._take(*self._ops("vague"))
        percent = next(iter(self._ops("percent")), None)
        self._take(percent)
        main = self._subject()
        self._rank(main)
        self._resolve_by()
        table = self.measures[0].table if self.measures else main.name
        if self.measures and not table:
            self.measures[0] = attrs.evolve(self.measures[0], table=main.name)
            table = main.name
        columns, distinct = self._projection(table)
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

    def _settle_money(self, table: str) -> str:
        """Take money from a table that can be split as the question asks, where the first choice cannot."""
        if len(self.measures) != 1 or not self._is_money(self.measures[0]):
            return table
        needed = {g.column.table for g in self.groups} | {_tables_of(c)[0] for _, c in self.conditions}
        if all(self.catalog.path(table, name) is not None for name in needed):
            return table
        for measure in self._money_measures("sum"):
            if all(self.catalog.path(measure.table, name) is not None for name in needed):
                self.notes.append(f"taken from {measure.table}, as {table} cannot be split like that")
                self.measures = [measure]
                return measure.table
        return table

    @staticmethod
    def _is_money(measure: Measure) -> bool:
        return measure.name == "money" or isinstance(measure.expression, exp.Sum)

    def _subject(self) -> Table:
        """The table whose rows are asked for: the first one spoken of, or that of a column, value or figure."""
        for kinds in (("table",), ("verb",)):
            for mention in self.mentions:
                if entity := self._best(mention, *kinds):
                    return self._table(entity.table)
        for measure in self.measures:
            if measure.table:
                return self._table(measure.table)
        for _, condition in self.conditions:
            return self._table(_tables_of(condition)[0])
        for mention in self.mentions:
            if entity := self._best(mention, "column", "term"):
                return self._table(entity.table)
        if self.measures or self.dates or self.ranked or self._ops("money", "spend", "sold"):
            if self._ops("money", "spend", "sold"):
                self._read_business()
                return self._table(self.measures[0].table)
            if len(self.catalog.tables) == 1:
                return self.catalog.tables[0]
        msg = "No known table, column or value is named in it."
        raise _Unreadable(msg)

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
            raise _Unreadable(msg)
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
            dated = any(t.stem in {"date", "day", "time"} for t in self.tokens[after.start : after.end])
            column = self._column(after, date=True) if dated else None
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
            raise _Unreadable(msg)
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
            raise _Unreadable(msg)
        self.measures = [Measure("count", children[0].name)]

    def _recording(self, name: str) -> list[Table]:
        """The tables whose rows each belong to a row of one, nearest first."""
        paths = [(self.catalog.path(t.name, name), t) for t in self.catalog.tables if t.name != name]
        return [t for path, t in sorted((p for p in paths if p[0]), key=lambda p: len(p[0] or ()))]

    def _grouping(self, by: Mention) -> bool:
        """Whether a mention after "by" is a thing to group by rather than a figure to rank by."""
        if by.of("table") and by.of("table")[0].strength >= 0.8:  # noqa: PLR2004
            return True
        column = self._column(by)
        return column is not None and not column.is_measure

    def _group_rows(self, name: str) -> None:
        """Group by the rows of a table, shown by their names."""
        table = self._table(name)
        labels = table.labels or ((table.primary_key,) if table.primary_key else ())
        if not labels:
            msg = f"{name} has neither a name nor a key to group by."
            raise _Unreadable(msg)
        self.groups += [Group(label, entity=True) for label in labels if Group(label, entity=True) not in self.groups]

    def _group_by_column(self, column: Column) -> None:
        grain = "month" if column.kind == DATE and self._table(column.table).dates else None
        if grain:
            self.notes.append(f"{column.ref} taken by month")
        if Group(column, grain) not in self.groups:
            self.groups.append(Group(column, grain))

    def _resolve_by(self) -> None:
        """Decide what each thing after "by" is: a grain of time, a column or table to group by, a figure to rank by."""
        ranking = False
        for target in self.by:
            if isinstance(target, Op):
                ranking = self._by_operator(target) or ranking
            elif (term := self._best(target, "term")) and term.term and term.term.measure is not None:
                self.measures.append(self._term_measure(term.term))
                ranking = True
            elif self._grouping(target):
                entity = self._best(target, "table")
                column = self._column(target)
                if entity and entity.strength >= 0.8:  # noqa: PLR2004
                    self._group_rows(entity.table)
                elif column:
                    self._group_by_column(self._within_reach(column))
            elif column := self._column(target, number=True):
                self._by_number(column)
                ranking = True
            else:
                msg = "It is unclear what to group by."
                raise _Unreadable(msg)
        if ranking and self.order is None and not self.groups and self.measures:
            # "customers by revenue": a group for each of what is listed, largest first
            said = [t for t in self._said_tables() if t != self.measures[0].table]
            if said:
                self._group_rows(said[0])
        if self.having and not self.groups and self.measures:
            for name in self._said_tables():
                if name != self.measures[0].table:
                    self._group_rows(name)
                    break
            else:
                msg = "It is unclear what the figure is to be compared for."
                raise _Unreadable(msg)
        if ranking and self.order is None:
            self.order = Order(None, descending=True)
        if self.groups and not self.measures:
            self._default_measure()

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

    def _by_operator(self, op: Op) -> bool:
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
            raise _Unreadable(msg)
        elif said and said[0] == column.table:
            self.order = self.order or Order(column, descending=True)
        else:
            self.measures.append(Measure("sum", column.table, column))

    def _date_column(self, name: str, hint_at: int | None = None) -> Column:
        """The date column that dates a table's rows: the one a verb hints at, its own, or that of what it belongs to."""
        table = self._table(name)
        dates = list(table.dates)
        if not dates:
            paths = [(self.catalog.path(name, other.name), other) for other in self.catalog.tables]
            reached = sorted(
                (pair for pair in paths if pair[0] and pair[1].dates), key=lambda pair: len(pair[0] or ())
            )
            dates += reached[0][1].dates if reached else ()
        if not dates:
            msg = f"{name} has no date column."
            raise _Unreadable(msg)
        hints = {leader(t.stem) for i, t in enumerate(self.tokens) if hint_at is None or i < hint_at}
        hinted = [c for c in dates if {leader(w) for w in c.words if w != "date"} & hints]
        if hinted:
            return hinted[0]
        if len(dates) > 1:
            self.notes.append(f"dates taken from {dates[0].ref}")
        return dates[0]

    def _projection(self, table: str) -> tuple[tuple[Column, ...], bool]:
        """The columns a listing asks for by name, and whether each value is wanted once."""
        distinct = self._ops("distinct")
        self._take(*distinct)
        columns: list[Column] = []
        for mention in self.mentions:
            if not self._free(mention) or mention.of("table", "term"):
                continue
            column = self._column(mention)
            if column is None:
                continue
            strength = next(e.strength for e in mention.entities if e.column is column)
            recent = self.ranked is not None and self.ranked[0] == "recent"
            if (self.dates or recent) and column.kind == DATE and strength < 0.9:  # noqa: PLR2004
                self._take(mention)  # "created this year" says which date is meant
                continue
            negated = self._negation_before(mention.start)
            wanted = self._previous_op(mention.start, "with")
            if negated is not None:
                self._take(mention, negated)
                self._add(mention.start, Compare((column,), "null"))
                continue
            if wanted is not None and column.kind != NUMBER and self._between(wanted.end, mention.start):
                preceding = {t.lower for t in self.tokens[wanted.end : mention.start]}
                if preceding & {"a", "an", "any"} or self.measures:
                    self._take(mention, wanted)
                    self._add(mention.start, Compare((column,), "not null"))
                    continue
            if (self.measures or self.groups) and not (strength >= 0.7 and column.categorical and not self.groups):  # noqa: PLR2004
                continue  # left over: it will be said that it was not understood
            self._take(mention)
            columns.append(column)
        if not columns:
            return (), False
        if self.measures or self.groups:
            for column in columns:
                self._group_by_column(self._within_reach(column))
            return (), False
        first = columns[0]
        subject = [m for m in self.mentions if m.of("table")]
        leads = not subject or any(
            m.start < subject[0].start and any(e.column is first for e in m.of("column")) for m in self.mentions
        )
        before = self._previous_op(
            next(m.start for m in self.mentions if any(e.column is first for e in m.of("column"))), "with"
        )
        if before is not None and subject and subject[0].end <= before.start:
            # "orders with their customer names": that as well as all the rest
            self.everything = True
            return tuple(c for c in dict.fromkeys(columns) if c.table != table), False
        plural = first.kind == TEXT and first not in self._table(first.table).labels and not subject
        plural = plural and not self.conditions
        once = bool(distinct) or (leads and len(columns) == 1 and (first.categorical or plural))
        if not once and first.table == table and self.order is None:
            labels = [c for c in self._table(table).labels if c not in columns]
            columns = [*(labels if all(not c.is_id for c in columns) and not leads else []), *columns]
        return tuple(dict.fromkeys(columns)), once

    def _previous_op(self, at: int, kind: str) -> Op | None:
        return next((op for op in reversed(self.ops) if op.kind == kind and op.end <= at and at - op.end <= 2), None)  # noqa: PLR2004

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
        """Give each condition to the rows it can be checked on: the table's own, or related ones."""
        related = dict(self.related)
        self._date_conditions(table, related)
        own: list[Condition] = []
        for at, condition in sorted(self.conditions, key=lambda pair: pair[0]):
            names = _tables_of(condition)
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
                    raise _Unreadable(msg)
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
            if (
                owner is not None
                and self.catalog.path(table, column.table) is None
                or (owner is not None and name != table)
            ):
                other = related[owner]
                related[owner] = attrs.evolve(other, conditions=(*other.conditions, condition))
            else:
                self._add(at, condition)

    def _dated(self, name: str) -> bool:
        return any(t.dates for t in self.catalog.tables if self.catalog.path(name, t.name) is not None)

    # -- summaries -----------------------------------------------------------------------------------------

    def _summarise(self, table: Table) -> None:
        """Make something useful of "customer metrics" and "sales data"."""
        vague = self.vague
        assert vague is not None  # noqa: S101 - only called for a vague question
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

    # -- what is left --------------------------------------------------------------------------------------

    def _unknown(self) -> tuple[str, ...]:
        """The words that would change the answer and that nothing has explained."""
        grammar = {
            i
            for op in self.ops
            if op.kind in {"with", "when", "grain", "limit", "direction"}
            for i in range(op.start, op.end)
        }
        left = [self._text(op) for op in self._ops(*_DECISIVE)]
        for i, token in enumerate(self.tokens):
            if self.taken[i] or (i in grammar and token.lower not in NEGATIONS):
                continue
            if token.kind == "symbol" and token.text in {"+", "%", "#"}:
                continue
            if token.kind == "word" and (token.stem in FILLERS or token.lower in FILLERS or token.lower in HARMLESS):
                continue
            if token.kind == "word" and token.lower.endswith("ly") and len(token.text) > 5:  # noqa: PLR2004
                continue
            left.append(token.text)
        return tuple(dict.fromkeys(left))


_FUNCTION_NAMES: Final = {"sum": "sum", "avg": "average", "min": "minimum", "max": "maximum"}


def _priced(table: Table) -> Column | None:
    return next((c for word in ("price", "cost") for c in table.measures if word in c.words), None)


def _is_person(table: Table) -> bool:
    person = {
        "customer",
        "user",
        "employee",
        "person",
        "supplier",
        "member",
        "patient",
        "student",
        "author",
        "contact",
    }
    return bool({leader(w) for w in table.words} & person)


def _tables_of(condition: Condition) -> list[str]:
    if isinstance(condition, Compare):
        return list(dict.fromkeys(column.table for column in condition.columns))
    return [condition.column.table] if isinstance(condition, Within) else [condition.table]


def _spelled(column: Column, text: str) -> str:
    """Write a value the way the column's description does."""
    return next((v for v in column.values if v.casefold() == text.casefold()), text)
