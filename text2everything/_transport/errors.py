"""Failed attempts: the exception for a status, the message in a body, and the outcome for the retry rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from text2everything._codec import DecodeError, loads
from text2everything._transport import retry
from text2everything._transport.retry import Failure, Outcome
from text2everything.exceptions import (
    AuthenticationError,
    ConflictError,
    ConnectionError,  # noqa: A004  # the published name
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
    ValidationError,
)

if TYPE_CHECKING:
    import aiohttp

STATUS_ERRORS: dict[int, type[Text2EverythingError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: TimeoutError,
    409: ConflictError,
    422: ValidationError,
}

REQUEST_ID_HEADERS = ("X-Request-Id", "X-Correlation-Id", "X-Amzn-Trace-Id")

MAX_MESSAGE = 2_000
"""Characters of the service's message that an error repeats."""

MAX_DEPTH = 20
"""Nesting levels of an error's body; a deeper one is kept as text, because it could not be pickled."""


@attrs.frozen
class FailedAttempt:
    """A failed attempt: the exception to raise if it is the last one, and the outcome for the retry rules."""

    error: Text2EverythingError
    outcome: Outcome


def final_failure(error: Text2EverythingError) -> FailedAttempt:
    """Return a failure that is not retried."""
    return FailedAttempt(error, Outcome(Failure.FINAL))


def status_failure(response: aiohttp.ClientResponse, body: bytes) -> FailedAttempt:
    """Return the failure for an error status."""
    status = response.status
    data = error_data(body)
    message = error_message(data) or f"the service answered {status} {response.reason or ''}".rstrip()
    retry_after = retry.parse_retry_after(response.headers.get("Retry-After"))
    error: Text2EverythingError
    if status == 429:  # noqa: PLR2004
        error = RateLimitError(message, retry_after, status, data)
    elif status >= 500:  # noqa: PLR2004
        error = ServerError(message, status, data)
    elif status == 407:  # noqa: PLR2004  # the proxy's; through a tunnel, aiohttp raises an error of its own
        error = ConnectionError(f"the proxy refused the request: {message}", status, data)
    else:
        error = STATUS_ERRORS.get(status, Text2EverythingError)(message, status, data)
    error.request_id = request_id(response.headers)
    return FailedAttempt(error, Outcome(Failure.STATUS, status, retry_after))


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the service's id of a request, or None."""
    for name in REQUEST_ID_HEADERS:
        value = headers.get(name)
        if value is not None:
            return value[:200]
    return None


def error_data(body: bytes) -> Any:
    """Return an error's body: decoded where it is JSON, else as text; `{}` where there is none."""
    if not body.strip():
        return {}
    try:
        data = loads(body)
    except DecodeError:
        data = None
    if data is None or _is_deep(data):
        return body.decode(errors="replace")
    return data


def _is_deep(data: Any, left: int = MAX_DEPTH) -> bool:
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, list):
        return False
    return left == 0 or any(_is_deep(item, left - 1) for item in data)


def error_message(data: Any) -> str | None:
    """Return the service's message, or None if there is none in plain text.

    Known shapes: `{"error", "detail"?}`, FastAPI's `{"detail": str}` and `{"detail": [{"loc", "msg", "type"}]}`, a
    bare list or string. HTML from a proxy and truncated JSON are not repeated.
    """
    match data:
        case str():
            text = data.strip()
            return None if not text or text[0] in "<{" else text[:MAX_MESSAGE]
        case list():
            problems = [message for item in data if (message := _problem(item))]
            return "; ".join(problems)[:MAX_MESSAGE] or None
        case dict():
            found = [error_message(data[key]) for key in ("error", "message", "detail") if data.get(key)]
            said = list(dict.fromkeys(text for text in found if text))
            return ": ".join(said)[:MAX_MESSAGE] or _problem(data)
        case _:
            return None


def _problem(item: Any) -> str | None:
    """Return one problem of FastAPI's list as `body.field: message`."""
    if isinstance(item, dict):
        message = item.get("msg")
        if not isinstance(message, str) or not message.strip():
            return None
        location = item.get("loc")
        path = ".".join(map(str, location)) if isinstance(location, list) else ""
        return f"{path}: {message}" if path else message
    return item if isinstance(item, str) and item.strip() else None
