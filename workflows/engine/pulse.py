"""How the service is: does somebody work, is anything long overdue, is there room on the disk?"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.store import now_ms
from workflows.tables.runs import DEAD, OPEN, Executor, Run

#: A run that should have begun so long ago is not merely behind others; a worker beats every few seconds.
OVERDUE_MS, SILENT_MS = 15 * 60_000, 60_000
#: Bytes beside an SQLite file below which deliveries may soon find no room.
LEAST_FREE = 256 * 1024 * 1024

OVERDUE = "a run has been due for {minutes} minutes"
NOBODY_WORKS = "no worker lives"
DAMAGED = "the database file is damaged"
NO_ROOM = "the disk is nearly full: {mb} MB are free"


class Damage:
    """What this process found out about the database's file; "" as long as it is whole."""

    said = ""


@dataclass(frozen=True)
class Pulse:
    """Workers that beat lately, open runs and dead letters, for how many milliseconds the oldest run has been due,
    and how many bytes are free beside the database's file (None on PostgreSQL: its disk is elsewhere).
    """

    workers: int
    open: int
    dead: int
    overdue_ms: int
    free: int | None

    def troubles(self) -> list[str]:
        """Why nobody should rely on this service just now; empty while all is well."""
        found = []
        if self.overdue_ms > OVERDUE_MS:
            found.append(OVERDUE.format(minutes=self.overdue_ms // 60_000))
        if not self.workers:
            found.append(NOBODY_WORKS)
        if self.free is not None and self.free < LEAST_FREE:
            found.append(NO_ROOM.format(mb=self.free // 1024**2))
        if Damage.said:
            found.append(DAMAGED)
        return found


def feel(session: Session) -> Pulse:
    """Four short questions to indexes, and one to the file system."""
    now = now_ms()
    workers = session.exec(select(sa.func.count()).where(col(Executor.heartbeat_at) > now - SILENT_MS)).one()
    oldest = session.exec(select(sa.func.min(Run.due_at)).where(Run.state == OPEN)).one()
    return Pulse(workers, _count(session, OPEN), _count(session, DEAD), max(0, now - (oldest or now)), _free(session))


def _count(session: Session, state: str) -> int:
    return session.exec(select(sa.func.count()).where(Run.state == state)).one()


def _free(session: Session) -> int | None:
    bind = session.get_bind()
    if bind.dialect.name != "sqlite":
        return None
    return shutil.disk_usage(Path(str(bind.engine.url.database)).parent).free
