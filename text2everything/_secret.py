"""Values that must not be shown: they work like any string, and print as asterisks."""

from __future__ import annotations

from typing import Any, SupportsIndex, TypeVar

E = TypeVar("E", bound=BaseException)


class Secret(str):
    """A string whose repr hides it, so that no traceback, debugger or log of local variables shows it.

    `str(secret)` and formatting give the plain text, which is what headers are made of.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, key: SupportsIndex | slice) -> Secret:
        # Tools that show the start of a long value cut it first and print it then.
        return Secret(super().__getitem__(key))


def secret(value: Any) -> Any:
    """Return `value`, hidden if it is a string."""
    return Secret(value) if isinstance(value, str) else value


def without_frames(error: E) -> E:
    """Return `error` without the frames it and its causes came through: their local variables hold tokens and bodies.

    What else was being handled is let go too, for it is not known whose frames it has; but for other cancellations,
    which anyio recognises its own by.
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
