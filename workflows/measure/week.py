"""Week: what seven days brought, as lists: decided, made available, told, enquiries, and of what more than usual.

    found = of(session, "2026-11-30")      # Monday 2026-11-23, 0:00, to Sunday, on the company's clock

Every number of a weekly digest is the length of one of these lists, or stands in one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import among, said, table_of
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.volume import DayCount
from workflows.tables.wish import Feedback, Issue
from workflows.telling import ledger
from workflows.telling.drafts import TOLD
from workflows.volume import counts, slots
from workflows.wish.wishes import title_of

DAYS, WEEKS_BEFORE = 7, 4
#: So many themes at most. One grew where there were this many times as many as in a usual week, and so many more.
MOST, TIMES, MORE = 5, 1.5, 3


class Decided(NamedTuple):
    """A decision that holds: about which request, what was concluded, and when."""

    feedback_id: int
    title: str
    conclusion: str
    at: int


class Shipped(NamedTuple):
    """An issue that became available to somebody for the first time."""

    issue_id: str
    key: str
    title: str
    at: int


class Informed(NamedTuple):
    """A customer who was told, in which conversation."""

    conversation_id: str
    at: int


class Theme(NamedTuple):
    """How many enquiries were of a theme, and in each of the weeks before on average."""

    name: str
    n: int
    before: float


@dataclass(frozen=True)
class Week:
    """What the seven days before `day` brought. `before`: enquiries in each of the four weeks before on average, None
    where not all of them are known; then nothing is said to have grown. `is_known`: are all of the week known?"""

    day: str
    decided: Sequence[Decided]
    shipped: Sequence[Shipped]
    told: Sequence[Informed]
    enquiries: int
    is_known: bool
    before: float | None
    grew: Sequence[Theme]
    themes: Sequence[Theme]


def of(session: Session, day: str) -> Week:
    """The week before a day (2026-11-30) of the company's calendar."""
    begin, end = _bounds(day)
    since, until = rules.calendar.moment(begin), rules.calendar.moment(end)
    long_ago = begin - timedelta(days=DAYS * WEEKS_BEFORE)
    is_comparable, found = _is_comparable(session, day), _compared(session, day)
    before = _all(session, long_ago, begin) / WEEKS_BEFORE if is_comparable else None
    return Week(
        day,
        _decided(session, since, until),
        _shipped(session, since, until),
        _told(session, since, until),
        _all(session, begin, end),
        _is_covered(session, since, until),
        before,
        _grown(found) if is_comparable else [],
        sorted(found, key=lambda each: (-each.n, each.name))[:MOST],
    )


def growing(session: Session, day: str) -> list[Theme]:
    """The themes of which there were clearly more than usual in the week before a day, as `of` says."""
    return _grown(_compared(session, day)) if _is_comparable(session, day) else []


def _bounds(day: str) -> tuple[date, date]:
    end = date.fromisoformat(day)
    return end - timedelta(days=DAYS), end


def _is_comparable(session: Session, day: str) -> bool:
    """Is all known of the week, and of those before with which it is compared?"""
    begin, end = _bounds(day)
    long_ago = begin - timedelta(days=DAYS * WEEKS_BEFORE)
    return _is_covered(session, rules.calendar.moment(long_ago), rules.calendar.moment(end))


def _compared(session: Session, day: str) -> list[Theme]:
    begin, end = _bounds(day)
    now = _themes(session, begin, end)
    then = _themes(session, begin - timedelta(days=DAYS * WEEKS_BEFORE), begin)
    return [Theme(name, n, then.get(name, 0) / WEEKS_BEFORE) for name, n in now.items()]


# -- what was done --------------------------------------------------------------------------------


def _decided(session: Session, since: int, until: int) -> list[Decided]:
    """Everything that was decided and not taken back, the latest first: what the page of past meetings counts."""
    at = col(Decision.decided_at)
    made = select(Decision).where(at >= since, at < until, col(Decision.undone_at).is_(None))
    rows = list(session.exec(made.order_by(at.desc(), col(Decision.id).desc())))
    ids = [row.feedback_id for row in rows]
    wishes = {wish.id: wish for wish in session.exec(select(Feedback).where(among(col(Feedback.id), ids)))}
    return [Decided(row.feedback_id, title_of(wishes[row.feedback_id]), row.conclusion, row.decided_at) for row in rows]


def _shipped(session: Session, since: int, until: int) -> list[Shipped]:
    """What became available for the first time and was not undone, the latest first."""
    first = sa.func.min(col(Wave.opened_at))
    opened = sa.select(col(Wave.release_id), first.label("at")).group_by(col(Wave.release_id)).subquery()
    query = (
        sa.select(col(Release.id), col(Issue.id), col(Issue.key), col(Issue.summary), opened.c.at)
        .join(opened, opened.c.release_id == col(Release.id))
        .join(Issue, col(Issue.id) == col(Release.issue_id))
        .where(col(Release.kind) == ledger.FINISHED, opened.c.at >= since, opened.c.at < until)
        .order_by(opened.c.at.desc(), col(Release.id))
    )
    rows = session.execute(query).all()
    back = [ledger.reopening(row[0]) for row in rows]
    undone = set(session.exec(select(Release.id).where(among(col(Release.id), back))))
    return [Shipped(*row[1:]) for row in rows if ledger.reopening(row[0]) not in undone]


def _told(session: Session, since: int, until: int) -> list[Informed]:
    """Who was told of anything, the latest first."""
    at = col(Telling.told_at)
    told = sa.select(col(Telling.conversation_id), at).where(col(Telling.state) == said(TOLD), at >= since, at < until)
    return [Informed(*row) for row in session.execute(told.order_by(at.desc(), col(Telling.conversation_id)))]


# -- what came in ---------------------------------------------------------------------------------

_DAY = table_of(DayCount).c


def _is_covered(session: Session, since: int, until: int) -> bool:
    """Is it known of each quarter hour how many came in? Not where nothing was counted yet."""
    return len(counts.covered(session, since, until)) == len(slots.between(since, until))


def _all(session: Session, begin: date, end: date) -> int:
    total = sa.select(sa.func.coalesce(sa.func.sum(_DAY.n), 0)).where(_DAY.facet == counts.ALL, *_between(begin, end))
    return int(session.execute(total).scalar_one())


def _themes(session: Session, begin: date, end: date) -> dict[str, int]:
    """How many of each theme."""
    n = sa.func.sum(_DAY.n)
    query = sa.select(_DAY.name, n).where(_DAY.facet == counts.THEME, *_between(begin, end)).group_by(_DAY.name)
    return {name: int(count) for name, count in session.execute(query.having(n > 0))}


def _between(begin: date, end: date) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return _DAY.day >= begin.isoformat(), _DAY.day < end.isoformat()


def _grown(found: Sequence[Theme]) -> list[Theme]:
    """Those of which there were clearly more than usual; what is least likely comes first (as if by Poisson)."""
    grown = [each for each in found if each.n >= TIMES * each.before and each.n - each.before >= MORE]
    return sorted(grown, key=lambda each: (-(each.n - each.before) / (each.before + 1) ** 0.5, each.name))[:MOST]
