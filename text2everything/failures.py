"""What a failed attempt means: the error it would end in, and what the retry rules need to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from text2everything import retry
from text2everything.exceptions import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
    ValidationError,
)
from text2everything.replies import error_data, error_message
from text2everything.retry import Failure, Outcome

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


@attrs.frozen
class Failed:
    """A failed attempt."""

    error: Text2EverythingError
    outcome: Outcome


def final(error: Text2EverythingError) -> Failed:
    """Return a failure that no other attempt could mend."""
    return Failed(error, Outcome(Failure.FINAL))


def refused(response: aiohttp.ClientResponse, body: bytes) -> Failed:
    """Return what an error status means."""
    status = response.status
    data = error_data(body)
    message = error_message(data) or f"the service answered {status} {response.reason or ''}".rstrip()
    retry_after = retry.parse_retry_after(response.headers.get("Retry-After"))
    error: Text2EverythingError
    if status == 429:  # noqa: PLR2004
        error = RateLimitError(message, retry_after, status, data)
    elif status >= 500:  # noqa: PLR2004
        error = ServerError(message, status, data)
    else:
        error = STATUS_ERRORS.get(status, Text2EverythingError)(message, status, data)
    error.request_id = request_id(response.headers)
    return Failed(error, Outcome(Failure.STATUS, status, retry_after))


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the service's id of a request, or None."""
    for name in REQUEST_ID_HEADERS:
        value = headers.get(name)
        if value is not None:
            return value[:200]
    return None
