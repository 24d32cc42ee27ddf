"""Building one SELECT from an `Intent`: a sqlglot tree, checked against the catalog and printed in a dialect."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import attrs
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.optimizer.qualify import qualify

from text2everything.local.engine._catalog import BOOL, DATE, NUMBER
from text2everything.local.engine._intent import (
    Compare,
    Condition,
    Defined,
    Group,
    Intent,
    Measure,
    Related,
    Within,
    tables_of,
)
from text2everything.local.engine._words import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from text2everything.local.engine._catalog import Catalog, Column, ForeignKey

_DIALECTS: Final = {
    "sqlserver": "tsql",
    "mssql": "tsql",
    "postgresql": "postgres",
    "sqlite3": "sqlite",
    "mariadb": "mysql",
}
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUERY_START: Final = re.compile(
    r"(?:\s|\(|--[^\n]*\n|/\*(?:(?!\*/).)*\*/)*(?:select|with|values)\b", re.IGNORECASE | re.DOTALL
)
# Words that are reserved in at least one of the dialects and likely to be names.
_RESERVED: Final = word_set(
    """
    add all alter and any as asc authorization begin between both by case cast check collate column columns commit
    constraint create cross current database default delete desc distinct drop else end except exists false fetch
    file for foreign from full function grant group having if in index inner insert intersect into is join key
    keys left like limit lock match natural not null offset on open option or order outer percent plan primary
    procedure public range rank read references returning right row rows rule schema select session set some start
    system table then to top transaction trigger true union unique update usage use user using value values
    view when where window with
    """
)
_COMPARISONS: Final = {"=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_AGGREGATES: Final = {"count": exp.Count, "sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}
_NAME_PARTS: Final = (("first", "name"), ("last", "name"))
_PREFIX: Final = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest"}


class IntentError(Exception):
    """No SQL can be built from an intent; the message is for the explanation."""


def sql_dialect(name: str) -> str:
    """Return sqlglot's name of the dialect of a `db_type`; standard SQL for unknown ones."""
    name = _DIALECTS.get(name.casefold(), name.casefold())
    return name if sqlglot.Dialect.get(name) else ""


def build(intent: Intent, catalog: Catalog, dialect: str) -> str:
    """Return the SELECT of an intent, in a dialect returned by `sql_dialect`.

    Raises:
        UnbuildableError: The tables do not hang together as the question needs, or a check failed.
    """
    tree = _Builder(intent, catalog, dialect).select()
    check(tree, catalog)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", _must_quote(identifier.name, dialect))
    sql = tree.sql(dialect=dialect, unsupported_level=ErrorLevel.IGNORE)
    if not is_one_query(sql, dialect):
        msg = "The SQL drafted for it does not parse."
        raise IntentError(msg)
    return sql


def check(tree: exp.Select, catalog: Catalog) -> None:
    """Check that every table and column exists."""
    schema: dict[str, object] = {t.name: {c.name: "TEXT" for c in t.columns} for t in catalog.tables if t.columns}
    copy = tree.copy()
    for table in copy.find_all(exp.Table):
        if table.name not in schema:
            msg = f"There is no table {table.name}."
            raise IntentError(msg)
    try:
        # a schema name that is part of the table's name stays one identifier here
        qualify(copy, schema=schema, quote_identifiers=False)
    except SqlglotError as error:
        msg = f"The SQL drafted for it does not fit the schema: {error}"
        raise IntentError(msg) from error


def is_one_query(sql: str, dialect: str) -> bool:
    """Whether a text is exactly one read-only query."""
    if not _QUERY_START.match(sql):
        return False  # spares sqlglot's warnings about statements it does not know
    try:
        parsed = sqlglot.parse(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return False
    statements = [s for s in parsed if s is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return False
    return not any(
        True for _ in statements[0].find_all(exp.DML, exp.DDL, exp.Command, exp.Into) if not isinstance(_, exp.Query)
    )


def canonical(sql: str, dialect: str) -> str:
    """Return a canonical form of SQL, to compare statements without regard to layout, case and quoting."""
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
        for identifier in tree.find_all(exp.Identifier):
            identifier.set("quoted", False)
            identifier.set("this", identifier.name.casefold())
        return tree.sql(dialect=dialect, comments=False, unsupported_level=ErrorLevel.IGNORE)
    except (SqlglotError, RecursionError):
        return " ".join(sql.split()).rstrip(";").casefold()


def _must_quote(name: str, dialect: str) -> bool:
    folded = dialect == "postgres" and name != name.lower()  # unquoted, it would be looked up in lower case
    return folded or not _PLAIN_NAME.fullmatch(name) or name.casefold() in _RESERVED


class _Builder:
    def __init__(self, intent: Intent, catalog: Catalog, dialect: str) -> None:
        self.intent = intent
        self.catalog = catalog
        self.dialect = dialect
        self.joins: list[tuple[ForeignKey, str]] = []
        self.fanned = False
        self.qualified = bool(intent.related)
        names = [c.table for c in self._columns()] + [c.table for c in intent.conditions if isinstance(c, Defined)]
        for name in dict.fromkeys(names):
            self._join(name)

    def _columns(self) -> Iterable[Column]:
        intent = self.intent
        yield from intent.columns
        yield from (group.column for group in intent.groups)
        for measure in intent.measures:
            yield from (c for c in (measure.column, measure.times, measure.per and measure.per.column) if c)
        for condition in intent.conditions:
            if isinstance(condition, Compare):
                yield from condition.columns
            elif isinstance(condition, Within):
                yield condition.column
        if intent.order and intent.order.column:
            yield intent.order.column

    def _join(self, name: str) -> None:
        """Join a table over foreign keys; a join that multiplies rows is allowed only with DISTINCT counts."""
        start = self.intent.table
        if name == start:
            return
        self.qualified = True
        path = self.catalog.path(start, name)
        if path is None:
            path = self.catalog.path(start, name, fan_out=True)
            counted = all(m.function == "count" for m in self.intent.measures) and self.intent.measures
            if path is None:
                msg = f"Nothing links {start} and {name}."
                raise IntentError(msg)
            if not counted:
                msg = f"Joining {name} to {start} would count rows of {start} more than once."
                raise IntentError(msg)
            self.fanned = True
        here = start
        for link in path:
            there = link.parent.table if link.child.table == here else link.child.table
            if all(there != joined for _, joined in self.joins) and there != start:
                self.joins.append((link, there))
            here = there

    def select(self) -> exp.Select:
        intent = self.intent
        if any(m.table != intent.table for m in intent.measures):
            msg = "It asks for figures of different tables at once."
            raise IntentError(msg)
        groups = [self._group(group) for group in intent.groups]
        measures = [self._measure(measure) for measure in intent.measures]
        conditions = [*map(self._condition, intent.conditions), *map(self._related, intent.related)]
        if intent.percent:
            measures, conditions = [self._percentage(conditions)], []
        shown: list[exp.Expr] = [*groups, *measures] or self._listed()
        query = exp.select(*shown).from_(_table(intent.table))
        for link, there in self.joins:
            query = query.join(
                _table(there), on=exp.EQ(this=_qualified(link.child), expression=_qualified(link.parent))
            )
        for condition in conditions:
            query = query.where(condition)
        if intent.distinct:
            query = query.distinct()
        if groups:
            query = query.group_by(*self._keys(groups))
        if intent.having and measures:
            op, value = intent.having
            figure = measures[0].this if isinstance(measures[0], exp.Alias) else measures[0]
            query = query.having(_COMPARISONS[op](this=figure.copy(), expression=_number(value)))
        query = self._ordered(query, groups, measures)
        return query.limit(intent.limit) if intent.limit else query

    def _keys(self, groups: Sequence[exp.Expr]) -> list[exp.Expr]:
        """Return the GROUP BY columns; for the rows of a table also its key, since names may not be unique."""
        keys = [g.this.copy() if isinstance(g, exp.Alias) else g.copy() for g in groups]
        for name in dict.fromkeys(g.column.table for g in self.intent.groups if g.entity):
            table = self.catalog.table(name)
            key = table.primary_key if table else None
            if key is not None and all(key is not g.column for g in self.intent.groups):
                keys.insert(0, self._column(key))
        return keys

    def _ordered(self, query: exp.Select, groups: list[exp.Expr], measures: list[exp.Expr]) -> exp.Select:
        order = self.intent.order
        if order is not None and order.column is not None and (not groups and not measures):
            by = self._column(order.column)
            return query.order_by(exp.Ordered(this=by, desc=order.descending, nulls_first=not order.descending))
        if not groups or not measures:
            return query
        if order is not None and order.column is not None:
            place = next((i for i, g in enumerate(self.intent.groups) if g.column is order.column), None)
            if place is None:
                msg = f"It cannot be sorted by {order.column.ref}, which is not what it is grouped by."
                raise IntentError(msg)
            return query.order_by(
                exp.Ordered(this=_alias_of(groups[place]), desc=order.descending, nulls_first=not order.descending)
            )
        if order is None and any(g.grain for g in self.intent.groups):
            return query.order_by(*(exp.Ordered(this=_alias_of(g), nulls_first=True) for g in groups))
        descending = order is None or order.descending
        return query.order_by(exp.Ordered(this=_alias_of(measures[0]), desc=descending, nulls_first=not descending))

    # -- parts ---------------------------------------------------------------------------------------------

    def _listed(self) -> list[exp.Expr]:
        intent = self.intent
        shown: list[exp.Expr] = [self._everything()] if intent.everything or not intent.columns else []
        for column in intent.columns:
            alike = intent.everything or [c for c in intent.columns if c.name == column.name and c is not column]
            name = "_".join((*_singular(column.table, self.catalog), *column.words))
            shown.append(exp.alias_(self._column(column), exp.to_identifier(name)) if alike else self._column(column))
        return shown

    def _everything(self) -> exp.Expr:
        if not self.joins:
            return exp.Star()
        return exp.Column(this=exp.Star(), table=exp.to_identifier(self.intent.table))

    def _column(self, column: Column) -> exp.Column:
        return _qualified(column) if self.qualified else exp.Column(this=exp.to_identifier(column.name))

    def _group(self, group: Group) -> exp.Expr:
        column = self._column(group.column)
        if group.grain:
            return exp.alias_(_cut(column, group.grain, self.dialect), exp.to_identifier(group.grain))
        twins = [g for g in self.intent.groups if g.column.name == group.column.name]
        if len(twins) > 1 or any(group.column.name == _measure_name(m, self.catalog) for m in self.intent.measures):
            return exp.alias_(
                column,
                exp.to_identifier("_".join((*_singular(group.column.table, self.catalog), *group.column.words))),
            )
        return column

    def _measure(self, measure: Measure) -> exp.Expr:
        figure = self._figure(measure)
        if measure.per:
            column = self._column(measure.per.column)
            over = _cut(column, measure.per.grain, self.dialect) if measure.per.grain else column
            shared = exp.Count(this=exp.Distinct(expressions=[over]))
            figure = exp.Div(this=exp.Mul(this=figure, expression=_number(1.0)), expression=shared)
        return exp.alias_(figure, exp.to_identifier(_measure_name(measure, self.catalog)))

    def _figure(self, measure: Measure) -> exp.Expr:
        if measure.expression is not None:
            tree = measure.expression.copy()
            if not self.qualified:
                for column in tree.find_all(exp.Column):
                    column.set("table", None)
            return exp.paren(tree) if measure.per and not isinstance(tree, exp.AggFunc) else tree
        if measure.column is None:
            table = self.catalog.table(measure.table)
            key = table.primary_key if table else None
            if self.fanned and key is None:
                msg = f"{measure.table} has no key to count its rows by."
                raise IntentError(msg)
            return exp.Count(
                this=exp.Distinct(expressions=[self._column(key)]) if self.fanned and key else exp.Star()
            )
        inner: exp.Expr = self._column(measure.column)
        if measure.times:
            inner = exp.Mul(this=inner, expression=self._column(measure.times))
        if measure.distinct:
            inner = exp.Distinct(expressions=[inner])
        return _AGGREGATES[measure.function](this=inner)

    def _percentage(self, conditions: list[exp.Expr]) -> exp.Expr:
        if not conditions:
            msg = "A percentage needs a condition to take the share of."
            raise IntentError(msg)
        case = exp.Case().when(exp.and_(*conditions), _number(100.0)).else_(_number(0.0))
        return exp.alias_(exp.Avg(this=case), "percentage")

    def _condition(self, condition: Condition, *, qualified: bool = False) -> exp.Expr:
        qualified = qualified or self.qualified
        if isinstance(condition, Within):
            return self._within(condition, qualified=qualified)
        if isinstance(condition, Defined):
            tree = condition.expression.copy()
            if not qualified:
                for column in tree.find_all(exp.Column):
                    column.set("table", None)
            return exp.paren(tree) if isinstance(tree, exp.Or) else tree
        columns: list[exp.Expr] = [
            _qualified(c) if qualified else exp.Column(this=exp.to_identifier(c.name)) for c in condition.columns
        ]
        if len(columns) > 1 and all(c.words in _NAME_PARTS for c in condition.columns):
            spaced = [columns[0], *(part for column in columns[1:] for part in (exp.Literal.string(" "), column))]
            columns = [exp.Concat(expressions=spaced, safe=True, coalesce=False)]
        each = [_compare(this, condition, column) for this, column in zip(columns, condition.columns, strict=False)]
        return exp.paren(exp.or_(*each)) if len(each) > 1 and condition.op != "!=" else exp.and_(*each)

    @staticmethod
    def _within(condition: Within, *, qualified: bool) -> exp.Expr:
        column = (
            _qualified(condition.column) if qualified else exp.Column(this=exp.to_identifier(condition.column.name))
        )
        ranges = []
        for start, end in condition.ranges:
            bounds: list[exp.Expr] = []
            if start:
                bounds.append(exp.GTE(this=column.copy(), expression=_day(start)))
            if end:
                bounds.append(exp.LT(this=column.copy(), expression=_day(end)))
            ranges.append(exp.and_(*bounds))
        return exp.paren(exp.or_(*ranges)) if len(ranges) > 1 else ranges[0]

    def _related(self, related: Related) -> exp.Expr:
        """Return a correlated subquery for a condition on rows of another table."""
        path = self.catalog.path(self.intent.table, related.table, fan_out=True)
        if not path:
            msg = f"Nothing links {self.intent.table} and {related.table}."
            raise IntentError(msg)
        first, rest = path[0], list(path[1:])
        here = first.parent.table if first.child.table == self.intent.table else first.child.table
        shown = exp.Count(this=exp.Star()) if related.count else _number(1)
        query = exp.select(shown).from_(_table(here))
        joined = {here}
        needed = [name for c in related.conditions for name in tables_of(c)]
        for name in needed:
            more = self.catalog.path(related.table, name)
            if more is None:
                msg = f"Nothing links {related.table} and {name}."
                raise IntentError(msg)
            rest += more
        for link in rest:
            there = link.parent.table if link.parent.table not in joined else link.child.table
            if there not in joined and there != self.intent.table:
                query = query.join(
                    _table(there), on=exp.EQ(this=_qualified(link.child), expression=_qualified(link.parent))
                )
                joined.add(there)
        query = query.where(exp.EQ(this=_qualified(first.child), expression=_qualified(first.parent)))
        for condition in related.conditions:
            query = query.where(self._condition(condition, qualified=True))
        if related.count:
            op, number = related.count
            return _COMPARISONS[op](this=query.subquery(), expression=_number(number))
        exists = exp.Exists(this=query)
        return exists if related.present else exp.Not(this=exists)


def _compare(this: exp.Expr, condition: Compare, column: Column) -> exp.Expr:
    op, value = condition.op, condition.value
    if op == "null":
        return exp.Is(this=this, expression=exp.Null())
    if op == "not null":
        return exp.Not(this=exp.Is(this=this, expression=exp.Null()))
    if op in {"in", "not in"} and isinstance(value, tuple):
        within = exp.In(this=this, expressions=[_literal(v, column) for v in value])
        return within if op == "in" else exp.Not(this=within)
    if op == "between" and isinstance(value, tuple):
        return exp.Between(this=this, low=_literal(value[0], column), high=_literal(value[1], column))
    if isinstance(value, tuple):
        msg = "A condition with several values is not understood."
        raise IntentError(msg)
    if op in {"contains", "starts", "ends"}:
        text = str(value).casefold().replace("%", "")
        pattern = {"contains": f"%{text}%", "starts": f"{text}%", "ends": f"%{text}"}[op]
        return exp.Like(this=exp.Lower(this=this), expression=exp.Literal.string(pattern))
    if condition.fold:
        this = exp.Lower(this=this)
    return _COMPARISONS[op](this=this, expression=_literal(value, column))


def _literal(value: str | float | bool, column: Column) -> exp.Expr:
    if isinstance(value, bool):
        plain = column.type.casefold().startswith("bool") or not column.type
        return exp.Boolean(this=value) if plain else exp.Literal.number(int(value))
    if isinstance(value, str):
        numeric = column.kind in {NUMBER, BOOL} and re.fullmatch(r"-?\d+(?:\.\d+)?", value)
        return exp.Literal.number(value) if numeric else exp.Literal.string(value)
    return _number(value) if column.kind in {NUMBER, BOOL} else exp.Literal.string(str(value))


def _number(value: float) -> exp.Expr:
    """Return a number without an exponent, because some databases parse 1e+20 as a float."""
    return exp.Literal.number(
        str(value)
        if isinstance(value, int)
        else f"{value:f}".rstrip("0").removesuffix(".") + (".0" if value == int(value) else "")
    )


def _day(day: dt.date) -> exp.Expr:
    # A plain literal: every dialect compares it with a date, and SQLite with the text that it keeps dates as.
    return exp.Literal.string(day.isoformat())


def _table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name))


def _qualified(column: Column) -> exp.Column:
    return exp.Column(this=exp.to_identifier(column.name), table=exp.to_identifier(column.table))


def _alias_of(shown: exp.Expr) -> exp.Expr:
    return exp.Column(this=exp.to_identifier(shown.alias)) if isinstance(shown, exp.Alias) else shown.copy()


def _singular(table: str, catalog: Catalog) -> tuple[str, ...]:
    found = catalog.table(table)
    return found.words if found else (table,)


def _measure_name(measure: Measure, catalog: Catalog) -> str:
    if measure.per:
        over = measure.per.grain or "_".join(w for w in measure.per.column.words if w != "id")
        return f"{_measure_name(attrs.evolve(measure, per=None), catalog)}_per_{over}"
    if measure.name and measure.name != "money":
        return measure.name
    singular = _singular(measure.table, catalog)
    if measure.function == "count":
        words = (_said(measure.column),) if measure.column and not measure.column.is_id else singular
        return "_".join((*words, "count"))
    words = ("revenue",) if measure.times else (_said(measure.column),) if measure.column else singular
    prefix = _PREFIX[measure.function]
    if measure.column and measure.column.kind == DATE:
        prefix = "latest" if measure.function == "max" else "earliest"
    name = "_".join(words)
    return name if name.startswith(prefix) else f"{prefix}_{name}"


def _said(column: Column) -> str:
    return "_".join(re.findall(r"[^\W_]+", column.name.casefold()))


def _cut(column: exp.Column, grain: str, dialect: str) -> exp.Expr:
    """Truncate a date to its day, week, month, quarter or year, as text that sorts by time."""

    def part(form: str) -> exp.Expr:
        return exp.TimeToStr(this=column.copy(), format=exp.Literal.string(form))

    if grain == "week":
        if dialect == "sqlite":
            back = [exp.Literal.string("weekday 0"), exp.Literal.string("-6 days")]
            return exp.Anonymous(this="DATE", expressions=[column, *back])
        return exp.TimestampTrunc(this=column, unit=exp.Literal.string("week"))
    if grain == "quarter":
        if dialect == "sqlite":
            month = exp.cast(part("%m"), "INT")
            number: exp.Expr = exp.Div(
                this=exp.paren(exp.Add(this=month, expression=_number(2))), expression=_number(3), typed=True
            )
        else:
            number = exp.Extract(this=exp.var("QUARTER"), expression=column.copy())
        return exp.Concat(
            expressions=[part("%Y"), exp.Literal.string("-Q"), exp.cast(number, "TEXT")], safe=True, coalesce=False
        )
    return part({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[grain])
