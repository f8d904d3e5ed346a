"""Resolution on both sides: until support had answered and closed, until developers had made it available, until told.

    cases(Look(session, period, now))["support_side"]

One case is a request in a conversation of the period that waits for an issue, or did. Every clock starts when the
customer wrote first.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from workflows.engine.rows import table_of
from workflows.measure.kpis.cases import Cases, ints
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import Period
from workflows.overview import legs, survival
from workflows.overview.survival import Span
from workflows.rules import rules
from workflows.tables.enquiry import Course
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.wish.wishes import COUNTS

MINUTES_A_DAY = 24 * 60
SIDES = SUPPORT, TECHNICAL, BOTH = ("support_side", "technical_side", "end_to_end")
_COURSE, _WISH = table_of(Course).c, table_of(Feedback).c


def cases(look: Look, names: Collection[str] = SIDES) -> dict[str, Cases]:
    """What each side's figure counts. Whose customer nobody can tell leaves the whole at that moment."""
    query = (
        sa.select(*legs.ASKED, _COURSE.began_at, _COURSE.first_closed_at)
        .join(table_of(Course), _COURSE.conversation_id == _WISH.conversation_id)
        .where(COUNTS, _waits_for_an_issue(), *_within(look.period))
    )
    rows = look.session.connection().execute(query).all()
    found = legs.journeys_of(look.session, [(row.id, row.said_at, row.company_id) for row in rows])
    since = ints(row.began_at for row in rows)
    nobody = ints(None for _ in found)
    ends = {
        SUPPORT: (ints(row.first_closed_at for row in rows), nobody),
        TECHNICAL: (ints(each.available for each in found), nobody),
        BOTH: (ints(each.heard for each in found), ints(each.stopped for each in found)),
    }
    refs = [str(each.feedback_id) for each in found]
    return {
        side: Cases.lasting(rules.calendar, refs, since, ended, left, look.now)
        for side, (ended, left) in ends.items()
        if side in names
    }


def _waits_for_an_issue() -> Any:
    return sa.exists().where(col(FeedbackIssue.feedback_id) == col(Feedback.id)).correlate(Feedback)


def _within(period: Period) -> tuple[Any, ...]:
    return _COURSE.began_at >= period.begins, _COURSE.began_at < period.ends


def curve(found: Cases, most: int) -> list[tuple[float, float]]:
    """Which share had come to its end after how many days: from nobody to the last that was seen, in so many steps."""
    spans = [Span(wall, over) for wall, over in zip(found.wall.tolist(), found.over.tolist(), strict=True)]
    steps = survival.steps(spans)
    every = [(step.at / MINUTES_A_DAY, float(1 - step.share)) for step in steps]
    some = every[:: max(1, -(-len(every) // most))]
    last = max((span.length for span in spans), default=0) / MINUTES_A_DAY
    return [(0.0, 0.0), *some, (last, every[-1][1] if every else 0.0)]
