"""Resolution on both sides: until support had answered and closed, until developers had made it available, until told.

    cases(session, period, now)["support_side"]

One case is a request in a conversation of the period that waits for an issue, or did. Every clock starts when the
customer wrote first.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import table_of
from workflows.measure.kpis.cases import Cases, Stretch
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


def cases(session: Session, period: Period, now: int, names: Collection[str] = SIDES) -> dict[str, Cases]:
    """What each side's figure counts. Whose customer nobody can tell leaves the whole at that moment."""
    rows = session.execute(
        sa.select(_WISH.id, _COURSE.began_at, _COURSE.first_closed_at)
        .join(table_of(Course), _COURSE.conversation_id == _WISH.conversation_id)
        .where(COUNTS, _waits_for_an_issue(), *_within(period))
    )
    began = {id: (at, closed) for id, at, closed in rows}
    which = sa.and_(_waits_for_an_issue(), col(Feedback.conversation_id).in_(_chats(period)))
    made: dict[str, list[Stretch]] = {side: [] for side in SIDES}
    for each in legs.journeys_of(session, which):
        if each.feedback_id in began:
            at, closed = began[each.feedback_id]
            ref = str(each.feedback_id)
            made[SUPPORT].append(Stretch(ref, at, closed))
            made[TECHNICAL].append(Stretch(ref, at, each.available))
            made[BOTH].append(Stretch(ref, at, each.heard, each.stopped))
    return {side: Cases.walked(rules.calendar, made[side], now) for side in SIDES if side in names}


def _waits_for_an_issue() -> Any:
    return sa.exists().where(col(FeedbackIssue.feedback_id) == col(Feedback.id)).correlate(Feedback)


def _within(period: Period) -> tuple[Any, ...]:
    return _COURSE.began_at >= period.begins, _COURSE.began_at < period.ends


def _chats(period: Period) -> Any:
    return sa.select(_COURSE.conversation_id).where(*_within(period))


def curve(found: Cases, most: int) -> list[tuple[float, float]]:
    """Which share had come to its end after how many days: from nobody to the last that was seen, in so many steps."""
    spans = [Span(wall, over) for wall, over in zip(found.wall.tolist(), found.over.tolist(), strict=True)]
    steps = survival.steps(spans)
    every = [(step.at / MINUTES_A_DAY, float(1 - step.share)) for step in steps]
    some = every[:: max(1, -(-len(every) // most))]
    last = max((span.length for span in spans), default=0) / MINUTES_A_DAY
    return [(0.0, 0.0), *some, (last, every[-1][1] if every else 0.0)]
