"""What can go wrong: one hierarchy, each class named for what the caller can do about it."""

from __future__ import annotations

import builtins
from typing import Any

__all__ = [
    "AuthenticationError",
    "BulkError",
    "ClientClosedError",
    "ConflictError",
    "ConnectionError",
    "InvalidConfigurationError",
    "InvalidResponseError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "Text2EverythingError",
    "TimeoutError",
    "ValidationError",
]


class Text2EverythingError(Exception):
    """Base of every error this package raises on purpose.

    Attributes:
        message: What happened, in the service's words where it gave any.
        status_code: The HTTP status, or None where there was no reply.
        response_data: The reply's body, decoded where it was JSON, cut where it was long; `{}` without one.
        request_id: The service's id of the request, or None.
        method: The HTTP method, or None for an error found before any request.
        path: The URL's path, without host and query.
        attempts: How often the request was sent.
        elapsed: Seconds from the call to the error, waits included.
    """

    request_id: str | None = None
    method: str | None = None
    path: str | None = None
    attempts: int = 0
    elapsed: float | None = None

    def __init__(self, message: str, status_code: int | None = None, response_data: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.response_data: Any = {} if response_data is None else response_data

    def __str__(self) -> str:
        facts = []
        if self.status_code is not None:
            facts.append(f"HTTP {self.status_code}")
        if self.method is not None:
            facts.append(f"{self.method} {self.path}")
        if self.attempts > 1:
            facts.append(f"{self.attempts} attempts in {self.elapsed or 0:.1f} s")
        if self.request_id is not None:
            facts.append(f"request id {self.request_id}")
        return f"{self.message} ({', '.join(facts)})" if facts else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # The builtin classes mixed in below would rebuild from their own idea of the arguments. A cause gets lost on
        # the way to another process, so what it says becomes a note.
        state = dict(self.__dict__)
        if self.__cause__ is not None:
            cause = f"caused by {type(self.__cause__).__name__}: {self.__cause__}"
            state["__notes__"] = [*getattr(self, "__notes__", ()), cause]
        return type(self), (self.message,), state


class InvalidConfigurationError(Text2EverythingError, ValueError):
    """A client setting is missing or wrong; found when the client is made."""


class ClientClosedError(Text2EverythingError, RuntimeError):
    """A call was made on a client that is closed, or was closed while the call ran."""


class ValidationError(Text2EverythingError, ValueError):
    """An argument is wrong (found before any request), or the service refused the request's contents (400, 422)."""


class AuthenticationError(Text2EverythingError):
    """The service did not accept the token (401), or none could be had."""


class PermissionDeniedError(Text2EverythingError):
    """The token is good but not for this (403)."""


class NotFoundError(Text2EverythingError):
    """There is no such thing (404)."""


class ConflictError(Text2EverythingError):
    """The request contradicts the present state, such as deleting what is still in use (409)."""


class RateLimitError(Text2EverythingError):
    """Too many requests (429), also after the retries.

    Attributes:
        retry_after: Seconds the service asked to wait, or None.
    """

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        status_code: int | None = None,
        response_data: Any = None,
    ) -> None:
        super().__init__(message, status_code, response_data)
        self.retry_after = retry_after


class ServerError(Text2EverythingError):
    """The service failed (5xx), also after the retries."""


class InvalidResponseError(Text2EverythingError):
    """The service answered with success, but not with what the contract promises."""


class ConnectionError(Text2EverythingError, builtins.ConnectionError):  # noqa: A001  # the published name
    """The service could not be reached, or the connection broke."""


class TimeoutError(Text2EverythingError, builtins.TimeoutError):  # noqa: A001  # the published name
    """No answer within the time allowed."""


class BulkError(Text2EverythingError):
    """Some items of a bulk call failed; `result` holds what was done and what was not.

    Attributes:
        result: The `BulkResult`: what was created, in input order, and the failures.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result
