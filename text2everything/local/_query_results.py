"""Fetching the rows of a DB-API cursor as a JSON document."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import uuid
from typing import Any

_FETCH_SIZE = 500
_MAX_RESULT_BYTES = 32 * 2**20


def fetch_result(cursor: Any, max_rows: int) -> dict[str, Any]:
    """Return the result of a query as executions hold it; the first row of `data` is the column names."""
    columns = [str(entry[0]) for entry in cursor.description]
    data: list[list[Any]] = [columns]
    size = 0
    truncated = False
    while rows := cursor.fetchmany(_FETCH_SIZE):
        for row in rows:
            if len(data) > max_rows or size > _MAX_RESULT_BYTES:
                truncated = True
                break
            values = [to_json_value(value) for value in row]
            size += sum(len(value) for value in values if isinstance(value, str))
            data.append(values)
        if truncated:
            break
    result: dict[str, Any] = {"columns": columns, "data": data, "rowCount": len(data) - 1}
    if truncated:
        result["truncated"] = True
    return result


def to_json_value(value: Any) -> Any:  # noqa: PLR0911 - one line for each type
    """Return a value as JSON: dates and times in ISO 8601, decimals as strings, bytes in hexadecimal."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(key): to_json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json_value(item) for item in value]
    return str(value)
