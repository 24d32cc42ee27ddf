"""The base classes of the models, and `UNSET`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models import _dump, _pydantic
from text2everything.models._dataclass import mark_as_dataclass
from text2everything.models._repr import model_repr
from text2everything.models._unset import UNSET, Unset

__all__ = ["UNSET", "KeyAccess", "Model", "Stored", "Unset", "build"]

M = TypeVar("M", bound="Model")


@attrs.define(kw_only=True, repr=False)
class Model:
    """Base of every model: an attrs class with the fields of a JSON body.

    pydantic validates and describes models as fields of its own models, and FastAPI takes and returns them.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        mark_as_dataclass(cls)

    def __repr__(self) -> str:
        return model_repr(self)

    def to_dict(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Return the fields as a dict, with nested models as dicts too; times stay `datetime` objects.

        Args:
            exclude_none: Whether to leave out fields that are None; default False.

        Example:
            >>> FeedbackCreate(chat_message_id="id1", feedback="Right").to_dict(exclude_none=True)
            {'chat_message_id': 'id1', 'feedback': 'Right', 'is_positive': True}
        """
        return _dump.to_plain(self, exclude_none=exclude_none)

    def to_json(self, *, indent: int | None = None, exclude_none: bool = False) -> str:
        """Return the fields as JSON text, with times in ISO 8601.

        Args:
            indent: The number of spaces to indent by; None (default) gives one line.
            exclude_none: Whether to leave out fields that are None; default False.

        Example:
            >>> ProjectCreate(name="Sales").to_json()
            '{"name":"Sales","description":null}'
        """
        return self.model_dump_json(indent=indent, exclude_none=exclude_none)

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
        by_alias: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        round_trip: bool = False,
        warnings: bool | str = True,
        context: Any = None,
        serialize_as_any: bool = False,
    ) -> dict[str, Any]:
        """Return the fields as a dict, as the models of the published client do, which are pydantic's.

        Args:
            mode: `json` for values as JSON has them, such as times as strings; `python` (default) for objects.
            include: The names of the fields to return; None (default) returns all. Or a dict of names to True, or to
                the names of what to return inside; in lists these are indices, or `__all__` for every item.
            exclude: What to leave out, in the same forms.
            by_alias: Without effect, because no field has an alias.
            exclude_unset: The same as `exclude_defaults`: a model does not know which values were given.
            exclude_defaults: Whether to leave out fields that have their default; default False.
            exclude_none: Whether to leave out fields that are None; default False.
            round_trip: Without effect here, as are the following.
            warnings: See `round_trip`.
            context: See `round_trip`.
            serialize_as_any: See `round_trip`.

        Raises:
            ValidationError: `mode` is neither, or `include` or `exclude` has none of these forms.

        Example:
            >>> ProjectCreate(name="Sales").model_dump()
            {'name': 'Sales', 'description': None}
            >>> ProjectCreate(name="Sales").model_dump(exclude={"description"})
            {'name': 'Sales'}
        """
        del by_alias, round_trip, warnings, context, serialize_as_any
        if mode not in {"python", "json"}:
            raise ValidationError(f"mode must be 'python' or 'json', got {mode!r}")
        found = _dump.to_plain(
            self,
            include=include,
            exclude=exclude,
            exclude_defaults=exclude_defaults or exclude_unset,
            exclude_none=exclude_none,
        )
        return _dump.to_json_types(found) if mode == "json" else found

    def model_dump_json(
        self,
        *,
        indent: int | None = None,
        ensure_ascii: bool = False,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
        by_alias: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        round_trip: bool = False,
        warnings: bool | str = True,
        context: Any = None,
        serialize_as_any: bool = False,
    ) -> str:
        """Return `model_dump(mode="json")` as text.

        Args:
            indent: The number of spaces to indent by; None (default) gives one line.
            ensure_ascii: Whether to write characters beyond ASCII as escapes; default False.
            include: See `model_dump`.
            exclude: See `model_dump`.
            by_alias: See `model_dump`.
            exclude_unset: See `model_dump`.
            exclude_defaults: See `model_dump`.
            exclude_none: See `model_dump`.
            round_trip: Without effect here, as are the following.
            warnings: See `round_trip`.
            context: See `round_trip`.
            serialize_as_any: See `round_trip`.

        Raises:
            ValidationError: `include` or `exclude` has none of the forms that `model_dump` takes.

        Example:
            >>> ProjectCreate(name="Sales").model_dump_json(exclude_none=True)
            '{"name":"Sales"}'
        """
        del round_trip, warnings, context, serialize_as_any
        found = self.model_dump(
            mode="json",
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )
        return _dump.to_json_text(found, indent, ensure_ascii=ensure_ascii)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return _pydantic.core_schema_of(cls, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return _pydantic.json_schema_of(cls, schema, handler)


mark_as_dataclass(Model)


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


@attrs.define(kw_only=True, repr=False)
class Stored(Model):
    """The id and times of an object that the service stores."""

    id: str
    created_at: datetime | None = None
    updated_at: datetime | None = None


def build(model: type[M], item: object, *, name: str = "") -> M:
    """Return `item` as a `model`.

    Args:
        model: The class to return.
        item: An instance of it, or a mapping of its fields; a row of a data frame or of a database is one too.
        name: The public argument that `item` comes from, for error messages.

    Raises:
        ValidationError: `item` is neither, or a field is missing, unknown or invalid.
    """
    if isinstance(item, model):
        return item
    item = _as_mapping(item)
    if not isinstance(item, Mapping):
        raise ValidationError(f"{name} must be a {model.__name__} or a mapping, got {type(item).__name__}".lstrip())
    try:
        return model(**item)
    except TypeError:
        _check_field_names(model, item, f"{name}: " if name else "")
        raise


def _as_mapping(item: Any) -> Any:
    """Return a row as a mapping: of pandas (`iterrows`, `itertuples`), SQLAlchemy, sqlite3, or any named tuple."""
    if isinstance(item, Mapping):
        return item
    if hasattr(item, "_asdict"):
        fields = item._asdict()
        if type(item).__name__ == "Pandas":
            fields.pop("Index", None)  # which no item has
        return fields
    if hasattr(item, "keys") and hasattr(item, "__getitem__") and not hasattr(item, "columns"):
        return {name: item[name] for name in item.keys()}  # noqa: SIM118  # a Series iterates over its values
    return item


def _check_field_names(model: type[Model], item: Mapping[Any, Any], where: str) -> None:
    """Raise a `ValidationError` that names the unknown or missing fields of `item`, if there are any."""
    fields = {field.name: field for field in attrs.fields(model)}
    unknown = [str(key) for key in item if key not in fields]
    if unknown:
        raise ValidationError(f"{where}unknown field {', '.join(unknown)}; the fields are {', '.join(fields)}")
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in item]
    if missing:
        raise ValidationError(f"{where}missing field {', '.join(missing)}")
