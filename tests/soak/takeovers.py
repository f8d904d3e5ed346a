"""How long the work of the dead waits until it is begun again."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from tests.soak.database import Database
from workflows.tables.runs import OPEN


@dataclass(frozen=True)
class _Orphan:
    run: str
    attempts: int
    since: float


class Takeovers:
    """Watches the runs of processes that were killed, from a thread of its own."""

    def __init__(self, database: Database) -> None:
        self.seconds: list[float] = []
        self._database = database
        self._orphans: list[_Orphan] = []
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._ending.set()
        self._thread.join()

    def died(self, process: int) -> None:
        """A process was killed just now."""
        now = time.monotonic()
        with suppress(sa.exc.SQLAlchemyError):
            orphans = [_Orphan(run, attempts, now) for run, attempts in self._database.in_hand(process).items()]
            with self._lock:
                known = {orphan.run for orphan in self._orphans}
                self._orphans += [orphan for orphan in orphans if orphan.run not in known]

    def _watch(self) -> None:
        while not self._ending.wait(0.5):
            with suppress(sa.exc.SQLAlchemyError):
                self._look()

    def _look(self) -> None:
        with self._lock:
            waiting = list(self._orphans)
        if not waiting:
            return
        known = self._database.attempts([orphan.run for orphan in waiting])
        begun = [each for each in waiting if known.get(each.run, (0, OPEN)) != (each.attempts, OPEN)]
        self.seconds += [time.monotonic() - orphan.since for orphan in begun]
        with self._lock:
            self._orphans = [orphan for orphan in self._orphans if orphan not in begun]
