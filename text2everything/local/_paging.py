"""Which part of a listing a request asks for, and how the reply says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local._errors import invalid, problem

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SIZE = 100
MOST_ITEMS = 1_000
# What SQLite can hold, and more than anybody has.
_LARGEST = 2**53

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


@attrs.frozen
class Window:
    """So many items from an offset on."""

    offset: int
    size: int

    def page(self, items: list[Any], total: int) -> dict[str, Any]:
        """Return the reply for this part of a listing."""
        return {
            "items": items,
            "total": total,
            "page": self.offset // self.size + 1,
            "page_size": self.size,
            "has_next": self.offset + len(items) < total and bool(items),
        }


def integer(query: Mapping[str, str], name: str, problems: list[dict[str, Any]], *, least: int = 0) -> int | None:
    """Return a whole number of the query string, or None if it is absent; what is wrong goes to `problems`."""
    text = query.get(name)
    if text is None:
        return None
    where = ("query", name)
    if not _INTEGER.fullmatch(text):
        problems.append(problem(where, "Input should be a valid integer", "int_parsing"))
        return None
    value = int(text)
    if value < least:
        message = f"Input should be greater than or equal to {least}"
        problems.append(problem(where, message, "greater_than_equal"))
        return None
    if value > _LARGEST:
        message = f"Input should be less than or equal to {_LARGEST}"
        problems.append(problem(where, message, "less_than_equal"))
        return None
    return value


def window(query: Mapping[str, str]) -> Window:
    """Read `skip` and `limit`, or `page` and `per_page`; where both styles are sent, the first counts.

    More than 1,000 items are not given at once: the reply's `page_size` says how many were.
    """
    problems: list[dict[str, Any]] = []
    skip = integer(query, "skip", problems)
    limit = integer(query, "limit", problems, least=1)
    page = integer(query, "page", problems, least=1)
    per_page = integer(query, "per_page", problems, least=1)
    if problems:
        raise invalid(*problems)
    size = min(limit or per_page or DEFAULT_SIZE, MOST_ITEMS)
    if skip is None:
        skip = min(((page or 1) - 1) * size, _LARGEST)
    return Window(skip, size)


def offset_window(query: Mapping[str, str]) -> Window:
    """Read `offset` and `limit`, the way prompt templates are paged."""
    problems: list[dict[str, Any]] = []
    offset = integer(query, "offset", problems)
    limit = integer(query, "limit", problems, least=1)
    if problems:
        raise invalid(*problems)
    return Window(offset or 0, min(limit or DEFAULT_SIZE, MOST_ITEMS))


def flag(query: Mapping[str, str], name: str) -> bool | None:
    """Return a yes or no of the query string, or None if it is absent."""
    text = query.get(name)
    if not text:
        return None
    if text.lower() in {"true", "1", "yes", "on"}:
        return True
    if text.lower() in {"false", "0", "no", "off"}:
        return False
    raise invalid(problem(("query", name), "Input should be a valid boolean", "bool_parsing"))


def search_text(query: Mapping[str, str]) -> str | None:
    """Return `q`, or None if there is nothing to search for."""
    return query.get("q") or None
