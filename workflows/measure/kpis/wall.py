"""Wall: how it is now, for a screen that everybody passes by: a few numbers, and nothing about anybody.

wall(session, now)      # Wall(waiting=3, longest=12, soon=18, answered=20, enquiries=41, usual=38, …)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import said, table_of
from workflows.enquiry.board import ANSWERING, WAITING
from workflows.escalation import ladder
from workflows.measure.kpis import cases, support
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import DAY, Period
from workflows.rules import rules
from workflows.tables.enquiry import Enquiry
from workflows.tables.escalation import Escalation
from workflows.tables.telling import Telling
from workflows.telling.ledger import OWING
from workflows.volume import counts, slots

#: What is usual: this weekday up to this time, in so many weeks before.
WEEKS = 4
_ENQUIRY = table_of(Enquiry).c


@dataclass(frozen=True)
class Wall:
    """`longest`: business minutes, None while nobody waits. `soon`: answered within five minutes, of `answered` that
    are known; `enquiries`: today as far as is known; `usual`: by this time, None where unknown."""

    waiting: int
    longest: int | None
    soon: int
    answered: int
    enquiries: int
    usual: int | None
    escalations: int
    untold: int

    @property
    def percent(self) -> int | None:
        """The share answered within five minutes."""
        return round(100 * self.soon / self.answered) if self.answered else None


def wall(session: Session, now: int) -> Wall:
    """As of now."""
    waiting, since = _waiting(session)
    longest = None if since is None else rules.calendar.minutes(since, now)
    today = Period.of(DAY, rules.calendar.local(now).date())
    soon = cases.number(support.soon(Look(session, today, now)), is_timed=False)
    unfinished = sa.select(sa.func.count()).where(col(Escalation.state).in_(said(ladder.UNFINISHED)))
    owing = sa.select(sa.func.count()).where(col(Telling.state).in_(said(OWING)))
    here, usual = _came(session, today, now), _usual(session, now)
    escalations, untold = (session.execute(query).scalar_one() for query in (unfinished, owing))
    return Wall(waiting, longest, soon.hits, soon.n, here, usual, escalations, untold)


def _waiting(session: Session) -> tuple[int, int | None]:
    """How many wait, and since when the first of them."""
    query = sa.select(sa.func.count(), sa.func.min(_ENQUIRY.waiting_since))
    row = session.execute(query.where(_ENQUIRY.state.in_(said((WAITING, ANSWERING))))).one()
    return int(row[0]), row[1]


def _came(session: Session, day: Period, until: int) -> int:
    """How many came in on a day up to a moment, as far as is known."""
    return sum(each.n for each in counts.series(session, day.begins, until))


def _usual(session: Session, now: int) -> int | None:
    """The mean of the same weekday up to the same time, over the weeks of which that is known."""
    known = []
    for weeks in range(1, WEEKS + 1):
        local = rules.calendar.local(now) - timedelta(days=7 * weeks)
        since, until = rules.calendar.moment(local.date()), rules.calendar.moment(local.date(), local.time())
        found = counts.series(session, since, slots.of(until))
        if found and all(each.is_known for each in found):
            known.append(sum(each.n for each in found))
    return round(sum(known) / len(known)) if known else None
