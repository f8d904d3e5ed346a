"""Notices as they are written, opened, called off and told: changes over `tables/notice.py`.

save ─► open_up ─► (time to take it back) ─► notice.begin ─► a draft for everybody whom it concerns
                                              call_off ─► drafts are withdrawn, who was told gets a correction
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from workflows.engine.durable import child, start
from workflows.engine.store import now_ms, store
from workflows.notice import recipients, turns
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.notice import Notice
from workflows.telling.cause import Cause

IS_OPENED = "This notice was opened already."
IS_OFF = "This notice was called off."
IS_OVER = "The date of this notice has passed. Choose another one first."
NOBODY = "Nobody would get this notice. Choose another audience."
NOT_OPENED = "This notice is not being opened, or its drafts are being made already."


def release_of(notice: Notice) -> str:
    """The release that the tellings of a notice are of."""
    return Cause(notice_id=notice.id or 0).stored


def today() -> str:
    """This day on the company's calendar: YYYY-MM-DD."""
    return rules.calendar.local(now_ms()).date().isoformat()


def is_being_opened(notice: Notice) -> bool:
    """Has a lead opened it, and are its drafts still to come?"""
    return notice.opens_at is not None and notice.opened_at is None


def is_open(notice: Notice) -> bool:
    """Are there drafts of it, in earnest?"""
    return notice.opened_at is not None and not notice.dry


def find(session: Session, name: str) -> Notice | None:
    """The notice that an address names."""
    is_number = name.isascii() and name.isdigit() and len(name) < 10
    return session.get(Notice, int(name)) if is_number else None


def write(values: Mapping[str, Any], *, by: Person, origin: str) -> int:
    """Keep a new notice, once for its origin; nothing follows from it yet. Returns its number."""

    def work(session: Session) -> int:
        known = session.exec(select(Notice.id).where(Notice.origin == origin)).first()
        if known is not None:
            return known
        notice = Notice(origin=origin, person=by.id, person_name=by.name, written_at=now_ms(), **values)
        session.add(notice)
        session.flush()
        return notice.id or 0

    return store.write(work)


def rewrite(notice_id: int, values: Mapping[str, Any]) -> str:
    """Change a notice that nobody has opened. Returns why that cannot be, "" where it is so."""

    def work(session: Session) -> str:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        if why := _is_fixed(notice):
            return why
        notice.sqlmodel_update(dict(values))
        return ""

    return store.write(work)


def _is_fixed(notice: Notice) -> str:
    if notice.called_off_at is not None:
        return IS_OFF
    return IS_OPENED if is_open(notice) or is_being_opened(notice) else ""


def open_up(notice_id: int, by: Person) -> str:
    """A lead lets everybody hear of it, after some time to take that back. Returns why that cannot be, "" where it is
    so."""

    def work(session: Session) -> str:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        if why := _is_fixed(notice):
            return why
        if notice.takes_effect <= today():
            return IS_OVER
        if all(each.why for each in recipients.foreseen(session, notice)):
            return NOBODY
        notice.opens_at, notice.opened_at = now_ms() + rules.sending.undo_seconds * 1000, None
        notice.opened_by, notice.opened_by_name, notice.dry = by.id, by.name, False
        start(session, [opening(notice)] if not rules.sending.undo_seconds else [])
        return ""

    return store.write(work)


def undo(notice_id: int) -> str:
    """It is not opened after all. Returns why that cannot be, "" where it is so."""

    def work(session: Session) -> str:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        if notice.called_off_at is not None or notice.opens_at is None or notice.opens_at <= now_ms():
            return NOT_OPENED
        notice.opens_at, notice.opened_by, notice.opened_by_name = None, "", ""
        return ""

    return store.write(work)


def call_off(notice_id: int, by: Person) -> str:
    """It does not take place: drafts are withdrawn, and whoever was told hears that. Returns why that cannot be, ""
    where it is so."""

    def work(session: Session) -> str:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        if notice.called_off_at is not None:
            return IS_OFF
        notice.called_off_at, notice.called_off_by = now_ms(), by.name
        if notice.opened_at is not None:
            turns.withdraw(session, notice)
            run = child(f"notice:{notice_id}/off", "notice.call_off", notice_id=notice_id)
            start(session, [run])
        return ""

    return store.write(work)


# -- when its time has come -----------------------------------------------------------------------


def start_due() -> int:
    """Open what a lead opened, and remind of what takes effect soon; returns how many runs were started."""
    return store.write(_start_due)


def _start_due(session: Session) -> int:
    now, stands = now_ms(), (col(Notice.called_off_at).is_(None), col(Notice.opens_at) <= now_ms())
    opened = session.exec(select(Notice).where(*stands, col(Notice.opened_at).is_(None)))
    runs = [opening(notice) for notice in opened]
    coming = select(Notice).where(*stands, col(Notice.opened_at).is_not(None), col(Notice.takes_effect) > today())
    for notice in session.exec(coming):
        if due := [days for days in passed(notice, now) if days not in notice.reminded]:
            notice.reminded = [*notice.reminded, *due]
            about = {"notice_id": notice.id or 0, "days": min(due)}
            runs.append(child(f"notice:{notice.id}/remind/{min(due)}", "notice.remind", **about))
    return start(session, runs)


def opening(notice: Notice) -> Any:
    """The run that makes the drafts."""
    return child(f"notice:{notice.id}/open/{notice.opens_at}", "notice.begin", notice_id=notice.id or 0)


def passed(notice: Notice, now: int) -> list[int]:
    """The reminders whose moment has come: when somebody works, so many days before."""
    day = date.fromisoformat(notice.takes_effect).toordinal()
    return [days for days in notice.remind_days if rules.calendar.start_of(date.fromordinal(day - days)) <= now]
