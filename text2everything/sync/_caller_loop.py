"""Calls at the end of the interpreter, when no thread can be started and nobody closes anything later."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from text2everything._runtime.threads import rlock
from text2everything.sync._event_loop import new_event_loop
from text2everything.sync._loop_thread import Call, closed_error, running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["CallerLoop"]


class CallerLoop:
    """An event loop that runs in the thread of whoever calls, one call at a time, and rests between calls.

    From Python 3.12 on no thread can be started once the main thread has ended, while others and `atexit` functions
    still run.

    Args:
        shutdown: Awaited before the loop is closed.
        prepare: Called before the first call.
        lasting: Whether the loop stays open between calls; otherwise nothing does.
    """

    def __init__(
        self,
        shutdown: Callable[[], Awaitable[object]] | None,
        prepare: Callable[[], object] | None,
        *,
        lasting: bool,
    ) -> None:
        if prepare is not None:
            prepare()
        self.failure: BaseException | None = None
        self._shutdown = shutdown
        self._lasting = lasting
        self._lock = rlock()  # the same thread gets an error of asyncio's
        self._runner: asyncio.Runner | None = None
        self._stopped = False
        self._begun: set[asyncio.Task[Any]] = set()
        if lasting:
            running.add(self)

    @property
    def is_current(self) -> bool:
        """Whether a loop is running in this thread, in which no other can run."""
        with suppress(RuntimeError):
            return asyncio.get_running_loop() is not None
        return False

    def run(self, func: Callable[[], Awaitable[Any]]) -> Call:
        """Run `func()` and return the call with its value or error.

        Raises:
            ClientClosedError: The loop was stopped.
        """
        call = Call(func)
        with self._lock:
            if self._stopped:
                raise closed_error()
            try:
                self._run(_settle(call))
            finally:
                if not self._lasting:
                    self._close()
        return call

    def submit(self, call: Call) -> None:
        """Start the call during the next one, or before the loop is closed."""
        with self._lock:
            if self._runner is not None:
                task = self._runner.get_loop().create_task(_settle(call))
                self._begun.add(task)
                task.add_done_callback(self._begun.discard)

    def stop(self, *, wait: bool = True) -> bool:  # noqa: ARG002  # one call at a time: there is none to cancel
        """Shut down and close the loop; return False, since that is all."""
        with self._lock:
            self._stopped = True
            try:
                self._run(self._end())
            except BaseException as error:  # noqa: BLE001  # raised by the portal
                self.failure = error
            self._close()
            running.discard(self)
        return False

    def join(self, timeout: float = -1) -> bool:  # noqa: ARG002
        """Return True: `stop` has waited."""
        return True

    async def _end(self) -> None:
        if self._begun:
            await asyncio.wait(self._begun)
        if self._shutdown is not None:
            await self._shutdown()

    def _run(self, coroutine: Any) -> None:
        if self._runner is None:
            self._runner = asyncio.Runner(loop_factory=new_event_loop)
        self._runner.run(coroutine, context=copy_context())

    def _close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()


async def _settle(call: Call) -> None:
    try:
        call.value = await call.func()
    except asyncio.CancelledError:  # by Ctrl-C, which asyncio raises in its stead
        raise
    except BaseException as error:  # noqa: BLE001  # also SystemExit, which the loop would not survive
        call.error = error
