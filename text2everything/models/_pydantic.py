"""How pydantic validates, serialises and describes a model; pydantic is imported only when pydantic itself asks."""

from __future__ import annotations

import inspect
from functools import partial
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._dataclass import default_of, has_default
from text2everything.models._unset import UNSET, Unset


def core_schema_of(model: type[Any], handler: Any) -> Any:
    """Return pydantic's schema of a model.

    pydantic validates each field by its type, then the field's own check runs, so that errors have the field's path;
    then the model is made, as by its constructor. Unknown fields are ignored, as pydantic does by default.
    """
    from pydantic_core import core_schema  # noqa: PLC0415  # only pydantic calls this

    hints = get_type_hints(model)
    validated, serialized = {}, {}
    for field in attrs.fields(model):
        schema = _field_schema(hints[field.name], handler)
        serialized[field.name] = core_schema.typed_dict_field(schema, required=False)
        if field.validator is not None:
            schema = core_schema.no_info_after_validator_function(partial(_check, field), schema)
        default = default_of(field)
        if default.get("default") is UNSET:
            default = {"default_factory": lambda: UNSET}  # a plain default would be written into the JSON schema
        if default:
            schema = core_schema.with_default_schema(schema, **default)
        validated[field.name] = core_schema.model_field(schema)
    return core_schema.no_info_wrap_validator_function(
        partial(_validate, model),
        core_schema.model_fields_schema(validated, model_name=model.__name__),
        ref=f"{model.__module__}.{model.__qualname__}:{id(model)}",
        serialization=core_schema.wrap_serializer_function_ser_schema(
            partial(_serialize, model), info_arg=True, schema=core_schema.typed_dict_schema(serialized)
        ),
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


def _validate(model: Any, value: Any, inner: Any) -> Any:
    return value if isinstance(value, model) else _reraised(partial(model, **inner(value)[0]))


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
    """Serialise the fields of `model` that are wanted."""
    if not isinstance(value, model):
        return inner(value)
    without_defaults = info.exclude_unset or info.exclude_defaults
    given = {}
    for field in attrs.fields(model):
        item = getattr(value, field.name)
        left_out = item is UNSET or (info.exclude_none and item is None)
        if not left_out and not (without_defaults and has_default(field, item)):
            given[field.name] = item
    return inner(given)
