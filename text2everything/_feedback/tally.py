"""Counts of ratings: of anything that is rated, and of one message that was rated negative."""

from __future__ import annotations

from datetime import datetime

import attrs

__all__ = ["DislikedMessage", "Tally"]


@attrs.define
class Tally:
    """The number of positive and of negative ratings."""

    positive: int = 0
    negative: int = 0

    @property
    def total(self) -> int:
        """The number of ratings."""
        return self.positive + self.negative

    @property
    def share_positive(self) -> float | None:
        """The share of positive ratings, 0 to 1; None if there are no ratings."""
        return self.positive / self.total if self.total else None

    def add(self, other: Tally) -> None:
        """Add the counts of another tally to this one.

        Example:
            >>> tally = Tally(positive=3, negative=1)
            >>> tally.add(Tally(positive=1))
            >>> tally
            Tally(positive=4, negative=1)
        """
        self.positive += other.positive
        self.negative += other.negative


@attrs.frozen(kw_only=True)
class DislikedMessage:
    """A chat message with negative ratings.

    Attributes:
        chat_message_id: The id of the message.
        positive: The number of its positive ratings.
        negative: The number of its negative ratings.
        comments: The comments of the three latest negative ratings, the latest first, each cut to 300 characters.
        latest: The time of the latest negative rating; None if the service does not report it.
    """

    chat_message_id: str
    positive: int
    negative: int
    comments: tuple[str, ...] = ()
    latest: datetime | None = None
