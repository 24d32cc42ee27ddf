"""Requests and replies as plain values, without aiohttp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs
from yarl import URL

from text2everything._transport.errors import MAX_MESSAGE, error_data, request_id
from text2everything._transport.files import Form
from text2everything.exceptions import InvalidResponseError

MAX_ERROR_BODY = 64 * 2**10
"""Bytes of an error's body that are kept, at most."""


def api_path(base_url: str) -> str:
    """Return the path that all requests begin with, percent-encoded: that of `base_url`, with `/api` at its end."""
    return f"{URL(base_url).raw_path.rstrip('/').removesuffix('/api').rstrip('/')}/api"


@attrs.define
class Request:
    """What to send.

    Attributes:
        method: The HTTP method.
        path: The path under `/api`, percent-encoded.
        query: Names and values, not yet percent-encoded.
        body: JSON, or a form with files, or None; not in the repr, because it may hold a password.
        repeatable: Whether it is idempotent.
        slow: Whether the service may take minutes to reply, as for a chat.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    query: dict[str, str] = attrs.field(factory=dict)
    body: bytes | Form | None = attrs.field(default=None, repr=False)
    repeatable: bool = True
    slow: bool = False


@attrs.define
class Reply:
    """A successful reply.

    Attributes:
        status: The HTTP status.
        body: The body, decompressed.
        headers: The headers.
        request: What was sent.
        path: The path of the URL that was asked for.
        attempts: The number of times that it was sent.
        may_have_acted: Whether an earlier attempt may have succeeded as well.
    """

    status: int
    body: bytes = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    request: Request
    path: str
    attempts: int = 1
    may_have_acted: bool = False

    def invalid(self, problem: str) -> InvalidResponseError:
        """Return the error that says what is wrong with this reply, with the start of its body."""
        start = self.body[:200].decode(errors="replace")
        error = InvalidResponseError(
            f"the service's reply makes no sense: {problem[:MAX_MESSAGE]}; "
            f"content type {self.headers.get('Content-Type', 'missing')}, body {start!r}",
            self.status,
            error_data(self.body[:MAX_ERROR_BODY]),
        )
        error.method, error.path = self.request.method, self.path
        error.request_id, error.attempts = request_id(self.headers), self.attempts
        return error
