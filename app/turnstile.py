"""Threads apart, for what may have to wait for a vendor: whoever looks at a page meanwhile does not wait with it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")


class Crowded(Exception):
    """Too many want the same just now."""


class Turnstile:
    """What strangers can make us ask a vendor: so many at once, and so many within some seconds; the rest is told to
    come again."""

    def __init__(self, at_once: int, most: int, seconds: float) -> None:
        self._at_once, self._most, self._seconds = at_once, most, seconds
        self._threads, self._inside = CapacityLimiter(at_once), 0
        self._came: deque[float] = deque(maxlen=most)

    async def through(self, work: Callable[[], T]) -> T:
        """What `work` returns. Raises Crowded."""
        now = time.monotonic()
        is_full = len(self._came) == self._most and now - self._came[0] < self._seconds
        if self._inside >= self._at_once or is_full:
            raise Crowded
        self._came.append(now)
        self._inside += 1
        try:
            return await to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._inside -= 1
