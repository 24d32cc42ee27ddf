"""`Limits`: how much time and how many rows one SQL statement may take."""

from __future__ import annotations

import attrs


@attrs.frozen
class Limits:
    """How much one SQL statement may take.

    Attributes:
        seconds: The time limit of the statement, in seconds; by default 30.
        rows: The most rows of its result that are returned; by default 10,000. If there are more, the result has
            `truncated` set.
        connect_seconds: The time limit of connecting to the database, in seconds; by default 5.

    Example:
        >>> service = LocalService(limits=Limits(seconds=5, rows=100))
    """

    seconds: float = 30.0
    rows: int = 10_000
    connect_seconds: float = 5.0
