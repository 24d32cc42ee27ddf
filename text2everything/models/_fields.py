"""attrs fields of request models, each with a check that names the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from text2everything.models._checks import check_bool, check_id, check_int, check_number, check_object, check_text
from text2everything.models.base import UNSET

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def _validator(check: Callable[[str, Any], Any], *, optional: bool) -> Validator:
    def validate(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value is UNSET or (optional and value is None):
            return
        check(attribute.name, value)

    return validate


def text_field(**options: Any) -> Any:
    """Return a field for a string that must not be blank."""
    return attrs.field(validator=_validator(check_text, optional=False), **options)


def id_field(**options: Any) -> Any:
    """Return a field for an id."""
    return attrs.field(validator=_validator(check_id, optional=False), **options)


def optional_id(default: Any = None) -> Any:
    """Return a field for an id or None."""
    return attrs.field(default=default, validator=_validator(check_id, optional=True))


def optional_text(default: Any = None, **options: Any) -> Any:
    """Return a field for a string, which may be blank, or None."""
    check = _validator(lambda name, value: check_text(name, value, blank=True), optional=True)
    return attrs.field(default=default, validator=check, **options)


def bool_field(**options: Any) -> Any:
    """Return a field for True or False."""
    return attrs.field(validator=_validator(check_bool, optional=False), **options)


def object_field(**options: Any) -> Any:
    """Return a field for a JSON object or None."""
    return attrs.field(validator=_validator(check_object, optional=True), **options)


def int_field(least: int, most: int | None = None, **options: Any) -> Any:
    """Return a field for an integer from `least` to `most`, or None."""
    return attrs.field(
        validator=_validator(lambda name, value: check_int(name, value, least, most), optional=True),
        **options,
    )


def number_field(least: float, most: float | None = None, **options: Any) -> Any:
    """Return a field for a number from `least` to `most`, or None."""
    return attrs.field(
        validator=_validator(lambda name, value: check_number(name, value, least, most), optional=True),
        **options,
    )
