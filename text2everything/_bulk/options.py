"""The arguments of bulk calls, and the checks of what callers give for them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable, Mapping
from typing import Literal, TypeAlias, TypedDict

from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_int

__all__ = [
    "JournalPath",
    "OnError",
    "PublishedOptions",
    "check_journal_path",
    "check_on_error",
    "check_source",
    "resolve_concurrency",
]

OnError: TypeAlias = Literal["raise", "collect", "stop"]
"""What happens when an item fails.

`raise`: the other items are still sent, then a `BulkError` that carries the result is raised. `collect`: the other
items are still sent, and the result is returned. `stop`: nothing more is sent, requests in flight are awaited, then a
`BulkError` that carries the result is raised.
"""

JournalPath: TypeAlias = str | os.PathLike[str]

DEFAULT_CONCURRENCY = 96
"""Requests in flight at most, by default: a call of 200 items is over after four round trips."""

MAX_CONCURRENCY = 10_000


class PublishedOptions(TypedDict, total=False):
    """Arguments of the published client's `bulk_create`, accepted so that code written for it runs unchanged.

    `max_workers` and `max_concurrent` mean `max_concurrency`, and `parallel=False` means `max_concurrency=1`.
    `use_connection_isolation` has no effect: connections are always shared.
    """

    parallel: bool
    max_workers: int | None
    max_concurrent: int | None
    use_connection_isolation: bool


def resolve_concurrency(max_concurrency: int | None, published: PublishedOptions, max_connections: int) -> int:
    """Return how many requests may be in flight at most: the smallest number given, and `max_connections` at most.

    Raises:
        TypeError: There is no such argument.
        ValidationError: A number is out of range.
    """
    unknown = published.keys() - PublishedOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"unexpected keyword argument {', '.join(map(repr, sorted(unknown)))}")
    given = {
        "max_concurrency": max_concurrency,
        "max_concurrent": published.get("max_concurrent"),
        "max_workers": published.get("max_workers"),
    }
    limits = [check_int(name, value, 1, MAX_CONCURRENCY) for name, value in given.items() if value is not None]
    if published.get("parallel") is False:
        limits.append(1)
    return min([*(limits or [DEFAULT_CONCURRENCY]), max_connections])


def check_on_error(on_error: object) -> None:
    """Raise a `ValidationError` unless `on_error` is an `OnError`."""
    if on_error not in ("raise", "collect", "stop"):
        raise ValidationError(f"on_error must be 'raise', 'collect' or 'stop', got {on_error!r}")


def check_source(name: str, source: object) -> None:
    """Raise a `ValidationError` unless `source`, which the caller gave as `name`, is an iterable of items."""
    if isinstance(source, str | bytes | Mapping) or not isinstance(source, Iterable | AsyncIterable):
        raise ValidationError(f"{name} must be an iterable of items, got {type(source).__name__}")


def check_journal_path(path: object) -> str:
    """Return `path` if it is a path, else raise a `ValidationError`."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ValidationError(f"journal must be a path, got {type(path).__name__}")
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise ValidationError(
            f"journal must be a path, got {os.fspath(path)!r}, with characters that no path can have"
        )
    return os.fsdecode(encoded)
