"""The lane: only a few runs compute at a time, however many wait for a vendor or for the disk.

Python computes in one thread at a time. Thirty that want to are no faster than three, and the door, which is
one of them, would wait for all of them. So a run holds a place while it computes, and gives it up while it waits:

    with lane.place():              # durable.conduct
        ...
        with lane.waiting():        # around a vendor's answer, a commit
            ...
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Places, and the most seconds that the door may keep a run from the next one.
WIDTH, LONGEST_PAUSE = 3, 0.5


class Lane:
    """Places for so many threads."""

    def __init__(self, width: int = WIDTH) -> None:
        self._places = threading.Semaphore(width)
        self._mine = threading.local()
        self._since: dict[int, float] = {}
        self._closed_until = 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for the block, except where it is `waiting`."""
        self._take()
        try:
            yield
        finally:
            self._give_up()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let others have this thread's place, if it holds one, until the block has ended."""
        held = self._give_up()
        try:
            yield
        finally:
            if held:
                self._take()

    @property
    def longest_turn(self) -> float:
        """For how many seconds the one who holds a place for longest has done so without waiting for anything."""
        return max((time.monotonic() - since for since in list(self._since.values())), default=0.0)

    def close(self, seconds: float) -> None:
        """Somebody outside waits for the door: for so long no run takes a place. No run waits for ever."""
        self._closed_until = time.monotonic() + seconds

    def _take(self) -> None:
        ends = time.monotonic() + LONGEST_PAUSE
        while (wait := min(self._closed_until, ends) - time.monotonic()) > 0:
            time.sleep(wait)
        self._places.acquire()
        self._mine.held = True
        self._since[threading.get_ident()] = time.monotonic()

    def _give_up(self) -> bool:
        held = getattr(self._mine, "held", False)
        if held:
            self._mine.held = False
            del self._since[threading.get_ident()]
            self._places.release()
        return held


lane = Lane()
