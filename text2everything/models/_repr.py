"""Reprs that fit on a screen and into ASCII: long values are cut, and secrets masked."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from text2everything.models._unset import UNSET

MAX_TEXT = 120
"""Characters of a text that are shown."""

MAX_ITEMS = 5
"""Items of a list or an object that are shown."""

MAX_LISTED = 10
"""Items of a listing that are shown."""

MAX_DEPTH = 4
"""Levels of lists and objects that are shown."""


def model_repr(model: Any) -> str:
    """Return a call of the model's class with the fields that are shown."""
    shown = (f"{field.name}={text}" for field, text in shown_fields(model))
    return f"{type(model).__name__}({', '.join(shown)})"


def shown_fields(model: Any) -> Iterator[tuple[attrs.Attribute[Any], str]]:
    """Iterate over the fields and their reprs, without those that are not set, secret, or None by default."""
    for field in attrs.fields(type(model)):
        value = getattr(model, field.name)
        if not field.repr or value is UNSET or (value is None and field.default is None):
            continue
        yield field, short_text(field.repr(value)) if callable(field.repr) else short_repr(value)


def list_repr(items: Sequence[Any]) -> str:
    """Return the repr of a listing, with the first of its items only."""
    return f"[{_some(map(short_repr, items), len(items), MAX_LISTED)}]"


def short_repr(value: Any, depth: int = 0) -> str:
    """Return the repr of a value, cut where it is long."""
    match value:
        case str() | bytes() if len(value) > MAX_TEXT:
            return f"{value[:MAX_TEXT]!r}..."  # a slice of a secret is masked too
        case Mapping() | list() | tuple() if value and depth >= MAX_DEPTH:
            return "{...}" if isinstance(value, Mapping) else "[...]"
        case Mapping():
            pairs = (f"{short_repr(key, depth + 1)}: {short_repr(inner, depth + 1)}" for key, inner in value.items())
            return f"{{{_some(pairs, len(value))}}}"
        case list() | tuple():
            items = _some((short_repr(inner, depth + 1) for inner in value), len(value))
            if isinstance(value, list):
                return f"[{items}]"
            return f"({items},)" if len(value) == 1 else f"({items})"
    return short_text(repr(value)) if not attrs.has(type(value)) else repr(value)


def short_text(text: str) -> str:
    """Return a text, cut where it is longer than twice the most of one value."""
    return text if len(text) <= 2 * MAX_TEXT else f"{text[: 2 * MAX_TEXT]}..."


def _some(parts: Iterable[str], count: int, most: int = MAX_ITEMS) -> str:
    shown = list(itertools.islice(parts, most))
    rest = count - len(shown)
    return ", ".join([*shown, f"... {rest:,} more"] if rest > 0 else shown)
