"""Which page of a listing to ask for next, and which of its items are new: decisions only, no I/O.

Services differ in how they page, and a reply need not say how. Whatever they do, a walk over a listing ends, yields
no item twice, and does not pass for complete where something is missing:

- Every request is for a whole page, `offset` being a multiple of `size`, so that it means the same to a service that
  goes by skip and limit and to one that goes by page and per_page. Leading items that were not asked for are dropped.
- A page shorter than asked for may be the end or a service's cap. Unless the reply settles it, the walk goes on with
  pages of that length until one brings nothing new.
- A total that falls tells that items went, and that those behind moved up: the walk steps back by as many.
- A service that gives the same page whatever is asked for is asked once for all in one page.
- Ids are remembered for a bounded number of items, and those of the first page for good; a page that brings the first
  ones back ends the walk.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from text2everything._codec import Listing

__all__ = ["LARGEST_PAGE", "REMEMBERED", "Ask", "PageWalk"]

Ask = tuple[int, int]
"""A page: offset and size, the one a multiple of the other."""

LARGEST_PAGE = 1_000
"""Items a service may be asked for at once."""

REMEMBERED = 10_000
"""The ids of so many items, and at most twice as many, are remembered. An item that comes back later comes twice."""

MOST_FRUITLESS = 2
"""Pages in a row that may bring nothing new while the service says that there is more."""


class Obedience:
    """What is known of how a service pages; shared by walks over the same.

    Attributes:
        proven: Whether it was seen to give another page when another is asked for.
        largest: Items it may be asked for at once; it refused more.
    """

    __slots__ = ("largest", "proven")

    def __init__(self) -> None:
        self.proven = False
        self.largest = LARGEST_PAGE


class PageWalk:
    """The state of one walk: ask for `asks(1)[0]`, hand the reply to `take`, until `done`."""

    def __init__(
        self, *, page_size: int, skip: int = 0, limit: int | None = None, obedience: Obedience | None = None
    ) -> None:
        self.done = limit == 0
        self.total: int | None = None
        """How many there are, as the service said last."""
        self.problem: str | None = None
        """Once done: why items may be missing, or None."""
        self.is_stale = False
        """Whether pages fetched ahead are out of date: the listing shrank."""
        self.remember_all = False
        """Whether ids are never forgotten, where the items are all kept anyway."""
        self._obedience = obedience or Obedience()
        self._skip = skip
        self._left = limit
        self._planned = page_size if limit is None else best_size(skip, limit, page_size)
        self._size = self._planned
        self._position = skip  # where the next new item is expected
        self._reached = skip  # the furthest position there was; stepping back does not lower it
        self._taken = 0
        self._fruitless = 0
        self._last: Hashable = None  # the first item of the last page
        self._pushed = 0  # by how many the listing grew since something new came
        self._again = 0  # items that came again since something new came
        self._lowest: int | None = None  # total
        self._total_is_true = True
        self._has_next: bool | None = None
        self._rechecked = -1  # the furthest offset that was stepped back from
        self._first: frozenset[Hashable] = frozenset()
        self._recent: set[Hashable] = set()
        self._older: set[Hashable] = set()
        self._lost_sight = False  # whether more went than can be gone back for
        self._anew = False  # whether the listing began anew
        self._held: tuple[Ask, Listing] | None = None  # the first page, while the service's obedience is checked
        self._repeats = False  # whether all pages are the same, and just as long as asked for
        self._whole = False  # whether all are asked for in one page
        self._unsure = False  # whether only asking tells if there is more
        self._begun = False

    def asks(self, most: int) -> list[Ask]:
        """Return the page to ask for next, and those after it, `most` in all, if nothing unexpected comes."""
        if self.done:
            return []
        if self._held is not None:
            return [(0, self._size)]
        if self._whole:
            return [(0, LARGEST_PAGE)]
        size = self._size
        first = self._position - self._position % size
        end = first + 1
        if self.total is not None and self._total_is_true:
            # Where nothing but the total says that a full last page is the last, one more must be asked for.
            end = max(end, self.total + (self._has_next is None))
        if self._left is not None:
            end = min(end, self._position + self._left)
        return [(offset, size) for offset in range(first, max(end, first + 1), size)[:most]]

    @property
    def is_doubting(self) -> bool:
        """Whether the next page is only to check another, which can do without."""
        return self._held is not None

    @property
    def is_beyond(self) -> bool:
        """Whether the next page may not exist, or be larger than the service allows: it may refuse it."""
        return self._unsure or self._whole

    def take(self, ask: Ask, reply: Listing) -> list[Any]:
        """Return the new items of a reply, and move on."""
        if self._held is not None:
            return self._take_held(reply)
        if not self._begun and ask[0] and not (_is_settled(ask, reply) and self._is_trusted(reply)):
            # Did the service go where it was sent? The listing's first page will tell.
            self._held = ask, reply
            return []
        return self._take(ask, reply)

    def _take_held(self, first: Listing) -> list[Any]:
        """Take the page that was held back, now that the listing's first page is known."""
        assert self._held is not None  # noqa: S101  # what `take` has checked
        (ask, reply), self._held, self._begun = self._held, None, True
        if reply.items and first.items and _identity(first.items[0]) == _identity(reply.items[0]):
            self._whole = True  # it gives the first page whatever it is asked for
            self._repeats = len(reply.items) == ask[1]
            return []
        self._obedience.proven = self._obedience.proven or bool(reply.items and first.items)
        if first.items and len(first.items) != ask[1]:
            self._size = len(first.items)  # its pages have another length: if it counts pages, it counts those
            return []
        return self._take(ask, reply)

    def _is_trusted(self, reply: Listing) -> bool:
        """Return whether a reply that says it is the page asked for can be believed."""
        return self._obedience.proven or not reply.items

    def _take(self, ask: Ask, reply: Listing) -> list[Any]:
        offset, size = (0, len(reply.items)) if self._whole else ask
        self._begun = True
        self._has_next = reply.has_next
        change = self._note_total(reply.total)
        if change < 0 and self._step_back(-change, offset):
            return []
        count = len(reply.items)
        fresh = self._fresh(offset, reply.items)
        if fresh and offset and not self._whole and self._taken:
            self._obedience.proven = True
        due = not count or offset + count > self._reached  # something new, or that there is nothing more
        before = self._position, -self._size
        if count:
            self._size = count
            if fresh or count >= size or not due:
                self._position = max(self._position, offset + count)
        if self.total is not None and (offset + count if fresh else count) > self.total:
            self._total_is_true = False
        moved = self._has_moved(reply, fresh, change)
        if fresh:
            self._fruitless = 0
        elif not moved and (due or (self._position, -self._size) <= before):
            self._fruitless += 1
        if self._whole:
            self._repeats = self._repeats and (count == self._planned or count >= LARGEST_PAGE)
        elif offset and not fresh and count == size == self._planned:
            self._repeats = self._first.issuperset(map(_identity, reply.items))
        self._count(fresh)
        more = self._more(short=count < size)
        self._unsure = more is None
        self._go_on_or_end(more, offset + size if not count else None)
        self._reached = max(self._reached, self._position)
        return fresh

    def _has_moved(self, reply: Listing, fresh: list[Any], change: int) -> bool:
        """Return whether a page brings nothing new only because items were put in before those read already."""
        same = bool(reply.items) and _identity(reply.items[0]) == self._last
        self._last = _identity(reply.items[0]) if reply.items else None
        if fresh:
            self._pushed = 0
        self._pushed += max(0, change)
        self._again = 0 if fresh else self._again + len(reply.items)
        return not same and 0 < self._again <= min(self._pushed, 2 * REMEMBERED)

    def _go_on_or_end(self, more: bool | None, beyond: int | None) -> None:
        """Decide after a page; where that was empty, `beyond` is where to look if there must be more."""
        if self._left == 0:
            self.done = True
        elif self._whole or more is False or self._anew or self._fruitless >= (MOST_FRUITLESS if more else 1):
            self._end(says_more=more is True)
        elif beyond is not None:
            self._position = beyond

    def _note_total(self, total: int | None) -> int:
        """Remember the total; return by how much it changed."""
        if total is None or total < 0:
            return 0
        change = 0 if self.total is None else total - self.total
        self.total = total
        if self._lowest is None:
            self._lowest = total
        return change

    def _step_back(self, gone: int, offset: int) -> bool:
        """Go back by as many items as are gone, for what moved up; return False where there is no need to."""
        assert self.total is not None and self._lowest is not None  # noqa: PT018, S101  # it fell
        new_low, self._lowest = self.total < self._lowest, min(self._lowest, self.total)
        if self._whole or not self._total_is_true or not (new_low or offset > self._rechecked):
            return False  # a total that goes up and down must not hold up the walk for ever
        self._rechecked = max(self._rechecked, offset)
        if gone > REMEMBERED and not self.remember_all:
            gone, self._lost_sight = REMEMBERED, True
        before, self._position = self._position, max(self._skip, self._position - gone)
        self.is_stale = self._position < before
        return self.is_stale

    def _fresh(self, offset: int, items: list[Any]) -> list[Any]:
        """Return the items not seen before."""
        ids = [_identity(item) for item in items]
        seen = set(ids)
        skipped = max(0, self._skip - offset)
        if len(seen) == len(ids) and all(map(seen.isdisjoint, (self._recent, self._older, self._first))):
            fresh = items[skipped:] if skipped else items
        else:
            known = seen & (self._recent | self._older | self._first)
            known.update(ids[:skipped])
            fresh = []
            for identity, item in zip(ids[skipped:], items[skipped:], strict=True):
                if identity not in known:
                    known.add(identity)
                    fresh.append(item)
            if offset > 2 * REMEMBERED and not self.remember_all and not seen.isdisjoint(self._first):
                self._anew = True
        if not self._first:
            self._first = frozenset(seen)
        self._remember(seen)
        return fresh

    def _remember(self, ids: Iterable[Hashable]) -> None:
        if len(self._recent) >= REMEMBERED and not self.remember_all:
            self._older, self._recent = self._recent, set()
        self._recent.update(ids)

    def _count(self, fresh: list[Any]) -> None:
        if self._left is not None:
            del fresh[self._left :]
            self._left -= len(fresh)
        self._taken += len(fresh)

    def _more(self, *, short: bool) -> bool | None:
        """Return whether the service says that there is more; None where only asking tells."""
        total = self.total if self._total_is_true else None
        if total is not None and self._position < total:
            return True
        if self._has_next:
            return None if total is not None else True
        if total is not None and self._has_next is False:
            return False
        return False if short and (total is not None or self._has_next is False) else None

    def _end(self, *, says_more: bool) -> None:
        """End the walk, after a last try where something seems to be missing."""
        had = self._skip + self._taken
        fewest = None if self.total is None or self._lowest is None else min(self.total, self._lowest)
        missing = self._total_is_true and fewest is not None and had < fewest
        complete = self._total_is_true and fewest is not None and not missing
        if not (says_more or missing or self._lost_sight or ((self._anew or self._repeats) and not complete)):
            self.done = True
        elif not self._whole and had < LARGEST_PAGE:
            self._whole = True
        else:
            self.done = True
            self.problem = self._problem(missing=missing)

    def _problem(self, *, missing: bool) -> str:
        if missing:
            skipped = f", {self._skip} of them skipped" if self._skip else ""
            return f"the service counts {self.total} items{skipped}, but gave only {self._taken} different ones"
        if self._lost_sight:
            return f"more than {REMEMBERED} items went at once while it was read"
        if self._repeats:
            return f"the service gives the same {self._taken + self._skip} items whatever page it is asked for"
        if self._anew:
            return f"after {self._taken} items the service began anew"
        return f"after {self._taken} items the service says there is more, but gives nothing new"


def _identity(item: Any) -> Hashable:
    return item.id or repr(item)


def _is_settled(ask: Ask, reply: Listing) -> bool:
    """Return whether a reply shows itself that it is the page asked for."""
    offset, size = ask
    count = len(reply.items)
    if not count:
        return reply.total is not None and reply.total <= offset
    if (reply.page, reply.page_size) != (offset // size + 1, size):
        return False
    return count == size or (reply.total == offset + count and reply.has_next is False)


def best_size(skip: int, limit: int, page_size: int) -> int:
    """Return the size of aligned pages that cover `limit` items from `skip` on.

    In the fewest requests, and then with the fewest items that were not asked for.
    """
    pages = {size: -(-(skip + limit) // size) - skip // size for size in range(1, page_size + 1)}
    return min(pages, key=lambda size: (pages[size], pages[size] * size))
