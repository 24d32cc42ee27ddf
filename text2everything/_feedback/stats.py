"""`FeedbackStats`: the counted ratings of a project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import attrs

from text2everything._feedback.frame import to_frame
from text2everything._feedback.periods import PERIODS, Period, choose_period, period_start, period_starts
from text2everything._feedback.plot import plot_over_time
from text2everything._feedback.render import headline, to_html, to_text
from text2everything._feedback.tally import DislikedMessage, Tally
from text2everything.exceptions import ValidationError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["FeedbackStats"]


@attrs.frozen(kw_only=True, repr=False)
class FeedbackStats:
    """The counted ratings of a project.

    Attributes:
        positive: The number of positive ratings.
        negative: The number of negative ratings.
        by_day: The counts of each day (UTC) that has ratings, in order. Ratings without a time are not included.
        by_message: The counts of each rated chat message, by its id.
        by_execution: The counts of each rated execution, by its id.
        most_disliked: The messages with the most negative ratings, the worst first.
        first: The time of the earliest rating; None if no rating has a time.
        last: The time of the latest rating; None if no rating has a time.
    """

    positive: int = 0
    negative: int = 0
    by_day: Mapping[date, Tally] = attrs.field(factory=dict)
    by_message: Mapping[str, Tally] = attrs.field(factory=dict)
    by_execution: Mapping[str, Tally] = attrs.field(factory=dict)
    most_disliked: tuple[DislikedMessage, ...] = ()
    first: datetime | None = None
    last: datetime | None = None

    @property
    def total(self) -> int:
        """The number of ratings."""
        return self.positive + self.negative

    @property
    def share_positive(self) -> float | None:
        """The share of positive ratings, 0 to 1; None if there are no ratings."""
        return self._tally.share_positive

    def over_time(self, period: Period = "day") -> dict[date, Tally]:
        """Return the counts of each day, week or month between the first and the last rating, also of empty ones.

        Args:
            period: `day` (default), `week` (given by its Monday) or `month` (given by its first day).

        Raises:
            ValidationError: `period` is none of these.

        Example:
            >>> stats.over_time("month")
            {datetime.date(2026, 1, 1): Tally(positive=3, negative=1)}
        """
        if period not in PERIODS:
            raise ValidationError(f"period must be one of {', '.join(PERIODS)}, got {period!r}")
        tallies: dict[date, Tally] = {}
        if self.by_day:
            tallies = {start: Tally() for start in period_starts(min(self.by_day), max(self.by_day), period)}
        for day, tally in self.by_day.items():
            tallies[period_start(day, period)].add(tally)
        return tallies

    def to_dict(self) -> dict[str, Any]:
        """Return the counts, the days and the most disliked messages as values that JSON can represent.

        Example:
            >>> stats.to_dict()["by_day"]
            {'2026-01-05': {'positive': 3, 'negative': 1}}
        """
        return {
            "total": self.total,
            "positive": self.positive,
            "negative": self.negative,
            "share_positive": self.share_positive,
            "messages": len(self.by_message),
            "executions": len(self.by_execution),
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "by_day": {day.isoformat(): attrs.asdict(tally) for day, tally in self.by_day.items()},
            "most_disliked": [
                attrs.asdict(each) | {"latest": each.latest and each.latest.isoformat()}
                for each in self.most_disliked
            ],
        }

    def to_pandas(self, by: Literal["day", "week", "month", "message", "execution"] = "day") -> pd.DataFrame:
        """Return a data frame with the columns positive, negative, total and share_positive.

        Args:
            by: What each row stands for: `day` (default), `week`, `month`, `message` or `execution`.

        Raises:
            ImportError: pandas is not installed: `pip install pandas`.
            ValidationError: `by` is none of these.

        Example:
            >>> stats.to_pandas(by="message").sort_values("negative")
        """
        tallies: Mapping[Any, Tally]
        match by:
            case "message":
                tallies = self.by_message
            case "execution":
                tallies = self.by_execution
            case "day" | "week" | "month":
                tallies = self.over_time(by)
            case _:
                raise ValidationError(f"by must be one of {', '.join(PERIODS)}, message, execution, got {by!r}")
        return to_frame(tallies, by)

    def plot(self, period: Period | None = None, ax: Axes | None = None) -> Axes:
        """Draw the positive and the negative ratings over time as stacked bars, and return the axes.

        Args:
            period: What each bar stands for: `day`, `week` or `month`; None chooses by the time covered.
            ax: The matplotlib axes to draw on; None creates a figure.

        Raises:
            ImportError: matplotlib is not installed: `pip install matplotlib`.
            ValidationError: `period` is none of these.

        Example:
            >>> axes = stats.plot("week")
        """
        if period is None:
            period = choose_period(min(self.by_day), max(self.by_day)) if self.by_day else "day"
        return plot_over_time(self.over_time(period), period, title=headline(self._tally), ax=ax)

    @property
    def _tally(self) -> Tally:
        return Tally(self.positive, self.negative)

    def __repr__(self) -> str:
        return to_text(
            self._tally,
            messages=len(self.by_message),
            executions=len(self.by_execution),
            first=self.first,
            last=self.last,
            most_disliked=self.most_disliked,
        )

    def _repr_html_(self) -> str:
        return to_html(
            self._tally,
            messages=len(self.by_message),
            executions=len(self.by_execution),
            most_disliked=self.most_disliked,
        )
