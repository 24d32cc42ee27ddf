"""Dates and periods in questions, all asked on Saturday 15 June 2024."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local.engine._dates import GRAINS, find_dates, floor, shift

TODAY = dt.date(2024, 6, 15)


def _found(text: str) -> list[tuple[str | None, str | None]]:
    return [(r.start and r.start.isoformat(), r.end and r.end.isoformat()) for r in find_dates(text, TODAY)]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("orders in March 2024", "2024-03-01", "2024-04-01"),
        ("orders in 2024-03", "2024-03-01", "2024-04-01"),
        ("orders in March", "2024-03-01", "2024-04-01"),
        ("orders in October", "2023-10-01", "2023-11-01"),
        ("orders in may", "2024-05-01", "2024-06-01"),
        ("orders on 2024-05-01", "2024-05-01", "2024-05-02"),
        ("orders on May 1st, 2024", "2024-05-01", "2024-05-02"),
        ("orders on 1 May 2024", "2024-05-01", "2024-05-02"),
        ("orders on 1 July", "2023-07-01", "2023-07-02"),
        ("orders on 02/01/2024", "2024-02-01", "2024-02-02"),
        ("orders on 31/01/2024", "2024-01-31", "2024-02-01"),
        ("orders on 01.02.2024", "2024-02-01", "2024-02-02"),
        ("orders today", "2024-06-15", "2024-06-16"),
        ("orders placed yesterday", "2024-06-14", "2024-06-15"),
        ("orders this week", "2024-06-10", "2024-06-17"),
        ("orders last week", "2024-06-03", "2024-06-10"),
        ("orders this month", "2024-06-01", "2024-07-01"),
        ("orders of the previous month", "2024-05-01", "2024-06-01"),
        ("orders this quarter", "2024-04-01", "2024-07-01"),
        ("orders last quarter", "2024-01-01", "2024-04-01"),
        ("orders this year", "2024-01-01", "2025-01-01"),
        ("orders in 2023", "2023-01-01", "2024-01-01"),
        ("2023 revenue", "2023-01-01", "2024-01-01"),
        ("Q1 2024", "2024-01-01", "2024-04-01"),
        ("2023 Q4", "2023-10-01", "2024-01-01"),
        ("in the third quarter", "2023-07-01", "2023-10-01"),
        ("first quarter of 2024", "2024-01-01", "2024-04-01"),
        ("ytd", "2024-01-01", "2024-06-16"),
        ("month to date", "2024-06-01", "2024-06-16"),
        ("3 months ago", "2024-03-15", "2024-03-16"),
        ("a week ago", "2024-06-08", "2024-06-09"),
        ("last 30 days", "2024-05-16", None),
        ("in the past two weeks", "2024-06-01", None),
        ("over the last 12 months", "2023-06-15", None),
        ("last 24 hours", "2024-06-14", None),
        ("since 2024-05-01", "2024-05-01", None),
        ("since March", "2024-03-01", None),
        ("after 2024-05-01", "2024-05-02", None),
        ("after March 2024", "2024-04-01", None),
        ("from 2024-05-01", "2024-05-01", None),
        ("from last month", "2024-05-01", "2024-06-01"),
        ("from yesterday", "2024-06-14", "2024-06-15"),
        ("before 2024", None, "2024-01-01"),
        ("until 2024-05-01", None, "2024-05-02"),
        ("up to March 2024", None, "2024-04-01"),
        ("between 2024-01-05 and 2024-02-10", "2024-01-05", "2024-02-11"),
        ("from March to May 2024", "2024-03-01", "2024-06-01"),
        ("from 2020 to 2022", "2020-01-01", "2023-01-01"),
        ("between 2020 and 2022", "2020-01-01", "2023-01-01"),
        ("March 2024 - May 2024", "2024-03-01", "2024-06-01"),
    ],
)
def test_one_period(text: str, start: str | None, end: str | None) -> None:
    assert _found(text) == [(start, end)]


@pytest.mark.parametrize(
    "text",
    [
        "orders over 2000",
        "top 2024 customers",
        "2000 units",
        "may I see the orders",
        "the last order",
        "last 5 orders",
        "2024-13-45",
        "2024-02-30",
        "31/31/2024",
        "second customer",
        "1234567",
        "orders by month",
        "",
    ],
)
def test_no_date(text: str) -> None:
    assert _found(text) == []


def test_several_periods() -> None:
    assert _found("orders in March 2024 or May 2024") == [("2024-03-01", "2024-04-01"), ("2024-05-01", "2024-06-01")]


def test_what_was_assumed_is_noted() -> None:
    (month,) = find_dates("in October", TODAY)
    assert month.note == "October taken as 2023"
    (day,) = find_dates("on 01/02/2024", TODAY)
    assert day.note == "01/02/2024 read as month/day/year"
    assert find_dates("on 31/01/2024", TODAY)[0].note is None


@given(st.dates(), st.sampled_from(GRAINS), st.integers(-50_000, 50_000))
def test_moving_days_never_leaves_the_calendar(day: dt.date, unit: str, by: int) -> None:
    moved = shift(day, unit, by)
    assert moved is None or (moved >= day) == (by >= 0) or moved == day
    assert floor(day, unit) <= day
    assert floor(floor(day, unit), unit) == floor(day, unit)


_WORDS = """
    in since before between and from to last this 3 30 days month March May 2024 2024-05-01 Q1 quarter of 31/12/2023
    year ago first the 9999 february 29 31
"""
_PIECES = st.sampled_from(_WORDS.split())


@given(st.lists(_PIECES, max_size=8).map(" ".join), st.dates())
def test_any_mix_of_date_words_is_read_or_left(text: str, today: dt.date) -> None:
    ranges = find_dates(text, today)
    for found in ranges:
        assert found.start or found.end
        assert not (found.start and found.end) or found.start < found.end
        assert 0 <= found.at[0] < found.at[1] <= len(text)
    for a, b in pairwise(ranges):
        assert a.at[1] <= b.at[0]
