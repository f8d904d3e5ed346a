"""Learning: how often colleagues are asked, and whether that becomes less with the months. Nobody is ranked.

    learning.by_skill(session, since)            # {"billing": {"2026-10": 12, "2026-11": 7}}
    learning.curve(session, learning.askers())   # by months since an agent's first answer
    learning.own_curve(session, askers, "7001")  # the same of one agent: for themselves alone, never for others

A point of the curve for everybody is left out where so few agents are behind it that it would be about them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.store import store
from workflows.people import agents, colleagues
from workflows.rules import rules
from workflows.tables.enquiry import Ask, Wait

#: So many agents are behind a point at least.
FEWEST = 3


@dataclass(frozen=True)
class Point:
    """So many months after an agent's first answer: the enquiries that they dealt with, and about how many they asked.

    `agents`: how many agents that is.
    """

    months: int
    enquiries: int
    asked: int
    agents: int

    @property
    def share(self) -> float:
        """The share of enquiries for which somebody had to ask."""
        return self.asked / self.enquiries


@dataclass(frozen=True)
class _Dealt:
    """An agent dealt with an enquiry for the first time at this moment; did they ask about it?"""

    admin_id: str
    at: int
    asked: bool


def by_skill(session: Session, since: int) -> dict[str, dict[str, int]]:
    """How often each skill was asked for, by the month (2026-11) on the company's clock; "" for people by name."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    query = select(Ask.skill, Ask.asked_at).where(Ask.asked_at >= since).order_by(col(Ask.asked_at))
    for skill, at in session.exec(query):
        found[skill][rules.calendar.local(at).date().isoformat()[:7]] += 1
    return {skill: dict(months) for skill, months in sorted(found.items())}


def askers() -> dict[str, str]:
    """Teammates in Intercom by their Slack id, where we know both. Raises Trouble where Intercom does not answer."""
    admins = {admin.email.casefold(): admin.id for admin in agents.everybody() if admin.email}
    in_slack = store.read(partial(colleagues.by_emails, emails=list(admins)))
    known = in_slack | {mail: user for mail, user in rules.colleagues.items() if mail in admins}
    return {user: admins[mail] for mail, user in known.items()}


def curve(session: Session, askers: Mapping[str, str]) -> list[Point]:
    """All agents together, without the points that would be about a few of them."""
    return [point for point in _points(_dealt(session, askers)) if point.agents >= FEWEST]


def own_curve(session: Session, askers: Mapping[str, str], admin_id: str) -> list[Point]:
    """One agent alone: shown to themselves."""
    return _points(each for each in _dealt(session, askers) if each.admin_id == admin_id)


def _dealt(session: Session, askers: Mapping[str, str]) -> list[_Dealt]:
    """Each agent with each enquiry that they answered or asked about."""
    at: dict[tuple[str, str], int] = {}
    asked: set[tuple[str, str]] = set()
    for chat, admin_id, when in session.exec(_ANSWERED):
        at[chat, admin_id] = when or 0
    for chat, person, when in session.exec(_ASKED):
        if (pair := (chat, askers.get(person, ""))) and pair[1]:
            at[pair] = min(when, at.get(pair, when))
            asked.add(pair)
    return [_Dealt(pair[1], when, pair in asked) for pair, when in at.items()]


_FIRST = sa.func.min(Wait.ended_at)
_ANSWERED = (
    select(Wait.conversation_id, Wait.ended_by, _FIRST)
    .where(Wait.ended == "answered", Wait.ended_by != "")
    .group_by(col(Wait.conversation_id), col(Wait.ended_by))
)
_ASKED = select(Ask.conversation_id, Ask.person, sa.func.min(Ask.asked_at)).group_by(
    col(Ask.conversation_id), col(Ask.person)
)


def _points(dealt: Iterable[_Dealt]) -> list[Point]:
    """By whole months since each agent's first, on the company's clock."""
    every = sorted(dealt, key=lambda each: each.at)
    first: dict[str, datetime] = {}
    behind: dict[int, list[_Dealt]] = defaultdict(list)
    for each in every:
        now = rules.calendar.local(each.at)
        behind[_months(first.setdefault(each.admin_id, now), now)].append(each)
    return [
        Point(months, len(some), sum(each.asked for each in some), len({each.admin_id for each in some}))
        for months, some in sorted(behind.items())
    ]


def _months(since: datetime, until: datetime) -> int:
    """Whole months between two days, as people count them: from the 30th to the 29th it is not one yet."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return months - (until.day < since.day)
