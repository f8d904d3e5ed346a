"""Days: so much a day of the company's calendar, and what finds no room waits for the next business day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session

from workflows.engine.store import now_ms
from workflows.rules import rules
from workflows.tables.telling import Telling
from workflows.telling import importance


def day_of(at: int) -> date:
    """The day on the company's wall."""
    return rules.calendar.local(at).date()


def today() -> tuple[int, int]:
    """When the present day begins and ends."""
    day = day_of(now_ms())
    return rules.calendar.moment(day), rules.calendar.moment(day + timedelta(days=1))


@dataclass
class Room:
    """How much may be on one day (0 for no limit), and how much is."""

    most: int
    taken: Counter[date] = field(default_factory=Counter)

    def take(self, earliest: int) -> int:
        """The first moment from this one on, on a day that has room; it is taken by that."""
        at = earliest
        while self.most and self.taken[day_of(at)] >= self.most:
            at = rules.calendar.start_of(day_of(at) + timedelta(days=1))
        self.taken[day_of(at)] += 1
        return at


def in_order(session: Session, tellings: Collection[Telling]) -> Sequence[Telling]:
    """The most important first, then the longest wait."""
    points = importance.by_chat(session, {telling.conversation_id for telling in tellings})
    return sorted(tellings, key=lambda each: (-points[each.conversation_id], each.owed_at, each.conversation_id))
