"""Reading the query string of a request: paging, filters and search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local._errors import field_error, unprocessable

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000
# Every integer up to this one is exact in SQLite and in JSON.
_MAX_INTEGER = 2**53

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


@attrs.frozen
class QueryParam:
    """A parameter in the query string, with the JSON Schema of its value."""

    name: str
    schema: dict[str, Any]


def _integer(name: str, minimum: int) -> QueryParam:
    return QueryParam(name, {"type": "integer", "minimum": minimum, "maximum": _MAX_INTEGER})


_WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}

SKIP, OFFSET = _integer("skip", 0), _integer("offset", 0)
LIMIT, PAGE, PER_PAGE = _integer("limit", 1), _integer("page", 1), _integer("per_page", 1)
SEARCH = QueryParam("q", {"type": "string"})
IS_ALWAYS_DISPLAYED = QueryParam("is_always_displayed", {"enum": [*_WORDS, ""]})
DELETE_SECRETS = QueryParam("delete_secrets", {"enum": [*_WORDS, ""]})

PAGE_PARAMS = (SKIP, LIMIT, PAGE, PER_PAGE, SEARCH)
OFFSET_PAGE_PARAMS = (OFFSET, LIMIT, SEARCH)


def filter_param(column: str) -> QueryParam:
    """Return the parameter of a list that names the value of a column."""
    return QueryParam(column, {"type": "string"})


@attrs.frozen
class PageRequest:
    """The page of a list that a request asks for: at most `limit` items from `offset` on."""

    offset: int
    limit: int

    def response_body(self, items: list[Any], total: int) -> dict[str, Any]:
        """Return the reply with the items of this page; `total` is the number of items in the whole list."""
        return {
            "items": items,
            "total": total,
            "page": self.offset // self.limit + 1,
            "page_size": self.limit,
            "has_next": self.offset + len(items) < total and bool(items),
        }


def page_request(query: Mapping[str, str]) -> PageRequest:
    """Read `page` and `per_page`, or, where neither is given, `skip` and `limit`.

    Of clients that send both pairs, some turn the page only by `page`, with a `skip` that stays 0.

    At most 1,000 items are returned at once, whatever is asked for; `page_size` in the reply says so.
    """
    errors: list[dict[str, Any]] = []
    skip = integer_param(query, SKIP, errors)
    limit = integer_param(query, LIMIT, errors)
    page = integer_param(query, PAGE, errors)
    per_page = integer_param(query, PER_PAGE, errors)
    if errors:
        raise unprocessable(*errors)
    if page is None and per_page is None:
        return PageRequest(skip or 0, min(limit or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE))
    size = min(per_page or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    return PageRequest(((page or 1) - 1) * size, size)


def offset_page_request(query: Mapping[str, str]) -> PageRequest:
    """Read `offset` and `limit`, which only the list of prompt templates takes."""
    errors: list[dict[str, Any]] = []
    offset = integer_param(query, OFFSET, errors)
    limit = integer_param(query, LIMIT, errors)
    if errors:
        raise unprocessable(*errors)
    return PageRequest(offset or 0, min(limit or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE))


def integer_param(query: Mapping[str, str], param: QueryParam, errors: list[dict[str, Any]]) -> int | None:
    """Return an integer parameter, or None if it is absent or wrong; an error is added to `errors`."""
    text = query.get(param.name)
    if text is None:
        return None
    location, minimum = ("query", param.name), param.schema["minimum"]
    if not _INTEGER.fullmatch(text):
        errors.append(field_error(location, "Input should be a valid integer", "int_parsing"))
        return None
    value = int(text)
    if value < minimum:
        message = f"Input should be greater than or equal to {minimum}"
        errors.append(field_error(location, message, "greater_than_equal"))
        return None
    if value > _MAX_INTEGER:
        message = f"Input should be less than or equal to {_MAX_INTEGER}"
        errors.append(field_error(location, message, "less_than_equal"))
        return None
    return value


def boolean_param(query: Mapping[str, str], param: QueryParam) -> bool | None:
    """Return a boolean parameter, or None if it is absent or empty."""
    text = query.get(param.name)
    if not text:
        return None
    value = _WORDS.get(text.lower())
    if value is None:
        raise unprocessable(field_error(("query", param.name), "Input should be a valid boolean", "bool_parsing"))
    return value


def search_param(query: Mapping[str, str]) -> str | None:
    """Return the search text `q`, or None if it is absent or empty."""
    return query.get(SEARCH.name) or None
