"""Strings whose repr is masked, and errors without local variables."""

from __future__ import annotations

from typing import Any, SupportsIndex, TypeVar

E = TypeVar("E", bound=BaseException)

MASK = "***"
"""What is shown instead of a secret."""


class Secret(str):
    """A string with a masked repr, so that tracebacks, debuggers and logs of local variables do not show it.

    `str(secret)` and formatting give the plain text, for use in headers.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __getitem__(self, key: SupportsIndex | slice) -> Secret:
        # Tools that shorten long values slice them before printing.
        return Secret(super().__getitem__(key))


def secret(value: Any) -> Any:
    """Return `value`, as a `Secret` if it is a string."""
    return Secret(value) if isinstance(value, str) else value


def without_frames(error: E) -> E:
    """Remove the tracebacks of `error` and its causes, whose local variables hold tokens and bodies, and return it.

    The contexts (errors that were being handled) are removed too, since their frames are unknown. A cancellation is
    kept as context: anyio uses it to recognise its own cancellations.
    """
    from asyncio import CancelledError  # noqa: PLC0415  # models hold secrets too, and need no event loop

    seen: list[BaseException] = []
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or current in seen:
            continue
        seen.append(current)
        current.__traceback__ = None
        if not isinstance(current.__context__, CancelledError):
            current.__context__ = None
        pending += [current.__cause__, current.__context__]
    return error
