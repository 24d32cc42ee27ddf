"""What all ways to read a listing share: page requests, what is read so far, and what is known of the service."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import attrs

from text2everything._codec import Listing
from text2everything._pagination.seen import SeenItems
from text2everything._pagination.totals import TotalTracker

__all__ = ["LARGEST_PAGE", "Capabilities", "End", "PageRequest", "Reading", "Strategy"]

LARGEST_PAGE = 1_000
"""The largest page size that is requested."""


class PageRequest(NamedTuple):
    """A page. `offset` is a multiple of `size`: skip/limit and page/per_page then mean the same page."""

    offset: int
    size: int


@attrs.define
class Capabilities:
    """What is known of a service: if it was seen to honour the offset, and the largest page size it accepts."""

    offset_verified: bool = False
    max_page_size: int = LARGEST_PAGE


@attrs.define
class Reading:
    """What is read of a listing: `skip` items were left out, `taken` returned, `remaining` are wanted (None: all)."""

    skip: int = 0
    remaining: int | None = None
    capabilities: Capabilities = attrs.field(factory=Capabilities)
    taken: int = 0
    too_many_deleted: bool = False  # more at once than can be read again
    seen: SeenItems = attrs.field(factory=SeenItems)
    totals: TotalTracker = attrs.field(factory=TotalTracker)

    def accept(self, offset: int, items: list[Any]) -> list[Any]:
        """Return the items of the page at `offset` that are wanted and new."""
        new = self.seen.new_items(items, max(0, self.skip - offset))
        self.totals.note_items(offset + len(items) if new else len(items), is_new=bool(new))
        self.capabilities.offset_verified |= bool(new and offset and self.taken)
        if self.remaining is not None:
            new = new[: self.remaining]
            self.remaining -= len(new)
        self.taken += len(new)
        return new

    def problem(self, *, says_more: bool, same_page: bool) -> str | None:
        """Return why items may be missing at the end; `same_page`: the service gives a full page for every offset."""
        taken, read, expected = self.taken, self.skip + self.taken, self.totals.lowest
        if expected is not None and read < expected:
            skipped = f", {self.skip} of them skipped" if self.skip else ""
            return f"the service counts {self.totals.latest} items{skipped}, but gave only {taken} different ones"
        if self.too_many_deleted:
            return f"more than {self.seen.capacity} items went at once while it was read"
        if same_page and expected is None:
            return f"the service gives the same {read} items whatever page it is asked for"
        if self.seen.restarted and expected is None:
            return f"after {taken} items the service began anew"
        return f"after {taken} items the service says there is more, but gives nothing new" if says_more else None


class Strategy(Protocol):
    """A way to read a listing, or a part of it; an error that is `tolerated` stands for an empty page."""

    tolerated: tuple[type[Exception], ...]

    def next_requests(self, most: int) -> list[PageRequest]:
        """Return the next page to request, and those expected after it, `most` in all."""

    def receive(self, request: PageRequest, reply: Listing) -> tuple[list[Any], Strategy | End]:
        """Return the new items of a reply, and the strategy to continue with."""


@attrs.frozen
class End:
    """The end of a listing, and why items may be missing, if so."""

    problem: str | None = None

    def next_requests(self, _most: int) -> list[PageRequest]:
        return []
