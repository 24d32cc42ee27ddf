"""Bytes to models and back: the only place that knows JSON, cattrs and how the wire writes a time.

cattrs defines what is accepted. Where msgspec is installed it takes the common case, a reply that fits its model
exactly, several times faster; whatever it refuses goes through cattrs, which is lenient where services vary and
names the path of a bad field where they err.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
from cattrs import BaseConverter, Converter, transform_error
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from text2everything.models.base import UNSET
from text2everything.models.executions import SQLExecuteRequest
from text2everything.models.feedback import FeedbackResponse

msgspec: Any
try:
    import msgspec
except ImportError:
    msgspec = None

T = TypeVar("T")

_find_fine_fraction = re.compile(r"\.(\d{7,})").search


class DecodeError(ValueError):
    """The bytes are not what was expected; the message says where."""


@attrs.frozen
class Listing:
    """One reply of a listing, as far as the service gave it: items yet to be decoded are not kept."""

    items: list[Any]
    total: int | None = None
    page: int | None = None
    page_size: int | None = None
    has_next: bool | None = None
    next_offset: int | None = None


# What the wire may hold for each plain type. Services differ in small ways (an id that is a number, 1 for true);
# a text where a number or a truth is due is an error.


def _text(value: Any, _: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"expected a string, got {_kind(value)}")


def _int(value: Any, _: Any) -> int:
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        return int(value)
    raise ValueError(f"expected a whole number, got {_kind(value)}")


def _float(value: Any, _: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(f"expected a number, got {_kind(value)}")


def _bool(value: Any, _: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in {0, 1}:
        return bool(value)
    raise ValueError(f"expected true or false, got {_kind(value)}")


def _datetime(value: Any, _: Any) -> datetime:
    if isinstance(value, str):
        fraction = _find_fine_fraction(value)
        if fraction is None:
            return datetime.fromisoformat(value)
        # More digits than a datetime holds: rounded, where Python would truncate.
        whole = datetime.fromisoformat(value.replace(fraction[0], "", 1))
        return whole + timedelta(microseconds=(int(fraction[1][:7]) + 5) // 10)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    raise ValueError(f"expected a date and time, got {_kind(value)}")


def _object(value: Any, _: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError(f"expected an object, got {_kind(value)}")


def _is_list(type_: Any) -> bool:
    return get_origin(type_) is list


def _structure_list(type_: Any, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    """Build lists from lists only: cattrs would take an object's keys for items."""
    build = list_structure_factory(type_, converter)

    def structure(value: Any, type_: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError(f"expected a list, got {_kind(value)}")  # noqa: TRY004  # one error type for bad data
        return build(value, type_)

    return structure


def _auto_feedback(value: Any, _: Any) -> FeedbackResponse | dict[str, Any] | None:
    """A rating the service added on its own; its shape is not promised, so what does not fit stays a dict."""
    if value is None:
        return None
    try:
        return CONVERTER.structure(value, FeedbackResponse)
    except Exception:  # noqa: BLE001  # any misfit means the same here
        return _object(value, None)


def _kind(value: Any) -> str:
    names = {
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)


# Models are built from objects; null stands for a field's default, and unknown fields are ignored.


def _structure_model(model: type[Any], converter: BaseConverter) -> Callable[[Any, Any], Any]:
    """Build a model in one pass over its fields; a value that already has its field's type needs no hook."""
    hints = get_type_hints(model)
    types = {field.name: _without_none(hints[field.name]) for field in attrs.fields(model)}
    fields = [(name, type_, converter.get_structure_hook(type_)) for name, type_ in types.items()]

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected an object, got {_kind(value)}")  # noqa: TRY004
        # Called with the names of the fields, not with the equal keys of the object: the interpreter finds a keyword
        # that is the very name of the parameter three times as fast.
        found = {}
        for name, type_, hook in fields:
            item = value.get(name)
            if item is not None:
                found[name] = item if type(item) is type_ else hook(item, type_)
        return model(**found)

    return structure


def _structure_model_in_detail(model: type[Any], converter: Converter) -> Callable[[Any, Any], Any]:
    """Build a model by cattrs' own function, which collects the errors of all fields with their paths."""
    build = make_dict_structure_fn(model, converter)

    def structure(value: Any, type_: Any) -> Any:
        return build({name: item for name, item in _object(value, None).items() if item is not None}, type_)

    return structure


def _without_none(type_: Any) -> Any:
    """Return `X` for `X | None`, and any other type unchanged: hooks of fields are never given null."""
    types = [each for each in get_args(type_) if each is not NoneType]
    return types[0] if isinstance(type_, UnionType) and len(types) == 1 else type_


def _make_converter(*, detailed: bool) -> Converter:
    converter = Converter(detailed_validation=detailed)
    model_factory: Any = _structure_model_in_detail if detailed else _structure_model
    converter.register_structure_hook_factory(attrs.has, model_factory)
    converter.register_structure_hook_factory(_is_list, cast("Any", _structure_list))
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _int)
    converter.register_structure_hook(float, _float)
    converter.register_structure_hook(bool, _bool)
    converter.register_structure_hook(datetime, _datetime)
    converter.register_structure_hook_func(lambda type_: type_ == dict[str, Any], _object)
    converter.register_structure_hook_func(
        lambda type_: type_ == FeedbackResponse | dict[str, Any] | None, _auto_feedback
    )
    converter.register_unstructure_hook(
        SQLExecuteRequest,
        make_dict_unstructure_fn(SQLExecuteRequest, converter, chat_session_id=override(rename="h2ogpte_session_id")),
    )
    return converter


CONVERTER = _make_converter(detailed=False)
_DETAILED = _make_converter(detailed=True)  # slower; run again over what failed, for the path of the bad field


def decode(body: bytes, type_: type[T]) -> T:
    """Return `body` as a `type_`: a model, a list of models, or plain JSON for `Any`.

    Raises:
        DecodeError: It is not JSON, or not of that shape; the message gives the path.
    """
    native = _msgspec_decoder(cast("Hashable", type_))
    if native is not None:
        try:
            found: T = native(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            return found
    return cast("T", _structure(loads(body), type_))


def decode_listing(body: bytes, item: type[Any]) -> Listing:
    """Return one reply of a listing: `{"items": […], …}` or a bare list.

    Raises:
        DecodeError: It is neither, or an item does not fit.
    """
    native = _msgspec_listing_decoder(cast("Hashable", item))
    if native is not None:
        try:
            found: Any = native(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            if isinstance(found, list):
                return Listing(found)
            return Listing(found.items, found.total, found.page, found.page_size, found.has_next, found.next_offset)
    data = loads(body)
    if isinstance(data, list):
        return Listing(_structure(data, list[item]))  # type: ignore[valid-type]
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise DecodeError(f'expected a list or an object with "items", got {_kind(data)}')
    rest = {field.name: data.get(field.name) for field in attrs.fields(Listing)[1:]}
    listing: Listing = _structure({"items": [], **rest}, Listing)
    return attrs.evolve(listing, items=_structure(data["items"], list[item]))  # type: ignore[valid-type]


_DECODER = json.JSONDecoder()  # without json.loads, which first looks for the encoding and for blanks


def loads(body: bytes) -> Any:
    """Return the JSON in `body`.

    Raises:
        DecodeError: It is not JSON.
    """
    try:
        text = body.decode()
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    except (ValueError, RecursionError):
        pass
    try:  # blanks around the value, or an encoding other than UTF-8
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"not JSON: {error}") from None


def encode(value: Any) -> bytes:
    """Return a request's body: a model with all its fields, or plain data as it is."""
    if msgspec is not None and type(value) is not SQLExecuteRequest:
        return cast("bytes", msgspec.json.encode(value, enc_hook=_plain))
    plain = unstructure(value)
    try:
        return _ENCODER.encode(plain).encode()
    except (TypeError, ValueError):
        return _ENCODER.encode(_strict(plain)).encode()


def _plain(value: Any) -> Any:  # noqa: C901, PLR0911  # a case for each type
    """Return what JSON has no type for as msgspec writes it, and what only behaves like one of its types as that."""
    match value:
        case str():  # numpy has strings and numbers of its own
            return str(value)
        case float():
            return float(value)
        case int():
            return int(value)
        case Mapping():
            return dict(value)
        case set() | frozenset():
            return list(value)
        case datetime() | time():
            return re.sub(r"\+00:00$", "Z", value.isoformat())
        case date():
            return value.isoformat()
        case timedelta():
            return _duration(value)
        case UUID() | Decimal():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return binascii.b2a_base64(value, newline=False).decode()
        case _:
            raise TypeError(f"cannot be sent as JSON: {type(value).__name__}")


def _duration(value: timedelta) -> str:
    """Return a span of time as ISO 8601 has it, such as `P1DT2.5S`."""
    span = abs(value)
    days = f"{span.days}D" if span.days or not span else ""
    seconds = f"{span.seconds}.{span.microseconds:06}".rstrip("0").rstrip(".") if span.microseconds else span.seconds
    return f"{'-' if value < timedelta() else ''}P{days}{f'T{seconds}S' if seconds else ''}"


def _strict(value: Any) -> Any:
    """Return plain data as msgspec writes it where `json` refuses: null for NaN, and every key as a string."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(_plain(key)): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_strict(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def unstructure(value: Any) -> Any:
    """Return a model as the plain data the wire carries."""
    return CONVERTER.unstructure(value)


def changes(update: Any) -> dict[str, Any]:
    """Return the fields of an update model that were given, as the wire writes them."""
    names = [field.name for field in attrs.fields(type(update)) if getattr(update, field.name) is not UNSET]
    return {name: CONVERTER.unstructure(getattr(update, name)) for name in names}


def _structure(data: Any, type_: Any) -> Any:
    try:
        return CONVERTER.structure(data, type_)
    except RecursionError:
        raise DecodeError("nested too deeply") from None
    except Exception:  # noqa: BLE001  # cattrs passes on whatever a hook raised
        try:
            return _DETAILED.structure(data, type_)
        except Exception as error:  # noqa: BLE001
            raise DecodeError("; ".join(transform_error(error, path="reply", format_exception=_explain))) from None


def _explain(error: BaseException, _: Any) -> str:
    if isinstance(error, KeyError):
        return f"missing field {error.args[0]}"
    return str(error)


@cache
def _msgspec_decoder(type_: Any) -> Callable[[bytes], Any] | None:
    """Return msgspec's decoder where it is installed and knows every type involved, else None."""
    if msgspec is None:
        return None
    try:
        return cast("Callable[[bytes], Any]", msgspec.json.Decoder(type_).decode)
    except TypeError:
        return None


@cache
def _msgspec_listing_decoder(item: Any) -> Callable[[bytes], Any] | None:
    """Return msgspec's decoder for one reply of a listing of `item`, else None."""
    if msgspec is None:
        return None
    return _msgspec_decoder(
        list[item] | msgspec.defstruct(f"{item.__name__}Listing", [("items", list[item]), *_ENVELOPE])
    )


_ENVELOPE = [
    ("total", int | None, None),
    ("page", int | None, None),
    ("page_size", int | None, None),
    ("has_next", bool | None, None),
    ("next_offset", int | None, None),
]
