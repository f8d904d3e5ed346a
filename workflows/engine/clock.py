"""Several machines share a database, and its clock: their own may be wrong, each in its way.

Leases, heartbeats, quiet periods and pauses are compared across machines, so `store.now_ms` tells the time by the
database once a process has asked it (`app.runtime` does, again and again). In between a clock goes on that nobody
sets. SQLite has one process on one machine, whose clock is the only one there is.
"""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa
from sqlmodel import Session

from integrations.fence import moment

log = logging.getLogger("yamabiko")

#: Seconds that the question may take; what comes later says too little about when it was said.
QUICK = 1.0
#: Seconds by which a machine's clock may be wrong without a word.
TOLERABLE = 5.0
WRONG = "this machine's clock is %.0f s %s the database's, by which everything is done: set it (NTP)"

_TOLD = sa.text("SELECT extract(epoch FROM clock_timestamp())")


class Clock:
    """What the database's clock shows, as far as it has been asked."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def set_by(self, session: Session) -> None:
        """Ask the database; on PostgreSQL only."""
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            return
        connection.exec_driver_sql("SELECT 1")  # whatever begins a transaction is over now
        before = moment()
        told = float(connection.execute(_TOLD).scalar_one())
        after = moment()
        if after - before < QUICK or self._ahead is None:
            self._ahead = told - (before + after) / 2
        self._complain()

    def _complain(self) -> None:
        if abs(self.off_by) > TOLERABLE:
            log.warning(WRONG, abs(self.off_by), "ahead of" if self.off_by > 0 else "behind")

    def forget(self) -> None:
        """Go by this machine's clock again."""
        self._ahead = None

    @property
    def shows(self) -> float | None:
        """Unix seconds; None until the database was asked."""
        return None if self._ahead is None else moment() + self._ahead

    @property
    def off_by(self) -> float:
        """Seconds by which this machine's own clock is ahead of the database's."""
        shown = self.shows
        return 0.0 if shown is None else time.time() - shown


clock = Clock()
