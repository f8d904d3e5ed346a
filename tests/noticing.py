"""What tests of notices share: one that is written, and opened by a lead.

notice = written(audience="companies", names=["101"])     # given
opened(world, notice)                                     # its drafts are made
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from tests.meeting import LEAD, once
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.notice import notices
from workflows.rules import rules
from workflows.tables.notice import Notice
from workflows.tables.telling import Telling

JA = "{name}様、いつもお世話になっております。{from_us}{date}より、FAXでのお問い合わせ窓口を終了いたします。"
EN = "Hello {name},\n{from_us}From {date} we no longer answer by fax."


def ahead(days: int) -> str:
    """A day to come, on the company's calendar."""
    return (rules.calendar.local(now_ms()).date() + timedelta(days=days)).isoformat()


def values(**others: Any) -> dict[str, Any]:
    """A notice as its form says it."""
    usual: dict[str, Any] = {
        "title": "FAX窓口の終了",
        "takes_effect": ahead(60),
        "text_ja": JA,
        "text_en": EN,
        "audience": "all",
        "names": [],
        "months": 12,
        "remind_days": [14, 3],
        "again": False,
        "channel": "",
    }
    return usual | others


def written(**others: Any) -> int:
    """A notice that nobody has opened; its number."""
    return notices.write(values(**others), by=LEAD, origin=once())


def opened(world: World, notice_id: int) -> None:
    """A lead opens it; its drafts are there."""
    assert notices.open_up(notice_id, LEAD) == ""
    carried_out(world)


def carried_out(world: World) -> None:
    """Everything that was due has happened."""
    notices.start_due()
    world.settle()


def known(world: World) -> None:
    """The seeded customers have written to us."""
    world.stage.open()
    world.settle()


def found(notice_id: int) -> Notice:
    """The notice as it is now."""
    return store.read(lambda session: session.get_one(Notice, notice_id))


def tellings(release_id: str) -> dict[str, Telling]:
    """What is owed because of it, by conversation."""
    query = select(Telling).where(Telling.release_id == release_id).order_by(col(Telling.conversation_id))
    return {each.conversation_id: each for each in store.read(lambda session: session.exec(query).all())}
