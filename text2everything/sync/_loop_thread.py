"""An event loop in a thread of its own, which anyio runs, and the calls on it.

anyio's `BlockingPortal` keeps the loop alive until it is stopped, and an anyio task group beside it holds the calls.
A call enters that group by one wake-up of the loop and returns by one of its caller; `BlockingPortal.call` needs two
each way, because it also waits until its task was started.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, Protocol

from text2everything._runtime.threads import (
    SystemThread,
    get_ident,
    lock,
    new_latch,
    rlock,
)
from text2everything.exceptions import ClientClosedError
from text2everything.sync._event_loop import new_event_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import anyio.abc
    import anyio.from_thread

__all__ = ["Call", "LoopThread", "RunningLoop", "closed_error", "running"]

# Seconds a cancelled call has to clean up before its caller stops waiting for it.
_CANCEL_GRACE = 2.0


class Call:
    """One call: what to run, its result or error, and the latch at which its caller waits."""

    __slots__ = ("done", "error", "finished", "func", "reason", "task", "value")

    def __init__(self, func: Callable[[], Awaitable[Any]]) -> None:
        self.func = func
        self.task: asyncio.Task[Any] | None = None
        self.value: Any = None
        self.error: BaseException | None = None
        self.reason: BaseException | None = None
        self.finished = False
        self.done = new_latch()

    def cancel(self, reason: BaseException) -> None:
        """Cancel the call; its caller gets `reason`, or the result if the call returns one all the same."""
        self.reason = reason
        if self.task is None:  # not begun, and a task that is cancelled before its first step runs no line of `_run`
            self.finish(reason)
        else:
            self.task.cancel()

    def finish(self, error: BaseException | None = None) -> None:
        """Release the caller, with the value or this error; only the first time counts."""
        if not self.finished:
            self.finished = True
            self.error = error
            self.done.release()


class RunningLoop(Protocol):
    """A loop that runs calls.

    Attributes:
        failure: What the shutdown raised.
    """

    failure: BaseException | None

    @property
    def is_current(self) -> bool:
        """Whether it runs in this thread."""

    def run(self, func: Callable[[], Awaitable[Any]]) -> Call:
        """Run `func()` and return the call with its value or error."""

    def submit(self, call: Call) -> None:
        """Start the call and do not wait."""

    def stop(self, *, wait: bool = False) -> bool:
        """Ask the loop to end; return whether `join` has something to wait for."""

    def join(self, timeout: float = -1) -> bool:
        """Wait until it has ended, `timeout` seconds at most if that is not negative; return whether it has."""


class LoopThread:
    """A daemon thread in which anyio runs an event loop, with the calls that run on it."""

    _portal: anyio.from_thread.BlockingPortal
    _group: anyio.abc.TaskGroup

    def __init__(
        self, shutdown: Callable[[], Awaitable[object]] | None, prepare: Callable[[], object] | None
    ) -> None:
        self.failure: BaseException | None = None
        self._shutdown = shutdown
        self._prepare = prepare
        self._calls: set[Call] = set()  # from `submit` on, so that each is certain to be answered
        self._arrived: list[tuple[Call, Context]] = []
        self._gate = rlock()  # a finalizer may submit a call while the same thread does
        self._shut = False
        self._drain = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ident: int | None = None
        self._ready = lock()
        self._ready.acquire()
        running.add(self)
        try:
            self._thread = SystemThread(self._main, "text2everything-portal")
            self._ready.acquire()
        except BaseException:
            running.discard(self)
            raise
        if self.failure is not None:
            raise self.failure

    @property
    def is_current(self) -> bool:
        """Whether the running thread is this one."""
        return self._ident == get_ident()

    def run(self, func: Callable[[], Awaitable[Any]]) -> Call:
        """Run `func()` on the loop, wait until it is done, and return the call with its value or error.

        If the wait is interrupted, the call is cancelled and gets a moment to end.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        call = Call(func)
        try:
            self.submit(call)
            call.done.acquire()
        except ClientClosedError:  # it was not submitted
            raise
        except BaseException:
            if self._signal(call.cancel, asyncio.CancelledError()):
                call.done.acquire(timeout=_CANCEL_GRACE)
            raise
        return call

    def submit(self, call: Call) -> None:
        """Start the call on the loop, in a copy of the current context; its `done` is certain to be released.

        Raises:
            ClientClosedError: The loop takes no more calls.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        with self._gate:  # what passes it is known to the loop before the loop ends its calls
            if self._shut:
                raise closed_error() from None
            self._calls.add(call)
            self._arrived.append((call, copy_context()))
            if len(self._arrived) == 1:  # calls that arrive together share one wake-up, which is a system call
                self._loop.call_soon_threadsafe(self._start_arrived)  # type: ignore[union-attr]  # it has begun

    def stop(self, *, wait: bool = False) -> bool:
        """Ask the loop to end; do not wait for that. With `wait` it lets its calls finish first.

        Return False if there is nothing to wait for: it has not begun, or has ended.
        """
        return self._signal(self._stop, wait)

    def join(self, timeout: float = -1) -> bool:
        """Wait until the thread has ended, `timeout` seconds at most if not negative; return whether it has."""
        return self._thread.join(timeout)

    def _signal(self, func: Callable[..., object], *args: object) -> bool:
        """Have the loop call `func` and do not wait, which is safe from anywhere; False if there is no loop."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(func, *args)
                return True
        return False

    # What follows runs in the loop's thread.

    def _main(self) -> None:
        self._ident = get_ident()
        try:
            import anyio  # noqa: PLC0415  # imported by the first call only

            if self._prepare is not None:
                self._prepare()
            anyio.run(self._serve, backend="asyncio", backend_options={"loop_factory": new_event_loop})
        except BaseException as error:  # noqa: BLE001  # raised by close()
            self.failure = error
        finally:
            self._set_ready()
            while self._calls:
                self._calls.pop().finish(closed_error())
            running.discard(self)

    async def _serve(self) -> None:
        from anyio import create_task_group  # noqa: PLC0415  # as above
        from anyio.from_thread import BlockingPortal  # noqa: PLC0415

        self._loop = asyncio.get_running_loop()
        async with BlockingPortal() as self._portal, create_task_group() as self._group:
            self._set_ready()
            await self._portal.sleep_until_stopped()
            await self._end_calls()
            try:
                if self._shutdown is not None:
                    await self._shutdown()
            except BaseException as error:  # noqa: BLE001  # raised by close(); the task group would wrap it
                self.failure = error

    def _set_ready(self) -> None:
        with suppress(RuntimeError):  # it was before
            self._ready.release()

    def _start_arrived(self) -> None:
        with self._gate:
            arrived, self._arrived = self._arrived, []
        for call, context in arrived:
            context.run(self._spawn, self._run, call)

    def _spawn(self, func: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Start a task of the group from a callback of the loop."""
        sniffio = sys.modules.get("sniffio")
        if sniffio is not None:  # anyio asks it, where it is installed, and it knows tasks only
            sniffio.current_async_library_cvar.set("asyncio")
        self._group.start_soon(func, *args, name="text2everything call")

    def _stop(self, wait: bool) -> None:
        if not self._shut:
            self._drain = wait
            copy_context().run(self._spawn, self._portal.stop)

    async def _end_calls(self) -> None:
        with self._gate:
            self._shut = True
        await asyncio.sleep(0)  # calls that passed the gate get their tasks,
        await asyncio.sleep(0)  # and begin
        if self._drain:
            await self._wait()
        # Not by the group's cancel scope, which cancels again and again: a call needs to await while it cleans up.
        for call in self._calls.copy():
            call.cancel(closed_error())
        await self._wait(_CANCEL_GRACE)

    async def _wait(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        tasks = self._tasks()
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)

    def _tasks(self) -> list[asyncio.Task[Any]]:
        # A copy, because other threads add calls at any time.
        return [call.task for call in self._calls.copy() if call.task is not None]

    async def _run(self, call: Call) -> None:
        try:
            if not call.finished:  # else it was cancelled before it began
                call.task = asyncio.current_task()
                call.value = await call.func()
                call.finish()
        except BaseException as error:  # noqa: BLE001  # also SystemExit, which would end the loop
            if error.__traceback__ is not None:  # without this frame, which says nothing
                error.__traceback__ = error.__traceback__.tb_next
            call.finish(call.reason or error)
        finally:
            self._calls.discard(call)


def closed_error() -> ClientClosedError:
    """Return the error of a call that comes too late."""
    return ClientClosedError("the client is closed")


running: set[RunningLoop] = set()
"""The loops that have not ended; they are closed when the interpreter exits."""
