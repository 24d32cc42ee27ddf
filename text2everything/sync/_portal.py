"""How blocking code reaches the async core: one event loop, which anyio runs in a thread of its own.

A call costs one wake-up of the loop and one of the caller. anyio's `BlockingPortal` wakes both twice, since starting
its task is a round trip of its own: a call through it takes 1.6 to 2 times an awaited one, and this 1.2 to 1.5.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from text2everything.exceptions import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

__all__ = ["Portal"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Seconds a cancelled call gets to take leave of the service before its caller stops waiting for it.
_CANCEL_GRACE = 2.0
# Seconds all clients together may take to close when the interpreter exits.
_EXIT_GRACE = 1.5


class Portal:
    """Runs coroutine functions on a background event loop and blocks until they are done.

    The loop's thread starts with the first call and is a daemon: a script that never closes its client still ends,
    and the client is closed at exit. Any number of threads may call. After a fork the child goes on with a loop of
    its own: what is called there must leave alone whatever it made on the parent's.

    Args:
        shutdown: Awaited on the loop as its last act, with no call left running.
        prepare: Called in the loop's thread before the loop runs: what would hold the loop up later.
    """

    def __init__(
        self,
        shutdown: Callable[[], Awaitable[object]] | None = None,
        *,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self._shutdown = shutdown
        self._prepare = prepare
        self._lock = threading.Lock()
        self._closed = False
        self._loop: _LoopThread | None = None
        self._finalizer: weakref.finalize[[], Portal] | None = None
        _portals.add(self)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def call(self, func: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `func(*args, **kwargs)` on the loop and return what it returns, or raise what it raises.

        The coroutine sees the caller's context variables. When the wait is interrupted, as by Ctrl-C, the coroutine
        is cancelled and given a moment to end before the interrupt goes on its way.

        Raises:
            ClientClosedError: `close` was called before the coroutine was done.
            RuntimeError: This is the loop's own thread, which would wait for itself.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        loop = self._loop or self._start()
        if loop.thread.ident == threading.get_ident():
            raise RuntimeError(
                "a blocking call from the client's own event loop thread would wait for itself; "
                "use AsyncText2EverythingClient in async code"
            )
        call = _Call(partial(func, *args, **kwargs))
        try:
            loop.submit(call)
            call.done.acquire()
        except BaseException:
            if loop.cancel(call):
                call.done.acquire(timeout=_CANCEL_GRACE)
            raise
        error, call.error = call.error, None
        if error is None:
            return call.value  # type: ignore[no-any-return]
        try:
            raise error
        finally:
            # The traceback holds this frame: without this, a cycle that only the collector could free.
            del error

    def begin(self, func: Callable[[], Awaitable[object]]) -> None:
        """Have `func()` run on the loop, if there is one, and do not wait: for cleaning up, also from a finalizer."""
        if self._loop is not None:
            self._loop.begin(_Call(func))

    def close(self, *, wait: bool = False) -> None:
        """Close the loop; idempotent. What other threads have running ends in ClientClosedError.

        Args:
            wait: First let running calls finish.
        """
        with self._lock:
            if self._closed and self._loop is None:
                return
            if self._loop is None and self._shutdown is not None:
                self._loop = self._launch()
            self._closed = True
            loop = self._loop
        if loop is None:
            return
        if loop.thread.ident == threading.get_ident():
            raise RuntimeError("the client cannot be closed from its own event loop thread")
        loop.stop(wait=wait)
        loop.thread.join()
        if loop.failure is not None:
            failure, loop.failure = loop.failure, None
            raise failure

    def _start(self) -> _LoopThread:
        __tracebackhide__ = _rich_traceback_omit = True
        with self._lock:
            if self._closed:
                raise _closed_error()
            if self._loop is None:
                self._loop = self._launch()
            return self._loop

    def _launch(self) -> _LoopThread:
        loop = _LoopThread(self._shutdown, self._prepare)
        # A portal dropped without close() lets its thread go. This only signals; the closing is done by the loop.
        self._finalizer = weakref.finalize(self, loop.stop)
        self._finalizer.atexit = False  # at exit all loops are closed together, and waited for
        return loop

    def _after_fork(self) -> None:
        self._lock = threading.Lock()  # the old one may be held by a thread that does not exist here
        if self._finalizer is not None:
            self._finalizer.detach()
        self._loop = self._finalizer = None


class _LoopThread:
    """An event loop, the daemon thread in which anyio runs it, and the calls it has under way."""

    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event

    def __init__(
        self, shutdown: Callable[[], Awaitable[object]] | None, prepare: Callable[[], object] | None
    ) -> None:
        self.failure: BaseException | None = None
        self._shutdown = shutdown
        self._prepare = prepare
        self._calls: set[_Call] = set()
        self._arrived: list[tuple[_Call, Context]] = []
        self._gate = threading.Lock()
        self._shut = False
        self._drain = False
        self._ready = threading.Event()
        self.thread = threading.Thread(target=self._main, name="text2everything-portal", daemon=True)
        _running.add(self)
        try:
            self.thread.start()
            self._ready.wait()
        except BaseException:
            _running.discard(self)
            raise
        if self.failure is not None:
            raise self.failure

    def submit(self, call: _Call) -> None:
        """Have the call started; once this returns, the call's `done` is certain to be released."""
        __tracebackhide__ = _rich_traceback_omit = True
        # The loop does not end before it has heard of every call that passed the gate, and none passes once it is
        # shut: no thread is ever left waiting.
        with self._gate:
            if self._shut:
                call.finish()  # a loop that has stopped would not, and the caller would wait for its cancelling
                raise _closed_error() from None
            self._calls.add(call)
            if not self._arrived:  # the others come along with the first, for each wake-up is a system call
                self._loop.call_soon_threadsafe(self._start)
            self._arrived.append((call, copy_context()))

    def begin(self, call: _Call) -> None:
        """Have the call started and do not wait for that; only a signal, safe from anywhere."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._begin, call)

    def cancel(self, call: _Call) -> bool:
        """Have the call cancelled; False if there is no loop left to do so."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._cancel, call)
            return True
        return False

    def stop(self, *, wait: bool = False) -> None:
        """Ask the loop to end; only a signal, safe from anywhere."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._request_stop, wait)

    # What follows runs in the loop's thread.

    def _main(self) -> None:
        try:
            import anyio  # noqa: PLC0415  # paid for by the first call only

            if self._prepare is not None:
                self._prepare()
            anyio.run(self._serve, backend="asyncio", backend_options={"loop_factory": _new_event_loop})
        except BaseException as error:  # noqa: BLE001  # handed to whoever calls close()
            self.failure = error
        finally:
            self._ready.set()
            while self._calls:
                self._calls.pop().finish(_closed_error())
            _running.discard(self)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._ready.set()
        await self._stopping.wait()
        await self._finish_calls()
        try:
            if self._shutdown is not None:
                await self._shutdown()
        finally:
            await self._finish_rest()

    async def _finish_calls(self) -> None:
        """Let calls end or end them, and take no more."""
        with self._gate:
            self._shut = True
        if self._drain:
            await _settle(self._tasks())
        for call in self._calls.copy():
            call.cancel(_closed_error())
        await _settle(self._tasks(), timeout=_CANCEL_GRACE)
        deadline = self._loop.time() + _CANCEL_GRACE
        while self._calls and self._loop.time() < deadline:  # noqa: ASYNC110  # threads on their way in, for moments
            await asyncio.sleep(0.001)

    async def _finish_rest(self) -> None:
        """End what else runs on the loop, and let go of threads that resolve a host name, which may take for ever."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await _settle(others, timeout=_CANCEL_GRACE)
        self._loop.set_default_executor(ThreadPoolExecutor(1))

    def _tasks(self) -> list[asyncio.Task[None]]:
        # A copy, as is every walk over the calls: other threads add to them at any time.
        return [call.task for call in self._calls.copy() if call.task is not None]

    def _start(self) -> None:
        with self._gate:
            arrived, self._arrived = self._arrived, []
        for call, context in arrived:  # the call holds its task from the first step on
            self._loop.create_task(self._run(call), context=context)

    def _begin(self, call: _Call) -> None:
        if not self._stopping.is_set():
            self._calls.add(call)
            call.task = self._loop.create_task(self._run(call))

    async def _run(self, call: _Call) -> None:
        try:
            if self._stopping.is_set() and not call.finished:
                call.finish(_closed_error())
            if call.finished:
                return
            call.task = asyncio.current_task()
            call.value = await call.func()
        except BaseException as error:  # noqa: BLE001  # also SystemExit, which would take the loop with it
            if error.__traceback__ is not None:  # this very frame, which tells nobody anything
                error.__traceback__ = error.__traceback__.tb_next
            call.finish(call.reason or error)
        else:
            call.finish()
        finally:
            self._calls.discard(call)

    def _cancel(self, call: _Call) -> None:
        call.cancel(asyncio.CancelledError())

    def _request_stop(self, wait: bool) -> None:
        self._drain = wait
        self._stopping.set()


class _Call:
    """One call on its way: what to run, what came of it, and the lock its caller waits on."""

    __slots__ = ("done", "error", "finished", "func", "reason", "task", "value")

    def __init__(self, func: Callable[[], Awaitable[Any]]) -> None:
        self.func = func
        self.task: asyncio.Task[None] | None = None
        self.value: Any = None
        self.error: BaseException | None = None
        self.reason: BaseException | None = None
        self.finished = False
        self.done = threading.Lock()
        self.done.acquire()

    def cancel(self, reason: BaseException) -> None:
        """Cancel the call; unless it still returns something, its caller gets `reason`."""
        self.reason = reason
        if self.task is None:  # not begun, and a task cancelled before its first step would not tell anyone
            self.finish(reason)
        else:
            self.task.cancel()

    def finish(self, error: BaseException | None = None) -> None:
        """Let the caller go, with the value or this error; only the first time counts."""
        if not self.finished:
            self.finished = True
            self.error = error
            self.done.release()


def _new_event_loop() -> asyncio.AbstractEventLoop:
    try:
        from text2everything.sync._uvloop import ForkableLoop  # noqa: PLC0415  # paid for by the first call only
    except ImportError:
        return asyncio.new_event_loop()
    return ForkableLoop()


async def _settle(tasks: Collection[asyncio.Task[Any]], timeout: float | None = None) -> None:  # noqa: ASYNC109
    if tasks:
        await asyncio.wait(tasks, timeout=timeout)


def _closed_error() -> ClientClosedError:
    return ClientClosedError("the client is closed")


# Every portal, to be renewed in a forked child; every running loop, to be closed at exit.
_portals: weakref.WeakSet[Portal] = weakref.WeakSet()
_running: set[_LoopThread] = set()
# What a forked child inherited of its parent's loops. Their epoll is shared with the parent, so nothing of them may
# be used, closed or finalized here: closing a transport would unregister the parent's socket.
_buried: list[object] = []


def _after_fork_in_child() -> None:
    _buried.extend(_running)
    _running.clear()
    for portal in list(_portals):
        portal._after_fork()  # noqa: SLF001  # one module, one idea


def _close_all_at_exit() -> None:
    deadline = time.monotonic() + _EXIT_GRACE
    loops = _running.copy()
    for loop in loops:
        loop.stop()
    for loop in loops:
        loop.thread.join(max(0.0, deadline - time.monotonic()))


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_close_all_at_exit)
