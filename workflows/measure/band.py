"""The expected band: between which numbers 99 of 100 points of a chart lie, by what was known when it began.

band.of(session, points, about="word:請求書")      # {begins: (low, high), …}; nothing while it is learned
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sqlmodel import Session

from workflows.measure import usual
from workflows.measure.model import BAND, Model
from workflows.measure.seasons import Seasons
from workflows.measure.tails import Floats, quantile
from workflows.rules import rules
from workflows.volume.periods import Span
from workflows.volume.slots import SLOT_MS


def of(session: Session, points: Sequence[Span], about: str = "") -> Mapping[int, tuple[float, float]]:
    """Of quarter hours or hours that follow one another; those of longer pieces are not known."""
    if not points:
        return {}
    many = (points[0].ends - points[0].begins) // SLOT_MS
    model = _model(session, points[0].begins, about)
    if model is None or many not in model.spreads:
        return {}
    low, high = _of(model, points, many)
    return {point.begins: (float(least), float(most)) for point, least, most in zip(points, low, high, strict=True)}


def _model(session: Session, at: int, about: str) -> Model | None:
    """As it was known the evening before they began; None while that is too little."""
    model = usual.of(session, at)
    if model.is_learning:
        return None
    return usual.parts(session, at, [about])[about] if about else model


def _of(model: Model, points: Sequence[Span], many: int) -> tuple[Floats, Floats]:
    """An hour is as unusual as an hour is; where the clock is changed, one is a piece of another."""
    start = points[0].begins
    quarters = model.mean(Seasons.of(start, (points[-1].ends - start) // SLOT_MS, rules.calendar))
    firsts = np.array([(point.begins - start) // SLOT_MS for point in points])
    mean = np.add.reduceat(quarters, firsts)
    size = model.spreads[many].size(mean)
    return quantile((1 - BAND) / 2, mean, size), quantile((1 + BAND) / 2, mean, size)
