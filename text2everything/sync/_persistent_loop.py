"""What an event loop in a thread of its own does in another way than asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from text2everything._transport.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    _Base = asyncio.BaseEventLoop
else:
    _Base = object

__all__ = ["PersistentLoop"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class PersistentLoop(_Base):
    """A mixin: a loop that `SystemExit` does not end, and whose blocking work the interpreter's exit leaves alone."""

    def run_forever(self) -> None:
        while True:
            try:
                return super().run_forever()
            except (SystemExit, KeyboardInterrupt):
                # Of a task, which keeps it for whoever awaits the task, and so for the caller; or of a callback.
                continue

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        return in_thread(func, *args) if executor is None else super().run_in_executor(executor, func, *args)
