"""Days, weeks and months, each identified by its first day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, TypeAlias, get_args

__all__ = ["PERIODS", "Period", "choose_period", "period_label", "period_start", "period_starts"]

Period: TypeAlias = Literal["day", "week", "month"]

PERIODS: tuple[Period, ...] = get_args(Period)

MAX_DAYS = {"day": 1, "week": 7, "month": 31}
MAX_DAYS_SHOWN_DAILY = 45
MAX_DAYS_SHOWN_WEEKLY = 400


def period_start(day: date, period: Period) -> date:
    """Return the first day of the period that contains `day`; a week starts on Monday."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def period_starts(first: date, last: date, period: Period) -> Iterator[date]:
    """Yield the first day of every period from the one that contains `first` to the one that contains `last`."""
    start = period_start(first, period)
    while start <= last:
        yield start
        start = period_start(start + timedelta(days=MAX_DAYS[period]), period)


def choose_period(first: date, last: date) -> Period:
    """Return the shortest period with few enough bars for a readable plot from `first` to `last`."""
    days = (last - first).days
    if days <= MAX_DAYS_SHOWN_DAILY:
        return "day"
    return "week" if days <= MAX_DAYS_SHOWN_WEEKLY else "month"


def period_label(start: date, period: Period) -> str:
    """Return the label of the period that starts on `start`, such as `5 Jan` or `Jan 2026`."""
    return f"{start:%b %Y}" if period == "month" else f"{start.day} {start:%b}"
