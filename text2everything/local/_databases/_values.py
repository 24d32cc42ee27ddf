"""The values of rows as JSON."""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import json
import math
import re
import uuid
from typing import Any, Final

_SPACE_BETWEEN = re.compile(r"(?<=\d) (?=\d\d:)")
_HOURS_ONLY = re.compile(r"(:\d\d(?:\.\d+)?[+-]\d\d)(?= |$)")

MAX_CELL = 2**20
"""Characters or bytes of one value at most."""


def to_json_value(value: Any) -> Any:  # noqa: C901, PLR0911 - one line for each type
    """Return a value as JSON: times in ISO 8601, decimals as strings, bytes in hexadecimal.

    Text and bytes of more than 2**20 characters or bytes are cut, and end with a mark that says how long they were.
    """
    if isinstance(value, str):
        return value if len(value) <= MAX_CELL else cut(value[:MAX_CELL], len(value), "characters")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else float_name(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return iso_duration(value)
    if isinstance(value, bytes | bytearray | memoryview):
        size = value.nbytes if isinstance(value, memoryview) else len(value)
        text = bytes(value[:MAX_CELL]).hex()
        return text if size <= MAX_CELL else cut(text, size, "bytes")
    if isinstance(value, decimal.Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else str(to_json_value(key)): to_json_value(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json_value(item) for item in value]
    if isinstance(value, uuid.UUID):
        return str(value)
    return to_json_value(str(value))


def cut(text: str, size: int, unit: str) -> CutText:
    """Return what is kept of a value, with a mark at its end."""
    return CutText(f"{text}… (cut: {size:,} {unit})")


class CutText(str):
    """A value that was cut."""

    __slots__ = ()


def float_name(value: float) -> str:
    """Return the name of a float that JSON has no number for."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def decimal_text(value: decimal.Decimal) -> str:
    """Return a decimal with all of its digits, and never in powers of ten."""
    if not value.is_finite():
        return float_name(float(value)) if not value.is_snan() else "NaN"
    return format(value, "f")


def exact_number(text: str) -> float | str:
    """Return a number of a JSON text as a float, if that is exactly it in its shortest form, or as it is written."""
    number = float(text)
    is_exact = math.isfinite(number) and decimal.Decimal(repr(number)) == decimal.Decimal(text)
    return number if is_exact else text


def exact_integer(text: str) -> int | str:
    """Return an integer of a JSON text; one of more digits than Python reads, as it is written."""
    try:
        return int(text)
    except ValueError:
        return text


parse_json: Final = functools.partial(json.loads, parse_float=exact_number, parse_int=exact_integer)
"""Returns the value of a JSON text, in which a number that no float holds exactly is a string."""


def iso_duration(value: dt.timedelta) -> str:
    """Return a duration in ISO 8601, as in `P1DT2H`; a negative one begins with a minus sign."""
    if value < dt.timedelta():
        return f"-{iso_duration(-value)}"
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    date = f"{value.days}D" if value.days else ""
    time = "".join(
        (
            f"{hours}H" if hours else "",
            f"{minutes}M" if minutes else "",
            f"{seconds}{fraction}S" if seconds or fraction else "",
        )
    )
    return f"P{date}{'T' + time if time else ''}" if date or time else "PT0S"


def iso_date_time(text: str) -> str:
    """Return a time that a database wrote in its own way in ISO 8601; what is no time, such as `infinity`, stays."""
    text = _HOURS_ONLY.sub(r"\1:00", text)
    return _SPACE_BETWEEN.sub("T", text, count=1)
