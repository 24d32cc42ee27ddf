"""The exceptions of the service: of starting it, and of requests, where each becomes a JSON reply."""

from __future__ import annotations

from typing import Any


class LocalServiceError(RuntimeError):
    """The service cannot start; the message names the argument at fault."""


class ApiError(Exception):
    """An error reply to a request.

    Args:
        status: The HTTP status.
        body: The JSON document of the reply.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def unauthorized(message: str) -> ApiError:
    """Return a 401 error."""
    return ApiError(401, {"error": message, "status_code": 401})


def forbidden(message: str) -> ApiError:
    """Return a 403 error."""
    return ApiError(403, {"error": message, "status_code": 403})


def not_found(label: str, id: str) -> ApiError:
    """Return a 404 error for an item; `label` says of which kind."""
    return ApiError(404, {"detail": f"{label} {id} not found"})


def conflict(message: str) -> ApiError:
    """Return a 409 error."""
    return ApiError(409, {"detail": message})


def unprocessable(*field_errors: dict[str, Any]) -> ApiError:
    """Return a 422 error with everything that is wrong with a request."""
    return ApiError(422, {"detail": list(field_errors)})


def field_error(location: tuple[str | int, ...], message: str, type: str = "value_error") -> dict[str, Any]:
    """Return one entry of the list in a 422 error: which field, what is wrong, and the type of the error."""
    return {"loc": list(location), "msg": message, "type": type}
