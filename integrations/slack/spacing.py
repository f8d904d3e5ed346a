"""Keeping calls about the same thing apart in time."""

from __future__ import annotations

import time
from collections.abc import Callable

from integrations.contract import RateLimited
from integrations.pace import PATIENCE
from integrations.waiting import Lock, waiting


class Spacing:
    """At least `seconds` between two turns of the same key; turns of different keys do not wait for each other.

    Shared by all threads of a process. `clock` is in seconds and `sleep` waits that many.
    """

    def __init__(
        self,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds, self._clock, self._sleep = seconds, clock, sleep
        self._free_at: dict[str, float] = {}
        self._lock = Lock("the turns in a channel")

    def wait(self, key: str) -> None:
        """Return when it is this caller's turn.

        Raises RateLimited, without taking a turn, where the wait is longer than is worth sleeping.
        """
        if (delay := self._book(key)) > 0:
            with waiting():
                self._sleep(delay)

    def _book(self, key: str) -> float:
        with self._lock:
            now = self._clock()
            # keys whose turn is over are forgotten, so this never grows beyond what is busy
            self._free_at = {busy: moment for busy, moment in self._free_at.items() if moment > now}
            turn = self._free_at.get(key, now)
            if turn - now > PATIENCE:
                raise RateLimited("too many messages are waiting for the same channel", turn - now)
            self._free_at[key] = turn + self._seconds
            return turn - now
