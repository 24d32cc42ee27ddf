"""Doing what takes long in slices, between which the event loop answers other requests."""

from __future__ import annotations

import asyncio
import time
from typing import Final

# How long one slice may hold the loop. A request takes several turns of the loop, and waits for a slice at each.
SLICE_SECONDS: Final = 0.002
_FIRST_SIZE: Final = 200
_LARGEST_SIZE: Final = 20_000


class Pace:
    """How many things to do in one slice, after how long the last one took.

    Attributes:
        size: The number of things for the next slice.
    """

    def __init__(self) -> None:
        self.size = _FIRST_SIZE
        self._started = time.perf_counter()

    async def rest(self) -> None:
        """End a slice: let the loop go on with others, then start the next slice."""
        took = time.perf_counter() - self._started
        self.size = max(1, self.size // 2) if took > SLICE_SECONDS else min(_LARGEST_SIZE, 2 * self.size)
        await asyncio.sleep(0)
        self._started = time.perf_counter()

    async def rest_if_due(self) -> None:
        """End the slice if it took long enough, where sizes do not matter."""
        if time.perf_counter() - self._started > SLICE_SECONDS:
            await self.rest()
