"""When a request is sent again, as one table, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything._transport.retry import (
    MAX_BACKOFF,
    MAX_RETRY_AFTER,
    Failure,
    Outcome,
    backoff,
    did_nothing,
    may_retry,
    parse_retry_after,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def status(number: int, retry_after: float | None = None) -> Outcome:
    return Outcome(Failure.STATUS, number, retry_after)


# Outcome, whether a repeatable request is sent again, whether one that creates is.
TABLE = [
    (Outcome(Failure.UNSENT), True, True),
    (Outcome(Failure.LOST), True, False),
    (Outcome(Failure.TIMED_OUT), True, False),
    (Outcome(Failure.FINAL), False, False),
    (status(408), True, False),
    (status(429), True, True),
    (status(429, 3.0), True, True),
    (status(500), True, False),
    (status(500, 3.0), True, False),
    (status(502), True, False),
    (status(503), True, False),
    (status(503, 0.0), True, True),
    (status(503, 3.0), True, True),
    (status(504), True, False),
    (status(504, 3.0), True, False),
]


@pytest.mark.parametrize(("outcome", "repeatable", "creating"), TABLE, ids=lambda value: str(value)[:60])
def test_the_table(outcome: Outcome, repeatable: bool, creating: bool) -> None:
    assert may_retry(outcome, repeatable=True) is repeatable
    assert may_retry(outcome, repeatable=False) is creating
    assert did_nothing(outcome) is creating


RETRIED = {408, 429, 500, 502, 503, 504}


@given(st.integers(100, 999).filter(lambda number: number not in RETRIED), st.none() | st.floats(0, 1e6))
def test_no_other_status_is_tried_again(number: int, retry_after: float | None) -> None:
    assert not may_retry(status(number, retry_after), repeatable=True)
    assert not may_retry(status(number, retry_after), repeatable=False)


outcomes = st.builds(
    Outcome, st.sampled_from(Failure), st.none() | st.integers(100, 999), st.none() | st.floats(0, 1e12)
)


@given(outcomes)
def test_what_may_be_created_again_may_be_repeated(outcome: Outcome) -> None:
    assert may_retry(outcome, repeatable=False) <= may_retry(outcome, repeatable=True)
    assert may_retry(outcome, repeatable=False) == did_nothing(outcome)


@given(outcomes, st.integers(1, 10**6), st.floats(0, 1e5))
def test_a_wait_is_bounded(outcome: Outcome, attempt: int, delay: float) -> None:
    wait = backoff(outcome, attempt=attempt, delay=delay)
    assert 0 <= wait <= (MAX_BACKOFF if outcome.retry_after is None else MAX_RETRY_AFTER)


@given(st.floats(0, 1e9))
def test_the_service_s_wish_is_followed_up_to_a_bound(seconds: float) -> None:
    assert backoff(status(429, seconds), attempt=1, delay=1) == min(seconds, MAX_RETRY_AFTER)


def test_waits_double_up_to_the_cap_with_full_jitter() -> None:
    def highest(attempt: int) -> float:
        return backoff(Outcome(Failure.LOST), attempt=attempt, delay=1.0, uniform=lambda _, most: most)

    assert [highest(attempt) for attempt in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert backoff(Outcome(Failure.LOST), attempt=5, delay=1.0, uniform=lambda least, _: least) == 0
    assert len({backoff(Outcome(Failure.LOST), attempt=4, delay=1.0) for _ in range(20)}) > 10


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("0.25", 0.25),
        ("1e2", 100.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Fri, 02 Jan 2026 03:04:35 GMT", 30.0),
        ("Fri, 02 Jan 2026 03:04:35", 30.0),
        ("Friday, 02-Jan-26 03:04:35 GMT", 30.0),
        ("Fri, 02 Jan 2026 04:04:35 +0100", 30.0),
        ("Fri, 02 Jan 2026 03:03:00 GMT", 0.0),
        ("Fri, 99 Jan 2026 03:04:35 GMT", None),
        ("Fri, 02 Jan 99999 03:04:35 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


@given(st.text())
def test_any_header_is_a_wait_or_none(header: str) -> None:
    seconds = parse_retry_after(header, NOW)
    assert seconds is None or 0 <= seconds < float("inf")


@given(st.integers(0, 10**8))
def test_a_date_is_the_seconds_to_it(seconds: int) -> None:
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(header, NOW) == seconds


def test_a_date_is_compared_with_the_clock() -> None:
    seconds = parse_retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True))
    assert seconds is not None
    assert 95 < seconds <= 100
