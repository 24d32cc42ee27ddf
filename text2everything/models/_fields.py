"""attrs fields of request models, each with a check that names the field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import attrs

from text2everything.models._checks import check_bool, check_id, check_int, check_number, check_object, check_text
from text2everything.models._plain import plain
from text2everything.models._unset import UNSET


def _field(kind: type | None, check: Callable[[str, Any], Any], *, optional: bool = False, **options: Any) -> Any:
    """Return a field whose values are checked, and kept as the check returns them.

    Args:
        kind: The type of nearly all values; a value of it stays as it is. None if there is no such type.
        check: Gets the name of the field and a value; returns the value, plain, or raises a `ValidationError`.
        optional: Whether the value may be None, which NaN and its like then are too.
        options: Arguments of `attrs.field`.
    """

    def settle(name: str, value: Any) -> Any:
        value = plain(value)
        return value if value is UNSET or (optional and value is None) else check(name, value)

    # A validator and no converter: where the value is plain, as nearly always, that is faster.
    def validate(model: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if type(value) is kind:
            if kind is not bool:  # each of the two is right
                check(attribute.name, value)
        elif value is not UNSET and (value is not None or not optional):
            settled = settle(attribute.name, value)
            if settled is not value and model is not None:
                object.__setattr__(model, attribute.name, settled)

    def on_setattr(_: Any, attribute: attrs.Attribute[Any], value: Any) -> Any:
        return settle(attribute.name, value)

    return attrs.field(validator=validate, on_setattr=on_setattr, **options)


def text_field(**options: Any) -> Any:
    """Return a field for a string that must not be blank."""
    return _field(str, check_text, **options)


def id_field(**options: Any) -> Any:
    """Return a field for an id."""
    return _field(str, check_id, **options)


def optional_id(default: Any = None) -> Any:
    """Return a field for an id or None."""
    return _field(str, check_id, optional=True, default=default)


def optional_text(default: Any = None, **options: Any) -> Any:
    """Return a field for a string, which may be blank, or None."""
    return _field(str, partial(check_text, blank=True), optional=True, default=default, **options)


def bool_field(**options: Any) -> Any:
    """Return a field for True or False."""
    return _field(bool, check_bool, **options)


def optional_bool(default: Any = None) -> Any:
    """Return a field for True, False or None."""
    return _field(bool, check_bool, optional=True, default=default)


def object_field(**options: Any) -> Any:
    """Return a field for a JSON object."""
    return _field(None, check_object, **options)


def optional_object(default: Any = None, **options: Any) -> Any:
    """Return a field for a JSON object or None."""
    return _field(None, check_object, optional=True, default=default, **options)


def int_field(least: int, most: int | None = None, **options: Any) -> Any:
    """Return a field for an integer from `least` to `most`; None too, unless the default is a number."""

    def check(name: str, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # pandas has floats in a column of integers where some are missing
        return check_int(name, value, least, most)

    return _field(int, check, optional=_may_be_none(options), **options)


def number_field(least: float, most: float | None = None, **options: Any) -> Any:
    """Return a field for a number from `least` to `most`; None too, unless the default is a number."""
    check = partial(check_number, least=least, most=most)
    return _field(None, check, optional=_may_be_none(options), **options)


def _may_be_none(options: dict[str, Any]) -> bool:
    return options["default"] is None or options["default"] is UNSET
