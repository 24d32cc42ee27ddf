"""Blocking calls of the async core: the event loop starts with the first call, and anew after a fork."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from text2everything._runtime.threads import holding, lock, patched_by
from text2everything.exceptions import ClientClosedError
from text2everything.sync._caller_loop import CallerLoop
from text2everything.sync._loop_thread import Call, LoopThread, RunningLoop, closed_error, running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Portal", "is_exiting"]

# Seconds that all loops together have to close when the interpreter exits.
_EXIT_GRACE = 1.5

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Portal:
    """Runs coroutine functions on a background event loop and blocks until they are done.

    The loop's thread starts with the first call and is a daemon: a script that never closes its client still ends,
    and the client is closed at exit. Any number of threads may call. A forked child starts a loop of its own; what
    was made on the parent's loop must not be used there. When the interpreter has closed the loops, or can start no
    more threads, calls run in the thread of their caller.

    Args:
        shutdown: Awaited on the loop after the last call has ended, before the loop is closed.
        prepare: Called in the loop's thread before the loop runs: for slow work such as imports.
    """

    def __init__(
        self,
        shutdown: Callable[[], Awaitable[object]] | None = None,
        *,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self._shutdown = shutdown
        self._prepare = prepare
        self._lock = lock()
        self._closed = False
        self._loop: RunningLoop | None = None
        self._finalizer: weakref.finalize[[], Portal] | None = None
        _portals.add(self)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def call(self, func: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `func(*args, **kwargs)` on the loop and return its result, or raise its exception.

        The coroutine sees the caller's context variables. If the wait is interrupted, as by Ctrl-C, the coroutine is
        cancelled and gets a moment to end before the interrupt is raised.

        Raises:
            ClientClosedError: The portal was closed before the coroutine was done.
            RuntimeError: The caller is the loop's own thread, which would wait for itself.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        try:
            loop = self._loop or self._start()
            if loop.is_current:
                raise RuntimeError(
                    "a blocking call from the client's own event loop thread would wait for itself; "
                    "use AsyncText2EverythingClient in async code"
                )
            call = loop.run(partial(func, *args, **kwargs))
            error, call.error = call.error, None
            if error is None:
                return call.value  # type: ignore[no-any-return]
            try:
                raise error
            finally:
                # The traceback refers to this frame: without this they would form a reference cycle.
                del error
        finally:
            if _exiting:
                _hold_daemon_thread()

    def begin(self, func: Callable[[], Awaitable[object]]) -> None:
        """Start `func()` on the loop, if there is one, and do not wait: for cleaning up, also from a finalizer."""
        if self._loop is not None:
            with suppress(ClientClosedError):
                self._loop.submit(Call(func))

    def close(self, *, wait: bool = False) -> None:
        """Close the loop; a second time does nothing. Running calls of other threads end in `ClientClosedError`.

        Args:
            wait: Whether to let running calls finish first.
        """
        with holding(self._lock):
            if self._closed and self._loop is None:
                return
            if self._loop is None and self._shutdown is not None:
                self._loop = self._launch()
            self._closed = True
            loop = self._loop
        if loop is None:
            return
        if loop.is_current:
            raise RuntimeError("the client cannot be closed from its own event loop thread")
        loop.stop(wait=wait)
        loop.join()
        if loop.failure is not None:
            failure, loop.failure = loop.failure, None
            raise failure

    def _start(self) -> RunningLoop:
        __tracebackhide__ = _rich_traceback_omit = True
        if _exiting:
            _hold_daemon_thread()
        with holding(self._lock):
            if self._closed:
                raise closed_error()
            if self._loop is None:
                self._loop = self._launch()
            return self._loop

    def _launch(self) -> RunningLoop:
        if is_exiting():
            return CallerLoop(self._shutdown, self._prepare, lasting=False)
        try:
            loop = LoopThread(self._shutdown, self._prepare)
        except RuntimeError as error:
            if "interpreter shutdown" not in str(error):
                raise
            return CallerLoop(self._shutdown, self._prepare, lasting=True)
        # A portal that is dropped without close() lets its thread end. This only signals; the loop closes itself.
        self._finalizer = weakref.finalize(self, loop.stop)
        self._finalizer.atexit = False  # at exit all loops are closed together
        return loop

    def _after_fork(self) -> None:
        self._lock = lock()  # the old one may be held by a thread that does not exist here
        if self._finalizer is not None:
            self._finalizer.detach()
        self._loop = self._finalizer = None


_portals: weakref.WeakSet[Portal] = weakref.WeakSet()
# The parent's loops, in a forked child. Their epoll instance is shared with the parent, so the child keeps them for
# ever and never uses, closes or finalizes them: closing a transport would unregister the parent's socket.
_inherited: list[object] = []


def _after_fork_in_child() -> None:
    _inherited.extend(running)
    running.clear()
    for portal in list(_portals):
        portal._after_fork()  # noqa: SLF001  # the same module


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)


_exiting = False


def is_exiting() -> bool:
    """Return whether the interpreter runs its `atexit` functions: what is opened now, nobody closes later."""
    main = threading.main_thread()
    return _exiting or (not main.is_alive() and threading.current_thread() is main)


def _hold_daemon_thread() -> None:
    """Do not return in a daemon thread: it ends with the interpreter now, and would print its call's error before."""
    if patched_by() is None and threading.current_thread().daemon:
        end = threading.Lock()
        end.acquire()
        end.acquire()


def _close_all_at_exit() -> None:
    global _exiting  # noqa: PLW0603
    _exiting = True
    deadline = time.monotonic() + _EXIT_GRACE
    for loop in [loop for loop in running.copy() if loop.stop()]:
        loop.join(max(0.0, deadline - time.monotonic()))
    for portal in list(_portals):  # `atexit` functions that come later may still call
        portal._loop = None  # noqa: SLF001  # the same module


atexit.register(_close_all_at_exit)
