"""How pydantic validates, serialises and describes a model; pydantic is imported only when pydantic itself asks."""

from __future__ import annotations

import inspect
from datetime import datetime
from functools import partial
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from text2everything._secret import MASK
from text2everything.exceptions import ValidationError
from text2everything.models._dataclass import default_of, has_default
from text2everything.models._unset import UNSET, Unset


def core_schema_of(model: type[Any], handler: Any) -> Any:
    """Return pydantic's schema of a model.

    pydantic validates each field by its type, then the field's own check runs, so that errors have the field's path;
    then the model is made, as by its constructor. Unknown fields are ignored, as pydantic does by default.

    To pydantic the model is a dataclass: of a union it serialises the choice that is exactly the value's type, its
    errors name the model, and the configuration of what the model is used in does not apply inside.
    """
    from pydantic_core import core_schema  # noqa: PLC0415  # only pydantic calls this

    hints = get_type_hints(model)
    has_secrets = any(field.repr is not True for field in attrs.fields(model))
    validated, serialized = {}, {}
    for field in attrs.fields(model):
        schema = _field_schema(hints[field.name], handler)
        if has_secrets and datetime in get_args(hints[field.name]):
            schema = core_schema.no_info_before_validator_function(_time_of_text, schema)
        serialized[field.name] = core_schema.typed_dict_field(schema, required=False)
        if field.validator is not None:
            schema = core_schema.no_info_after_validator_function(partial(_check, field), schema)
        default = default_of(field)
        if default.get("default") is UNSET:
            schema = core_schema.no_info_wrap_validator_function(_keep_unset, schema)
            default = {"default_factory": lambda: UNSET}  # a plain default would be written into the JSON schema
        if default:
            schema = core_schema.with_default_schema(schema, **default)
        validated[field.name] = core_schema.model_field(schema)
    make = partial(_make, model)
    fields = core_schema.model_fields_schema(validated, model_name=model.__name__, extra_behavior="ignore")
    serialization = core_schema.wrap_serializer_function_ser_schema(
        partial(_serialize, model), info_arg=True, schema=core_schema.typed_dict_schema(serialized)
    )
    if has_secrets:
        inner: Any = core_schema.no_info_wrap_validator_function(
            partial(_without_input, model.__name__, make), fields, serialization=serialization
        )
    else:
        inner = core_schema.no_info_after_validator_function(make, fields, serialization=serialization)
    return core_schema.dataclass_schema(
        model,
        inner,
        list(validated),
        slots=True,
        config=core_schema.CoreConfig(title=model.__name__),
        ref=f"{model.__module__}.{model.__qualname__}:{id(model)}",
    )


def json_schema_of(model: type[Any], schema: Any, handler: Any) -> Any:
    """Return the JSON schema of a model, with its name and its docstring."""
    found = handler(schema)
    described = handler.resolve_ref_schema(found)
    described["title"] = model.__name__
    if doc := model.__dict__.get("__doc__"):
        described["description"] = inspect.cleandoc(doc)
    return found


def _field_schema(hint: Any, handler: Any) -> Any:
    """Return the schema of a field's type without `Unset`: what is not given is not there."""
    from pydantic_core import core_schema  # noqa: PLC0415  # pydantic is running

    if get_origin(hint) not in {Union, UnionType}:
        return handler.generate_schema(hint)
    types = [each for each in get_args(hint) if each is not Unset]
    if dict[str, Any] not in types:
        union: Any = Union
        return handler.generate_schema(union[tuple(types)])
    # A model, or any object that does not fit it. pydantic by itself prefers the object wherever the model would
    # convert a value.
    choices = [handler.generate_schema(each) for each in types]
    return core_schema.no_info_wrap_validator_function(
        _keep_unknown_keys, core_schema.union_schema(choices, mode="left_to_right")
    )


def _check(field: attrs.Attribute[Any], value: Any) -> Any:
    validator: Any = field.validator
    _reraised(partial(validator, None, field, value))
    return value


def _keep_unset(value: Any, inner: Any) -> Any:
    return value if value is UNSET else inner(value)


def _make(model: Any, validated: tuple[dict[str, Any], Any, Any]) -> tuple[dict[str, Any], None]:
    """Return the fields as the constructor of the model leaves them; pydantic sets them in an object of its own."""
    made = _reraised(partial(model, **validated[0]))
    return {field.name: getattr(made, field.name) for field in attrs.fields(model)}, None


def _time_of_text(value: Any) -> Any:
    """Read a time: to pydantic, what it passes on to `_without_input` is no longer JSON, in which times are text."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _without_input(name: str, make: Any, value: Any, inner: Any) -> Any:
    """Validate the fields; errors show a mask instead of what was given, which may hold secrets."""
    from pydantic_core import InitErrorDetails, PydanticCustomError  # noqa: PLC0415  # pydantic is running
    from pydantic_core import ValidationError as PydanticError  # noqa: PLC0415

    try:
        return make(inner(value))
    except PydanticError as error:
        found = [
            (each["loc"], PydanticCustomError(each["type"], each["msg"], each.get("ctx")))
            for each in error.errors(include_url=False, include_input=False)
        ]
    except PydanticCustomError as error:
        found = [((), error)]
    raise PydanticError.from_exception_data(
        name, [InitErrorDetails(type=error, loc=loc, input=MASK) for loc, error in found]
    )


def _reraised(function: Any) -> Any:
    """Call a function, and raise its `ValidationError` as an error that pydantic adds the path to."""
    from pydantic_core import PydanticCustomError  # noqa: PLC0415  # pydantic is running

    try:
        return function()
    except ValidationError as error:
        raise PydanticCustomError("value_error", "{reason}", {"reason": error.message}) from None


def _keep_unknown_keys(value: Any, inner: Any) -> Any:
    """Validate a field that takes a model or an object: an object with other fields too stays as it is."""
    found = inner(value)
    if isinstance(value, dict) and attrs.has(type(found)):
        return found if value.keys() <= attrs.fields_dict(type(found)).keys() else value
    return found


def _serialize(model: type[Any], value: Any, inner: Any, info: Any) -> Any:
    """Serialise the fields of `model` that are wanted; `value` has all of them."""
    without_defaults = info.exclude_unset or info.exclude_defaults
    given = {}
    for field in attrs.fields(model):
        item = value[field.name]
        left_out = item is UNSET or (info.exclude_none and item is None)
        if not left_out and not (without_defaults and has_default(field, item)):
            given[field.name] = item
    return inner(given)
