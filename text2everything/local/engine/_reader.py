"""`Reader`: the state of parsing a question, and the helpers of all parsing steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from text2everything.local.engine._catalog import DATE, Catalog, Column, Table
from text2everything.local.engine._dates import DateRange, find_dates
from text2everything.local.engine._definitions import Term
from text2everything.local.engine._grammar import HARMLESS, Operator, find_operators
from text2everything.local.engine._intent import (
    Condition,
    Group,
    Measure,
    Order,
    Related,
)
from text2everything.local.engine._lexicon import Entity, Lexicon, Mention
from text2everything.local.engine._words import FILLERS, first_synonym, tokenize

# A mention with at least this strength is taken for a table, whatever else it may name.
SURE: Final = 0.8


class UnreadableError(Exception):
    """The question cannot be understood; the message is for the explanation."""


class Reader:
    """The state of parsing a question.

    Each step marks the tokens it understands as taken. If tokens with a meaning are left at the end, the question is
    not understood.
    """

    def __init__(self, text: str, catalog: Catalog, lexicon: Lexicon, today: dt.date) -> None:
        self.text = text
        self.catalog = catalog
        self.tokens = tokenize(text)
        self.taken = [False] * len(self.tokens)
        self.notes: list[str] = []
        self.dates = self._dates(today)
        in_dates = list(self.taken)
        self.lexicon = lexicon
        self.mentions = self._mentions(self.lexicon, in_dates)
        self.ops = self._operators(in_dates)
        self.conditions: list[tuple[int, Condition]] = []
        self.groups: list[Group] = []
        self.measures: list[Measure] = []
        self.related: list[tuple[int, Related]] = []
        self.order: Order | None = None
        self.limit: int | None = None
        self.having: tuple[str, int | float] | None = None
        self.context_id: str | None = None
        self.ranked: tuple[str, Operator] | None = None
        self.by: list[Mention | Operator] = []
        self.vague: Operator | None = None
        self.everything = False
        self.shared = False

    def _dates(self, today: dt.date) -> tuple[DateRange, ...]:
        found = find_dates(self.text, today)
        for i, token in enumerate(self.tokens):
            if token.kind != "quoted" and any(r.at[0] <= token.start and token.end <= r.at[1] for r in found):
                self.taken[i] = True
        quoted = [t for t in self.tokens if t.kind == "quoted"]
        return tuple(r for r in found if not any(t.start <= r.at[0] and r.at[1] <= t.end for t in quoted))

    def _mentions(self, lexicon: Lexicon, taken: list[bool]) -> list[Mention]:
        """Return what the tokens name, without single words that are better understood as operators."""
        operators = find_operators(self.tokens, taken)
        kept = []
        for mention in lexicon.mentions(self.tokens, taken):
            overlapping = [op for op in operators if op.start < mention.end and mention.start < op.end]
            if overlapping and not self._outweighs(mention, overlapping):
                continue
            kept.append(mention)
        return kept

    def _outweighs(self, mention: Mention, operators: list[Operator]) -> bool:
        longest = max(op.end - op.start for op in operators)
        length = mention.end - mention.start
        if length != longest:
            return length > longest and mention.entities[0].strength > 0.5  # noqa: PLR2004
        if operators[0].kind in {"money", "spend", "sold", "vague", "grain", "like"}:
            # "sales" may be a table, a column or a defined term, "month" a column: known names come first
            return any(e.strength >= 0.95 or e.kind == "term" for e in mention.entities)  # noqa: PLR2004
        return operators[0].kind in {"top", "price", "when", "with"} and mention.entities[0].strength == 1

    def _operators(self, in_dates: list[bool]) -> list[Operator]:
        taken = list(in_dates)
        for mention in self.mentions:
            taken[mention.start : mention.end] = [True] * (mention.end - mention.start)
        found = find_operators(self.tokens, taken)
        return [op for op in found if op.kind not in {"money", "sold"} or not self._names(op)]

    def _names(self, op: Operator) -> bool:
        """Whether an operator is a name here, as in "the Sales department"."""
        capitalised = self.tokens[op.start].capitalised and op.start > 0
        return capitalised and any(m.start == op.end and m.of("table") for m in self.mentions)

    def _take(self, *spans: Mention | Operator | None) -> None:
        for span in spans:
            if span is not None:
                self.taken[span.start : span.end] = [True] * (span.end - span.start)

    def _free(self, span: Mention | Operator) -> bool:
        return not any(self.taken[span.start : span.end])

    def _ops(self, *kinds: str) -> list[Operator]:
        return [op for op in self.ops if op.kind in kinds and self._free(op)]

    def _between(self, start: int, end: int) -> bool:
        """Whether only fillers and taken tokens are between two positions."""
        return all(
            self.tokens[i].stem in FILLERS or self.tokens[i].lower in HARMLESS or self.taken[i]
            for i in range(start, end)
        )

    def _next(self, at: int, reach: int = 3, *, taken: bool = False) -> Mention | None:
        """Return the mention that follows a position, except for fillers."""
        for mention in self.mentions:
            if at <= mention.start <= at + reach and (taken or self._free(mention)):
                return mention if self._between(at, mention.start) else None
        return None

    def _next_op(self, at: int, *kinds: str) -> Operator | None:
        """Return the operator of these kinds that follows a position, except for fillers."""
        near = (op for op in self._ops(*kinds) if at <= op.start <= at + 2)
        return next((op for op in near if self._between(at, op.start)), None)

    def _previous(self, at: int, reach: int = 4) -> Mention | None:
        for mention in reversed(self.mentions):
            if at - reach <= mention.end <= at:
                return mention
        return None

    def _previous_op(self, at: int, kind: str) -> Operator | None:
        return next((op for op in reversed(self.ops) if op.kind == kind and op.end <= at and at - op.end <= 2), None)  # noqa: PLR2004

    def _text(self, op: Operator) -> str:
        return self.text[self.tokens[op.start].start : self.tokens[op.end - 1].end]

    def _number(self, i: int) -> int | float | None:
        token = self.tokens[i]
        return token.value if not self.taken[i] else None

    def _plain(self, i: int) -> bool:
        """Whether a token has no meaning yet: no mention, no operator, no filler, no date."""
        token = self.tokens[i]
        spans: list[Mention | Operator] = [*self.mentions, *self.ops]
        return (
            not self.taken[i]
            and token.kind in {"word", "number"}
            and not any(s.start <= i < s.end for s in spans)
            and token.stem not in FILLERS
        )

    def _negation_before(self, at: int) -> Operator | None:
        """Return a "not" that applies to the token at a position."""
        for op in reversed(self.ops):
            if op.end <= at and op.kind in {"not", "without"}:
                return op if at - op.end <= 3 and self._between(op.end, at) else None  # noqa: PLR2004
        return None

    def _said_tables(self) -> list[str]:
        """Return the names of the tables that the question mentions, in order."""
        strong = [m.of("table", "verb")[0] for m in self.mentions if m.of("table")]
        return list(dict.fromkeys(e.table for e in strong))

    def _table(self, name: str) -> Table:
        table = self.catalog.table(name)
        assert table is not None  # noqa: S101
        return table

    def _strongest(self, entities: Sequence[Entity]) -> Entity | None:
        """Return the strongest meaning, with a bonus if its table is mentioned or linked to one that is."""
        if len(entities) < 2:  # noqa: PLR2004
            return entities[0] if entities else None
        said = list(dict.fromkeys([*self._said_tables(), *(m.table for m in self.measures)]))

        def score(entity: Entity) -> float:
            if entity.table in said:
                return entity.strength + 0.8 - 0.01 * said.index(entity.table)
            near = any(self.catalog.path(t, entity.table) is not None for t in said)
            return entity.strength + (0.1 if near else 0)

        return max(entities, key=score)

    def _best(self, mention: Mention | None, *kinds: str) -> Entity | None:
        readings = mention.of(*kinds) if mention else ()
        return self._strongest(readings)

    def _column(self, mention: Mention | None, *, number: bool = False, date: bool = False) -> Column | None:
        """Return the column that a mention names; with `number` or `date`, only one of that kind."""
        readings = mention.of("column") if mention else ()
        fitting = [
            e
            for e in readings
            if e.column and (not number or e.column.is_measure) and (not date or e.column.kind == DATE)
        ]
        best = self._strongest(fitting)
        return best.column if best else None

    def _labels(self, at: int) -> tuple[Column, ...]:
        """Return the label columns of the last table mentioned before a position, or else of the first one."""
        tables = [m.of("table")[0].table for m in self.mentions if m.of("table") and m.start <= at]
        for name in [*reversed(tables), *self._said_tables()]:
            if labels := self._table(name).labels:
                return labels
        entity = self._best(self._previous(at, reach=3), "column") if not self._said_tables() else None
        return self._table(entity.table).labels if entity else ()

    def _parents(self, name: str) -> Iterator[Table]:
        """Yield the tables that a table references over foreign keys, nearest first."""
        paths = [(self.catalog.path(name, t.name), t) for t in self.catalog.tables if t.name != name]
        yield from (t for path, t in sorted((p for p in paths if p[0]), key=lambda p: len(p[0] or ())))

    def _recording(self, name: str) -> list[Table]:
        """Return the tables that reference a table over foreign keys, nearest first."""
        paths = [(self.catalog.path(t.name, name), t) for t in self.catalog.tables if t.name != name]
        return [t for path, t in sorted((p for p in paths if p[0]), key=lambda p: len(p[0] or ()))]

    def _objects(self) -> tuple[Column, ...]:
        """Return the label columns of what the rows of a mentioned table consist of: the products of an order."""
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

    def _dated(self, name: str) -> bool:
        return any(t.dates for t in self.catalog.tables if self.catalog.path(name, t.name) is not None)

    def _date_column(self, name: str, hint_at: int | None = None) -> Column:
        """Return the date column of a table (of several, that a verb names) or of a table that it references."""
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
            raise UnreadableError(msg)
        hints = {first_synonym(t.stem) for i, t in enumerate(self.tokens) if hint_at is None or i < hint_at}
        hinted = [c for c in dates if {first_synonym(w) for w in c.words if w != "date"} & hints]
        if hinted:
            return hinted[0]
        if len(dates) > 1:
            self.notes.append(f"dates taken from {dates[0].ref}")
        return dates[0]

    def _credit(self, term: Term) -> None:
        self.context_id = self.context_id or term.context_id
        self.notes.append(f"{' '.join(term.words)!r} taken as defined: {term.source}")

    def _term_measure(self, term: Term) -> Measure:
        self._credit(term)
        return Measure("expression", term.table, expression=term.measure, name="_".join(term.words))

    def _add(self, at: int, condition: Condition) -> None:
        self.conditions.append((at, condition))


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
    return bool({first_synonym(w) for w in table.words} & person)
