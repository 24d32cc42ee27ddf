"""What a bulk call does with its items."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

import attrs

from text2everything._bulk.health import ServiceHealth
from text2everything._bulk.journal import Journal
from text2everything._bulk.limiter import Limiter
from text2everything._bulk.progress import Reporter

__all__ = ["BulkOperation"]

T = TypeVar("T")


@attrs.frozen
class BulkOperation(Generic[T]):
    """How the items of one bulk call are checked, sent and recorded.

    Attributes:
        name: The argument that holds the items, for messages.
        prepare: Returns an item checked and ready to be sent, or raises a `ValidationError`.
        send: Sends one prepared item and returns what was created.
        limiter: Decides how many requests may be in flight.
        reporter: Counts every outcome and shows the progress.
        open_journal: Opens the journal; None without one.
        describe: Returns how messages name an item, from its index and the item; None for `name[index]`.
        keys: Returns what a prepared item is about; items that share a key are sent one after the other, in the order
            of the input. None if the order never matters.
        health: Decides when the call ends because every item would fail, or has taken too long.
        stop_on_failure: Whether nothing more is sent after the first failure.
    """

    name: str
    prepare: Callable[[Any], Any]
    send: Callable[[Any], Awaitable[T]]
    limiter: Limiter
    reporter: Reporter
    open_journal: Callable[[], Awaitable[Journal]] | None = None
    describe: Callable[[int, Any], str] | None = None
    keys: Callable[[Any], Iterable[Hashable]] | None = None
    health: ServiceHealth = attrs.field(factory=ServiceHealth)
    stop_on_failure: bool = False

    def label(self, index: int, item: Any) -> str:
        """Return how messages name an item."""
        return f"{self.name}[{index}]" if self.describe is None else self.describe(index, item)
