"""Ids in URL paths: validated and percent-encoded, so that no id can address another resource."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_id, check_text

MAX_ESCAPED = 2_000
"""Maximum characters of an escaped value; servers limit the length of a URL to a few times this."""


def escape(name: str, value: object) -> str:
    """Return the id `value` percent-encoded as one segment of a path.

    Raises:
        ValidationError: It is not a string, or is blank, `.`, `..` or too long; the message names the argument.
    """
    text = check_id(name, value)
    if len(text) > MAX_ESCAPED or len(escaped := _quoted(text)) > MAX_ESCAPED:
        raise ValidationError(f"{name} is too long for an id: {len(text)} characters")
    return escaped


@lru_cache(maxsize=1_000)
def _quoted(text: str) -> str:
    return quote(text, safe="")  # cached, since every call has the same project id


def project_path(project_id: object) -> str:
    """Return the path of a project."""
    return f"/projects/{escape('project_id', project_id)}"


def query_text(name: str, value: object) -> str:
    """Return `value` as a search text, which may be blank.

    Raises:
        ValidationError: It is not a string, or too long for a URL.
    """
    text = check_text(name, value, blank=True)
    if len(quote(text)) > 2 * MAX_ESCAPED:
        raise ValidationError(f"{name} is too long: {len(text)} characters")
    return text
