"""The total that replies state, and what its changes tell of a listing that changes while it is read."""

from __future__ import annotations

from text2everything._pagination.seen import REMEMBERED

__all__ = ["TotalTracker"]


class TotalTracker:
    """Follows the total from reply to reply.

    A total that falls tells that items were deleted: later ones moved up, perhaps to pages that were read already.
    One that rises tells that items were inserted: known ones moved down, perhaps to pages that are yet to be read.

    Attributes:
        latest: The total stated last; None if none was.
        trusted: The same; None once the service gave more items than it states, which may be those of the page.
        lowest: The lowest trusted total.
    """

    def __init__(self) -> None:
        self.latest: int | None = None
        self.trusted: int | None = None
        self.lowest: int | None = None
        self._is_wrong = False
        self._moved_back_at = -1  # the furthest offset whose reply made the reading move back
        self._inserted = self._repeated = 0  # items, since there were new ones

    def update(self, total: int | None, offset: int) -> int:
        """Note the total stated by the page at `offset`; return by how many items to move back."""
        if total is None or total < 0:
            return 0
        self.latest = total
        if self._is_wrong:
            return 0
        change = 0 if self.trusted is None else total - self.trusted
        is_lowest = self.lowest is None or total < self.lowest
        self.trusted, self.lowest = total, total if is_lowest else self.lowest
        self._inserted += max(0, change)
        # A total that goes up and down would otherwise move the reading back without end.
        if change >= 0 or not (is_lowest or offset > self._moved_back_at):
            return 0
        self._moved_back_at = max(self._moved_back_at, offset)
        return -change

    def note_items(self, count: int, *, is_new: bool) -> None:
        """Note that the listing has at least `count` items, and whether there were new ones among the last."""
        if self.trusted is not None and count > self.trusted:
            self._is_wrong, self.trusted, self.lowest = True, None, None
        if is_new:
            self._inserted = self._repeated = 0

    def explains_repeats(self, count: int) -> bool:
        """Return whether items were inserted such that a page can have `count` known items and no new one."""
        self._repeated += count
        return count > 0 and self._repeated <= min(self._inserted, 2 * REMEMBERED)
