"""Keeping calls about the same thing apart in time."""

from __future__ import annotations

import time
from collections.abc import Callable

from integrations.contract import RateLimited
from integrations.pace import PATIENCE
from integrations.shared import Shared, shared
from integrations.waiting import Lock, waiting

TOO_MANY = "too many messages are waiting for the same place"


class Spacing:
    """At least `seconds` between two turns of the same key; turns of different keys do not wait for each other.

    Shared by all threads of a process, and under a `name` by all processes: then each turn is booked where they all see
    it. `clock` is in seconds and `sleep` waits that many.
    """

    def __init__(
        self,
        seconds: float,
        *,
        name: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds, self._clock, self._sleep = seconds, clock, sleep
        self._name, self._among = name, shared() if name else None
        self._free_at: dict[str, float] = {}
        self._lock = Lock("the turns in a place")

    def wait(self, key: str) -> None:
        """Return when it is this caller's turn.

        Raises RateLimited, without taking a turn, where the wait is longer than is worth sleeping.
        """
        delay = self._book(key) if self._among is None else self._book_among_all(self._among, key)
        if delay > 0:
            with waiting():
                self._sleep(delay)

    def _book_among_all(self, among: Shared, key: str) -> float:
        delay = among.book(f"{self._name}:{key}", self._seconds, PATIENCE)
        if delay > PATIENCE:
            raise RateLimited(TOO_MANY, delay)
        return delay

    def _book(self, key: str) -> float:
        with self._lock:
            now = self._clock()
            # keys whose turn is over are forgotten, so this never grows beyond what is busy
            self._free_at = {busy: moment for busy, moment in self._free_at.items() if moment > now}
            turn = self._free_at.get(key, now)
            if turn - now > PATIENCE:
                raise RateLimited(TOO_MANY, turn - now)
            self._free_at[key] = turn + self._seconds
            return turn - now
