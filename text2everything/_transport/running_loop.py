"""The running event loop, or an error that says what the async client needs."""

from __future__ import annotations

import asyncio

from text2everything.exceptions import Text2EverythingError

__all__ = ["running_loop"]


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that runs the calling coroutine.

    Raises:
        Text2EverythingError: It is run by something other than asyncio, such as trio.
    """
    try:
        if asyncio.current_task() is not None:  # None in trio's guest mode
            return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise Text2EverythingError(
        "the async client needs asyncio, and this coroutine is run by something else, such as trio: "
        "run it with asyncio.run, or anyio's backend asyncio, or use the blocking Text2EverythingClient in a thread"
    )
