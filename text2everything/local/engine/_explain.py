"""Explanations for users: how a question was understood, or what was not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from text2everything.local.engine._intent import Compare, Condition, Failure, Intent, Measure, Related, Within

if TYPE_CHECKING:
    from text2everything.local.engine._catalog import Catalog

_MAX_TABLES: Final = 12
_OPERATOR_TEXT: Final = {
    "contains": "contains",
    "starts": "starts with",
    "ends": "ends with",
    "null": "is missing",
    "not null": "is there",
}
_FUNCTIONS: Final = {"sum": "the sum", "avg": "the average", "min": "the lowest", "max": "the highest"}


def explain(intent: Intent, *, is_alternative: bool = False) -> str:
    """Return which tables, columns and conditions the SQL of an intent uses, and what was assumed."""
    parts = [_asked(intent)]
    if intent.groups:
        groups = [f"{g.grain} of {g.column.ref}" if g.grain else g.column.ref for g in intent.groups]
        parts.append(f"for each {' and '.join(groups)}")
    conditions = [*map(_condition, intent.conditions), *map(_related, intent.related)]
    if conditions:
        parts.append(f"where {' and '.join(conditions)}")
    if intent.having:
        parts.append(f"only where that figure is {intent.having[0]} {intent.having[1]}")
    if intent.order:
        what = intent.order.column.ref if intent.order.column else "the figure"
        parts.append(f"sorted by {what}, {'largest' if intent.order.descending else 'smallest'} first")
    if intent.limit:
        parts.append(f"the first {intent.limit}")
    text = ", ".join(parts) + "."
    if intent.notes:
        text += f" Assumed: {'; '.join(intent.notes)}."
    return f"{text} An earlier reading was rated bad, so this is another one." if is_alternative else text


def _asked(intent: Intent) -> str:
    if intent.percent:
        return f"The percentage of {intent.table}"
    if intent.measures:
        return _sentence(" and ".join(map(_measure, intent.measures)))
    if intent.columns:
        names = ", ".join(c.ref for c in intent.columns)
        return f"{'The different values' if intent.distinct else 'The values'} of {names}"
    return f"All columns of {intent.table}"


def _measure(measure: Measure) -> str:
    if measure.per:
        over = f"{measure.per.grain} of {measure.per.column.ref}" if measure.per.grain else measure.per.column.ref
        return f"{_figure(measure)}, divided by the number of different {over}"
    return _figure(measure)


def _figure(measure: Measure) -> str:
    if measure.expression is not None:
        return f"{measure.name.replace('_', ' ')} as defined, from {measure.table}"
    if measure.function == "count":
        if measure.column:
            return f"the number of different {measure.column.ref}"
        return f"the number of rows of {measure.table}"
    column = measure.column.ref if measure.column else measure.table
    times = f" times {measure.times.ref}" if measure.times else ""
    return f"{_FUNCTIONS[measure.function]} of {column}{times}"


def _condition(condition: Condition) -> str:
    if isinstance(condition, Compare):
        columns = " or ".join(c.ref for c in condition.columns)
        value = condition.value
        said = " and ".join(map(repr, value)) if isinstance(value, tuple) else repr(value)
        return f"{columns} {_OPERATOR_TEXT.get(condition.op, condition.op)} {said if value != () else ''}".rstrip()
    if isinstance(condition, Within):
        ranges = []
        for start, end in condition.ranges:
            bounds = [f"from {start}" if start else "", f"before {end}" if end else ""]
            ranges.append(" and ".join(filter(None, bounds)))
        return f"{condition.column.ref} is {' or '.join(ranges)}"
    return condition.expression.sql()


def _related(related: Related) -> str:
    conditions = " and ".join(map(_condition, related.conditions))
    with_conditions = f" with {conditions}" if conditions else ""
    if related.count:
        return f"there are {related.count[0]} {related.count[1]} rows in {related.table}{with_conditions}"
    return f"there {'is a row' if related.present else 'is none'} in {related.table}{with_conditions}"


def explain_failure(failure: Failure, catalog: Catalog) -> str:
    """Return what was not understood, and the names of the tables that can be asked about."""
    text = failure.reason
    if failure.unknown:
        text += f" Not understood: {', '.join(map(repr, failure.unknown))}."
    if catalog.tables:
        names = [t.name for t in catalog.tables]
        more = f" and {len(names) - _MAX_TABLES} more" if len(names) > _MAX_TABLES else ""
        text += f" Known tables: {', '.join(names[:_MAX_TABLES])}{more}."
    return text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
