"""Now: what customers struggle with at this moment: themes, alarms, who waits longest, and what need not be asked.

    struggles(session, now)

What is open, and of which kind, is asked of the very functions that the pages ask which it links to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlmodel import Session

from workflows.enquiry.board import ANSWERING, WAITING
from workflows.measure import alert_texts, alerts, voice, week
from workflows.measure.alert_texts import Told
from workflows.measure.voice import Week
from workflows.overview import enquiry_lists
from workflows.overview.enquiry_lists import Row, Wanted
from workflows.volume import causes, views
from workflows.volume.causes import Asked
from workflows.volume.periods import Period, lately
from workflows.volume.views import OTHERS

#: So many themes, customers who wait, and causes.
THEMES, FEW = 5, 3


class Moved(NamedTuple):
    """A theme: how many enquiries were about it in the last seven days and in those before; is that more than usual?"""

    theme: str
    n: int
    before: int
    grew: bool


@dataclass(frozen=True)
class Now:
    """All of it. `waiting` are the first few of `waits`."""

    last: Week
    before: Week
    themes: Sequence[Moved]
    alerts: Sequence[Told]
    waits: int
    waiting: Sequence[Row]
    avoidable: Sequence[Asked]

    @property
    def is_empty(self) -> bool:
        """Is nothing known, and nothing open?"""
        return not (self.last.n or self.before.n or self.themes or self.alerts or self.waits or self.avoidable)


def struggles(session: Session, now: int) -> Now:
    """What customers struggle with."""
    before, last = voice.two_weeks(session, now)
    n, waiting = _waiting(session, now)
    return Now(last, before, _themes(session, now), _alerts(session), n, waiting, _avoidable(session, now))


def _alerts(session: Session) -> list[Told]:
    """What is unusual at this moment, the newest first."""
    return [alert_texts.told(session, row) for row in alerts.standing(session)]


def _themes(session: Session, now: int) -> list[Moved]:
    """The most frequent of the last seven days."""
    period = lately(now)
    last = Period(period.kind, period.last - timedelta(days=6), period.last)
    week_before = Period(period.kind, last.first - timedelta(days=7), last.first - timedelta(days=1))
    found, then = views.stacked(session, last), views.stacked(session, week_before)
    grew = {each.name for each in week.growing(session, period.last.isoformat())}
    names = [name for name in found.names if name != OTHERS][:THEMES]
    return [Moved(name, found.total(name), then.total(name), name in grew) for name in names]


def _waiting(session: Session, now: int) -> tuple[int, list[Row]]:
    """How many customers wait for an answer, whoever has them, and who has waited longest."""
    known = enquiry_lists.counts(session, Wanted())
    states = [state for state in (WAITING, ANSWERING) if known[state]]
    rows = [row for state in states for row in enquiry_lists.found(session, Wanted(state=state), now, most=FEW).rows]
    longest = sorted(rows, key=lambda row: (row.waiting_since or row.said_at, row.id))
    return sum(known[state] for state in states), longest[:FEW]


def _avoidable(session: Session, now: int) -> list[Asked]:
    """The most frequent themes of the last thirteen weeks about which nothing was done yet."""
    found = causes.listed(session, now)
    return [each for each in found if each.n and not (each.cause and each.cause.done)][:FEW]
