"""`Intent`: the meaning of a question in tables and columns. It is parsed from words, and SQL is built from it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sqlglot import exp

    from text2everything.local.engine._catalog import Column

Value = str | int | float | bool


@attrs.frozen
class Group:
    """One GROUP BY term: a column, a date column truncated to a `grain`, or the rows of a table (`entity`)."""

    column: Column
    grain: str | None = None
    entity: bool = False


@attrs.frozen
class Measure:
    """An aggregate: a function of a column or, without a column, of rows; or a SQL expression.

    `function` is count, sum, avg, min, max, or expression. `per` divides it by the number of different groups.
    """

    function: str
    table: str
    column: Column | None = None
    distinct: bool = False
    expression: exp.Expr | None = None
    times: Column | None = None  # the function is applied to column * times
    name: str = ""
    per: Group | None = None


@attrs.frozen
class Compare:
    """A condition on a column, or on any of several. `fold` ignores case.

    `op` is =, !=, <, <=, >, >=, in, not in, between, contains, starts, ends, null or not null.
    """

    columns: tuple[Column, ...]
    op: str
    value: Value | tuple[Value, ...] = ()
    fold: bool = False


@attrs.frozen
class Within:
    """A condition that a date is in one of several ranges [start, end); None is unbounded."""

    column: Column
    ranges: tuple[tuple[dt.date | None, dt.date | None], ...]


@attrs.frozen
class Defined:
    """A condition that is defined in a context."""

    expression: exp.Expr
    table: str
    source: str


Condition = Compare | Within | Defined


def tables_of(condition: Condition) -> list[str]:
    """Return the tables whose columns a condition uses."""
    if isinstance(condition, Compare):
        return list(dict.fromkeys(column.table for column in condition.columns))
    return [condition.column.table] if isinstance(condition, Within) else [condition.table]


@attrs.frozen
class Related:
    """A condition that rows of another table exist (EXISTS) or do not.

    `count` is a condition on their number: (">", 5).
    """

    table: str
    present: bool = True
    conditions: tuple[Condition, ...] = ()
    count: tuple[str, int | float] | None = None


@attrs.frozen
class Order:
    """The ORDER BY: a column, or the first measure if `column` is None."""

    column: Column | None
    descending: bool


@attrs.frozen
class Intent:
    """The meaning of a question. Without `columns` and `measures`, all columns of `table` are selected."""

    table: str
    columns: tuple[Column, ...] = ()
    everything: bool = False  # all columns of `table` besides `columns`
    distinct: bool = False
    measures: tuple[Measure, ...] = ()
    groups: tuple[Group, ...] = ()
    conditions: tuple[Condition, ...] = ()
    related: tuple[Related, ...] = ()
    percent: bool = False
    having: tuple[str, int | float] | None = None  # of the first measure
    order: Order | None = None
    limit: int | None = None
    # The assumptions, for the explanation.
    notes: tuple[str, ...] = ()
    vague: bool = False
    context_id: str | None = None


@attrs.frozen
class Failure:
    """The reason why a question was not understood."""

    reason: str
    unknown: tuple[str, ...] = ()
