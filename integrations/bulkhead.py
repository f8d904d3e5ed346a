"""A bulkhead: a vendor that hangs takes some threads of a process, and never all of them.

Each call that hangs holds its thread until the deadline, and five of them in a row have to before the breaker opens. So
no more than `PLACES` calls to a vendor are under way at once; a worker has more threads than that for what it is told,
and for what follows from it. Who finds all places taken waits while others come back; where nobody does, the call is
not made, and its run comes again later instead of holding a thread for nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from integrations.contract import RateLimited

#: Calls under way at once; and seconds without an answer to any of them after which nobody waits for a place.
PLACES, SLOW = 20, 2.0
#: Seconds after which who found no place comes again: longer than is waited for in a thread.
LATER = 10.0


class Bulkhead:
    """One vendor's, shared by all threads of a process."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._changed = threading.Condition()
        self._taken, self._moved_at = 0, 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Around one call. Raises RateLimited where so many hang that this one would, too."""
        self._enter()
        try:
            yield
        except BaseException:
            self._leave(answered=False)
            raise
        self._leave(answered=True)

    def _enter(self) -> None:
        with self._changed:
            while self._taken >= PLACES:
                patience = self._moved_at + SLOW - time.monotonic()
                if patience <= 0:
                    raise RateLimited(f"{self._vendor} is slow: {self._taken} calls wait for its answer", LATER)
                self._changed.wait(patience)
            self._taken += 1
            if self._taken == PLACES:
                self._moved_at = time.monotonic()

    def _leave(self, *, answered: bool) -> None:
        with self._changed:
            self._taken -= 1
            if answered:
                self._moved_at = time.monotonic()
            self._changed.notify()
