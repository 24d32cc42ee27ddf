"""When a failed request is retried, and after how long: pure functions, without clock or network."""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import attrs

MAX_BACKOFF = 30.0
"""Seconds between two attempts, at most, without a Retry-After."""

MAX_RETRY_AFTER = 120.0
"""Seconds of a Retry-After that are waited, at most."""

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class Failure(enum.Enum):
    """How an attempt failed."""

    UNSENT = "no connection: the service has seen nothing"
    LOST = "the connection broke: the service may have acted"
    TIMED_OUT = "no answer in time: the service may have acted"
    STATUS = "the service answered with an error status"
    FINAL = "another attempt would fail in the same way"


@attrs.frozen
class Outcome:
    """One failed attempt: how, and for `Failure.STATUS` the status and the Retry-After in seconds."""

    failure: Failure
    status: int | None = None
    retry_after: float | None = None


def did_nothing(outcome: Outcome) -> bool:
    """Return whether the service certainly did not act: it was not reached, or it throttled the request."""
    match outcome.failure:
        case Failure.UNSENT:
            return True
        case Failure.STATUS:
            return outcome.status == 429 or (outcome.status == 503 and outcome.retry_after is not None)  # noqa: PLR2004
        case _:
            return False


def may_retry(outcome: Outcome, *, repeatable: bool) -> bool:
    """Return whether a retry cannot do harm and may help.

    A repeatable request (GET, PUT, DELETE, and POSTs that only read) is retried after any temporary failure. One
    that creates is retried only if the service certainly did nothing.
    """
    if did_nothing(outcome):
        return True
    if not repeatable:
        return False
    match outcome.failure:
        case Failure.LOST | Failure.TIMED_OUT:
            return True
        case Failure.STATUS:
            return outcome.status in RETRIED_STATUSES
        case _:
            return False


def backoff(
    outcome: Outcome, *, attempt: int, delay: float, uniform: Callable[[float, float], float] = random.uniform
) -> float:
    """Return the seconds to wait after the `attempt`-th failure (from 1).

    The service's Retry-After where it gave one, capped; else full jitter below `delay`, doubled with each attempt, so
    that clients that failed at the same time do not retry at the same time.
    """
    if outcome.retry_after is not None:
        return min(outcome.retry_after, MAX_RETRY_AFTER)
    return uniform(0.0, min(MAX_BACKOFF, delay * 2 ** min(attempt - 1, 30)))


def longest_backoff(retries: int, delay: float) -> float:
    """Return the seconds that the waits between so many retries take together, at most, without a Retry-After."""
    return sum(min(MAX_BACKOFF, delay * 2.0**number) for number in range(min(retries, 30)))


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return a Retry-After header (seconds, a fraction, or an HTTP date) in seconds; None for anything else."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
        return max(0.0, seconds)
    return seconds if 0 <= seconds < float("inf") else None
