"""When a bulk call ends early: what happened to one item would happen to every other one too."""

from __future__ import annotations

from text2everything.exceptions import (
    AuthenticationError,
    ClientClosedError,
    InvalidResponseError,
    PermissionDeniedError,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
)

__all__ = ["FATAL_ERRORS", "ServiceHealth"]

FATAL_ERRORS = (AuthenticationError, PermissionDeniedError, ClientClosedError)
"""Errors that every other item would get too. After a success, one of permission may be about its item."""

FATAL_STATUSES = frozenset({402, 405, 407, 410, 501, 505, 511})
"""Statuses that say nothing about an item."""

PATIENCE = 30.0
"""Seconds for which a service that has answered before may be unreachable: long enough to be restarted."""

REFUSALS = 5
"""Pauses in a row, at least, after which a service that throttles every request is given up."""

REFUSAL_SECONDS = 25.0
"""Seconds of throttling, at least, after which it is."""

FAILURES = 5
"""Items in a row, at least, after whose failures a service that fails at every one is given up."""

FAILURE_SECONDS = 60.0
"""Seconds of such failures, at least, after which it is."""

MISSES = frozenset({5, 50, 500, 5_000})
"""Items in a row that were answered 404 after which the service is asked whether the project is there."""


class ServiceHealth:
    """What the requests of one bulk call say about the service, as opposed to single items.

    Times are seconds of any monotonic clock. Three states begin with a request and end with an answer: the service is
    unreachable, it throttles everything, it fails at everything. If a state lasts, the call ends; a short one costs
    nothing, because requests that were not sent, or were throttled, are sent again meanwhile.

    Args:
        max_retries: How often a request is retried.
        longest_retries: Seconds that the waits between these retries take at most.
        total_timeout: Seconds for the whole call; None for no limit.

    Attributes:
        total_timeout: Seconds for the whole call.
        ends_at: When they are over; None if there is no limit, or the call has not begun.
        has_ended: Whether the call is ended, so that what waits to be sent is not sent.
    """

    def __init__(
        self, max_retries: int = 0, longest_retries: float = 0.0, total_timeout: float | None = None
    ) -> None:
        self.total_timeout = total_timeout
        self.ends_at: float | None = None
        self.has_ended: bool = False
        self._max_retries = max_retries
        self._longest_retries = longest_retries
        self._has_answered = self._has_succeeded = False
        self._unreachable_since: float | None = None
        self._throttled_since: float | None = None
        self._failing_since = 0.0
        self._failures = 0
        self._misses = 0
        self._denials = 0
        self._fatal: list[Text2EverythingError] = []
        self._unsent: list[Text2EverythingError] = []

    def begin(self, now: float) -> None:
        """Note when the call began, the first time this is called."""
        if self.total_timeout is not None and self.ends_at is None:
            self.ends_at = now + self.total_timeout

    # What happened to a request.

    def accepted(self) -> None:
        """Note an answer that does not throttle: a success, or an error of any other kind."""
        self._has_answered = True
        self._unreachable_since = self._throttled_since = None

    def gives_up_connecting(self, error: Text2EverythingError, now: float, attempts: int, *, final: bool) -> bool:
        """Note that there was no connection, and return whether the call ends because there will be none.

        Args:
            error: Why there was none.
            now: The time.
            attempts: How often in a row there was none for this request.
            final: Whether another attempt would fail in the same way, as with an untrusted certificate.
        """
        seconds = self._seconds_away(now)
        may_come = not final or self._has_answered
        if may_come and self._is_patient(seconds, attempts):
            return False
        self.end(error, f"there was no connection for {seconds:.0f} s", unsent=True)
        return True

    def gives_up_repeating(self, error: Text2EverythingError, now: float, attempts: int) -> bool:
        """Note that a request failed that may be repeated, and return whether the call ends because all of them do.

        Args:
            error: What happened.
            now: The time.
            attempts: How often in a row this request failed.
        """
        seconds = self._seconds_away(now)
        if self._is_patient(seconds, attempts):
            return False
        self.end(error, f"no request succeeded for {seconds:.0f} s")
        return True

    def _seconds_away(self, now: float) -> float:
        if self._unreachable_since is None:
            self._unreachable_since = now
        return now - self._unreachable_since

    def _is_patient(self, seconds: float, attempts: int) -> bool:
        patience = max(PATIENCE, self._longest_retries) if self._has_answered else self._longest_retries
        return attempts <= self._max_retries or seconds < patience

    def gives_up_waiting(self, error: Text2EverythingError, now: float, pauses: int, *, unsent: bool) -> bool:
        """Note a throttled request, and return whether the call ends because all of them are.

        Args:
            error: What the service answered.
            now: The time.
            pauses: How many pauses there were in a row, without a success.
            unsent: Whether the service certainly did nothing about the request.
        """
        self._has_answered = True
        self._unreachable_since = None
        if self._throttled_since is None:
            self._throttled_since = now
        seconds = now - self._throttled_since
        if pauses < REFUSALS or seconds < REFUSAL_SECONDS:
            return False
        self.end(error, f"the service refused every request for {seconds:.0f} s", unsent=unsent)
        return True

    # What happened to an item, and whether the call ends.

    def succeeded(self) -> None:
        """Note that an item was created."""
        self._has_succeeded = True
        self._failures = self._misses = self._denials = 0

    def end(self, error: Text2EverythingError, reason: str, *, unsent: bool = False) -> None:
        """Make an error one that ends the call, and have it say why.

        Args:
            error: The error of a request.
            reason: Why every other item would get it too.
            unsent: Whether the service certainly did nothing about that request.
        """
        error.message = f"{error.message}; {reason}, so the call was ended"
        self.has_ended = True
        self._fatal.append(error)
        if unsent:
            self._unsent.append(error)

    def not_sent(self) -> Text2EverythingError:
        """Return the error of a request that waited to be sent when the call ended."""
        error = Text2EverythingError("not sent, because the call was ended")
        self._unsent.append(error)
        return error

    def should_ask_for_project(self) -> bool:
        """Note an answer of 404, and return whether it is time to ask if the project is there."""
        self._misses += 1
        return self._misses in MISSES or (self._misses == 1 and not self._has_succeeded)

    @property
    def missed_all(self) -> bool:
        """Whether items were answered 404, several of them, and not one was created."""
        return self._misses >= min(MISSES) and not self._has_succeeded

    def is_fatal(self, error: BaseException, now: float) -> bool:
        """Return whether an error ends the call; called once with the error of each item that failed."""
        if any(error is each for each in self._fatal) or self._is_for_all(error):
            return True
        if not isinstance(error, Text2EverythingError) or self.was_unsent(error):
            return False
        if _is_about_the_item(error):
            self._failures = 0
            return False
        if isinstance(error, TimeoutError) and self.ends_at is not None and now >= self.ends_at:
            return True
        if not self._failures:
            self._failing_since = now
        self._failures += 1
        senseless = isinstance(error, InvalidResponseError) and not self._has_succeeded
        seconds = now - self._failing_since
        if self._failures < FAILURES or (seconds < FAILURE_SECONDS and not senseless):
            return False
        self.end(error, f"{self._failures} items failed in a row, in {seconds:.0f} s")
        return True

    def _is_for_all(self, error: BaseException) -> bool:
        """Return whether every other item would get the same answer."""
        if isinstance(error, PermissionDeniedError) and self._has_succeeded:  # perhaps of a firewall, for its text
            self._denials += 1
            return self._denials >= FAILURES
        if isinstance(error, Text2EverythingError) and error.status_code in FATAL_STATUSES:
            self.end(error, "every other item would get the same answer")
            return True
        return isinstance(error, FATAL_ERRORS)

    @property
    def is_failing(self) -> bool:
        """Whether several items in a row have failed, not by their own fault."""
        return self._failures >= FAILURES

    def was_unsent(self, error: BaseException) -> bool:
        """Return whether the service certainly did nothing about the request that ended in this error."""
        return any(error is each for each in self._unsent)


def _is_about_the_item(error: Text2EverythingError) -> bool:
    status = error.status_code
    return status is not None and 400 <= status < 500 and status not in {408, 429}  # noqa: PLR2004  # HTTP's own
