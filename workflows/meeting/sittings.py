"""Sittings: the days on which the company met, or decided something all the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.meeting import scales
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback


@dataclass(frozen=True)
class Sitting:
    """A day that is over: when it began (ms), and how much was decided on it and not taken back."""

    day: date
    decisions: int

    @property
    def at(self) -> int:
        """The beginning of the day."""
        return rules.calendar.moment(self.day)


def past(session: Session, now: int, most: int) -> list[Sitting]:
    """The newest days first, from the first request on, and of so many weeks at most."""
    today = rules.calendar.local(now).date()
    first = session.exec(select(sa.func.min(Feedback.taken_at))).one() or now
    since = max(first, rules.calendar.moment(today - timedelta(weeks=most)))
    made = select(Decision.decided_at).where(col(Decision.decided_at) >= since, col(Decision.undone_at).is_(None))
    decided = Counter(rules.calendar.local(at).date() for at in session.exec(made))
    met = {rules.calendar.local(at).date() for at in scales.meetings().between(since, now)}
    days = sorted((day for day in met | set(decided) if day < today), reverse=True)
    return [Sitting(day, decided[day]) for day in days[:most]]
