"""What data frames and arrays hold, as plain Python values; missing values as None.

numpy, pandas and pyarrow are not imported: an object of theirs is known by its type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLAIN_TYPES = frozenset({str, bool, int, dict, list, tuple})
"""Types whose values are plain, but for what they may contain."""


def plain(value: Any) -> Any:  # noqa: PLR0911  # a case for each library
    """Return what a scalar or an array of numpy, pandas or pyarrow holds, and any other value unchanged.

    NaN, NaT, `pd.NA` and nulls are None. An array is a list.
    """
    kind = type(value)
    if kind in PLAIN_TYPES or value is None:
        return value
    match kind.__module__.partition(".")[0]:
        case "numpy":
            return _of_numpy(value)
        case "pandas" if kind.__name__ in {"NAType", "NaTType"}:
            return None
        case "pandas" if hasattr(value, "to_pydatetime") and hasattr(value, "isoformat"):
            return value.to_pydatetime(warn=False)  # a Timestamp
        case "pandas" | "polars" if hasattr(value, "to_list") and not hasattr(value, "columns"):
            return [plain(item) for item in value.to_list()]
        case "pandas" if hasattr(value, "tolist") and not hasattr(value, "columns"):
            return [plain(item) for item in value.tolist()]  # an extension array
        case "pyarrow" if hasattr(value, "as_py"):
            return plain(value.as_py())
        case "pyarrow" if hasattr(value, "to_pylist") and not hasattr(value, "columns"):
            return [plain(item) for item in value.to_pylist()]
        case "decimal":
            return None if value.is_nan() else value
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  # only NaN differs from itself


MAX_DEPTH = 100
"""Levels of JSON data at most."""


def plain_json(value: Any, depth: int = 0) -> Any:
    """Return JSON data whose values are all plain, down to the greatest depth; the same object if they are."""
    value = plain(value)
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        inner = {name: plain_json(item, depth + 1) for name, item in value.items()}
        return inner if any(inner[name] is not value[name] for name in inner) else value
    if isinstance(value, list | tuple):
        items = [plain_json(item, depth + 1) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _of_numpy(value: Any) -> Any:
    if not hasattr(value, "dtype"):
        return value
    if value.dtype.kind in "mM":
        return _of_numpy_time(value)
    held = value.tolist()
    if isinstance(held, list):
        return [plain_json(item) for item in held]
    if type(held) is type(value):  # a longdouble, or a complex one, which stays as it is
        return plain(float(value)) if value.dtype.kind == "f" else value
    return plain(held)


def _of_numpy_time(value: Any) -> Any:
    """Return times and durations of numpy as Python's; one that Python has no value for stays as it is."""
    if value.ndim:
        return [_of_numpy_time(item) for item in value]
    kind = value.dtype.kind
    try:
        short = value.astype(f"{kind}8[us]")  # numpy gives nanoseconds as an integer
        held = short.tolist()
        # What is too large for microseconds has become another time.
        is_same = held is None or short.astype(f"{kind}8[D]") == value.astype(f"{kind}8[D]")
    except (TypeError, OverflowError):  # months and years are no duration
        return value
    return held if is_same and not isinstance(held, int) else value
