"""Packing: each day of courses in one row, whenever one of them changed. What is packed is never more than a shortcut.

    upkeep ─► keep_up() ─► one day ─► one commit: its courses as they are, and the changes that these hold forgotten

A change that comes in between stays noted, and its day is read row by row until it is packed again.
"""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine import rows
from workflows.engine.failpoints import hit
from workflows.engine.rows import among, insert_new
from workflows.engine.store import store
from workflows.measure.kpis import columns
from workflows.tables.enquiry import CourseChange, CourseDay
from workflows.tables.runs import Lease

NAME = "packing"
#: Days of one round of upkeep, the newest first.
TOGETHER = 100


def keep_up() -> None:
    """Pack the next days of which something changed."""
    for day in store.read(_changed):
        store.write(partial(_pack, day))
        hit("packing.kept")


def left(session: Session) -> int:
    """How many days still wait for it."""
    return session.exec(select(sa.func.count(sa.distinct(col(CourseChange.day))))).one()


def _changed(session: Session) -> list[int]:
    query = select(CourseChange.day).distinct().order_by(col(CourseChange.day).desc())
    return list(session.exec(query.limit(TOGETHER)))


def _pack(day: int, session: Session) -> None:
    """One at a time, whoever else packs: what is read last is what stays."""
    insert_new(session, Lease, [Lease(name=NAME).model_dump()])
    session.get(Lease, NAME, with_for_update=True)
    seen = session.exec(select(CourseChange.id).where(CourseChange.day == day)).all()
    found = columns.of_day(session, day)
    rows.keep(session, CourseDay, {"day": day} | columns.packed_day(found))
    session.connection().execute(sa.delete(CourseChange).where(among(col(CourseChange.id), list(seen))))
