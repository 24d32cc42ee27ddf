"""Parsing values: "active", "in Germany", "orders of Alice Smith", "customer 12", and defined terms."""

from __future__ import annotations

from typing import Final

import attrs

from text2everything.local.engine._catalog import NUMBER, PLACES, TEXT, Column
from text2everything.local.engine._comparisons import _OPPOSITE, Comparisons, _spelled
from text2everything.local.engine._grammar import HARMLESS
from text2everything.local.engine._intent import (
    Compare,
    Defined,
    Value,
)
from text2everything.local.engine._lexicon import Mention
from text2everything.local.engine._reader import _is_person
from text2everything.local.engine._words import DEMONYMS, word_set

# What stands before the name of a thing somebody got, and what stands before "by" when it tells who did it.
_OBTAINED: Final = word_set("bought buy buys ordered order purchased purchase contain contains containing")


class Values(Comparisons):
    """The parsing steps for conditions that a column has a value."""

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
                self._add(mention.start, Defined(term.condition, term.table, term.source))
                self._credit(term)
            elif term.measure is not None:
                self._take(mention)
                self.measures.append(self._term_measure(term))

    def _read_values(self) -> None:
        for mention in self.mentions:
            if not self._free(mention) or mention.of("term", "table"):
                continue
            entity = self._best(mention, "value")
            if entity is None or entity.column is None or entity.value is None:
                continue
            column_reading = self._best(mention, "column")
            if column_reading and self._strongest([entity, column_reading]) is column_reading:
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
        """As in "status active", "with status active", "active status": the column's own name adds nothing."""
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
        """As in "customer 12", "order number 7", "id 3": a row by its key."""
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
        """As in "country Germany", "whose city is Bonn": the column is named before the value."""
        before = self._previous(start, reach=3)
        column = self._column(before)
        if before is None or column is None or before.of("table", "value") or column.kind != TEXT:
            return None
        said_so = before.start > 0 and self.tokens[before.start - 1].lower in {"with", "whose", "where", "having"}
        bare = before.end == start and text[0].islower() and self.tokens[start].kind != "quoted" and not said_so
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
        """As in "in Germany", "from Berlin", "German customers": a place, where there are columns for places."""
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
        """As in "dormant customers": a word before a table whose status column has no described values."""
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
        """As in "the Sales department", "the Garden category": a name before the word for what it names."""
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
        """As in "orders of Alice Smith": a name, where there is a column for names."""
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
        self._take(self._previous_op(start, "group"))  # the "by" of "orders by Alice"
        self.notes.append(f"{text!r} looked up in {', '.join(c.ref for c in columns)}")
        return Compare(columns, "=" if quoted and len(columns) == 1 else "contains", text)
