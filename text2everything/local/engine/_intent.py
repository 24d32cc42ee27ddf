"""What a question asks for, in terms of the catalog: the step between words and SQL."""

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
    """One thing a question groups by: a column, a date column cut to a grain, or the rows of a table (`entity`)."""

    column: Column
    grain: str | None = None
    entity: bool = False


@attrs.frozen
class Measure:
    """A figure: an aggregate function over a column, over rows (no column), or a ready expression.

    `function` is count, sum, avg, min, max, or expression. `per` divides it by the number of different groups.
    """

    function: str
    table: str
    column: Column | None = None
    distinct: bool = False
    expression: exp.Expr | None = None
    times: Column | None = None  # summed up as column * times
    name: str = ""
    per: Group | None = None


@attrs.frozen
class Compare:
    """A condition on a column, or on any one of several. `fold` compares whatever the case.

    `op` is =, !=, <, <=, >, >=, in, not in, between, contains, starts, ends, null or not null.
    """

    columns: tuple[Column, ...]
    op: str
    value: Value | tuple[Value, ...] = ()
    fold: bool = False


@attrs.frozen
class Within:
    """A date in one of several half-open ranges; None is open."""

    column: Column
    ranges: tuple[tuple[dt.date | None, dt.date | None], ...]


@attrs.frozen
class Defined:
    """A condition that a context defines."""

    expression: exp.Expr
    table: str
    said: str


Condition = Compare | Within | Defined


def tables_of(condition: Condition) -> list[str]:
    """Name the tables a condition speaks of."""
    if isinstance(condition, Compare):
        return list(dict.fromkeys(column.table for column in condition.columns))
    return [condition.column.table] if isinstance(condition, Within) else [condition.table]


@attrs.frozen
class Related:
    """Rows of another table that must exist, or must not, for a row to count.

    `count` compares how many there are: (">", 5).
    """

    table: str
    present: bool = True
    conditions: tuple[Condition, ...] = ()
    count: tuple[str, int | float] | None = None


@attrs.frozen
class Order:
    """What to sort by: a column, a date column, or the first measure."""

    column: Column | None
    descending: bool


@attrs.frozen
class Intent:
    """A whole question. No `columns` and no `measures` asks for all columns of `table`."""

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
    # What was assumed on the way, for the explanation; the ids of what decided.
    notes: tuple[str, ...] = ()
    vague: bool = False
    context_id: str | None = None


@attrs.frozen
class Failure:
    """A question that could not be read, and why."""

    reason: str
    unknown: tuple[str, ...] = ()
