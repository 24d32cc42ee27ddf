"""The exceptions of this package, all subclasses of `Text2EverythingError`."""

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
    """Base of all exceptions of this package.

    Attributes:
        message: What happened; the service's own message if it sent one.
        status_code: The HTTP status of the reply, or None if there was none.
        response_data: The body of the reply, decoded if it is JSON, cut if it is long; `{}` if there was no reply.
        request_id: The request id that the service sent, or None.
        method: The HTTP method, or None if no request was sent.
        path: The path of the URL, without host and query.
        attempts: The number of times the request was sent.
        elapsed: Seconds from the call to the error, including retries and waiting.
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
        # The built-in base classes of the subclasses below would be rebuilt with other arguments. Pickling drops the
        # cause, so its text is added as a note.
        state = dict(self.__dict__)
        if self.__cause__ is not None:
            cause = f"caused by {type(self.__cause__).__name__}: {self.__cause__}"
            state["__notes__"] = [*getattr(self, "__notes__", ()), cause]
        return type(self), (self.message,), state


class InvalidConfigurationError(Text2EverythingError, ValueError):
    """A setting of the client is missing or invalid; raised when the client is created."""


class ClientClosedError(Text2EverythingError, RuntimeError):
    """A call was made on a client that is closed, or was closed while the call ran."""


class ValidationError(Text2EverythingError, ValueError):
    """An argument is invalid (no request is sent), or the service rejected the request's contents (400, 422)."""


class AuthenticationError(Text2EverythingError):
    """The service rejected the access token (401), or the token callable failed."""


class PermissionDeniedError(Text2EverythingError):
    """The token is valid, but does not permit the request (403)."""


class NotFoundError(Text2EverythingError):
    """The requested object does not exist (404)."""


class ConflictError(Text2EverythingError):
    """The request conflicts with the current state, such as deleting an object that is in use (409)."""


class RateLimitError(Text2EverythingError):
    """Too many requests (429), even after the retries.

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
    """The service failed (5xx), even after the retries."""


class InvalidResponseError(Text2EverythingError):
    """The service reported success, but the body of its reply is not what the API specifies."""


class ConnectionError(Text2EverythingError, builtins.ConnectionError):  # noqa: A001  # the published name
    """The service could not be reached, or the connection broke."""


class TimeoutError(Text2EverythingError, builtins.TimeoutError):  # noqa: A001  # the published name
    """No reply within the timeout."""


class BulkError(Text2EverythingError):
    """Some items of a bulk call failed, or it ended early, with the reason as its cause; `result` says which.

    Attributes:
        result: The result that the call would have returned: the created items, in input order, and the failures.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result
