"""Validation of schema data; each problem is reported with its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_json

SchemaType = Literal["table", "dimension", "metric", "relationship"]

SCHEMA_TYPES: tuple[str, ...] = get_args(SchemaType)

PATHS = {
    "table": "table.columns",
    "dimension": "table.dimension.content",
    "metric": "table.metric.content",
    "relationship": "relationship",
}


def schema_type(schema_data: object) -> SchemaType | None:
    """Return the type of the schema data, or None if it has none."""
    if not isinstance(schema_data, Mapping):
        return None
    table = schema_data.get("table")
    if isinstance(table, Mapping):
        for type_, key in (("dimension", "dimension"), ("metric", "metric"), ("table", "columns")):
            if key in table:
                return type_  # type: ignore[return-value]  # the three names above
    return "relationship" if "relationship" in schema_data else None


def schema_problems(schema_data: object, expected_type: str | None = None) -> list[str]:
    """Return every problem of `schema_data` as `path: problem`, or an empty list.

    Args:
        schema_data: The data to check.
        expected_type: `table`, `dimension`, `metric` or `relationship`; None determines it from the data.

    Raises:
        ValidationError: `expected_type` is none of these.
    """
    if expected_type is not None and expected_type not in SCHEMA_TYPES:
        raise ValidationError(f"expected_type must be one of {', '.join(SCHEMA_TYPES)}, got {expected_type!r}")
    if not isinstance(schema_data, Mapping):
        return [f"schema_data: must be an object, got {type(schema_data).__name__}"]
    try:
        check_json("schema_data", schema_data)
    except ValidationError as error:
        return [error.message]
    type_ = expected_type or schema_type(schema_data)
    if type_ is None:
        return [f"schema_data: must hold one of {', '.join(PATHS.values())}"]
    problems = _missing(schema_data, PATHS[type_].split("."))
    if type_ == "table" and not problems:
        problems = _column_problems(schema_data["table"]["columns"])
    return problems


def _missing(schema_data: Mapping[str, Any], path: list[str]) -> list[str]:
    """Return the problem of `path` if it does not lead to an object; the value of `columns` is checked elsewhere."""
    value: Any = schema_data
    for depth, key in enumerate(path, 1):
        here = ".".join(path[:depth])
        if key not in value:
            return [f"{here}: is missing"]
        value = value[key]
        if key == "columns":
            return []
        if not isinstance(value, Mapping):
            return [f"{here}: must be an object, got {_describe(value)}"]
    return []


def _column_problems(columns: object) -> list[str]:
    if not isinstance(columns, list | tuple):
        return [f"table.columns: must be a list, got {_describe(columns)}"]
    problems = []
    seen: set[str] = set()
    for index, column in enumerate(columns):
        path = f"table.columns[{index}]"
        if not isinstance(column, Mapping):
            problems.append(f"{path}: must be an object, got {_describe(column)}")
            continue
        if "name" not in column:
            problems.append(f"{path}.name: is missing")
            continue
        name = column["name"]
        if not isinstance(name, str) or not name.strip():
            problems.append(f"{path}.name: must be a string that is not blank")
        elif name in seen:
            problems.append(f"{path}.name: {name!r} is there twice")
        else:
            seen.add(name)
    return problems


def _describe(value: object) -> str:
    names: dict[type, str] = {type(None): "null", dict: "an object", list: "a list", str: "a string"}
    return names.get(type(value), repr(value))
