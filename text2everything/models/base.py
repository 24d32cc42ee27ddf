"""The base classes of the models, and `UNSET`."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import attrs

from text2everything.exceptions import ValidationError

M = TypeVar("M", bound="Model")


class Unset(enum.Enum):
    """The type of `UNSET`, the default of arguments for which None is a value."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
"""Not given: an update keeps the current value, while None would clear it."""


@attrs.define(kw_only=True)
class Model:
    """Base of every model: an attrs class with the fields of a JSON body."""

    def to_dict(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Return the fields as a dict, with nested models as dicts too; times stay `datetime` objects.

        Args:
            exclude_none: Whether to leave out fields that are None; default False.

        Example:
            >>> FeedbackCreate(chat_message_id="id1", feedback="Right").to_dict(exclude_none=True)
            {'chat_message_id': 'id1', 'feedback': 'Right', 'is_positive': True}
        """
        return attrs.asdict(
            self,
            filter=lambda _, value: value is not UNSET and not (exclude_none and value is None),
        )

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Return `to_dict()`; this is its name in the published client.

        Args:
            exclude_none: Whether to leave out fields that are None; default False.

        Example:
            >>> ProjectCreate(name="Sales").model_dump()
            {'name': 'Sales', 'description': None}
        """
        return self.to_dict(exclude_none=exclude_none)


class KeyAccess:
    """Gives a model access by key, as in `result["deleted_count"]`: the published client returned a dict."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        if key in self.keys():
            return getattr(self, key)
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the field `key`, or `default` if there is no such field.

        Example:
            >>> BulkDeleteResult(deleted_count=2).get("deleted_count")
            2
        """
        return getattr(self, key) if key in self.keys() else default

    def keys(self) -> list[str]:
        """Return the names of the fields.

        Example:
            >>> BulkDeleteResult(deleted_count=2).keys()
            ['deleted_count', 'failed_ids']
        """
        return [field.name for field in attrs.fields(type(self))]  # type: ignore[arg-type]

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


@attrs.define(kw_only=True)
class Stored(Model):
    """The id and times of an object that the service stores."""

    id: str
    created_at: datetime | None = None
    updated_at: datetime | None = None


def build(model: type[M], item: object, *, name: str = "") -> M:
    """Return `item` as a `model`.

    Args:
        model: The class to return.
        item: An instance of it, or a mapping of its fields.
        name: The public argument that `item` comes from, for error messages.

    Raises:
        ValidationError: `item` is neither, or a field is missing, unknown or invalid.
    """
    if isinstance(item, model):
        return item
    if not isinstance(item, Mapping):
        raise ValidationError(f"{name} must be a {model.__name__} or a mapping, got {type(item).__name__}".lstrip())
    try:
        return model(**item)
    except TypeError:
        _check_field_names(model, item, f"{name}: " if name else "")
        raise


def _check_field_names(model: type[Model], item: Mapping[Any, Any], where: str) -> None:
    """Raise a `ValidationError` that names the unknown or missing fields of `item`, if there are any."""
    fields = {field.name: field for field in attrs.fields(model)}
    unknown = [str(key) for key in item if key not in fields]
    if unknown:
        raise ValidationError(f"{where}unknown field {', '.join(unknown)}; the fields are {', '.join(fields)}")
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in item]
    if missing:
        raise ValidationError(f"{where}missing field {', '.join(missing)}")
