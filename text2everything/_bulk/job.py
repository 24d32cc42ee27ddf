"""One item of a bulk call on its way to the service."""

from __future__ import annotations

from typing import Any

import attrs

from text2everything.exceptions import Text2EverythingError

__all__ = ["Job"]


@attrs.define(eq=False)
class Job:
    """An item that was checked and is to be sent.

    Attributes:
        index: The item's position in the input, from 0.
        item: The item as the caller gave it.
        payload: The item as it is sent.
        error: The error that left open whether the item was created, or None.
        retried: Whether the item is sent a second time, after a look-up that did not find it.
        waits_for: How many jobs must have their outcomes before this one is sent; see `Order`.
        followers: The jobs that wait for this one, or None.
    """

    index: int
    item: Any
    payload: Any
    error: Text2EverythingError | None = None
    retried: bool = False
    waits_for: int = 0
    followers: list[Job] | None = None
