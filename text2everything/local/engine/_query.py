"""The query that a question becomes: its tables, columns, figures and groups, and the SELECT made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import attrs
from sqlglot import exp

from text2everything.local.engine._catalog import BOOL, DATE, TEXT, Catalog, Column, Step, Table
from text2everything.local.engine._chunks import GRAINS, Chunk, root
from text2everything.local.engine._definitions import Term
from text2everything.local.engine._sql import COMPARISONS, Scope, column, literal, number, render, truncated
from text2everything.local.engine._words import word_set

AGGREGATES: Final = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}
_PREFIXES: Final = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest"}
_SAID: Final = {"sum": "the sum", "avg": "the average", "min": "the lowest", "max": "the highest"}
INVERSE: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
# Dates of other things than of the row itself: they must be named.
_OTHER_DATES: Final = word_set(
    """
    birth born birthdate birthday due required end expiry updated modified update deleted last
    """
)
# A date with these words is that of a beginning, which "customers in 2024" need not mean.
_BEGINNINGS: Final = frozenset(
    map(root, word_set("hire hired register signup join enrol create start open found establish employ admit"))
)


@attrs.frozen
class Reading:
    """One way to understand a question: its SQL and what that means."""

    sql: str
    explanation: str
    schema_id: str | None = None
    context_id: str | None = None


_T = TypeVar("_T")


class UnclearError(Exception):
    """A question is not understood: why, and at which words."""

    def __init__(self, reason: str, *words: str) -> None:
        super().__init__(reason)
        self.reason, self.words = reason, words


@attrs.frozen(eq=False)
class Entity:
    """The rows of a table that conditions are about: those of a scope, or what a path of joins leads to from them."""

    scope: Scope
    table: Table
    path: tuple[Step, ...] = ()

    def column(self, col: Column) -> exp.Column:
        return column(col, self.scope.join(self.path))


@attrs.frozen
class Shown:
    """A selected expression, with its name and what explanations say of it."""

    expression: exp.Expr
    name: str
    said: str
    keys: tuple[exp.Expr, ...] = ()
    grain: bool = False


class Query:
    """What is asked for, collected from the words of a question."""

    base: Entity

    def __init__(self, catalog: Catalog, dialect: str) -> None:
        self.catalog, self.dialect = catalog, dialect
        self.shown: list[Shown] = []
        self.measures: list[Shown] = []
        self.groups: list[Shown] = []
        self.order: tuple[exp.Expr | None, bool] | None = None  # by the first figure if there is no expression
        self.limit: int | None = None
        self.having: tuple[str, float] | None = None
        self.everything = self.distinct = self.percent = self.negated = self.related = False
        self.notes: list[str] = []
        self.context_id: str | None = None
        self.named_dates: list[Column] = []  # the dates to group by

    def table(self, name: str) -> Table:
        table = self.catalog.table(name)
        assert table is not None  # noqa: S101
        return table

    def start(self, table: Table) -> None:
        self.base = self.entity = Entity(Scope(table, table.name, self.catalog, {table.name.casefold()}), table)

    def only(self, items: Sequence[_T], text: str) -> _T:
        if len(items) == 1:
            return items[0]
        refs = ", ".join(i.ref if isinstance(i, Column) else str(getattr(i, "name", "")) for i in items)
        raise UnclearError(f"It could be {refs}." if items else "It is unclear which column that is.", text)

    def own(self, chunk: Chunk, entity: Entity) -> Column:
        return self.only([c for c in chunk.columns if c.table == entity.table.name], chunk.text)

    def best(
        self, entity: Entity, columns: Sequence[Column], text: str, *, up: bool = False
    ) -> tuple[Column, tuple[Step, ...]]:
        """Return the nearest column and the path to it; those of the rows themselves and of their parents first."""
        ranked: list[tuple[tuple[bool, int], Column, list[tuple[Step, ...]]]] = []
        for col in columns:
            paths: list[tuple[Step, ...]] = (
                [()] if col.table == entity.table.name else self.catalog.paths(entity.table.name, col.table)
            )
            if paths and (not up or all(s.up for s in paths[0])):
                ranked.append(((not all(s.up for s in paths[0]), len(paths[0])), col, paths))
        ranked.sort(key=lambda r: r[0])
        if not ranked:
            tables = sorted({c.table for c in columns})
            raise UnclearError(f"Nothing links {entity.table.name} and {' or '.join(tables)} so.", text)
        first = [r for r in ranked if r[0] == ranked[0][0]]
        if len({id(r[1]) for r in first}) > 1:
            raise UnclearError(f"It could be {', '.join(dict.fromkeys(r[1].ref for r in first))}.", text)
        if len(first[0][2]) > 1:
            raise UnclearError(f"Several foreign keys link {entity.table.name} and {first[0][1].table}.", text)
        return first[0][1], first[0][2][0]

    def path(self, entity: Entity, table: Table, text: str) -> tuple[Step, ...]:
        if table is entity.table:
            return ()
        paths = self.catalog.paths(entity.table.name, table.name)
        if len(paths) != 1:
            how = "Several foreign keys link" if paths else "Nothing links"
            raise UnclearError(f"{how} {entity.table.name} and {table.name}.", text)
        return paths[0]

    def at_end(self, entity: Entity, path: tuple[Step, ...], *, fresh: bool = False) -> Entity:
        """Return the rows that a path leads to, in a subquery where it goes from the one to the many."""
        if not path:
            return entity
        self.related = True
        table = self.table(path[-1].there.table)
        if all(s.up for s in path):
            return Entity(entity.scope, table, (*entity.path, *path))
        sub = entity.scope.sub(path, entity.path, fresh=fresh)
        inner = Entity(sub, table, path[1:])
        sub.join(path[1:])
        return inner

    def up_paths(self, start: str, end: str) -> list[tuple[Step, ...]]:
        return [()] if start == end else [p for p in self.catalog.paths(start, end) if all(s.up for s in p)]

    def date_column(self, entity: Entity, text: str, *, newest: bool = False) -> Column:
        dates = [c for c in entity.table.columns if c.kind == DATE]
        if not dates:
            raise UnclearError(f"{entity.table.name} has no date column.", text)
        own = [c for c in dates if not set(c.words) & _OTHER_DATES]
        event = {root(w) for w in entity.table.words}
        if not newest and len(own) == 1 and ({root(w) for w in own[0].words} - event) & _BEGINNINGS:
            raise UnclearError(f"Only {own[0].ref} is a date of it.", text)
        return self.only(own, text)

    def grain(self, chunk: Chunk) -> str | None:
        return next((g for g in GRAINS if chunk[g]), None)

    def role_to_group(self, chunk: Chunk) -> bool:
        return any(r.child.table == self.base.table.name for r in chunk.roles)

    def group(self, chunk: Chunk, of: Chunk | None) -> Entity:
        """Group by a column, the rows of a table or a period."""
        base, entity = self.base, self.base
        if (grain := self.grain(chunk)) and not chunk.columns:
            dates = [c for c in of.columns if c.kind == DATE] if of else []
            own = [c for c in dates if c.table == base.table.name] if of else self.named_dates
            col = self.only(own, chunk.text) if own else self.date_column(base, chunk.text)
            cut = truncated(base.column(col), grain, self.dialect)
            self.groups.append(Shown(cut, grain, f"{grain} of {col.ref}", (cut,), grain=True))
            return base
        if chunk.tables or (chunk.roles and not chunk.columns) or self.role_to_group(chunk):
            if chunk.tables:
                table = self.only(chunk.tables, chunk.text)
                path = self.path(base, table, chunk.text)
            else:
                link = self.only([r for r in chunk.roles if r.child.table == base.table.name], chunk.text)
                table, path = self.table(link.parent.table), (Step(link, up=True), *())
            if not path or not all(s.up for s in path):
                raise UnclearError(
                    f"Joining {table.name} to {base.table.name} would count rows more than once.", chunk.text
                )
            entity = self.at_end(base, path)
            columns = table.labels or ((table.primary_key,) if table.primary_key else ())
            key = path[0].key.child if len(path) == 1 else table.primary_key
            keys = [base.column(key) if len(path) == 1 else entity.column(key)] if key else []
            for col in columns:
                said = col.ref if chunk.tables else f"{chunk.text}.{col.name}"
                self.groups.append(
                    Shown(entity.column(col), col.name, said, tuple(keys) if col is columns[0] else ())
                )
            return entity
        col, path = self.best(base, chunk.columns, chunk.text, up=True)
        entity = self.at_end(base, path)
        self.groups.append(Shown(entity.column(col), col.name, col.ref))
        return entity

    def count(self, entity: Entity) -> Shown:
        name = f"{'_'.join(entity.table.words)}_count"
        return Shown(exp.Count(this=exp.Star()), name, f"the number of rows of {entity.table.name}")

    def aggregate(self, function: str, col: Column, entity: Entity) -> Shown:
        dated = col.kind == DATE and function in {"min", "max"}
        if not dated and (self.catalog.is_key(col) or not col.is_measure):
            untyped = "" if col.type or self.catalog.is_key(col) else ", since its type is not known"
            raise UnclearError(f"Nothing can be calculated from {col.ref}{untyped}.", col.name)
        prefix = {"max": "latest", "min": "earliest"}[function] if dated else _PREFIXES[function]
        name = said(col) if said(col).startswith(prefix) else f"{prefix}_{said(col)}"
        return Shown(AGGREGATES[function](this=entity.column(col)), name, f"{_SAID[function]} of {col.ref}")

    def placed(self, expression: exp.Expr, entity: Entity) -> exp.Expr:
        """Return a definition with its columns taken from an entity."""
        tree = expression.copy()
        for col in tree.find_all(exp.Column):
            col.set("table", exp.to_identifier(entity.scope.join(entity.path)))
        return tree

    def add(self, entity: Entity, condition: exp.Expr) -> None:
        entity.scope.where.append(condition)
        self.negated = False

    def compare(self, entity: Entity, col: Column, op: str, value: Any) -> None:
        op = INVERSE[op] if self.negated else op
        self.add(entity, COMPARISONS[op](this=entity.column(col), expression=literal(value, col)))

    def defined(self, term: Term, entity: Entity) -> None:
        assert term.condition is not None  # noqa: S101
        condition = self.placed(term.condition, entity)
        condition = exp.paren(condition) if isinstance(condition, exp.Or) else condition
        self.context_id = self.context_id or term.context_id
        self.notes.append(term.source)
        self.add(entity, exp.Not(this=exp.paren(condition)) if self.negated else condition)

    def readings(self) -> Iterator[Reading]:
        """Yield the SQL of the question, then other readings to try if that was rated bad."""
        yield self.reading(self.select())
        for tree in (self.main_columns(), self.any_case()):
            if tree is not None:
                yield self.reading(tree, alternative=True)

    def reading(self, tree: exp.Select, *, alternative: bool = False) -> Reading:
        explanation = self.explanation()
        if alternative:
            explanation += " An earlier reading was rated bad, so this is another one."
        return Reading(
            render(tree, self.catalog, self.dialect), explanation, self.base.table.schema_id, self.context_id
        )

    def select(self) -> exp.Select:
        scope, measures = self.base.scope, self.measures
        conditions = scope.conditions()
        if self.percent:
            if len(conditions) != 1:
                raise UnclearError("A percentage needs a condition to take the share of.")
            case = exp.Case().when(exp.and_(*conditions), number(100.0)).else_(number(0.0))
            measures = [Shown(exp.Avg(this=case), "percentage", f"the percentage of {self.base.table.name}")]
            self.measures = measures
        groups = self.groups
        if groups and not measures:
            raise UnclearError("It is unclear what figure is asked for.")
        shown: list[exp.Expr] = [self.named_as(s) for s in (*groups, *measures)]
        if not shown:
            all_columns = exp.Column(this=exp.Star(), table=exp.to_identifier(scope.alias))
            shown = [all_columns] if self.everything or not self.shown else []
            shown += [self.named_as(s) for s in self.shown]
        every = self.percent or (self.everything and not measures)
        query = scope.select(*shown, with_conditions=not self.percent, every=every)
        if self.distinct and not measures and not self.everything:
            query = query.distinct()
        if groups:
            keys = [k.copy() for g in groups for k in (*g.keys, *(() if g.grain else (g.expression,)))]
            query = query.group_by(*keys)
        if self.having:
            op, value = self.having
            query = query.having(COMPARISONS[op](this=measures[0].expression.copy(), expression=number(value)))
        return self.plain(self.sorted(query, groups, measures))

    def sorted(self, query: exp.Select, groups: list[Shown], measures: list[Shown]) -> exp.Select:
        by: list[exp.Expr] = []
        descending = self.order[1] if self.order else False
        if self.order and self.order[0] is not None:
            by = [self.order[0].copy()]
        elif groups and not self.order and any(g.grain for g in groups):
            by = [exp.Column(this=exp.to_identifier(self.name(g))) for g in groups]
        elif groups:
            descending = self.order[1] if self.order else True
            by = [exp.Column(this=exp.to_identifier(measures[0].name))]
        if by:
            query = query.order_by(
                *(exp.Ordered(this=b, desc=descending or None, nulls_first=not descending) for b in by)
            )
        return query.limit(self.limit) if self.limit else query

    def name(self, shown: Shown) -> str:
        same = [s for s in (*self.groups, *self.measures, *self.shown) if s.name == shown.name]
        whose, _, column = shown.said.rpartition(".")
        table = self.catalog.table(whose)
        of_role = column and shown in self.groups and not shown.grain
        words = table.words if table else whose.split() if of_role else ()
        return "_".join((*words, shown.name)) if len(same) > 1 and words else shown.name

    def named_as(self, shown: Shown) -> exp.Expr:
        name = self.name(shown)
        if isinstance(shown.expression, exp.Column) and shown.expression.name == name:
            return shown.expression.copy()
        return exp.alias_(shown.expression.copy(), exp.to_identifier(name))

    def plain(self, tree: exp.Select) -> exp.Select:
        """Leave out the tables' names where there is one table only."""
        if len(list(tree.find_all(exp.Table))) == 1:
            for col in tree.find_all(exp.Column):
                if isinstance(col.this, exp.Star):
                    col.replace(exp.Star())
                else:
                    col.set("table", None)
        return tree

    def main_columns(self) -> exp.Select | None:
        table = self.base.table
        main = [
            c for c in table.columns if c in table.labels or (c.kind in {TEXT, BOOL} and c.values) or c.kind == BOOL
        ]
        if not main or not self.everything or self.shown or self.measures:
            return None
        self.shown, self.everything = [Shown(self.base.column(c), c.name, c.ref) for c in main], False
        tree = self.select()
        self.shown, self.everything = [], True
        return tree

    def any_case(self) -> exp.Select | None:
        tree = self.select()
        equal = [
            e
            for e in tree.find_all(exp.EQ, exp.NEQ)
            if isinstance(e.expression, exp.Literal) and e.expression.is_string
        ]
        for e in equal:
            e.set("this", exp.Lower(this=e.this.copy()))
            e.set("expression", exp.Literal.string(e.expression.name.casefold()))
        return tree if equal else None

    def explanation(self) -> str:
        """Return which tables, columns and conditions the SQL uses, and what was assumed."""
        if self.measures:
            text = " and ".join(m.said for m in self.measures)
        elif self.shown and not self.everything:
            text = (
                f"the {'different values' if self.distinct else 'values'} of {', '.join(s.said for s in self.shown)}"
            )
        else:
            text = f"all columns of {self.base.table.name}"
        parts = [text[:1].upper() + text[1:]]
        if self.groups:
            parts.append(f"for each {' and '.join(g.said for g in self.groups)}")
        if conditions := self.base.scope.conditions():
            parts.append(f"where {' and '.join(c.sql() for c in conditions)}")
        if self.having:
            parts.append(f"only where that figure is {self.having[0]} {self.having[1]}")
        if self.order:
            by = self.order[0].sql() if self.order[0] is not None else "the figure"
            parts.append(f"sorted by {by}, {'largest' if self.order[1] else 'smallest'} first")
        if self.limit:
            parts.append(f"the first {self.limit}")
        notes = f" Assumed: {'; '.join(dict.fromkeys(self.notes))}." if self.notes else ""
        return f"{', '.join(parts)}.{notes}"


def said(col: Column) -> str:
    """Return a column's name as part of another name."""
    return "_".join(re.findall(r"[^\W_]+", col.name.casefold()))
