"""What the models share: checked fields, and plain-dict views."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import attrs

from text2everything.exceptions import ValidationError

M = TypeVar("M", bound="Model")


class Unset(enum.Enum):
    """The type of `UNSET`, which stands for an argument that was left out where None has a meaning of its own."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
"""Left out: an update keeps the present value, where None would clear it."""


@attrs.define(kw_only=True)
class Model:
    """Base of every model: an attrs class whose fields are the wire's."""

    def to_dict(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Return the fields as a plain dict, nested models too."""
        return attrs.asdict(
            self,
            filter=lambda _, value: value is not UNSET and not (exclude_none and value is None),
        )

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Return `to_dict()`, under the name that code written for the published client calls."""
        return self.to_dict(exclude_none=exclude_none)


class KeyAccess:
    """Lets a model be read like the dict that the published client returned: `result["deleted_count"]`."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        if key in self.keys():
            return getattr(self, key)
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the field `key`, or `default` where there is no such field."""
        return getattr(self, key) if key in self.keys() else default

    def keys(self) -> list[str]:
        """Return the names of the fields."""
        return [field.name for field in attrs.fields(type(self))]  # type: ignore[arg-type]

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


@attrs.define(kw_only=True)
class Stored(Model):
    """What the service adds to everything it stores."""

    id: str
    created_at: datetime | None = None
    updated_at: datetime | None = None


def build(model: type[M], item: object, *, name: str = "") -> M:
    """Return `item`, given as `name`, as a `model`: it may be one already, or a mapping of its fields.

    Raises:
        ValidationError: It is neither, a field is missing, unknown or wrong.
    """
    if isinstance(item, model):
        return item
    if not isinstance(item, Mapping):
        raise ValidationError(f"{name} must be a {model.__name__} or a mapping, got {type(item).__name__}".lstrip())
    try:
        return model(**item)
    except TypeError:
        _refuse_fields(model, item, f"{name}: " if name else "")
        raise


def _refuse_fields(model: type[Model], item: Mapping[Any, Any], where: str) -> None:
    """Raise a `ValidationError` that names the fields of `item` that `model` does not have, or those it lacks."""
    fields = {field.name: field for field in attrs.fields(model)}
    unknown = [str(key) for key in item if key not in fields]
    if unknown:
        raise ValidationError(f"{where}unknown field {', '.join(unknown)}; the fields are {', '.join(fields)}")
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in item]
    if missing:
        raise ValidationError(f"{where}missing field {', '.join(missing)}")
