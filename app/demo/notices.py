"""A notice to play: it is written in both languages, and a lead may open it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlmodel import Session, col, select

from app.demo.meeting import LEAD
from workflows.engine.durable import child, spawn
from workflows.engine.store import now_ms, store
from workflows.notice import notices, turns
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.notice import Notice

TITLE = "メールでのお問い合わせ窓口の終了"
TEXT_JA = (
    "{name}様、いつもお世話になっております。{from_us}{date}より、メールでのお問い合わせ窓口を終了いたします。\n"
    "今後は、画面右下のチャットからご連絡をお願いいたします。"
)
TEXT_EN = (
    "Hello {name},\n{from_us}From {date} we no longer answer questions by email.\n"
    "Please write to us in the messenger at the bottom right of your screen instead."
)
#: So many days ahead.
AHEAD = 45


def write(origin: str = "demo") -> int:
    """The notice, once; its number."""
    day = rules.calendar.local(now_ms()).date() + timedelta(days=AHEAD)
    values = {
        "title": TITLE,
        "takes_effect": day.isoformat(),
        "text_ja": TEXT_JA,
        "text_en": TEXT_EN,
        "remind_days": [14, 3],
        "again": True,
    }
    return notices.write(values, by=Person(*LEAD), origin=origin)


def coming() -> tuple[Notice, int] | None:
    """The first notice that is to be reminded of, and how many days before; None for none."""
    return store.read(_coming)


def _coming(session: Session) -> tuple[Notice, int] | None:
    stands = (col(Notice.opened_at).is_not(None), col(Notice.called_off_at).is_(None))
    for notice in session.exec(select(Notice).where(*stands).order_by(col(Notice.takes_effect), col(Notice.id))):
        if left := [days for days in notice.remind_days if days not in notice.reminded]:
            return notice, max(left)
    return None


def remind(notice_id: int, days: int) -> bool:
    """The moment of this reminder is now. False where it was before."""
    store.write(partial(_remind, notice_id, days))
    about = {"notice_id": notice_id, "days": days}
    return bool(spawn([child(f"notice:{notice_id}/remind/{days}", "notice.remind", **about)]))


def _remind(notice_id: int, days: int, session: Session) -> None:
    notice = session.get_one(Notice, notice_id, with_for_update=True)
    notice.reminded = [*notice.reminded, days]


def release_of(notice_id: int) -> str:
    """What the tellings of a notice are of."""
    return store.read(lambda session: turns.releases_of(session.get_one(Notice, notice_id)))[0]
