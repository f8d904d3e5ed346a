"""Half a year in which three agents learnt: what they answered, and about how much of it they asked colleagues.

Only what the figures need of it; the conversations themselves are long gone. It ends before what this month's figures
count.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, select

from app.demo.company import AGENTS, MEMBERS, SKILLS
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.rules.enquiry import CHAT, FIRST
from workflows.tables.enquiry import Ask, Wait

#: So many days ago it began; five months later it was over.
FROM = 185
#: Enquiries of one agent in thirty days, and about how many of them each agent asked, from month to month.
MANY, MONTH = 10, 30
ASKED = {"7001": (7, 5, 4, 2, 2), "7002": (3, 2, 1, 1, 0), "7003": (5, 4, 2, 2, 1)}


def write() -> None:
    """Keep it, once."""
    store.write(_write)


def _write(session: Session) -> None:
    start = now_ms() - FROM * DAY_MS
    first = select(Ask.id).where(Ask.origin == f"demo:{_chat(next(iter(ASKED)), 0, 0)}")
    if session.exec(first).first() is None:
        insert_new(session, Wait, list(_waits(start)))
        insert_new(session, Ask, list(_asks(start)))


def _moment(start: int, month: int, number: int) -> int:
    return start + (month * MONTH + number * MONTH // MANY) * DAY_MS


def _waits(start: int) -> Iterator[Values]:
    """Each enquiry was answered after three minutes."""
    for agent, months in ASKED.items():
        for month in range(len(months)):
            for number in range(MANY):
                at = _moment(start, month, number)
                ended = {"ended": "answered", "ended_at": at + 180_000, "ended_by": agent, "minutes": 3}
                times = {"since": at, "target": 5, "answer_by": at + 300_000, "warn_at": None}
                kinds = {"kind": FIRST, "medium": CHAT, "company_id": "", "warned": 0}
                yield {"conversation_id": _chat(agent, month, number)} | kinds | times | ended


def _asks(start: int) -> Iterator[Values]:
    """The first of each month were asked about."""
    skills = list(SKILLS)
    for agent, months in ASKED.items():
        [person] = [each for each in MEMBERS if each.name == AGENTS[agent]]
        for month, many in enumerate(months):
            for number in range(many):
                chat = _chat(agent, month, number)
                who = {"person": person.id, "person_name": person.name, "asked": [], "is_private": False}
                about = {"conversation_id": chat, "skill": skills[(number + month) % len(skills)], "question": ""}
                yield about | who | {"origin": f"demo:{chat}", "asked_at": _moment(start, month, number) + 60_000}


def _chat(agent: str, month: int, number: int) -> str:
    return f"demo-{agent}-{month}-{number}"
