"""Product: requests that were filed or decided within a period, how old the undecided ones are, and the loop time.

    cases(session, period, now)["loop_whole"]

Loop time goes from the request until its customer was told how it ended, by legs as `overview.legs` has them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import table_of
from workflows.engine.store import DAY_MS
from workflows.measure.kpis.cases import Case, Cases, Stretch
from workflows.measure.kpis.periods import Period
from workflows.meeting import scales
from workflows.overview import legs
from workflows.overview.legs import LEGS, WHOLE, Journey
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.wish.wishes import COUNTS

#: So many meetings without a conclusion are too many.
OFTEN = 3
#: Ages of what is undecided: up to so many days; older ones come last.
AGES = (7, 14, 30, 90)
OLDER = "older"
LOOPS = {f"loop_{leg}": leg for leg in (WHOLE, *LEGS)}
_WISH, _DECISION = table_of(Feedback).c, table_of(Decision).c


def cases(session: Session, period: Period, now: int, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of requests count."""
    wanted, made = set(names), dict[str, Cases]()
    if wanted & {"next_meeting", *LOOPS}:
        journeys = legs.journeys_of(session, _filed(period))
        made["next_meeting"] = Cases.of(_at_next_meeting(journeys, now))
        made |= {name: _walked(journeys, leg, now) for name, leg in LOOPS.items() if name in wanted}
    if "inflow" in wanted:
        made["inflow"] = Cases.of(_inflow(session, period))
    if "decisions" in wanted:
        made["decisions"] = Cases.of(_decisions(session, period))
    return made | (_undecided(session, now) if wanted & {"undecided", "carried"} else {})


def _filed(period: Period) -> Any:
    return sa.and_(col(Feedback.taken_at) >= period.begins, col(Feedback.taken_at) < period.ends)


def _inflow(session: Session, period: Period) -> list[Case]:
    rows = session.execute(sa.select(_WISH.id, _WISH.taken_at, _WISH.kind).where(COUNTS, _filed(period)))
    return [Case(str(id), at, group=kind) for id, at, kind in rows]


def _decisions(session: Session, period: Period) -> list[Case]:
    """Each conclusion that was not taken back; its place is the request that it is about."""
    which = (_DECISION.decided_at >= period.begins, _DECISION.decided_at < period.ends, _DECISION.undone_at.is_(None))
    rows = session.execute(sa.select(_DECISION.feedback_id, _DECISION.decided_at, _DECISION.conclusion).where(*which))
    return [Case(str(id), at, group=conclusion) for id, at, conclusion in rows]


def _at_next_meeting(found: list[Journey], now: int) -> list[Case]:
    """Of the requests filed, those decided by the end of the day of the next meeting; open while that is to come."""
    weekly, made = scales.meetings(), []
    for each in found:
        meeting = rules.calendar.local(weekly.next(each.requested)).date()
        ends = rules.calendar.moment(meeting) + DAY_MS
        is_hit = each.decided is not None and each.decided < ends
        is_open = not is_hit and now < ends
        made.append(Case(str(each.feedback_id), each.requested, counts=not is_open, is_open=is_open, is_hit=is_hit))
    return made


def _undecided(session: Session, now: int) -> dict[str, Cases]:
    """What the agenda holds now, whatever the period: how old it is, and how often it was carried over."""
    some = [each for each in scales.undecided(session, now, {}) if not each.handled]
    asked = [Stretch(str(each.id), each.said_at, None, group=_age(now - each.said_at)) for each in some]
    found = Cases.walked(rules.calendar, asked, now)
    ages = found.as_(over=found.open)
    often = np.array([each.carried >= OFTEN for each in some], dtype=bool)
    return {"undecided": ages, "carried": found.as_(hit=often, open=~found.open)}


def _age(waited: int) -> str:
    return next((str(days) for days in AGES if waited <= days * DAY_MS), OLDER)


def _walked(found: list[Journey], leg: str, now: int) -> Cases:
    ways = [(each, way) for each in found if (way := legs.stretch(each, leg, now))]
    stretches = [Stretch(str(each.feedback_id), way[0], way[1] if way[2] else None, each.stopped) for each, way in ways]
    return Cases.walked(rules.calendar, stretches, now)
