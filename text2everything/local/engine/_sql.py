"""SQL as a tree: one SELECT with its joins and subqueries, checked against the catalog and printed in a dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.optimizer.qualify import qualify

from text2everything.local.engine._catalog import BOOL, NUMBER
from text2everything.local.engine._words import word_set

if TYPE_CHECKING:
    from text2everything.local.engine._catalog import Catalog, Column, Step, Table

_DIALECTS: Final = {
    "sqlserver": "tsql", "mssql": "tsql", "postgresql": "postgres", "sqlite3": "sqlite", "mariadb": "mysql",
}  # fmt: skip
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
    system table then to top transaction trigger true union unique update usage use user using value values view
    when where window with
    """
)
COMPARISONS: Final = {"=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


class NoSqlError(Exception):
    """No SQL can be built; the message is for the explanation."""


def sql_dialect(name: str) -> str:
    """Return sqlglot's name of the dialect of a `db_type`; standard SQL for unknown ones."""
    name = _DIALECTS.get(name.casefold(), name.casefold())
    return name if sqlglot.Dialect.get(name) else ""


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
    return all(isinstance(n, exp.Query) for n in statements[0].find_all(exp.DML, exp.DDL, exp.Command, exp.Into))


def is_query_itself(question: str, dialect: str) -> bool:
    """Whether a question is a SELECT, not words that only look like one."""
    if not is_one_query(question, dialect):
        return False
    query = sqlglot.parse_one(question, dialect=dialect)
    if not isinstance(query, exp.Query) or not query.selects:
        return False
    if query.find(exp.Table, exp.Values):
        return True  # if this is plain words after all, such as "Select clients from Rome", the database says so
    # "Select clients" and "Select 5 clients" are no SQL that anyone means: there is nothing to take a column from,
    # and a name for a value is written with AS.
    names_with_as = [token for token in sqlglot.tokenize(question, dialect) if token.token_type == TokenType.ALIAS]
    return query.find(exp.Column) is None and len(list(query.find_all(exp.Alias))) <= len(names_with_as)


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


def render(tree: exp.Select, catalog: Catalog, dialect: str) -> str:
    """Print a checked SELECT; raise NoSqlError if it does not fit the schema."""
    check(tree, catalog)
    for identifier in tree.find_all(exp.Identifier):
        folded = dialect == "postgres" and identifier.name != identifier.name.lower()  # else looked up in lower case
        plain = _PLAIN_NAME.fullmatch(identifier.name) and identifier.name.casefold() not in _RESERVED
        identifier.set("quoted", folded or not plain)
    sql = tree.sql(dialect=dialect, unsupported_level=ErrorLevel.IGNORE)
    if not is_one_query(sql, dialect):
        msg = "The SQL drafted for it does not parse."
        raise NoSqlError(msg)
    return sql


def check(tree: exp.Expr, catalog: Catalog) -> None:
    """Check that every table and column exists."""
    schema: dict[str, object] = {t.name: {c.name: "TEXT" for c in t.columns} for t in catalog.tables if t.columns}
    if unknown := next((t.name for t in tree.find_all(exp.Table) if t.name not in schema), None):
        msg = f"There is no table {unknown}."
        raise NoSqlError(msg)
    try:
        qualify(tree.copy(), schema=schema, quote_identifiers=False)
    except SqlglotError as error:
        msg = f"The SQL drafted for it does not fit the schema: {error}"
        raise NoSqlError(msg) from error


@attrs.define(eq=False)
class Scope:
    """One FROM with its joins and conditions: the query itself, or a subquery about related rows of another table."""

    table: Table
    alias: str
    catalog: Catalog
    names: set[str]
    joins: dict[tuple[Step, ...], str] = attrs.Factory(dict)
    where: list[exp.Expr] = attrs.Factory(list)
    subs: list[tuple[tuple[Step, ...], Scope]] = attrs.Factory(list)
    negated: bool = False
    count: tuple[str, float] | None = None

    def join(self, path: tuple[Step, ...]) -> str:
        """Return the alias of the table at the end of a path, joined once for each path."""
        if not path:
            return self.alias
        if path not in self.joins:
            self.join(path[:-1])
            self.joins[path] = self._name(path[-1])
        return self.joins[path]

    def _name(self, step: Step) -> str:
        name = step.there.table
        role = "_".join(w for w in step.here.words if w not in {"id", "key"}) or name
        names = (name, role, *(f"{role}_{n}" for n in range(2, 1000)))
        name = next(n for n in names if n.casefold() not in self.names)
        self.names.add(name.casefold())
        return name

    def sub(self, path: tuple[Step, ...], prefix: tuple[Step, ...] = (), *, fresh: bool = False) -> Scope:
        """Return a subquery about the rows that a path leads to; the same one again unless it must be `fresh`."""
        whole = (*prefix, *path)
        known = (
            None if fresh else next((s for p, s in self.subs if p == whole and not s.negated and not s.count), None)
        )
        if known:
            return known
        first = path[0]
        table = self.catalog.table(first.there.table)
        assert table is not None  # noqa: S101
        sub = Scope(table, self._name(first), self.catalog, self.names)
        sub.where.append(
            exp.EQ(this=column(first.there, sub.alias), expression=column(first.here, self.join(prefix)))
        )
        self.subs.append((whole, sub))
        return sub

    def conditions(self) -> list[exp.Expr]:
        """Return all conditions, those on related rows last."""
        return [*self.where, *(sub.condition() for _, sub in self.subs)]

    def condition(self) -> exp.Expr:
        """Return this subquery as a condition of the query around it."""
        if self.count:
            query = self.select(exp.Count(this=exp.Star()))
            return COMPARISONS[self.count[0]](this=query.subquery(), expression=number(self.count[1]))
        exists = exp.Exists(this=self.select(number(1)))
        return exp.Not(this=exists) if self.negated else exists

    def select(self, *shown: exp.Expr, with_conditions: bool = True, every: bool = False) -> exp.Select:
        """Return the SELECT of some expressions over these joins.

        Args:
            shown: The expressions.
            with_conditions: Whether to add the conditions; they may be in the expressions instead.
            every: Whether to keep the rows that refer to nothing, where no condition is about what they refer to.
        """
        conditions = self.conditions() if with_conditions else []  # may add joins
        needed = {found.table for condition in conditions for found in condition.find_all(exp.Column)}
        query = exp.select(*shown).from_(_table(self.table.name, self.alias))
        for path, alias in self.joins.items():
            on = exp.EQ(this=column(path[-1].here, self.join(path[:-1])), expression=column(path[-1].there, alias))
            outer = every and alias not in needed
            query = query.join(_table(path[-1].there.table, alias), on=on, join_type="LEFT" if outer else "")
        return query.where(*conditions) if conditions else query


def _table(name: str, alias: str) -> exp.Expr:
    table = exp.Table(this=exp.to_identifier(name))
    return table if alias == name else exp.alias_(table, exp.to_identifier(alias), table=True)


def column(col: Column, alias: str) -> exp.Column:
    """Return a column of the table that has this alias in the query."""
    return exp.Column(this=exp.to_identifier(col.name), table=exp.to_identifier(alias))


def number(value: float) -> exp.Expr:
    """Return a number without an exponent, because some databases parse 1e+20 as a float."""
    whole = isinstance(value, int)
    text = str(value) if whole else f"{value:f}".rstrip("0").removesuffix(".") + (".0" if value == int(value) else "")
    return exp.Literal.number(text)


def literal(value: str | float | bool, col: Column) -> exp.Expr:
    """Return a value as the column keeps it."""
    if isinstance(value, bool):
        if len(col.values) == 2 and set(map(str.casefold, col.values)) & {"y", "yes", "t", "true"}:  # noqa: PLR2004
            return exp.Literal.string(next(v for v in col.values if (v[0] in "YyTt") is value))
        plain = col.type.casefold().startswith("bool") or not col.type
        return exp.Boolean(this=value) if plain else number(int(value))
    if isinstance(value, str):
        numeric = col.kind in {NUMBER, BOOL} and re.fullmatch(r"-?\d+(?:\.\d+)?", value)
        return exp.Literal.number(value) if numeric else exp.Literal.string(value)
    return number(value) if col.kind in {NUMBER, BOOL} else exp.Literal.string(str(value))


def truncated(col: exp.Column, grain: str, dialect: str) -> exp.Expr:
    """Truncate a date to its day, week, month, quarter or year, as text that sorts by time."""

    def part(form: str) -> exp.Expr:
        return exp.TimeToStr(this=col.copy(), format=exp.Literal.string(form))

    if grain == "week":
        if dialect == "sqlite":
            back = [exp.Literal.string("weekday 0"), exp.Literal.string("-6 days")]
            return exp.Anonymous(this="DATE", expressions=[col, *back])
        return exp.TimestampTrunc(this=col, unit=exp.Literal.string("week"))
    if grain == "quarter":
        if dialect == "sqlite":
            month = exp.paren(exp.Add(this=exp.cast(part("%m"), "INT"), expression=number(2)))
            quarter: exp.Expr = exp.Div(this=month, expression=number(3), typed=True)
        else:
            quarter = exp.Extract(this=exp.var("QUARTER"), expression=col.copy())
        parts = [part("%Y"), exp.Literal.string("-Q"), exp.cast(quarter, "TEXT")]
        return exp.Concat(expressions=parts, safe=True, coalesce=False)
    return part({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[grain])
