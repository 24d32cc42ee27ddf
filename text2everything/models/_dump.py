"""Models as plain data and as JSON text, for other programs; what the service is sent, `_codec` writes."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._dataclass import has_default
from text2everything.models._plain import plain
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

    wanted: Rules = True if include is None else _rules("include", include)
    unwanted = {} if exclude is None else _rules("exclude", exclude)
    found = attrs.asdict(model, filter=is_wanted)
    return found if wanted is True and not unwanted else _selected(found, wanted, unwanted)


Rules: TypeAlias = "dict[Any, Rules] | Literal[True]"
"""What is in or out: everything, or by name or index; `__all__` stands for each."""


def _rules(name: str, given: object) -> dict[Any, Rules]:
    """Return an `include` or `exclude` of pydantic's forms: names, or a dict of names to bools, names or dicts."""
    match given:
        case Mapping():
            return {
                key: True if inner is True or inner is ... else _rules(f"{name}[{key!r}]", inner)
                for key, inner in given.items()
                if inner is not False
            }
        case Collection() if not isinstance(given, str | bytes):
            return dict.fromkeys(given, True)
    raise ValidationError(
        f"{name} must be a set of names, or a dict of names to True, False, a set or a dict, "
        f"got {type(given).__name__}"
    )


def _selected(value: Any, include: Rules, exclude: dict[Any, Rules]) -> Any:
    """Return what is wanted of plain data."""
    if not isinstance(value, dict | list | tuple):
        return value
    kept = {}
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        names = {key, "__all__"} if isinstance(value, dict) else {key, key - len(value), "__all__"}
        wanted, unwanted = _rule_of(names, include), _rule_of(names, exclude)
        if wanted is not None and unwanted is not True:
            kept[key] = _selected(inner, wanted, unwanted or {})
    return kept if isinstance(value, dict) else list(kept.values())


def _rule_of(names: set[Any], rules: Rules) -> Rules | None:
    """Return what holds for something that has several names; None if no rule names it."""
    if rules is True:
        return True
    found = [rules[name] for name in names if name in rules]
    return _merged(found) if found else None


def _merged(found: list[Rules]) -> Rules:
    merged: dict[Any, Rules] = {}
    for rules in found:
        if rules is True:
            return True
        for name, inner in rules.items():
            merged[name] = _merged([merged[name], inner]) if name in merged else inner
    return merged


def to_json_types(value: Any) -> Any:  # noqa: C901, PLR0911  # a case for each type
    """Return plain data with every value as JSON has it, in pydantic's manner: times in ISO 8601, NaN as null."""
    value = plain(value)
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
        case timedelta():
            return _duration(value)
        case bytes() | bytearray():
            return value.decode(errors="backslashreplace")
    return str(value)


def _duration(value: timedelta) -> str:
    """Return a duration in ISO 8601, as in `P1DT2M0.5S`."""
    size = abs(value)
    minutes, seconds = divmod(size.seconds, 60)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    parts = [(minutes // 60, "H"), (minutes % 60, "M"), (f"{seconds}{fraction}" if seconds or fraction else 0, "S")]
    clock = "".join(f"{number}{unit}" for number, unit in parts if number)
    days = f"{size.days}D" if size.days else ""
    return f"{'-' if value.days < 0 else ''}P{days}{f'T{clock}' if clock else ''}" if days or clock else "PT0S"


def to_json_text(document: Any, indent: int | None, *, ensure_ascii: bool = False) -> str:
    """Return a document of JSON types as text; without `indent` in one line without blanks."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(document, indent=indent, separators=separators, ensure_ascii=ensure_ascii)
