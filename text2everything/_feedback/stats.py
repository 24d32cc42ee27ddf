"""Ratings at a glance: counted in one pass, and shown as text, HTML, a data frame or a plot."""

from __future__ import annotations

import heapq
import html
from collections.abc import AsyncIterable, Hashable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models.feedback import FeedbackResponse

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["DislikedMessage", "FeedbackStats", "Period", "Tally", "feedback_stats"]

Period: TypeAlias = Literal["day", "week", "month"]
K = TypeVar("K", bound=Hashable)

PERIODS = ("day", "week", "month")

COMMENTS = 3
"""Comments kept of a disliked message, the latest."""

MAX_COMMENT = 300
"""Characters kept of a comment."""

BAR = 30
"""Characters of the bar that stands for all ratings."""

# Two colours that also differ for those who do not see red and green.
POSITIVE_COLOR = "#3b7dc4"
NEGATIVE_COLOR = "#e07b39"


@attrs.define
class Tally:
    """How many ratings are good and how many bad."""

    positive: int = 0
    negative: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return self.positive + self.negative

    @property
    def share_positive(self) -> float | None:
        """The share of good ones, 0 to 1; None where there are none at all."""
        return self.positive / self.total if self.total else None

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.positive += other.positive
        self.negative += other.negative


@attrs.frozen(kw_only=True)
class DislikedMessage:
    """A chat message with bad ratings.

    Attributes:
        chat_message_id: The message.
        positive: How many good ratings it has.
        negative: How many bad ones.
        comments: What the latest bad ones say, the latest first; long ones are cut.
        latest: When the latest bad one was made, where the service says so.
    """

    chat_message_id: str
    positive: int
    negative: int
    comments: tuple[str, ...] = ()
    latest: datetime | None = None


@attrs.frozen(kw_only=True, repr=False)
class FeedbackStats:
    """The ratings of a project, counted.

    Attributes:
        positive: How many are good.
        negative: How many are bad.
        by_day: The days with ratings, in order, in UTC. Ratings without a time are in none.
        by_message: The rated chat messages.
        by_execution: The rated executions.
        most_disliked: The messages with the most bad ratings, the worst first.
        first: When the first rating was made, or None.
        last: When the last one was made, or None.
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
        """How many ratings there are."""
        return self.positive + self.negative

    @property
    def share_positive(self) -> float | None:
        """The share of good ones, 0 to 1; None where there are no ratings."""
        return Tally(self.positive, self.negative).share_positive

    def over_time(self, period: Period = "day") -> dict[date, Tally]:
        """Return the ratings of each day, week (by its Monday) or month (by its first day), empty ones too."""
        if period not in PERIODS:
            raise ValidationError(f"period must be one of {', '.join(PERIODS)}, got {period!r}")
        found: dict[date, Tally] = {}
        if self.by_day:
            found = {start: Tally() for start in _starts(min(self.by_day), max(self.by_day), period)}
        for day, tally in self.by_day.items():
            found[_start(day, period)].add(tally)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can carry: the counts, the days and the most disliked messages."""
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
            by: What its rows are.

        Raises:
            ImportError: pandas is not installed; `pip install 'text2everything[pandas]'`.
        """
        try:
            import pandas as pd  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas: pip install 'text2everything[pandas]'") from error
        tallies: Mapping[Any, Tally]
        match by:
            case "message" | "execution":
                tallies = self.by_message if by == "message" else self.by_execution
                index = pd.Index(list(tallies), name=by, dtype=object)
            case "day" | "week" | "month":
                tallies = self.over_time(by)
                index = pd.DatetimeIndex(list(tallies), name=by)
            case _:
                raise ValidationError(f"by must be one of {', '.join(PERIODS)}, message, execution, got {by!r}")
        columns: dict[str, Any] = {
            name: pd.Series([getattr(tally, name) for tally in tallies.values()], index=index, dtype=dtype)
            for name, dtype in {"positive": int, "negative": int, "total": int, "share_positive": float}.items()
        }
        return pd.DataFrame(columns, index=index)

    def plot(self, period: Period | None = None, ax: Axes | None = None) -> Axes:
        """Draw the good and the bad ratings over time, and return the axes.

        Args:
            period: What a bar stands for; None chooses by the time covered.
            ax: The axes to draw on; None makes a figure.

        Raises:
            ImportError: matplotlib is not installed; `pip install 'text2everything[plot]'`.
        """
        try:
            from matplotlib import pyplot as plt  # noqa: PLC0415  # an extra
            from matplotlib.ticker import MaxNLocator  # noqa: PLC0415
        except ImportError as error:
            raise ImportError("plot() needs matplotlib: pip install 'text2everything[plot]'") from error
        period = period or self._fitting_period()
        tallies = self.over_time(period)
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
        places = range(len(tallies))
        positive = [tally.positive for tally in tallies.values()]
        negative = [tally.negative for tally in tallies.values()]
        ax.bar(places, positive, 0.8, label="positive", color=POSITIVE_COLOR)
        ax.bar(places, negative, 0.8, bottom=positive, label="negative", color=NEGATIVE_COLOR)
        labels = [_label(start, period) for start in tallies]
        step = max(1, -(-len(labels) // (8 if period == "month" else 12)))
        ax.set_xticks(list(places)[::step], labels[::step])
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        ax.margins(x=0.02)
        ax.set_ylabel(f"ratings per {period}")
        ax.set_title(self._headline(), loc="left")
        ax.spines[["top", "right"]].set_visible(b=False)
        if tallies:
            ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
        else:
            ax.text(0.5, 0.5, "no ratings with a time", ha="center", va="center", transform=ax.transAxes)
            ax.set_yticks([])
        return ax

    def _fitting_period(self) -> Period:
        days = (max(self.by_day) - min(self.by_day)).days if self.by_day else 0
        return "day" if days <= 45 else "week" if days <= 400 else "month"  # noqa: PLR2004

    def _headline(self) -> str:
        share = "" if self.share_positive is None else f", {_percent(self.share_positive)} positive"
        return f"{_many(self.total, 'rating')}{share}"

    def __repr__(self) -> str:
        lines = [f"FeedbackStats: {self._headline()}"]
        if self.total:
            for name, count in (("positive", self.positive), ("negative", self.negative)):
                bar = "█" * round(BAR * count / self.total)
                lines.append(f"  {name}  {count:>9,}  {_percent(count / self.total):>6}  {bar}".rstrip())
            about = f"  on {_many(len(self.by_message), 'message')}, {_many(len(self.by_execution), 'execution')}"
            if self.first is not None and self.last is not None:
                about += f"; {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"
            lines.append(about)
        if self.most_disliked:
            lines.append("  most disliked:")
            shares = [f"{each.negative:,} of {each.positive + each.negative:,}" for each in self.most_disliked]
            for each, bad in zip(self.most_disliked, shares, strict=True):
                comment = f"  {_one_line(each.comments[0])}" if each.comments else ""
                lines.append(f"    {bad:>{max(map(len, shares))}}  {each.chat_message_id}{comment}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{self._headline()}</b></p>"]
        if self.share_positive is not None:
            width = f"{100 * self.share_positive:.1f}%"
            parts.append(
                f'<div style="width:300px;height:10px;background:{NEGATIVE_COLOR}">'
                f'<div style="width:{width};height:10px;background:{POSITIVE_COLOR}"></div></div>'
                f"<p>{self.positive:,} positive, {self.negative:,} negative, on "
                f"{_many(len(self.by_message), 'message')} and {_many(len(self.by_execution), 'execution')}</p>"
            )
        if self.most_disliked:
            rows = "".join(
                f"<tr><td>{each.negative:,}</td><td>{each.positive:,}</td>"
                f"<td>{html.escape(each.chat_message_id)}</td>"
                f'<td style="text-align:left">{"<br>".join(map(html.escape, each.comments))}</td></tr>'
                for each in self.most_disliked
            )
            head = "<tr><th>negative</th><th>positive</th><th>message</th><th>latest comments</th></tr>"
            parts.append(f"<table><caption>Most disliked</caption><thead>{head}</thead><tbody>{rows}</tbody></table>")
        return "".join(parts)


async def feedback_stats(ratings: AsyncIterable[FeedbackResponse], *, worst: int) -> FeedbackStats:
    """Count ratings as they come, and pick the `worst` messages; memory grows with the messages, not the ratings."""
    counter = _Counter()
    async for rating in ratings:
        counter.add(rating)
    return counter.result(worst)


class _Counter:
    """Counts ratings one after another."""

    def __init__(self) -> None:
        self._all = Tally()
        self._days: dict[date, Tally] = {}
        self._messages: dict[str, Tally] = {}
        self._executions: dict[str, Tally] = {}
        self._comments: dict[str, list[tuple[datetime, str]]] = {}  # of bad ratings, by message; the latest few
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, rating: FeedbackResponse) -> None:
        tallies = [self._all, _tally(self._messages, rating.chat_message_id)]
        if rating.execution_id is not None:
            tallies.append(_tally(self._executions, rating.execution_id))
        when = rating.created_at
        if when is not None:
            when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
            tallies.append(_tally(self._days, when.date()))
            self._first = when if self._first is None else min(self._first, when)
            self._last = when if self._last is None else max(self._last, when)
        if rating.is_positive:
            for tally in tallies:
                tally.positive += 1
            return
        for tally in tallies:
            tally.negative += 1
        comments = self._comments.setdefault(rating.chat_message_id, [])
        comments.append((when or _UNKNOWN, rating.feedback[:MAX_COMMENT]))
        if len(comments) > COMMENTS:
            comments.remove(min(comments, key=_made))

    def result(self, worst: int) -> FeedbackStats:
        disliked = heapq.nlargest(worst, self._comments, key=self._badness)
        return FeedbackStats(
            positive=self._all.positive,
            negative=self._all.negative,
            by_day=dict(sorted(self._days.items())),
            by_message=self._messages,
            by_execution=self._executions,
            most_disliked=tuple(map(self._disliked, disliked)),
            first=self._first,
            last=self._last,
        )

    def _badness(self, message: str) -> tuple[int, int, datetime]:
        """Order by bad ratings; of equally many those with fewer good ones are worse, then the more recent ones."""
        tally = self._messages[message]
        return tally.negative, -tally.positive, max(map(_made, self._comments[message]))

    def _disliked(self, message: str) -> DislikedMessage:
        comments = sorted(self._comments[message], key=_made, reverse=True)
        latest = _made(comments[0])
        return DislikedMessage(
            chat_message_id=message,
            positive=self._messages[message].positive,
            negative=self._messages[message].negative,
            comments=tuple(text for _, text in comments),
            latest=None if latest == _UNKNOWN else latest,
        )


_UNKNOWN = datetime.min.replace(tzinfo=UTC)


def _made(comment: tuple[datetime, str]) -> datetime:
    return comment[0]


def _tally(tallies: dict[K, Tally], key: K) -> Tally:
    found = tallies.get(key)
    if found is None:
        found = tallies[key] = Tally()
    return found


def _start(day: date, period: Period) -> date:
    """Return the first day of the period that `day` is in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def _starts(first: date, last: date, period: Period) -> Iterator[date]:
    """Return the first days of the periods from the one of `first` to the one of `last`."""
    longest = {"day": 1, "week": 7, "month": 31}[period]
    day = _start(first, period)
    while day <= last:
        yield day
        day = _start(day + timedelta(days=longest), period)


def _label(start: date, period: Period) -> str:
    return f"{start:%b %Y}" if period == "month" else f"{start.day} {start:%b}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _percent(share: float) -> str:
    """Return a share so that only none is 0 % and only all is 100 %."""
    text = f"{100 * share:.1f}"
    if text == "0.0" and share:
        text = "<0.1"
    if text == "100.0" and share < 1:
        text = ">99.9"
    return f"{text.removesuffix('.0')} %"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:60]}…”" if len(line) > 60 else f"“{line}”"  # noqa: PLR2004
