"""Blocking work in daemon threads: the interpreter's exit waits for none of them, and takes none away.

`asyncio.to_thread`, and an event loop that looks up names, use threads of `concurrent.futures`. The exit joins
those, however long a name server takes, and refuses work for them as soon as the main thread has ended, although
other threads and `atexit` functions still run.
"""

from __future__ import annotations

import asyncio
import os
from _queue import SimpleQueue  # not from `queue`, where gevent puts its own
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from text2everything._runtime.threads import SystemThread, lock
from text2everything._transport.running_loop import running_loop

__all__ = ["MAX_THREADS", "in_own_thread", "in_thread", "keep_threads"]

P = ParamSpec("P")
T = TypeVar("T")

MAX_THREADS: Final = 16
"""Threads at most; further work waits until one is free."""

Job = Callable[[], None]


class _Threads:
    """Threads that start when there is work, and end when there is none and nobody keeps them."""

    def __init__(self) -> None:
        self._lock = lock()
        self._jobs: deque[Job] = deque()
        self._wake_ups: SimpleQueue[None] = SimpleQueue()
        self._count = 0
        self._idle = 0  # threads that wait, and for which no wake-up is on its way
        self._unfinished = 0
        self._keepers = 0

    def run(self, job: Job) -> None:
        """Run a job in a thread; where none can be started, as at the interpreter's end, run it here."""
        with self._lock:
            if self._unfinished >= self._count < MAX_THREADS:
                with suppress(RuntimeError):
                    SystemThread(self._work, "text2everything-work")
                    self._count += 1
            if self._count:
                self._unfinished += 1
                self._jobs.append(job)
                self._wake(min(self._idle, 1))
                return
        job()

    def keep(self) -> None:
        """Let threads wait for more work: from Python 3.12 on none can be started once the main thread has ended."""
        with self._lock:
            self._keepers += 1

    def release(self) -> None:
        """Undo one `keep`."""
        with self._lock:
            self._keepers -= 1
            if not self._keepers:
                self._wake(self._idle)  # each ends

    def _wake(self, threads: int) -> None:
        self._idle -= threads
        for _ in range(threads):
            self._wake_ups.put(None)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()
            del job  # not kept while waiting for the next
            with self._lock:
                self._unfinished -= 1

    def _next(self) -> Job | None:
        while True:
            with self._lock:
                if self._jobs:
                    return self._jobs.popleft()
                if not self._keepers:
                    self._count -= 1
                    return None
                self._idle += 1
            self._wake_ups.get()


_threads = _Threads()


def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
    """Run a blocking function in a daemon thread, with the caller's context; return the future of its result.

    If the future is cancelled, a function that has not begun is not called.
    """
    loop = running_loop()
    future: asyncio.Future[T] = loop.create_future()
    call = partial(copy_context().run, function, *args, **kwargs)
    _threads.run(partial(_run, call, future, loop))
    return future


def in_own_thread(function: Callable[[], T]) -> asyncio.Future[T]:
    """Run a function as `in_thread` does, but not in one of its threads: the function may hang for ever."""
    loop = running_loop()
    future: asyncio.Future[T] = loop.create_future()
    job = partial(_run, partial(copy_context().run, function), future, loop)
    try:
        SystemThread(job, "text2everything-token")
    except RuntimeError:
        _threads.run(job)
    return future


def keep_threads() -> Callable[[], None]:
    """Keep the threads that there are; return a function that releases them, at its first call."""
    threads, kept = _threads, [True]
    threads.keep()

    def release() -> None:
        if kept:
            kept.clear()
            threads.release()

    return release


def _run(call: Callable[[], Any], future: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
    if future.cancelled():
        return
    value: Any = None
    error: BaseException | None = None
    try:
        value = call()
    except StopIteration as stop:  # a future cannot hold it
        error = RuntimeError(f"StopIteration: {stop}")
    except BaseException as raised:  # noqa: BLE001  # raised where it is awaited
        error = raised
    with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
        loop.call_soon_threadsafe(_finish, future, value, error)


def _finish(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if future.done():  # it was cancelled
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _after_fork_in_child() -> None:
    global _threads  # noqa: PLW0603  # the threads of the parent do not exist here
    _threads = _Threads()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)
