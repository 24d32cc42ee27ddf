"""The models as dataclasses, for what knows those and not attrs classes."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, get_type_hints

import attrs

from text2everything.models._unset import UNSET

NAMES = ("__dataclass_fields__", "__dataclass_params__")
"""The attributes by which others know a dataclass."""


class _DataclassAttribute:
    """One of `NAMES`, made of the attrs fields when it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, model: Any, owner: type) -> Any:
        value = getattr(_as_dataclass(owner), self._name)
        if not any(field.default is UNSET for field in attrs.fields(owner)):
            setattr(owner, self._name, value)  # from now on found without this method
        elif model is not None and self._name == "__dataclass_fields__":
            return {name: field for name, field in value.items() if getattr(model, name) is not UNSET}
        return value


def mark_as_dataclass(model: type[Any]) -> None:
    """Make a model a dataclass to others; each subclass must be marked too.

    FastAPI takes a parameter from the body if its type is a dataclass, and writes a dataclass as JSON; pandas makes
    columns of its fields; `dataclasses.asdict` and `dataclasses.replace` work.
    """
    for name in NAMES:
        setattr(model, name, _DataclassAttribute(name))


@cache
def _as_dataclass(model: type[Any]) -> type[Any]:
    hints = get_type_hints(model)
    fields = [
        (field.name, hints[field.name], dataclasses.field(**default_of(field))) for field in attrs.fields(model)
    ]
    # Without a repr of its own: `pprint` would then print the fields as a dataclass has them, secrets too.
    return dataclasses.make_dataclass(model.__name__, fields, init=False, repr=False, eq=False, kw_only=True)


def default_of(field: attrs.Attribute[Any]) -> dict[str, Any]:
    """Return the default of a field under the name that others have for it; an empty dict if there is none."""
    default: Any = field.default
    if default is attrs.NOTHING:
        return {}
    return {"default_factory": default.factory} if hasattr(default, "factory") else {"default": default}


def has_default(field: attrs.Attribute[Any], value: Any) -> bool:
    """Return whether a value is the default of its field."""
    match default_of(field):
        case {"default_factory": make}:
            return bool(value == make())
        case {"default": default}:
            return bool(value == default)
    return False
