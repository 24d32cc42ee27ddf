"""Checks of arguments: each returns the value, or raises a `ValidationError` that names the argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from text2everything.exceptions import ValidationError
from text2everything.models._plain import MAX_DEPTH, plain, plain_json


def given(name: str, value: object) -> Any:
    """Return `value` as a plain one, unless it is missing: None, NaN, NaT or `pd.NA`."""
    value = plain(value)
    if value is None:
        raise ValidationError(f"{name} is missing")
    return value


def check_text(name: str, value: object, *, blank: bool = False) -> str:
    """Return `value` if it is a string that UTF-8 can encode and, unless `blank` is true, is not blank."""
    if type(value) is not str:
        value = given(name, value)
        if not isinstance(value, str):
            raise ValidationError(f"{name} must be a string, got {type(value).__name__}")
    if not blank and (not value or value.isspace()):
        raise ValidationError(f"{name} must not be empty or blank")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValidationError(f"{name} holds a lone surrogate at index {error.start}") from None
    return value


def check_id(name: str, value: object) -> str:
    """Return `value` if it can be an id: not blank, and not a relative path segment."""
    if type(value) is str and value.isascii() and value[:1].isalnum():
        return value  # as nearly all are; there are two in every rating
    text = check_text(name, value)
    if text in {".", ".."}:
        raise ValidationError(f"{name} must be an id, got {text!r}")
    return text


def check_bool(name: str, value: object) -> bool:
    """Return `value` if it is True or False."""
    if value is True or value is False:
        return value
    value = given(name, value)
    if not isinstance(value, bool):
        raise ValidationError(f"{name} must be True or False, got {type(value).__name__}")
    return value


def check_int(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return `value` if it is an integer from `least` to `most`."""
    value = given(name, value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(f"{name} must be a whole number, got {type(value).__name__}")
    if value < least or (most is not None and value > most):
        bounds = f"{least} or more" if most is None else f"from {least} to {most}"
        raise ValidationError(f"{name} must be {bounds}, got {value}")
    return value


def check_number(name: str, value: object, least: float, most: float | None = None) -> float:
    """Return `value` if it is a finite number from `least` to `most`."""
    value = given(name, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValidationError(f"{name} must be a number, got {type(value).__name__}")
    if not least <= value <= (float("1e300") if most is None else most):
        bounds = f"{least:g} or more" if most is None else f"from {least:g} to {most:g}"
        raise ValidationError(f"{name} must be {bounds}, got {value}")
    return value


def check_object(name: str, value: object) -> Mapping[str, Any]:
    """Return `value` if it is a mapping that JSON can represent; an error names the path of the invalid value.

    Values inside that are missing are None, and what numpy and the like hold is plain.
    """
    found: Any = given(name, value)
    if not isinstance(found, Mapping):
        raise ValidationError(f"{name} must be an object (a dict), got {type(found).__name__}")
    try:
        check_json(name, found)
    except ValidationError:
        if (found := plain_json(found)) is value:
            raise
        check_json(name, found)
    return cast("Mapping[str, Any]", found)


def check_json(name: str, value: object, depth: int = 0) -> None:  # noqa: C901, PLR0912  # a case for each JSON type
    """Raise a `ValidationError` with the path of the first value that JSON cannot represent unchanged, if any."""
    if depth > MAX_DEPTH:
        raise ValidationError(f"{name} is nested deeper than {MAX_DEPTH} levels")
    match value:
        case None | bool():
            pass
        case str():
            check_text(name, value, blank=True)
        case int():
            if not -(2**63) <= value < 2**63:
                raise ValidationError(f"{name} is an integer beyond 64 bits")
        case float():
            if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  # NaN differs from itself
                raise ValidationError(f"{name} must be a finite number, got {value}")
        case Mapping():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise ValidationError(f"{name} has a key that is not a string: {key!r}")
                check_text(f"key of {name}", key, blank=True)
                check_json(f"{name}.{key}", inner, depth + 1)
        case list() | tuple():
            for index, inner in enumerate(value):
                check_json(f"{name}[{index}]", inner, depth + 1)
        case _:
            raise ValidationError(f"{name} cannot be sent as JSON: {type(value).__name__}")
