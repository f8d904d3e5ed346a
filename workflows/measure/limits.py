"""Limits: from which score on something is an alert: as `limit` found it on the company's own past.

    standing(session, at)       # Limits(many=3.1, few=4.0, themes=3.0, drift=2.2)
    known(session)              # what the last back-test found, and what it would have alarmed

Whoever calls an alert a false one raises the limit for what it was about, for some weeks.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import Session, select

from workflows.measure import usual
from workflows.measure.backtest import DRIFT_LIMIT, LEARNING_LIMIT, SILENCE_LIMIT, USUAL_LIMIT, limit_of
from workflows.tables.columns import copy_of
from workflows.tables.measure import Alert, AlertLimit

MANY, FEW, THEMES, DRIFT = "many", "few", "themes", "drift"
#: How much one false alert raises a limit: above itself, and never by more than this; for so many weeks.
ABOVE, MOST_RAISED, RAISED_WEEKS = 1.05, 1.5, 13
#: What people say of one, the last that it is such; and what is told by the rules' own ceiling, theirs to raise.
FAULT, EXPECTED, MISTAKEN, CEILING = "fault", "expected", "mistaken", "ceiling"


class Limits(NamedTuple):
    """Each in zeros of the chance: 3.0 is one of a thousand."""

    many: float
    few: float
    themes: float
    drift: float


# -- questions -------------------------------------------------------------------------------------


def standing(session: Session, at: int) -> Limits:
    """The limits that hold: those that were found, raised by what was called a false alert."""
    found = {row.name: row.threshold for row in session.exec(select(AlertLimit))}
    over = {kind: raised(session, kind, at).get("", 0.0) for kind in (MANY, FEW, DRIFT)}
    model = usual.of(session, at - 1)
    few = LEARNING_LIMIT if model.is_learning else found.get(FEW, SILENCE_LIMIT)
    many, themes = limit_of(model, found.get(MANY)), found.get(THEMES, USUAL_LIMIT)
    drift = max(found.get(DRIFT, DRIFT_LIMIT), over[DRIFT])
    return Limits(max(many, over[MANY]), max(few, over[FEW]), themes, drift)


def raised(session: Session, kind: str, at: int) -> dict[str, float]:
    """What a limit is at least, by what it is of ("" for all), because of what was called a false alert."""
    since = at - RAISED_WEEKS * usual.WEEK_MS
    query = select(Alert).where(Alert.kind == kind, Alert.verdict == MISTAKEN, Alert.began_at >= since)
    found: dict[str, float] = {}
    for row in session.exec(query):
        if row.rule != CEILING:
            limit = row.threshold * min(ABOVE * row.peak, MOST_RAISED)
            found[row.name] = max(found.get(row.name, 0.0), limit)
    return found


def known(session: Session) -> dict[str, AlertLimit]:
    """What the last back-test found, by what it is of."""
    return {row.name: copy_of(row) for row in session.exec(select(AlertLimit))}
