"""Makes the event loop of a blocking client: of uvloop, or of asyncio, also in programs patched by gevent."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from text2everything._transport.system_threads import original, patched_by
from text2everything.sync._persistent_loop import PersistentLoop

__all__ = ["new_event_loop"]


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new loop."""
    if patched_by() is not None:
        return _UnpatchedLoop()
    try:
        from text2everything.sync._uvloop import ForkableLoop  # noqa: PLC0415  # imported by the first call only
    except (ImportError, RuntimeError):  # uvloop cannot be imported once the main thread has ended
        return _AsyncioLoop()
    return ForkableLoop()


if sys.platform == "win32":

    class _AsyncioLoop(PersistentLoop, asyncio.ProactorEventLoop):
        pass

else:

    class _AsyncioLoop(PersistentLoop, asyncio.SelectorEventLoop):
        pass


class _UnpatchedLoop(PersistentLoop, asyncio.SelectorEventLoop):
    """A loop for a thread of the system, made of the originals of what is patched."""

    _internal_fds: int

    def __init__(self) -> None:
        super().__init__(_original_selector())

    def _make_self_pipe(self) -> None:
        self._ssock, self._csock = original("socket", "socketpair")()
        self._ssock.setblocking(False)
        self._csock.setblocking(False)
        self._internal_fds += 1
        self._add_reader(self._ssock.fileno(), self._read_from_self)  # type: ignore[attr-defined]  # asyncio's own


def _original_selector() -> Any:
    if patched_by() == "gevent":
        return original("selectors", "DefaultSelector")()
    # eventlet has taken `epoll` from the module `select`, and makes a copy of `selectors` with a given one.
    patcher = sys.modules["eventlet.patcher"]
    return patcher.inject("selectors", {}, ("select", patcher.original("select"))).DefaultSelector()
