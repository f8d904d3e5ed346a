"""Drift: more than usual for days, although no half hour by itself is unusual. Pure.

    looks = look(counts, forecast)     # by `model.of_before`: the level before the guard
    looks.score                        # at full hours: zeros of the chance, as in `looks`; NaN at other quarter hours
    looks.window                       # of the last one or two days (quarter hours): whichever says the most

A drift would soon make itself usual, since the level is that of the last weeks. So the days of the guard say nothing of
the level that a drift is looked for with; a change that stays is usual after two weeks or so.

A window says something where as much is usual in it as in the busy hours of a workday: a weekend strays more than it
tells, and neither begins a drift nor ends one. What another alert has told is left out, and each quarter hour counts as
no more than a busy one: a spike is no drift.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from workflows.measure.episodes import Pace
from workflows.measure.looks import FOLLOW_CUT, LOG_10, Forecast
from workflows.measure.model import DAYS, DAYTIME
from workflows.measure.series import QUARTER_MS, Series
from workflows.measure.spread import window_sums
from workflows.measure.tails import Floats, log_upper
from workflows.rules.calendar import HOUR_MS

#: What is worth a message: so many more than usual, and so large a share more.
EXCESS, EXCESS_SHARE = 10.0, 0.12
#: So much of what is usual in a window must have been counted and not be left out.
SEEN = 0.6
#: Looked at every hour; loud as long as more of the limit is reached than of a spike's, since its score moves slowly.
SLOWLY = Pace(still_loud=0.7, quiet_looks=3, cooldown_ms=6 * HOUR_MS)
#: So long nothing is told after somebody has said that it was to be expected: by then it is usual.
ACCEPTED_MS = 14 * 24 * HOUR_MS
#: As far back as a look reaches.
LEAD_MS = max(DAYS) * QUARTER_MS


class Drifts(NamedTuple):
    """What each full hour says, and of how many quarter hours."""

    score: Floats
    window: Floats


def look(counts: Series, forecast: Forecast) -> Drifts:
    """What each full hour says; a window that begins before the counts says nothing."""
    known = ~np.isnan(counts.values)
    mean = forecast.mean * known
    most = mean + FOLLOW_CUT * np.sqrt(forecast.spreads[1].variance(mean))
    calm = np.minimum(np.nan_to_num(counts.values), most)
    scores = np.stack([_score(calm, mean, forecast, many) for many in DAYS])
    ends = counts.start + (np.arange(len(counts)) + 1) * QUARTER_MS
    score = np.where((ends % HOUR_MS == 0) & known, np.fmax.reduce(scores), np.nan)
    return Drifts(score, np.array(DAYS)[np.nan_to_num(scores, nan=-1.0).argmax(0)])


def _score(counts: Floats, mean: Floats, forecast: Forecast, many: int) -> Floats:
    """Of how many zeros the chance of so many in a window is; 0: not worth a message, NaN: it says nothing."""
    n, m, whole = (window_sums(each, many) for each in (counts, mean, forecast.mean))
    says = (whole >= DAYTIME * forecast.daytime) & (m >= SEEN * whole)
    says[: many - 1] = False
    at = np.flatnonzero(says & (n - m >= np.maximum(EXCESS, EXCESS_SHARE * m)))
    found = np.where(says, 0.0, np.nan)
    found[at] = -log_upper(n[at], m[at], forecast.spreads[many].size(m)[at]) / LOG_10
    return found
