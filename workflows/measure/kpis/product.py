"""Product: requests that were filed or decided within a period, how old the undecided ones are, and the loop time.

    cases(Look(session, period, now), FIGURES)["loop_whole"]

Loop time goes from the request until its customer was told how it ended, by legs as `overview.legs` has them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.measure.kpis.cases import NONE, Bools, Case, Cases, Ints, Stretch, ints
from workflows.measure.kpis.look import Look
from workflows.meeting import scales
from workflows.overview import legs
from workflows.overview.legs import DONE, LEGS, WHOLE, Journey
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.wish.wishes import COUNTS

#: Later than every meeting.
AFTER_ALL = 2**62
#: So many meetings without a conclusion are too many.
OFTEN = 3
#: Ages of what is undecided: up to so many days; older ones come last.
AGES = (7, 14, 30, 90)
OLDER = "older"
LOOPS = {f"loop_{leg}": leg for leg in (WHOLE, *LEGS)}
#: Where a journey begins, where its legs end, and where it was left.
PLACES = tuple(dict.fromkeys([*(place for ends in legs.ENDS.values() for place in ends), "stopped"]))
_WISH, _DECISION = table_of(Feedback).c, table_of(Decision).c


def cases(look: Look, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of requests count."""
    wanted, made = set(names), dict[str, Cases]()
    if wanted & {"inflow", "next_meeting", *LOOPS}:
        inflow = _inflow(look)
        made["inflow"] = Cases.of(Case(str(row.id), row.taken_at, group=row.kind) for row in inflow)
    if wanted & {"next_meeting", *LOOPS}:
        journeys = legs.journeys_of(look.session, [(row.id, row.said_at, row.company_id) for row in inflow])
        made["next_meeting"] = _at_next_meeting(journeys, look.now)
        columns = Journeys.of(journeys)
        made |= {name: _walked(columns, leg, look.now) for name, leg in LOOPS.items() if name in wanted}
    if "decisions" in wanted:
        made["decisions"] = Cases.of(_decisions(look))
    return made | (_undecided(look.session, look.now) if wanted & {"undecided", "carried"} else {})


def _inflow(look: Look) -> Sequence[Any]:
    filed = (_WISH.taken_at >= look.period.begins, _WISH.taken_at < look.period.ends)
    query = sa.select(*legs.ASKED, _WISH.taken_at, _WISH.kind).where(COUNTS, *filed)
    return look.session.connection().execute(query).all()


def _decisions(look: Look) -> list[Case]:
    """Each conclusion that was not taken back; its place is the request that it is about."""
    period = look.period
    which = (_DECISION.decided_at >= period.begins, _DECISION.decided_at < period.ends, _DECISION.undone_at.is_(None))
    query = sa.select(_DECISION.feedback_id, _DECISION.decided_at, _DECISION.conclusion).where(*which)
    rows = look.session.connection().execute(query).all()
    return [Case(str(id), at, group=conclusion) for id, at, conclusion in rows]


def _at_next_meeting(found: Sequence[Journey], now: int) -> Cases:
    """Of the requests filed, those decided by the end of the day of the next meeting; open while that is to come."""
    if not found:
        return Cases.of(())
    asked = np.array([each.requested for each in found], dtype=np.int64)
    until = _days_of_meetings(asked)
    decided = np.array([each.decided if each.decided is not None else AFTER_ALL for each in found], dtype=np.int64)
    hit = decided < until
    open = ~hit & (now < until)
    made = Cases.of(Case(str(each.feedback_id), each.requested) for each in found)
    return made.as_(counts=~open, open=open, hit=hit)


def _days_of_meetings(asked: Ints) -> Ints:
    """When the day of the next meeting after each of these moments is over."""
    first, last = (rules.calendar.local(int(at)).date() for at in (asked.min(), asked.max()))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    place = np.searchsorted([rules.calendar.moment(day) for day in days], asked, side="right") - 1
    ends = {int(number): _end_of_the_next_meeting(days[number]) for number in np.unique(place)}
    return np.array([ends[number] for number in place.tolist()], dtype=np.int64)


def _end_of_the_next_meeting(day: date) -> int:
    meeting = scales.meetings().next(rules.calendar.moment(day))
    return rules.calendar.moment(rules.calendar.local(meeting).date() + timedelta(days=1))


def _undecided(session: Session, now: int) -> dict[str, Cases]:
    """What the agenda holds now, whatever the period: how old it is, and how often it was carried over."""
    some = [each for each in scales.waiting(session, now) if not each.handled]
    asked = [Stretch(str(each.id), each.said_at, None, group=_age(each.said_at, now)) for each in some]
    found = Cases.walked(rules.calendar, asked, now)
    ages = found.as_(over=found.open)
    often = np.array([each.carried >= OFTEN for each in some], dtype=bool)
    return {"undecided": ages, "carried": found.as_(hit=often, open=~found.open)}


def _age(since: int, now: int) -> str:
    waited = rules.calendar.days(since, now)
    return next((str(days) for days in AGES if waited <= days), OLDER)


@dataclass(frozen=True)
class Journeys:
    """Many of them in columns: of which request each is, its moments by name (NONE: not come yet), was it declined?"""

    refs: npt.NDArray[Any]
    places: Mapping[str, Ints]
    declined: Bools

    @classmethod
    def of(cls, found: Sequence[Journey]) -> Journeys:
        """In columns."""
        return cls(
            np.array([str(each.feedback_id) for each in found], dtype=object),
            {name: ints(getattr(each, name) for each in found) for name in PLACES},
            np.array([each.is_declined for each in found], dtype=bool),
        )


def _walked(found: Journeys, leg: str, now: int) -> Cases:
    """How long a leg took, or takes; what was declined never comes to be done."""
    began, ended = (found.places[place] for place in legs.ENDS[leg])
    there = began != NONE
    if leg == DONE:
        there &= (ended != NONE) | ~found.declined
    left = found.places["stopped"][there]
    return Cases.lasting(rules.calendar, found.refs[there], began[there], ended[there], left, now)
