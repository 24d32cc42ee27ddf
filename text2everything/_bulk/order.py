"""The order of jobs about the same thing: each is sent after those before it have their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from text2everything._bulk.job import Job

__all__ = ["Order"]


class Order:
    """Says which jobs have to wait for which others: those that share a key with an earlier job.

    Args:
        keys: Returns the keys of a payload: what it is about.
    """

    def __init__(self, keys: Callable[[Any], Iterable[Hashable]]) -> None:
        self._keys = keys
        self._last: dict[Hashable, Job] = {}  # of each key, while that job has no outcome

    def enter(self, job: Job) -> None:
        """Give a job its place: behind all jobs with one of its keys that entered before and have not left."""
        last = self._last
        for key in self._keys(job.payload):
            before = last.get(key)
            if before is not None:
                before.followers = [*(before.followers or ()), job]
                job.waits_for += 1
            last[key] = job

    def leave(self, job: Job) -> Iterable[Job]:
        """Return the jobs that waited for this one, which has its outcome, and for no other."""
        last = self._last
        for key in self._keys(job.payload):
            if last.get(key) is job:
                del last[key]
        followers, job.followers = job.followers, None
        if followers is None:
            return ()
        for follower in followers:
            follower.waits_for -= 1
        return [follower for follower in dict.fromkeys(followers) if not follower.waits_for]
