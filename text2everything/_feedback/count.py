"""Counts ratings one by one as they are read."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import AsyncIterable
from datetime import UTC, date, datetime

from text2everything._feedback.stats import FeedbackStats
from text2everything._feedback.tally import DislikedMessage, Tally
from text2everything.models.feedback import FeedbackResponse

__all__ = ["count_ratings"]

MAX_COMMENTS = 3
"""Comments kept of a message, the latest ones."""

MAX_COMMENT = 300
"""Characters kept of a comment."""

UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)  # sorts before every known time


async def count_ratings(ratings: AsyncIterable[FeedbackResponse], *, worst: int) -> FeedbackStats:
    """Count the ratings, and list the `worst` most disliked messages.

    Memory grows with the number of rated messages, not with the number of ratings.
    """
    counter = RatingCounter()
    async for rating in ratings:
        counter.add(rating)
    return counter.stats(worst)


class RatingCounter:
    """The counts of the ratings added so far."""

    def __init__(self) -> None:
        self._all = Tally()
        self._days: defaultdict[date, Tally] = defaultdict(Tally)
        self._messages: defaultdict[str, Tally] = defaultdict(Tally)
        self._executions: defaultdict[str, Tally] = defaultdict(Tally)
        # The time and text of the latest negative ratings of each message.
        self._comments: dict[str, list[tuple[datetime, str]]] = {}
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, rating: FeedbackResponse) -> None:
        """Count one rating."""
        tallies = [self._all, self._messages[rating.chat_message_id]]
        if rating.execution_id is not None:
            tallies.append(self._executions[rating.execution_id])
        time = rating.created_at
        if time is not None:
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
            tallies.append(self._days[time.date()])
            self._first = time if self._first is None else min(self._first, time)
            self._last = time if self._last is None else max(self._last, time)
        if rating.is_positive:
            for tally in tallies:
                tally.positive += 1
            return
        for tally in tallies:
            tally.negative += 1
        comments = self._comments.setdefault(rating.chat_message_id, [])
        comments.append((time or UNKNOWN_TIME, rating.feedback[:MAX_COMMENT]))
        if len(comments) > MAX_COMMENTS:
            comments.remove(min(comments, key=_time))

    def stats(self, worst: int) -> FeedbackStats:
        """Return the counts, with the `worst` most disliked messages."""
        messages = heapq.nlargest(worst, self._comments, key=self._badness)
        return FeedbackStats(
            positive=self._all.positive,
            negative=self._all.negative,
            by_day=dict(sorted(self._days.items())),
            by_message=dict(self._messages),
            by_execution=dict(self._executions),
            most_disliked=tuple(map(self._disliked, messages)),
            first=self._first,
            last=self._last,
        )

    def _badness(self, message: str) -> tuple[int, int, datetime]:
        """Sort key of a message: more negative ratings, then fewer positive ones, then a later negative one."""
        tally = self._messages[message]
        return tally.negative, -tally.positive, max(map(_time, self._comments[message]))

    def _disliked(self, message: str) -> DislikedMessage:
        comments = sorted(self._comments[message], key=_time, reverse=True)
        latest = _time(comments[0])
        return DislikedMessage(
            chat_message_id=message,
            positive=self._messages[message].positive,
            negative=self._messages[message].negative,
            comments=tuple(text for _, text in comments),
            latest=None if latest == UNKNOWN_TIME else latest,
        )


def _time(comment: tuple[datetime, str]) -> datetime:
    return comment[0]
