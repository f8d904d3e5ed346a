"""A database that came back from a backup knows nothing of what was done after that backup was made.

So for some days whatever is written to a vendor for the first time is looked for there before (`looks_back`), and
numbers go on far beyond those that people may have read meanwhile. A backup of ours says in itself that it is one;
where another tool made it, `python -m app restored` says so.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, delete, select

from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.people import Login, OneTime
from workflows.tables.runs import Restored

log = logging.getLogger("yamabiko")

#: How long vendors are looked at first: reconciliation has caught up long before.
LOOKING_BACK_MS = 7 * DAY_MS
#: Numbers that are left out, so that nothing new is called as something that the backup has not seen.
GAP = 1000
NOTICED = (
    "this database is a backup of %s: numbers skip a thousand, everyone signs in again, and for seven days each first "
    "write to a vendor is looked for there before"
)


class _Past:
    """The moment of the backup that this database was restored from, and until when it matters (milliseconds)."""

    taken_at = until = 0


def say_so(session: Session, taken_at: int) -> None:
    """What stands here is a backup of that moment; the next process that starts acts on it."""
    session.add(Restored(taken_at=taken_at))


def notice() -> None:
    """At each start of the service, before anything runs: act on a backup once, and know for how long to look back."""
    taken_at = store.write(_act)
    if taken_at is not None:
        log.warning(NOTICED, datetime.fromtimestamp(taken_at / 1000, UTC).isoformat(sep=" ", timespec="minutes"))
    remember()


def remember() -> None:
    """At the start of a command beside the service: know for how long to look back, even before the service does."""
    row = store.read(lambda session: session.exec(select(Restored).order_by(col(Restored.id).desc())).first())
    _Past.taken_at, _Past.until = (row.taken_at, (row.noticed_at or now_ms()) + LOOKING_BACK_MS) if row else (0, 0)


def looks_back() -> bool:
    """Is what this database has not begun looked for at the vendor first?"""
    return now_ms() < _Past.until


def since(at_ms: int) -> int:
    """How far back to look for what was certainly not there before `at_ms`, as far as this database knows."""
    return min(at_ms, _Past.taken_at) if looks_back() else at_ms


def _act(session: Session) -> int | None:
    unseen = select(Restored).where(col(Restored.noticed_at).is_(None)).order_by(col(Restored.id)).with_for_update()
    rows = session.exec(unseen).all()
    for table in _numbered() if rows else []:
        _leave_a_gap(session, table)
    for row in rows:
        row.noticed_at = now_ms()
    if rows:
        for ended in (Login, OneTime):  # who was signed out since is signed in there, and used keys are not used
            session.exec(delete(ended))
    return rows[-1].taken_at if rows else None


def _numbered() -> list[sa.Table]:
    """The tables whose rows have numbers."""
    tables = SQLModel.metadata.sorted_tables
    return [table for table in tables if table.dialect_options["sqlite"]["autoincrement"] and table.name != "restored"]


def _leave_a_gap(session: Session, table: sa.Table) -> None:
    highest = session.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
    last = -(-(highest + GAP) // GAP) * GAP
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        insert = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
        session.execute(insert, {"name": table.name, "last": last})
    else:
        session.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last)))
