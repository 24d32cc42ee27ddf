"""`DatabaseError`: why a statement did not run."""

from __future__ import annotations

from typing import Final

MAX_MESSAGE: Final = 10_000
"""Characters of a message at most: some databases repeat the value that is wrong, however long it is."""


class DatabaseError(Exception):
    """An error of a database, its driver or the check of a statement; the message has no secrets in it."""

    def __init__(self, message: str) -> None:
        super().__init__(message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…")
