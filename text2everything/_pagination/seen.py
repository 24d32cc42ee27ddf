"""Which items of a listing came before, in bounded memory."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

__all__ = ["REMEMBERED", "SeenItems", "item_key"]

REMEMBERED = 10_000
"""Items whose ids are remembered at least; at most it is twice as many, beside those of two pages."""


class SeenItems:
    """The ids of the items that came before.

    Attributes:
        capacity: Items that can be read again without one being taken for new.
        restarted: Whether items came again that had been forgotten among the recent ones: the listing starts over.
    """

    def __init__(self) -> None:
        self.capacity = REMEMBERED
        self.restarted = False
        self._pages = 0
        self._first: frozenset[Hashable] = frozenset()
        # Of the last page whose number is a power of two: it comes again in any cycle, even where the items of the
        # first page are deleted by then (Brent's cycle detection).
        self._anchor: frozenset[Hashable] = frozenset()
        self._recent: set[Hashable] = set()
        self._older: set[Hashable] = set()

    def new_items(self, items: list[Any], skipped: int) -> list[Any]:
        """Remember all items; return those that did not come before, without the first `skipped`."""
        keys = [item_key(item) for item in items]
        unique = set(keys)
        known = (unique & self._recent) | (unique & self._older)
        forgotten = (unique & self._first) | (unique & self._anchor)
        self.restarted = self.restarted or not forgotten <= known
        known |= forgotten
        if len(self._recent) >= self.capacity:
            self._older, self._recent = self._recent, set()
        self._recent |= unique
        self._first = self._first or frozenset(unique)
        if unique:
            self._pages += 1
            if self._pages & (self._pages - 1) == 0:
                self._anchor = frozenset(unique)
        if not known and len(unique) == len(keys):
            return items[skipped:]
        known.update(keys[:skipped])
        new: dict[Hashable, Any] = {}
        for key, item in zip(keys[skipped:], items[skipped:], strict=True):
            if key not in known:
                new.setdefault(key, item)
        return list(new.values())


def item_key(item: Any) -> Hashable:
    """Return what tells an item from others: its id, or all of it if it has none."""
    return item.id or repr(item)
