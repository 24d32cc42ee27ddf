"""What can go wrong: while the service starts, and in a request, where every error becomes a JSON reply."""

from __future__ import annotations

from typing import Any


class LocalServiceError(RuntimeError):
    """The service cannot start; the message names the argument at fault."""


class ApiError(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        body: The reply, as JSON.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def unauthorized(message: str) -> ApiError:
    """Return a 401."""
    return ApiError(401, {"error": message, "status_code": 401})


def forbidden(message: str) -> ApiError:
    """Return a 403."""
    return ApiError(403, {"error": message, "status_code": 403})


def not_found(label: str, id: str) -> ApiError:
    """Return a 404 for a thing of that kind."""
    return ApiError(404, {"detail": f"{label} {id} not found"})


def conflict(message: str) -> ApiError:
    """Return a 409."""
    return ApiError(409, {"detail": message})


def problem(loc: tuple[str | int, ...], message: str, kind: str = "value_error") -> dict[str, Any]:
    """Return one entry of a 422's list: where, what, and what kind of mistake it is."""
    return {"loc": list(loc), "msg": message, "type": kind}


def invalid(*problems: dict[str, Any]) -> ApiError:
    """Return a 422 with all that is wrong with a request."""
    return ApiError(422, {"detail": list(problems)})
