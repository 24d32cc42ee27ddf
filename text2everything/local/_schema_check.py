"""Checking schema data: it must describe a table, a dimension, a metric or a relationship."""

from __future__ import annotations

from typing import Any

from text2everything.local._errors import field_error

# What `check_schema_data` requires, as a JSON Schema.
_OBJECT = {"type": "object"}
_CONTENT = {"type": "object", "properties": {"content": _OBJECT}, "required": ["content"]}
_TABLE = {
    "type": "object",
    "if": {"required": ["dimension"]},
    "then": {"properties": {"dimension": _CONTENT}},
    "else": {
        "if": {"required": ["metric"]},
        "then": {"properties": {"metric": _CONTENT}},
        "else": {"properties": {"columns": {"type": "array", "items": _OBJECT}}, "required": ["columns"]},
    },
}
SCHEMA_DATA: dict[str, Any] = {
    "type": "object",
    "if": {"required": ["table"]},
    "then": {"properties": {"table": _TABLE}},
    "else": {"properties": {"relationship": _OBJECT}, "required": ["relationship"]},
}

_LOCATION = ("body", "schema_data")


def check_schema_data(data: Any) -> list[dict[str, Any]]:
    """Return the errors in schema data."""
    errors = _check_object(data)
    if errors:
        return errors
    if "table" in data:
        return _check_object(data["table"], "table") or _check_table(data["table"])
    if "relationship" in data:
        return _check_object(data["relationship"], "relationship")
    return [field_error(_LOCATION, "Schema data should hold a table or a relationship")]


def _check_table(table: dict[str, Any]) -> list[dict[str, Any]]:
    for kind in ("dimension", "metric"):
        if kind in table:
            value = table[kind]
            return _check_object(value, "table", kind) or _check_object(
                value.get("content"), "table", kind, "content"
            )
    if "columns" not in table:
        message = "A table should hold columns, or a dimension or metric with its content"
        return [field_error((*_LOCATION, "table"), message)]
    columns = table["columns"]
    if not isinstance(columns, list):
        return [field_error((*_LOCATION, "table", "columns"), "Input should be a valid list", "list_type")]
    return [
        error for index, column in enumerate(columns) for error in _check_object(column, "table", "columns", index)
    ]


def _check_object(value: Any, *path: str | int) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return []
    return [field_error((*_LOCATION, *path), "Input should be a valid dictionary", "dict_type")]
