"""Conditions, groups and order: all of a question after the noun that it is about."""

from __future__ import annotations

import re
from typing import Final

import attrs
from sqlglot import exp

from text2everything.local.engine._catalog import BOOL, DATE, NUMBER, TEXT, Catalog, Column, Step, Table
from text2everything.local.engine._chunks import Chunk
from text2everything.local.engine._query import AGGREGATES, INVERSE, Entity, Query, Shown, UnclearError
from text2everything.local.engine._sql import literal, number
from text2everything.local.engine._words import word_set

# The columns that adjectives without a noun are about, by the words in their names.
_HINTS: Final = {
    "price": re.compile(r"expensive|cheap|priced|cost"),
    "length duration millisecond second minute runtime": re.compile(r"long|short"),
    "weight": re.compile(r"heav|light"),
    "height": re.compile(r"tall"),
}
_AMOUNTS: Final = word_set("amount total price cost fee value fare sum revenue size population area")
END: Final = Chunk("")


class Conditions(Query):
    """Reads chunks, one part of the question after the other, into a query."""

    def __init__(self, catalog: Catalog, chunks: list[Chunk], dialect: str) -> None:
        super().__init__(catalog, dialect)
        self.chunks = [
            c
            for c, after in zip(chunks, [*chunks[1:], END], strict=False)
            # "available" adds nothing to "which rooms are available", but much to "available rooms"
            if (not c.filler or c.words) and not (c["there"] and c.plain and after.plain)
        ]
        self.i = 0
        self.skip: set[int] = set()  # chunks that were read before
        self.with_ = self.ratio = False
        self.group_chunks: list[tuple[Chunk, Chunk | None]] = []
        self.verbs: list[str] = []
        self.subject: Column | None = None  # the only column asked for, if it is a figure

    def at(self, i: int) -> Chunk:
        return self.chunks[i] if 0 <= i < len(self.chunks) else END

    def is_agg(self, i: int) -> bool:
        """Whether a chunk is an aggregate's name here: "total" may be a column, too."""
        chunk = self.at(i)
        if not chunk.words.keys() & AGGREGATES.keys():
            return False
        after = self.at(i + 1)
        return chunk.plain or not after.plain or bool(after["count"] or (after["and"] and self.is_agg(i + 2)))

    def as_value(self, i: int) -> bool:
        """Whether a chunk that may also be a name is a value here: before the name of its table or column."""
        chunk, k = self.at(i), i + 1
        while (self.at(k)["or"] or self.at(k)["and"] or self.at(k)["comma"] or self.at(k).values) and not self.at(
            k
        ).tables:
            k += 1
        after = self.at(k)
        if not (chunk.tables or chunk.columns or chunk.terms):
            return True
        return any(
            any(c is o for o in after.columns) or any(c.table == t.name for t in after.tables)
            for c, _ in chunk.values
        )

    def tail_part(self, i: int, end: int, entity: Entity) -> None:
        """Read conditions, groups and order, from the chunk `i` on; what cannot be read raises."""
        self.i, self.entity, self.with_ = i, entity, False
        while self.i < end:
            if self.i in self.skip:
                self.i += 1
                continue
            chunk = self.at(self.i)
            if not self.one():
                raise UnclearError("It is unclear what that adds." if not chunk.plain else "", chunk.text)
        if self.negated:
            raise UnclearError("It is unclear what is negated.")

    def one(self) -> bool:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one alternative after the other
        """Read one part of the rest of the question; False if there is none."""
        i, chunk, after = self.i, self.at(self.i), self.at(self.i + 1)
        self.i += 1
        if chunk.date is not None:
            self.dated(*self.date_of(chunk), chunk)
        elif chunk.quoted and not chunk.values:
            raise UnclearError("It is unclear which column that is a value of.", chunk.text)
        elif (chunk.verb or chunk.participle) and after.date and not self.negated and self.own_dates(chunk):
            self.i += 1
            self.dated(self.entity, self.only(self.own_dates(chunk), chunk.text), after)
        elif after["per"] and self.grain(self.at(i + 2)) and self.own_dates(chunk):
            self.named_dates = self.own_dates(chunk)
        elif chunk.values and (
            self.as_value(i) or (chunk.columns and self.flag(chunk) and not self.comparable(i + 1))
        ):
            self.read_values(i)
        elif chunk["than"] and after.number is not None and after.plain:
            self.i = self.compared(chunk, chunk["than"] or "=", after.number, i + 2)
        elif chunk["hinted"] and after.number is not None:
            self.i += 1
            mine = [c for c in self.at(self.i).columns if c.table == self.entity.table.name]
            col = mine[0] if len(mine) == 1 and mine[0].is_measure else self.hinted(chunk.text, self.entity.table)
            self.i += col in mine
            self.compare(self.entity, col, chunk["hinted"] or "", after.number)
        elif chunk.number is not None and chunk.plain and after["after"]:
            self.i = self.compared(chunk, after["after"] or "", chunk.number, i + 2)
        elif chunk.number is not None and chunk.plain and self.with_ and not after.plain:
            self.i = self.compared(chunk, "=", chunk.number, i + 1)
        elif chunk["between"]:
            self.between(self.figure(self.entity.table, chunk.text), self.entity)
        elif chunk["no"] and not after.plain:
            self.without(i + 1)
        elif chunk["per"] or (chunk["by"] and (self.measures or self.ratio) and self.groupable(i + 1)):
            if chunk.text == "a" and not self.grain(after):
                return True
            if not (after.tables or after.columns or after.roles or self.grain(after)):
                return False
            self.count_rows(chunk)
            self.i = self.read_groups(i + 1)
        elif chunk["sort"] and (after.columns or after["count"]) and not after.tables:
            self.sort(i + 1)
        elif chunk["sort"] and re.match("(?:newest|oldest) first", after.text) and self.everything:
            self.i += 1
            self.order = (self.base.column(self.date_column(self.base, after.text)), after["desc"] is not None)
        elif chunk["sort"] and after.tables and "ordered" in chunk.text:
            self.verbs.append(chunk.text)
        elif (chunk["asc"] or chunk["desc"]) and chunk.plain:
            self.direct(chunk)
        elif chunk["limit"] and after.number is not None:
            self.limit = int(after.number)
            self.i += 1
        elif chunk["named"] and (after.quoted or after.values):
            self.named(after)
        elif chunk["their"] and after.columns and self.everything and not chunk.columns:
            self.show_more(i + 1)
        elif chunk["super"] and after.columns and not self.measures and self.order is None:
            self.ordered(self.own(after, self.base), chunk["super"] == "desc")
            self.i += 1
        elif chunk["hint"] and self.base.table in after.tables and not self.measures and self.order is None:
            self.i += 1
            self.ordered(self.hinted(chunk.text, self.base.table), chunk["hint"] == "desc")
        elif chunk["verb"] and chunk.plain:
            self.verbs.append(chunk.text)
        elif chunk["not"] and chunk.plain:
            self.negated = not self.negated
            return True
        elif (chunk["and"] or chunk["comma"]) and self.measures and (self.is_agg(i + 1) or after["count"]):
            self.further_measure(i + 1)
        elif chunk["and"] and after.tables and not after.verb:
            return False
        elif chunk.roles and self.role(chunk, i):
            return True
        elif chunk.terms and chunk.terms[0].condition is not None:
            term = self.only(chunk.terms, chunk.text)
            self.defined(term, self.at_end(self.entity, self.path(self.entity, self.table(term.table), chunk.text)))
        elif chunk.tables and (chunk.verb or not (chunk.columns and self.comparable(i + 1))):
            self.relation(chunk)
        elif chunk.columns and not chunk.verb:
            self.column_condition(chunk)
        else:
            self.with_ = self.with_ or bool(chunk["with"])
            return bool(chunk.words.keys() & {"with", "who", "an", "by", "and", "comma"}) and chunk.plain
        self.with_ = False
        return True

    def ends(self, i: int) -> bool:
        return i >= len(self.chunks) and self.at(i - 2)["an"] is not None

    def comparable(self, i: int) -> bool:
        chunk = self.at(i)
        kinds = {"than", "between", "contains", "starts", "ends", "missing", "present"}
        return bool(chunk.words.keys() & kinds) or chunk.number is not None or chunk.quoted or bool(chunk.values)

    def flag(self, chunk: Chunk) -> bool:
        return all(c.kind == BOOL for c in chunk.columns)

    def own_dates(self, chunk: Chunk) -> list[Column]:
        return [c for c in chunk.columns if c.kind == DATE and c.table == self.entity.table.name]

    def groupable(self, i: int) -> bool:
        chunk, after = self.at(i), self.at(i + 1)
        own_value = any(c.table == t.name for t in chunk.tables for c, _ in after.values)
        return bool(chunk.tables or chunk.columns or chunk.roles or self.grain(chunk)) and not own_value

    def date_of(self, chunk: Chunk) -> tuple[Entity, Column]:
        """Return whose date is meant, and which: that of the rows that were named last, or of those asked about."""
        entity = self.entity
        if entity is not self.base and entity.scope is self.base.scope:
            dated = [e for e in (entity, self.base) if any(c.kind == DATE for c in e.table.columns)]
            entity = self.only(dated, chunk.text)
        return entity, self.date_column_or_year(entity, chunk)

    def date_column_or_year(self, entity: Entity, chunk: Chunk) -> Column:
        years = [c for c in entity.table.columns if c.kind == NUMBER and c.words[-1:] == ("year",)]
        if years and not any(c.kind == DATE for c in entity.table.columns):
            return self.only(years, chunk.text)
        return self.date_column(entity, chunk.text)

    def dated(self, entity: Entity, col: Column, chunk: Chunk) -> None:
        date = chunk.date
        if self.negated or date is None:
            raise UnclearError("Only conditions other than dates can be negated.", chunk.text)
        if date.note:
            self.notes.append(date.note)
        bounds: list[exp.Expr] = []
        for day, kind in ((date.start, exp.GTE), (date.end, exp.LT)):
            if day is not None and col.kind == NUMBER and (day.month, day.day) != (1, 1):
                raise UnclearError(f"{col.ref} only has years.", chunk.text)
            if day is not None:
                value = number(day.year) if col.kind == NUMBER else exp.Literal.string(day.isoformat())
                bounds.append(kind(this=entity.column(col), expression=value))
        condition = exp.and_(*bounds)
        while (self.at(self.i)["or"] or self.at(self.i)["and"]) and self.at(self.i + 1).date:
            raise UnclearError("Several periods are not understood.", self.at(self.i + 1).text)
        self.add(entity, condition)

    def read_values(self, i: int) -> None:
        """Read one value or a list of values of one column."""
        chunks, joined = [self.at(i)], set()
        columns = {id(c): c for c, _ in chunks[0].values}
        k = i + 1
        while True:
            j = k
            while self.at(j)["or"] or self.at(j)["and"] or self.at(j)["comma"]:
                j += 1
            shared = (
                {id(c) for c, _ in self.at(j).values} & columns.keys() if j > k and j < len(self.chunks) else None
            )
            if not shared:
                break
            joined |= {w for n in range(k, j) for w in ("or", "and") if self.at(n)[w]}
            chunks.append(self.at(j))
            columns = {key: columns[key] for key in shared}
            k = j + 1
        text = " ".join(c.text for c in chunks)
        after = self.at(k)
        if k not in self.skip and (named := [c for c in columns.values() if c in after.columns]):
            columns, k = {id(c): c for c in named}, k + 1
        elif self.entity.table not in after.tables:
            named = [c for c in columns.values() if any(c.table == t.name for t in after.tables)]
            columns, k = ({id(c): c for c in named}, k + 1) if named else (columns, k)
        if len(joined) == 2:  # noqa: PLR2004
            raise UnclearError("A list has either 'and' or 'or'.", text)
        self.i = k
        self.valued(self.entity, list(columns.values()), chunks, "and" in joined)

    def valued(self, entity: Entity, columns: list[Column], chunks: list[Chunk], every: bool) -> None:
        text = " ".join(c.text for c in chunks)
        col, path = self.best(entity, columns, text)
        down = not all(s.up for s in path)
        self.whole(down, text)
        label = col in self.table(col.table).labels
        twin = path and any(c.words == col.words for c in entity.table.columns)
        if not label and (twin or (down and not self.verbs)):
            raise UnclearError(f"{entity.table.name} has no such {' '.join(col.words)}.", text)
        if every and (down or entity.scope is not self.base.scope):
            raise UnclearError("It is unclear whether all of these are meant or any.", text)
        target = self.at_end(entity, path, fresh=self.negated)
        values = [v for chunk in chunks for c, v in chunk.values if c is col]
        if down and self.negated:
            target.scope.negated, self.negated = True, False
        this = target.column(col)
        if any(
            isinstance(w, exp.EQ) and w.this == this and not isinstance(w.expression, exp.Column)
            for w in target.scope.where
        ):
            raise UnclearError(f"{col.ref} cannot have two values.", text)
        if len(values) == 1:
            if isinstance(values[0], bool):
                value, self.negated = values[0] is not self.negated, False
                self.add(target, exp.EQ(this=this, expression=literal(value, col)))
            else:
                self.compare(target, col, "=", values[0])
            return
        within = exp.In(this=this, expressions=[literal(v, col) for v in dict.fromkeys(values)])
        self.add(target, exp.Not(this=within) if self.negated else within)

    def whole(self, down: bool, text: str) -> None:
        """Refuse a figure of rows of which only a part is meant: the total of orders, for one of their products."""
        if down and any(not m.expression.find(exp.Count) for m in self.measures) and self.entity is self.base:
            raise UnclearError("That would calculate with rows that it is only a part of.", text)

    def compared(self, chunk: Chunk, op: str, value: float, i: int) -> int:
        """Read what a number is compared with: rows of another table, or a column; return the index after it."""
        after = self.at(i)
        if after["after"]:
            op, i, after = after["after"] or op, i + 1, self.at(i + 1)
        if after.tables and not after.verb and (not after.columns or self.with_):
            table = self.only(after.tables, after.text)
            path = self.path(self.entity, table, after.text)
            if not path or any(s.up for s in path):
                raise UnclearError("It is unclear what to count.", after.text)
            entity = self.at_end(self.entity, path, fresh=True)
            entity.scope.count = (INVERSE[op] if self.negated else op, value)
            self.negated, self.entity = False, entity
            return i + 1
        if after.columns and not after.verb and any(c.table == self.entity.table.name for c in after.columns):
            col, i = self.own(after, self.entity), i + 1
            if col.kind != NUMBER or self.catalog.is_key(col):
                raise UnclearError(f"{col.ref} is no figure.", after.text)
        else:
            col = self.subject or self.figure(self.entity.table, chunk.text)
            if self.percent or self.with_ or any(not m.expression.find(exp.Count) for m in self.measures):
                raise UnclearError("It is unclear what is compared.", chunk.text)
        self.compare(self.entity, col, op, value)
        return i

    def figure(self, table: Table, text: str) -> Column:
        """Return the column that a number without a name is about: the only figure, if it is an amount."""
        col = self.only(self.catalog.measures(table), text)
        if not set(col.words) & _AMOUNTS:
            raise UnclearError(f"It is unclear whether {col.ref} is meant.", text)
        return col

    def between(self, col: Column, entity: Entity) -> None:
        low, high = self.at(self.i).number, self.at(self.i + 2).number
        if low is None or high is None or not self.at(self.i + 1)["and"] or self.negated:
            raise UnclearError("It is unclear between what.", col.name)
        self.i += 3
        self.add(entity, exp.Between(this=entity.column(col), low=literal(low, col), high=literal(high, col)))

    def without(self, i: int) -> None:
        """Read what there is none of: a value of a column, rows of a table, or the row of a foreign key."""
        chunk, entity = self.at(i), self.entity
        self.i = i + 1
        own = [c for c in chunk.columns if c.table == entity.table.name]
        roles = [r for r in chunk.roles if r.child.table == entity.table.name]
        if own and entity.table in chunk.tables:
            raise UnclearError("It is unclear what there is none of.", chunk.text)
        if own and own[0].kind == BOOL:
            self.add(entity, exp.EQ(this=entity.column(own[0]), expression=literal(value=False, col=own[0])))
        elif roles or own:
            col = roles[0].child if roles else self.only(own, chunk.text)
            self.not_of_zero(col, chunk.text)
            self.add(entity, exp.Is(this=entity.column(col), expression=exp.Null()))
        elif chunk.tables:
            table = self.only(chunk.tables, chunk.text)
            path = self.path(entity, table, chunk.text)
            if not path or path[0].up:
                if len(path) != 1:
                    raise UnclearError("It is unclear what there is none of.", chunk.text)
                self.add(entity, exp.Is(this=entity.column(path[0].key.child), expression=exp.Null()))
                return
            self.entity = self.at_end(entity, path, fresh=True)
            self.entity.scope.negated = True
        else:
            raise UnclearError("It is unclear what there is none of.", chunk.text)

    def not_of_zero(self, col: Column, text: str) -> None:
        """Refuse to tell whether there is some of a figure: no fine may be a fine of 0, no temperature is not."""
        if col in self.catalog.measures(self.table(col.table)):
            said = f"say '{col.name} = 0' or '{col.name} is null'"
            raise UnclearError(f"It is unclear whether 0 counts as none: {said}.", text)

    def relation(self, chunk: Chunk) -> None:
        """Read another table: its rows must exist, or not; the conditions after it are about these."""
        table = self.only(chunk.tables, chunk.text)
        if self.at(self.i - 2).number is not None:
            raise UnclearError("It is unclear what the number before it counts.", chunk.text)
        if table is self.base.table:
            self.entity = self.base
        elif table is not self.entity.table:
            path = self.path(self.entity, table, chunk.text)
            down = not all(s.up for s in path)
            self.whole(down and not self.negated, chunk.text)
            self.entity = self.at_end(self.entity, path, fresh=down)
            if down and self.negated:
                self.entity.scope.negated, self.negated = True, False
        self.keyed(self.entity)

    def keyed(self, entity: Entity) -> None:
        """Read the number that a row is known by: "order 12"."""
        key, after = entity.table.primary_key, self.at(self.i)
        if after.number is not None and after.plain and not after.words and not self.at(self.i + 1)["after"] and key:
            if key.kind != NUMBER or self.plural():
                raise UnclearError("It is unclear what that number is.", after.text)
            self.compare(entity, key, "=", after.number)
            self.i += 1

    def role(self, chunk: Chunk, i: int) -> bool:
        """Read a foreign key by its own name, and the row that it leads to."""
        roles = [r for r in chunk.roles if r.child.table == self.entity.table.name]
        by = bool(self.at(i + 1)["by"])
        if len(roles) != 1 or (chunk.verb and not by) or not self.at(i + 1 + by).values:
            return False
        self.i += by
        entity = self.at_end(self.entity, (Step(roles[0], up=True),))
        while self.at(self.i).values:
            mine = [c for c, _ in self.at(self.i).values if c.table == entity.table.name]
            self.valued(entity, [self.only(mine, self.at(self.i).text)], [self.at(self.i)], every=False)
            self.i += 1
        return True

    def column_condition(self, chunk: Chunk) -> None:  # noqa: C901, PLR0912
        """Read a column and what it is compared with."""
        columns = list(chunk.columns)
        if self.at(self.i)["not"]:
            self.negated, self.i = True, self.i + 1
        i, after, then = self.i, self.at(self.i), self.at(self.i + 1)
        if after.values and (not after.columns or any(c in columns for c, _ in after.values)):
            if not (mine := [c for c, _ in after.values if c in columns]):
                raise UnclearError(f"It is no known value of {chunk.text}.", after.text)
            kept, self.chunks = (
                self.chunks,
                [attrs.evolve(c, values=tuple(v for v in c.values if v[0] in mine)) for c in self.chunks],
            )
            self.read_values(i)
            self.chunks = kept
            return
        col, path = self.best(self.entity, columns, chunk.text, up=True)
        entity = self.at_end(self.entity, path)
        this = entity.column(col)
        figure = col.kind == NUMBER and not (self.catalog.is_key(col) and after["than"] != "=")
        self.i += 1
        if after["missing"] or after["present"]:
            null: exp.Expr = exp.Is(this=this, expression=exp.Null())
            self.add(entity, null if bool(after["missing"]) is not self.negated else exp.Not(this=null))
        elif after["between"] and figure:
            self.between(col, entity)
        elif after.date and col.kind in {DATE, NUMBER}:
            self.dated(entity, col, after)
        elif after["than"] and then.number is not None and figure:
            self.i += 1
            self.compare(entity, col, after["than"] or "", then.number)
        elif after["than"] in {"=", "!="} and (then.quoted or then.values):
            self.i += 1
            self.text(entity, col, after["than"] or "=", then)
        elif after.number is not None and after.plain and (figure or self.catalog.is_key(col)):
            self.i += bool(then["after"])
            self.compare(entity, col, then["after"] or "=", after.number)
        elif after.quoted:
            self.text(entity, col, "=", after)
        elif kind := next((k for k in ("contains", "starts", "ends") if after[k] and then.quoted), None):
            self.i += 1
            self.like(entity, col, kind, then.text)
        elif (self.at(i - 2)["an"] or self.at(i - 2)["with"]) and self.ends(i):
            self.i = i
            self.not_of_zero(col, chunk.text)
            self.add(entity, exp.Not(this=exp.Is(this=this, expression=exp.Null())))
        else:
            raise UnclearError(f"It is unclear what is said of {col.ref}.", chunk.text)

    def text(self, entity: Entity, col: Column, op: str, chunk: Chunk) -> None:
        known = [v for c, v in chunk.values if c is col]
        if col.kind not in {TEXT, DATE} or not (known or chunk.quoted):
            raise UnclearError(f"It is no known value of {col.ref}.", chunk.text)
        self.compare(entity, col, op, known[0] if known else chunk.text)

    def like(self, entity: Entity, col: Column, kind: str, text: str) -> None:
        text = text.casefold().replace("%", "")
        pattern = {"contains": f"%{text}%", "starts": f"{text}%", "ends": f"%{text}"}[kind]
        like = exp.Like(this=exp.Lower(this=entity.column(col)), expression=exp.Literal.string(pattern))
        self.add(entity, exp.Not(this=like) if self.negated else like)

    def named(self, chunk: Chunk) -> None:
        self.i += 1
        self.text(self.entity, self.only(self.entity.table.labels, chunk.text), "=", chunk)

    def show_more(self, i: int) -> None:
        """Read columns to show besides those of the rows."""
        self.i = i
        while self.at(self.i).columns:
            chunk = self.at(self.i)
            col, path = self.best(self.base, chunk.columns, chunk.text, up=True)
            if path:
                alias = "_".join((*self.table(col.table).words, *col.words))
                self.shown.append(Shown(self.at_end(self.base, path).column(col), alias, col.ref))
            self.i += 1
            if not (self.at(self.i)["and"] or self.at(self.i)["comma"]):
                break
            self.i += 1

    def further_measure(self, i: int) -> None:
        self.i = i + 1
        chunk, after = self.at(i), self.at(i + 1)
        if chunk["count"] and self.base.table in after.tables:
            self.measures.append(self.count(self.base))
        elif chunk["count"] or not after.columns:
            raise UnclearError("It asks for figures of different tables at once.", after.text)
        else:
            function = next(k for k in chunk.words if k in AGGREGATES)
            self.measures.append(self.aggregate(function, self.own(after, self.base), self.base))
        self.i += 1

    def sort(self, i: int) -> None:
        chunk = self.at(i)
        self.i = i + 1
        if chunk["count"]:
            if not self.measures or self.base.table not in self.at(self.i).tables:
                raise UnclearError("It cannot be sorted by that.", self.at(self.i).text)
            self.order, self.i = (None, True), self.i + 1
            return
        if self.measures:
            if not any(c.name in m.said for m in self.measures for c in chunk.columns):
                self.sort_groups(chunk)
                return
            self.order = (None, False)
            return
        self.order = (self.base.column(self.own(chunk, self.base)), False)

    def sort_groups(self, chunk: Chunk) -> None:
        for groups in self.group_chunks:
            if groups[0].columns and any(c in chunk.columns for c in groups[0].columns):
                col = self.own(chunk, self.base)
                self.order = (exp.Column(this=exp.to_identifier(col.name)), False)
                return
        raise UnclearError("It cannot be sorted by that.", chunk.text)

    def direct(self, chunk: Chunk) -> None:
        descending = bool(chunk["desc"])
        if self.order:
            self.order = (self.order[0], descending)
        elif "alphabet" in chunk.text and self.everything:
            self.order = (self.base.column(self.only(self.base.table.labels, chunk.text)), False)
        else:
            raise UnclearError("It is unclear what to sort by.", chunk.text)

    def read_groups(self, i: int) -> int:
        """Read what to group by, from the chunk `i`; return the index after it."""
        while True:
            chunk, after = self.at(i), self.at(i + 1)
            of = after if self.grain(chunk) and any(c.kind == DATE for c in after.columns) else None
            self.group_chunks.append((chunk, of))
            i += 1 if of is None else 2
            further = self.at(i + 1)
            listed = (self.at(i)["and"] or self.at(i)["comma"]) and not self.is_agg(i + 1)
            if self.at(i)["per"] and (further.tables or further.columns or self.grain(further)):
                i += 1
            elif not (listed and (further.tables or further.columns or further.roles or self.grain(further))):
                return i
            else:
                i += 1

    def count_rows(self, chunk: Chunk) -> None:
        """Count the rows of each group where no other figure is asked for."""
        if not self.measures:
            if not self.everything or self.shown or self.order or self.limit:
                raise UnclearError("It is unclear what figure is asked for.", chunk.text)
            self.everything = False
            self.measures.append(self.count(self.base))

    def hinted(self, text: str, table: Table) -> Column:
        words = next((set(w.split()) for w, pattern in _HINTS.items() if pattern.search(text.casefold())), set())
        return self.only([c for c in table.columns if c.kind == NUMBER and words & set(c.words)], text)

    def ordered(self, col: Column, descending: bool) -> None:
        self.order, self.limit, self.distinct = (self.base.column(col), descending), self.limit or 1, False

    def plural(self) -> bool:
        head = self.chunks[self.i - 1].text.casefold() if self.i else ""
        return head.endswith("s") and not head.endswith("ss")
