"""The exceptions of the service: of starting it, and of requests, where each becomes a JSON reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class LocalServiceError(RuntimeError):
    """The service cannot start; the message names the argument at fault."""


class ApiError(Exception):
    """An error reply to a request.

    Some clients read `error`, others `detail`; each reply has both.

    Args:
        status: The HTTP status.
        message: What is wrong, in a sentence.
        problems: What is wrong with each field, if that is the error: what `field_error` returns.
    """

    def __init__(self, status: int, message: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(status)
        self.status = status
        self.message = message
        self.problems = problems

    @property
    def body(self) -> dict[str, Any]:
        """The JSON document of the reply."""
        return {
            "error": self.message,
            "detail": list(self.problems) or self.message,
            "status_code": self.status,
        }


def unauthorized(message: str) -> ApiError:
    """Return a 401 error."""
    return ApiError(401, message)


def forbidden(message: str) -> ApiError:
    """Return a 403 error."""
    return ApiError(403, message)


def not_found(label: str, id: str) -> ApiError:
    """Return a 404 error for an item; `label` says of which kind."""
    return ApiError(404, f"{label} {id} not found")


def conflict(message: str) -> ApiError:
    """Return a 409 error."""
    return ApiError(409, message)


def bad_request(message: str) -> ApiError:
    """Return a 400 error: the request is not what its headers say."""
    return ApiError(400, message)


def too_large(what: str, most: int, unit: str = "bytes") -> ApiError:
    """Return a 413 error; `what` begins the sentence."""
    return ApiError(413, f"{what} may have at most {most} {unit}")


def cannot_store() -> ApiError:
    """Return a 507 error."""
    return ApiError(507, "The disk is full, or cannot be written; nothing of this request was stored")


def unprocessable(*field_errors: dict[str, Any]) -> ApiError:
    """Return a 422 error with everything that is wrong with a request."""
    message = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in field_errors)
    return ApiError(422, message, field_errors)


def field_error(location: tuple[str | int, ...], message: str, type: str = "value_error") -> dict[str, Any]:
    """Return one entry of the list in a 422 error: which field, what is wrong, and the type of the error."""
    return {"loc": list(location), "msg": message, "type": type}
