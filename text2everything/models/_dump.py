"""Models as plain data and as JSON text, for other programs; what the service is sent, `_codec` writes."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any

import attrs

from text2everything.models._dataclass import has_default
from text2everything.models._unset import UNSET


def to_plain(
    model: Any,
    *,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
) -> dict[str, Any]:
    """Return the fields of a model as a dict, nested models too, without those that are not set."""

    def is_wanted(field: attrs.Attribute[Any], value: Any) -> bool:
        if value is UNSET or (exclude_none and value is None):
            return False
        return not (exclude_defaults and has_default(field, value))

    found = attrs.asdict(model, filter=is_wanted)
    return {
        name: value
        for name, value in found.items()
        if (include is None or name in include) and (exclude is None or name not in exclude)
    }


def to_json_types(value: Any) -> Any:  # noqa: PLR0911  # a case for each type
    """Return plain data with every value as JSON has it, in pydantic's manner: times in ISO 8601, NaN as null."""
    match value:
        case None | bool() | str() if not isinstance(value, enum.Enum):
            return value
        case enum.Enum():
            return to_json_types(value.value)
        case float():
            return value if math.isfinite(value) else None
        case int():
            return value
        case Mapping():
            return {str(key): to_json_types(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json_types(inner) for inner in value]
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
    return str(value)


def to_json_text(document: Any, indent: int | None) -> str:
    """Return a document of JSON types as text; without `indent` in one line without blanks."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(document, indent=indent, separators=separators, ensure_ascii=False)
