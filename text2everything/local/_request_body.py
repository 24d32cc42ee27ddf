"""Reading JSON request bodies: parsing, then validation against a schema, which reports all errors at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import attrs

from text2everything.local._errors import ApiError, field_error, unprocessable

Location = tuple[str | int, ...]
"""Where a value is in a request, such as `("body", "config", "port")`."""
FieldErrors = list[dict[str, Any]]

_MISSING: Any = object()


def parse_json_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, which is UTF-8.

    Raises:
        ApiError: 422: it is not JSON, not an object, or has NaN, Infinity or lone surrogates in it.
    """
    try:
        body = json.loads(raw.decode(), parse_constant=_refuse_constant)
        if b"\\ud" in raw.lower():
            json.dumps(body, ensure_ascii=False).encode()
    except RecursionError:
        raise unprocessable(field_error(("body",), "JSON is nested too deeply", "json_invalid")) from None
    except ValueError as error:
        reason = "invalid unicode" if isinstance(error, UnicodeError) else "invalid syntax"
        raise unprocessable(field_error(("body",), f"JSON decode error: {reason}", "json_invalid")) from None
    if not isinstance(body, dict):
        raise unprocessable(field_error(("body",), "Input should be a valid dictionary", "model_attributes_type"))
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


@attrs.frozen
class Check:
    """What a value must be.

    Attributes:
        schema: It as a JSON Schema.
        function: Checks a value, and adds what is wrong with it to the errors.
    """

    schema: dict[str, Any]
    function: Callable[[Any, Location, FieldErrors], None]

    def __call__(self, value: Any, location: Location, errors: FieldErrors) -> None:
        self.function(value, location, errors)


def check(schema: dict[str, Any]) -> Callable[[Callable[[Any, Location, FieldErrors], None]], Check]:
    """Make a check of a function."""
    return lambda function: Check(schema, function)


@attrs.frozen
class Field:
    """One field of a body.

    Attributes:
        check: What its value must be.
        default: Its value if a new object has none; without a default the field is required.
        nullable: Whether null is allowed.
    """

    name: str
    check: Check
    default: Any = _MISSING
    nullable: bool = False

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the field's value."""
        if not self.nullable:
            return self.check.schema
        return {"anyOf": [self.check.schema, {"type": "null"}]}


@attrs.frozen
class BodySchema:
    """The fields of a request's body; any other fields are ignored.

    Attributes:
        fields: All of them.
        exactly_one: Two fields of which one must be given, and only one.
        not_both: Two fields of which at most one may be given.
    """

    fields: tuple[Field, ...]
    exactly_one: tuple[str, ...] = ()
    not_both: tuple[str, ...] = ()

    def json_schema(self, use: Literal["new", "replacement", "changes"] = "new") -> dict[str, Any]:
        """Return the JSON Schema of a body for `validate`, `validate_replacement` or `validate_changes`."""
        required = {
            "new": [field.name for field in self.fields if field.default is _MISSING],
            "replacement": [field.name for field in self.fields if field.default is _MISSING or not field.nullable],
            "changes": [],
        }
        properties = {field.name: field.json_schema() for field in self.fields}
        schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required[use]}
        given = {"not": {"type": "null"}}
        if self.exactly_one:
            schema["oneOf"] = [{"required": [name], "properties": {name: given}} for name in self.exactly_one]
        if self.not_both:
            schema["not"] = {"required": list(self.not_both), "properties": dict.fromkeys(self.not_both, given)}
        return schema

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the values of all fields, with defaults for those that are absent."""
        return self._validate(body, lambda field: field.default)

    def validate_replacement(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the values of all fields for PUT, which must send even those that have a default other than null.

        Some clients leave out what is null.
        """
        return self._validate(body, lambda field: field.default if field.nullable else _MISSING)

    def validate_changes(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the values of the fields that are present."""
        present = tuple(field for field in self.fields if field.name in body)
        return attrs.evolve(self, fields=present).validate(body)

    def _validate(self, body: dict[str, Any], default: Callable[[Field], Any]) -> dict[str, Any]:
        errors: FieldErrors = []
        values: dict[str, Any] = {}
        for field in self.fields:
            value = body.get(field.name, _MISSING)
            if value is _MISSING:
                value = default(field)
                if value is _MISSING:
                    errors.append(field_error(("body", field.name), "Field required", "missing"))
            elif value is not None or not field.nullable:
                if field.check.schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
                    value = int(value)  # 5.0 is an integer in JSON
                field.check(value, ("body", field.name), errors)
            values[field.name] = value
        errors += self._wrong_combinations(values)
        if errors:
            raise unprocessable(*errors)
        return values

    def _wrong_combinations(self, values: dict[str, Any]) -> FieldErrors:
        def count(names: tuple[str, ...]) -> int:
            return sum(values.get(name) is not None for name in names)

        errors: FieldErrors = []
        if self.exactly_one and count(self.exactly_one) != 1:
            message = f"Give exactly one of {' and '.join(self.exactly_one)}"
            errors.append(field_error(("body", self.exactly_one[-1]), message))
        if self.not_both and count(self.not_both) > 1:
            message = f"Give {' or '.join(self.not_both)}, not both"
            errors.append(field_error(("body", self.not_both[-1]), message))
        return errors


# Checks


@check({"type": "string"})
def string(value: Any, location: Location, errors: FieldErrors) -> None:
    """Require a string."""
    if not isinstance(value, str):
        errors.append(field_error(location, "Input should be a valid string", "string_type"))


# Of what Python takes for spaces, `\s` of other languages leaves out these.
NON_BLANK = r"[^\s\x1c-\x1f\x85]"


@check({"type": "string", "pattern": NON_BLANK})
def non_blank(value: Any, location: Location, errors: FieldErrors) -> None:
    """Require a string that is not blank."""
    if not isinstance(value, str):
        errors.append(field_error(location, "Input should be a valid string", "string_type"))
    elif not value or value.isspace():
        errors.append(field_error(location, "String should have at least 1 character", "string_too_short"))


@check({"type": "boolean"})
def boolean(value: Any, location: Location, errors: FieldErrors) -> None:
    """Require true or false."""
    if not isinstance(value, bool):
        errors.append(field_error(location, "Input should be a valid boolean", "bool_type"))


@check({"type": "object"})
def json_object(value: Any, location: Location, errors: FieldErrors) -> None:
    """Require an object."""
    if not isinstance(value, dict):
        errors.append(field_error(location, "Input should be a valid dictionary", "dict_type"))
        return
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        errors.append(field_error(location, "Numbers should be finite", "finite_number"))


@check({"type": "array", "items": {"type": "string"}})
def string_list(value: Any, location: Location, errors: FieldErrors) -> None:
    """Require a list of strings."""
    if not isinstance(value, list):
        errors.append(field_error(location, "Input should be a valid list", "list_type"))
        return
    for index, item in enumerate(value):
        string(item, (*location, index), errors)


def one_of(*choices: str) -> Check:
    """Require one of these strings."""
    expected = " or ".join([", ".join(f"'{choice}'" for choice in choices[:-1]), f"'{choices[-1]}'"])

    @check({"enum": list(choices)})
    def chosen(value: Any, location: Location, errors: FieldErrors) -> None:
        if not isinstance(value, str) or value not in choices:
            errors.append(field_error(location, f"Input should be {expected}", "enum"))

    return chosen


def integer(minimum: int = 0, maximum: int = 2**53) -> Check:
    """Require an integer within bounds."""

    @check({"type": "integer", "minimum": minimum, "maximum": maximum})
    def within(value: Any, location: Location, errors: FieldErrors) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            errors.append(field_error(location, "Input should be a valid integer", "int_type"))
        else:
            _check_bounds(value, location, errors, minimum, maximum)

    return within


def number(minimum: float, maximum: float) -> Check:
    """Require a number within bounds."""

    @check({"type": "number", "minimum": minimum, "maximum": maximum})
    def within(value: Any, location: Location, errors: FieldErrors) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
            errors.append(field_error(location, "Input should be a valid number", "float_type"))
        else:
            _check_bounds(value, location, errors, minimum, maximum)

    return within


def _check_bounds(value: float, location: Location, errors: FieldErrors, minimum: float, maximum: float) -> None:
    if value < minimum:
        message = f"Input should be greater than or equal to {minimum}"
        errors.append(field_error(location, message, "greater_than_equal"))
    elif value > maximum:
        message = f"Input should be less than or equal to {maximum}"
        errors.append(field_error(location, message, "less_than_equal"))


def object_of(*fields: Field) -> Check:
    """Require an object with these fields; it may have others, too."""
    schema = BodySchema(fields)

    @check(schema.json_schema())
    def valid(value: Any, location: Location, errors: FieldErrors) -> None:
        before = len(errors)
        json_object(value, location, errors)
        if len(errors) > before:
            return
        try:
            schema.validate(value)
        except ApiError as error:
            for found in error.problems:
                errors.append({**found, "loc": [*location, *found["loc"][1:]]})

    return valid


# Fields


def required(name: str, check: Check = non_blank) -> Field:
    """Return a field that must be present and not null."""
    return Field(name, check)


def optional(name: str, check: Check = string, default: Any = None) -> Field:
    """Return a field that a new object may leave out; it may also be null if its default is null."""
    return Field(name, check, default=default, nullable=default is None)
