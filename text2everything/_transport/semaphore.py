"""How many requests may have a connection at once.

A semaphore that can be taken without a coroutine: asyncio's costs every request two microseconds, free or not.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Slots"]


class Slots:
    """So many slots; who waits for one gets it in turn.

    Attributes:
        free: How many nobody has; none while anybody waits.
    """

    __slots__ = ("_waiting", "free")

    def __init__(self, count: int) -> None:
        self.free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a slot, if one is free."""
        if self.free == 0:
            return False
        self.free -= 1
        return True

    async def wait(self) -> None:
        """Wait for a slot and take it."""
        if self.take():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # its turn had just come
                self.release()
            raise

    def release(self) -> None:
        """Give a slot back, to the first who waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
