"""Watching: what a quarter hour says once it is over: of all enquiries, of too few, of the last days, of themes.

    seen(session, until)        # [Seen("many", "", 1.4, …), …]: 1 is the limit

Unusual by what is usual, or by the ceiling of the rules: whichever says more. What is planned mutes itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlmodel import Session

from workflows.measure import drifts, limits, usual
from workflows.measure.limits import CEILING, DRIFT, FEW, MANY
from workflows.measure.looks import FOLLOWED, SILENT, ceiling, recent
from workflows.measure.model import Model
from workflows.measure.parts import fair
from workflows.measure.series import Series
from workflows.measure.tails import Floats
from workflows.rules import rules
from workflows.volume import occasions
from workflows.volume.slots import SLOT_MS

#: Beside too many and too few: a source that tells nothing.
MISSING = "missing"
#: By what it is unusual.
USUAL, LEARNING = "usual", "learning"
#: So long before its first unusual quarter hour was over it began: the shorter window.
WINDOW_MS = 2 * SLOT_MS
#: As much as is looked at for one look: today's level is followed for a day, and windows reach back a little.
LEAD_MS = (FOLLOWED + max(SILENT)) * SLOT_MS


@dataclass(frozen=True)
class Seen:
    """One look at one thing. `score`: 1 is the limit, NaN where nobody knows; `threshold`: what 1 stands for.

    `window_ms`: how long before it was seen it began.
    """

    kind: str
    name: str
    score: float
    threshold: float
    rule: str
    window_ms: int = WINDOW_MS


def seen(session: Session, until: int) -> list[Seen]:
    """What the quarter hour says that is over at this moment."""
    found = limits.standing(session, until)
    model, series = usual.of(session, until - 1), _muted(session, usual.history(session, until - LEAD_MS, until))
    looks = recent(series, model)
    rule = LEARNING if model.is_learning else USUAL
    many = _or_ceiling(Seen(MANY, "", *_of_limit(looks.score, found.many), rule), series)
    few = [Seen(FEW, "", *_of_limit(looks.silence, found.few), rule)] if rules.alerts.silence else []
    return [
        many,
        *few,
        *_drift(session, until, found.drift),
        *(_themes(session, until, found.themes) if rules.alerts.themes and rule == USUAL else []),
    ]


def _drift(session: Session, until: int, threshold: float) -> list[Seen]:
    """The last days, every hour."""
    found = drifts.seen(session, until) if rules.alerts.drift else None
    return [Seen(DRIFT, "", found.score / threshold, threshold, USUAL, found.window_ms)] if found else []


class _Score(NamedTuple):
    score: float
    threshold: float


def _of_limit(scores: Floats, threshold: float) -> _Score:
    return _Score(float(scores[-1]) / threshold if len(scores) else float("nan"), threshold)


def _or_ceiling(seen: Seen, series: Series) -> Seen:
    """The rule that anybody understands, where it says more."""
    if not rules.alerts.ceiling or not len(series):
        return seen
    share = float(ceiling(series.values, rules.alerts.ceiling)[-1])
    return Seen(MANY, "", share, float(rules.alerts.ceiling), CEILING) if share >= max(seen.score, 1.0) else seen


def _themes(session: Session, until: int, threshold: float) -> list[Seen]:
    """Each theme that is frequent enough: many are looked at, so each has to say more."""
    names = usual.watched(session, until - 1)
    if not names:
        return []
    models = usual.parts(session, until - 1, names)
    counted = usual.histories(session, until - LEAD_MS, until, names)
    scores = fair(np.stack([_score(session, name, counted[name], models[name]) for name in names]))
    raised = limits.raised(session, MANY, until)
    return [
        Seen(MANY, name, *_of_limit(of_name, max(threshold, raised.get(name, 0.0))), USUAL)
        for name, of_name in zip(names, scores, strict=True)
    ]


def _score(session: Session, name: str, series: Series, model: Model) -> Floats:
    return recent(_muted(session, series, name), model).score


def _muted(session: Session, series: Series, theme: str = "") -> Series:
    """Without what is planned."""
    planned = occasions.spans(session, series.start, series.end, theme, kinds=(occasions.PLANNED,))
    return series.without((span.begins, span.ends) for span in planned)
