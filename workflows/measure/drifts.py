"""Drifts: what the last days say of all enquiries, looked at every hour; without what is told or planned already.

seen(session, until)               # Drifting(score, window_ms); None where nothing is looked for
numbers(session, since, until)     # how many came and are usual, without the same
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.measure import drift, usual
from workflows.measure.limits import DRIFT, EXPECTED, MANY
from workflows.measure.looks import Forecast
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTER_MS, Series, Span
from workflows.rules import rules
from workflows.rules.calendar import HOUR_MS
from workflows.tables.measure import Alert
from workflows.volume import occasions


class Drifting(NamedTuple):
    """Of how many zeros the chance is, and how long what says so lasts by now."""

    score: float
    window_ms: int


def seen(session: Session, until: int) -> Drifting | None:
    """What the last days say; nothing while the model is learning, or after somebody expected the last drift."""
    model = usual.of(session, until - 1)
    if until % HOUR_MS or model.is_learning or _is_accepted(session, until):
        return None
    counts = _alone(session, until - drift.LEAD_MS, until)
    if not len(counts):
        return None
    days = Seasons.of(counts.start, len(counts), rules.calendar)
    found = drift.look(counts, Forecast.of(model.of_before, days))
    return Drifting(float(found.score[-1]), int(found.window[-1]) * QUARTER_MS)


def numbers(session: Session, since: int, until: int) -> tuple[int, float]:
    """How many came between two moments and how many are usual, by what was known before the first."""
    counts = _alone(session, since, until)
    usually = usual.of(session, since).of_before.mean(Seasons.of(counts.start, len(counts), rules.calendar))
    return int(np.nansum(counts.values)), float(usually[~np.isnan(counts.values)].sum())


def _is_accepted(session: Session, until: int) -> bool:
    """Did somebody say not long ago that it was to be expected?"""
    wanted = (Alert.kind == DRIFT, Alert.verdict == EXPECTED, col(Alert.judged_at) > until - drift.ACCEPTED_MS)
    return session.exec(select(Alert.id).where(*wanted).limit(1)).first() is not None


def _alone(session: Session, since: int, until: int) -> Series:
    """What came, without what is planned and what was told as too many by itself."""
    planned = occasions.spans(session, since, until, kinds=(occasions.PLANNED,))
    spans = [*((span.begins, span.ends) for span in planned), *_told(session, since, until)]
    return usual.history(session, since, until).without(spans)


def _told(session: Session, since: int, until: int) -> list[Span]:
    """When too many wrote at once, and the team heard of it."""
    is_late = sa.or_(col(Alert.over_at).is_(None), col(Alert.loud_at) > since)
    query = select(Alert).where(Alert.kind == MANY, Alert.name == "", Alert.since < until, is_late)
    return [(row.since, row.over_at or until) for row in session.exec(query)]
