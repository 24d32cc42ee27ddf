"""Checking request bodies: what one should hold is declared, and all that is wrong with it is reported at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local._errors import ApiError, invalid, problem

if TYPE_CHECKING:
    from collections.abc import Callable

Place = tuple[str | int, ...]
Problems = list[dict[str, Any]]

REQUIRED: Any = object()


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object a body holds.

    Raises:
        ApiError: 422: it is not JSON, not UTF-8, not an object, or holds what JSON cannot (NaN, lone surrogates).
    """
    try:
        body = json.loads(raw.decode(), parse_constant=_no_constant)
        if b"\\ud" in raw.lower():
            json.dumps(body, ensure_ascii=False).encode()
    except RecursionError:
        raise invalid(problem(("body",), "JSON is nested too deeply", "json_invalid")) from None
    except ValueError as error:
        reason = "invalid unicode" if isinstance(error, UnicodeError) else "invalid syntax"
        raise invalid(problem(("body",), f"JSON decode error: {reason}", "json_invalid")) from None
    if not isinstance(body, dict):
        kind = "model_attributes_type"
        raise invalid(problem(("body",), "Input should be a valid dictionary", kind))
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


@attrs.frozen
class Field:
    """One field of a body.

    Attributes:
        check: What its value must be.
        default: Its value where it is left out of a new object; without one it must be there.
        nullable: Whether null is a value.
        kept: Whether a replacement may leave it out.
    """

    name: str
    check: Callable[[Any, Place, Problems], None]
    default: Any = REQUIRED
    nullable: bool = False
    kept: bool = False


@attrs.frozen
class Body:
    """What a request's body should hold; other fields are ignored."""

    fields: tuple[Field, ...]

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a new object, with defaults for what is left out."""
        return self._checked(body, lambda field: field.default)

    def replace(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a whole object."""
        return self._checked(body, lambda field: field.default if field.kept else REQUIRED)

    def change(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the values of those fields that are there."""
        present = Body(tuple(field for field in self.fields if field.name in body))
        return present.create(body)

    def _checked(self, body: dict[str, Any], default: Callable[[Field], Any]) -> dict[str, Any]:
        problems: Problems = []
        values: dict[str, Any] = {}
        for field in self.fields:
            value = body.get(field.name, REQUIRED)
            if value is REQUIRED:
                value = default(field)
                if value is REQUIRED:
                    problems.append(problem(("body", field.name), "Field required", "missing"))
            elif value is not None or not field.nullable:
                field.check(value, ("body", field.name), problems)
            values[field.name] = value
        if problems:
            raise invalid(*problems)
        return values


def text(value: Any, place: Place, problems: Problems) -> None:
    """Any string."""
    if not isinstance(value, str):
        problems.append(problem(place, "Input should be a valid string", "string_type"))


def filled(value: Any, place: Place, problems: Problems) -> None:
    """Require a string that is not blank."""
    if not isinstance(value, str):
        problems.append(problem(place, "Input should be a valid string", "string_type"))
    elif not value or value.isspace():
        problems.append(problem(place, "String should have at least 1 character", "string_too_short"))


def flag(value: Any, place: Place, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        problems.append(problem(place, "Input should be a valid boolean", "bool_type"))


def document(value: Any, place: Place, problems: Problems) -> None:
    """Any object."""
    if not isinstance(value, dict):
        problems.append(problem(place, "Input should be a valid dictionary", "dict_type"))
        return
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        problems.append(problem(place, "Numbers should be finite", "finite_number"))


def texts(value: Any, place: Place, problems: Problems) -> None:
    """Require a list of strings."""
    if not isinstance(value, list):
        problems.append(problem(place, "Input should be a valid list", "list_type"))
        return
    for index, item in enumerate(value):
        text(item, (*place, index), problems)


def one_of(*choices: str) -> Callable[[Any, Place, Problems], None]:
    """One of some strings."""
    expected = " or ".join([", ".join(f"'{choice}'" for choice in choices[:-1]), f"'{choices[-1]}'"])

    def check(value: Any, place: Place, problems: Problems) -> None:
        if not isinstance(value, str) or value not in choices:
            problems.append(problem(place, f"Input should be {expected}", "enum"))

    return check


def whole(least: int = 0, most: int = 2**53) -> Callable[[Any, Place, Problems], None]:
    """Require a whole number within bounds."""

    def check(value: Any, place: Place, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            problems.append(problem(place, "Input should be a valid integer", "int_type"))
        else:
            _bounds(value, place, problems, least, most)

    return check


def number(least: float, most: float) -> Callable[[Any, Place, Problems], None]:
    """Require a number within bounds."""

    def check(value: Any, place: Place, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
            problems.append(problem(place, "Input should be a valid number", "float_type"))
        else:
            _bounds(value, place, problems, least, most)

    return check


def _bounds(value: float, place: Place, problems: Problems, least: float, most: float) -> None:
    if value < least:
        message = f"Input should be greater than or equal to {least}"
        problems.append(problem(place, message, "greater_than_equal"))
    elif value > most:
        problems.append(problem(place, f"Input should be less than or equal to {most}", "less_than_equal"))


def nested(*fields: Field) -> Callable[[Any, Place, Problems], None]:
    """Require an object with fields of its own; what else it holds is kept."""
    body = Body(fields)

    def check(value: Any, place: Place, problems: Problems) -> None:
        before = len(problems)
        document(value, place, problems)
        if len(problems) > before:
            return
        try:
            body.create(value)
        except ApiError as error:
            for found in error.body["detail"]:
                problems.append({**found, "loc": [*place, *found["loc"][1:]]})

    return check


def need(name: str, check: Callable[[Any, Place, Problems], None] = filled) -> Field:
    """Return a field that must be there and not null."""
    return Field(name, check)


def may(
    name: str, check: Callable[[Any, Place, Problems], None] = text, default: Any = None, *, kept: bool = False
) -> Field:
    """Return a field that may be left out of a new object, and may be null if that is its default."""
    return Field(name, check, default=default, nullable=default is None, kept=kept)
