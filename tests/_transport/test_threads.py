"""The threads for blocking work: they wait while somebody keeps them, and all end afterwards."""

import threading

import pytest

from tests.processes import eventually
from text2everything._transport.threads import MAX_THREADS, _Threads


def busy(threads: _Threads, jobs: int) -> None:
    """Run so many jobs at once."""
    together, done = threading.Barrier(min(jobs, MAX_THREADS)), threading.Semaphore(0)

    def job() -> None:
        together.wait(60)
        done.release()

    for _ in range(jobs):
        threads.run(job)
    for _ in range(jobs):
        assert done.acquire(timeout=60)


@pytest.mark.parametrize("jobs", [1, 2, MAX_THREADS, 2 * MAX_THREADS])
def test_threads_wait_while_they_are_kept_and_all_end_when_they_are_released(jobs: int) -> None:
    for _ in range(20):
        threads = _Threads()
        threads.keep()
        threads.keep()
        busy(threads, jobs)
        threads.release()
        assert threads._count == min(jobs, MAX_THREADS)
        busy(threads, jobs)
        threads.release()
        assert eventually(lambda threads=threads: threads._count == 0)


def test_threads_that_nobody_keeps_end_by_themselves() -> None:
    threads = _Threads()
    busy(threads, MAX_THREADS)
    assert eventually(lambda: threads._count == 0)
    busy(threads, MAX_THREADS)
