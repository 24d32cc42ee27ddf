"""Makes the event loop of a blocking client: of uvloop, or of asyncio, also in programs patched by gevent."""

from __future__ import annotations

import asyncio
import sys

from text2everything._runtime.threads import UnpatchedLoop, patched_by
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


class _UnpatchedLoop(PersistentLoop, UnpatchedLoop):
    pass
