"""What the models share: checked fields, and plain-dict views."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import attrs

from text2everything.exceptions import ValidationError

T = TypeVar("T")
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


# Request fields. Every check names the field, so the message names the caller's argument.

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def check_text(name: str, value: object, *, blank: bool = False) -> str:
    """Return `value` if it is a string fit for the wire, else raise a `ValidationError` that names the argument."""
    if not isinstance(value, str):
        raise ValidationError(f"{name} must be a string, got {type(value).__name__}")
    if not blank and not value.strip():
        raise ValidationError(f"{name} must not be empty or blank")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValidationError(f"{name} holds a lone surrogate at index {error.start}") from None
    return value


def check_id(name: str, value: object) -> str:
    """Return `value` if it can be an id, else raise a `ValidationError` that names the argument."""
    text = check_text(name, value)
    if text in {".", ".."}:
        raise ValidationError(f"{name} must be an id, got {text!r}")
    return text


def check_bool(name: str, value: object) -> bool:
    """Return `value` if it is True or False, else raise a `ValidationError` that names the argument."""
    if not isinstance(value, bool):
        raise ValidationError(f"{name} must be True or False, got {type(value).__name__}")
    return value


def check_int(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return `value` if it is a whole number within the bounds, else raise a `ValidationError`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(f"{name} must be a whole number, got {type(value).__name__}")
    if value < least or (most is not None and value > most):
        bounds = f"{least} or more" if most is None else f"from {least} to {most}"
        raise ValidationError(f"{name} must be {bounds}, got {value}")
    return value


def check_number(name: str, value: object, least: float, most: float | None = None) -> float:
    """Return `value` if it is a finite number within the bounds, else raise a `ValidationError`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValidationError(f"{name} must be a number, got {type(value).__name__}")
    if not least <= value <= (float("1e300") if most is None else most):
        bounds = f"{least:g} or more" if most is None else f"from {least:g} to {most:g}"
        raise ValidationError(f"{name} must be {bounds}, got {value}")
    return value


def check_object(name: str, value: object) -> Mapping[str, Any]:
    """Return `value` if it is a mapping that JSON can hold, else raise a `ValidationError` with the bad path."""
    if not isinstance(value, Mapping):
        raise ValidationError(f"{name} must be an object (a dict), got {type(value).__name__}")
    check_json(name, value)
    return value


MAX_DEPTH = 100


def check_json(name: str, value: object, depth: int = 0) -> None:  # noqa: C901, PLR0912  # a case for each JSON type
    """Raise a `ValidationError` that gives the path of the first value JSON cannot carry unchanged."""
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


def _validator(check: Callable[[str, Any], Any], *, optional: bool) -> Validator:
    def validate(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value is UNSET or (optional and value is None):
            return
        check(attribute.name, value)

    return validate


def text_field(**options: Any) -> Any:
    """Field of a required string that must not be blank."""
    return attrs.field(validator=_validator(check_text, optional=False), **options)


def id_field(**options: Any) -> Any:
    """Field of a required id."""
    return attrs.field(validator=_validator(check_id, optional=False), **options)


def optional_id(default: Any = None) -> Any:
    """Field of an id that may be None."""
    return attrs.field(default=default, validator=_validator(check_id, optional=True))


def optional_text(default: Any = None, **options: Any) -> Any:
    """Field of a string that may be None or blank."""
    check = _validator(lambda name, value: check_text(name, value, blank=True), optional=True)
    return attrs.field(default=default, validator=check, **options)


def bool_field(**options: Any) -> Any:
    """Field of True or False."""
    return attrs.field(validator=_validator(check_bool, optional=False), **options)


def object_field(**options: Any) -> Any:
    """Field of a JSON object that may be None."""
    return attrs.field(validator=_validator(check_object, optional=True), **options)


def int_field(least: int, most: int | None = None, **options: Any) -> Any:
    """Field of a whole number within bounds, or None."""
    return attrs.field(
        validator=_validator(lambda name, value: check_int(name, value, least, most), optional=True),
        **options,
    )


def number_field(least: float, most: float | None = None, **options: Any) -> Any:
    """Field of a number within bounds, or None."""
    return attrs.field(
        validator=_validator(lambda name, value: check_number(name, value, least, most), optional=True),
        **options,
    )


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
