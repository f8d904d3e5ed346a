"""How the service is: does somebody work, is anything long overdue, is there room on the disk?"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.actions import STARTED, Patience
from workflows.engine.schedule import DELIVERIES, FANOUT, PEOPLE
from workflows.engine.store import now_ms
from workflows.tables.runs import DEAD, OPEN, Action, Executor, Run

#: A run that should have begun so long ago is not merely behind others; a worker beats every few seconds.
OVERDUE_MS, SILENT_MS = 15 * 60_000, 60_000
#: The queues in which a run waits for its turn; who is suspected has a turn in another, and stays in its own.
QUEUES = (DELIVERIES, FANOUT, PEOPLE)
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


@dataclass(frozen=True)
class Closely:
    """How many runs of each queue are due, how many writes to tools have an unknown end, how many seconds ago the most
    silent of the workers said that it lives, and how many bytes the write-ahead log has (None on PostgreSQL).
    """

    due: dict[str, int]
    doubts: int
    silent_seconds: float
    log: int | None


def look_closely(session: Session) -> Closely:
    """For whoever watches the service: what is not needed to say whether it can be relied on."""
    now = now_ms()
    due = select(Run.queue, sa.func.count()).where(Run.state == OPEN, Run.due_at <= now).group_by(col(Run.queue))
    doubt = col(Action.ended_at).is_(None), Action.state == STARTED, Action.started_at < now - Patience.seconds * 1000
    doubts = session.exec(select(sa.func.count()).where(*doubt)).one()
    oldest = session.exec(select(sa.func.min(Executor.heartbeat_at))).one()
    by_queue = dict.fromkeys(QUEUES, 0) | dict(session.exec(due).all())
    return Closely(by_queue, doubts, max(0, now - (oldest or now)) / 1000, _log(session))


def _log(session: Session) -> int | None:
    path = _path(session)
    if path is None:
        return None
    log = path.with_name(f"{path.name}-wal")
    return log.stat().st_size if log.exists() else 0


def _path(session: Session) -> Path | None:
    bind = session.get_bind()
    return Path(str(bind.engine.url.database)) if bind.dialect.name == "sqlite" else None


def _count(session: Session, state: str) -> int:
    return session.exec(select(sa.func.count()).where(Run.state == state)).one()


def _free(session: Session) -> int | None:
    path = _path(session)
    return shutil.disk_usage(path.parent).free if path else None
