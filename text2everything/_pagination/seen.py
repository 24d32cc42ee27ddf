"""Which items of a listing came before, in bounded memory."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

__all__ = ["REMEMBERED", "SeenItems", "item_key"]

REMEMBERED = 10_000
"""Items whose ids are remembered at least; at most it is twice as many, beside those of the first page."""


class SeenItems:
    """The ids of the items that came before.

    Attributes:
        capacity: Items that can be read again without one being taken for new.
        restarted: Whether items of the first page came again after others were forgotten: the listing starts over.
    """

    def __init__(self) -> None:
        self.capacity = REMEMBERED
        self.restarted = False
        self._has_forgotten = False
        self._first: frozenset[Hashable] = frozenset()
        self._recent: set[Hashable] = set()
        self._older: set[Hashable] = set()

    def new_items(self, items: list[Any], skipped: int) -> list[Any]:
        """Remember all items; return those that did not come before, without the first `skipped`."""
        keys = [item_key(item) for item in items]
        unique = set(keys)
        known = (unique & self._first) | (unique & self._recent) | (unique & self._older)
        if len(self._recent) >= self.capacity:
            self._has_forgotten = bool(self._older)
            self._older, self._recent = self._recent, set()
        self._recent |= unique
        self.restarted = self.restarted or (self._has_forgotten and not self._first.isdisjoint(unique))
        self._first = self._first or frozenset(unique)
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
