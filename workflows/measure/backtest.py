"""What would have alarmed: the model replayed on a company's own past, each day by what was known the evening before.

    past = replay(counts, calendar, excluded)      # the slow part: a fit for each day
    test = backtest(past, budget=1.0)              # the limit that would have alarmed so often, and the alarms
    backtest_drift(past, 1.0, test.alarms)         # the same of drifts, without what those alarms have told

Left out is what people have labelled (incidents, planned events): it neither teaches nor counts as an alarm. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from workflows.measure import drift
from workflows.measure.episodes import Episode, episodes
from workflows.measure.looks import LOUD, Forecast, look
from workflows.measure.model import FEWEST_WEEKS, MOST_WEEKS, Model, fit_to
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series, Span
from workflows.measure.tails import Floats
from workflows.measure.yearly import Busy
from workflows.rules.calendar import Calendar

#: Limits that are tried, in zeros of the chance.
LOWEST, HIGHEST, STEP = 1.0, 20.0, 0.05
#: The limit of too many, of too few and of drifts before a past has been looked at.
USUAL_LIMIT, SILENCE_LIMIT, DRIFT_LIMIT = 3.0, 4.0, 2.5
#: The same while the model is learning: what is Poisson's seems rarer than it is.
LEARNING_LIMIT = 6.0
#: So much of the budget is spent on the past: what comes is not quite what was.
SPENT = 0.8
#: So much more on drifts: with too many together it is the budget. In thirteen weeks it is two.
DRIFT_SPENT = 0.2
#: How long an incident is still seen after its end: as long as the longest window.
ECHO_MS = max(LOUD) * QUARTER_MS


class Days(NamedTuple):
    """What drifts are found in: counts without what people labelled, and what was usual before the guard."""

    counts: Series
    forecast: Forecast

    def without(self, spans: Iterable[Span]) -> Days:
        """As if nobody had counted in these spans."""
        return self._replace(counts=self.counts.without(spans))


@dataclass(frozen=True)
class Past:
    """Scores of each quarter hour from the first one on of which a model could say something; NaN: nothing to say."""

    start: int
    score: Floats
    silence: Floats
    days: Days | None = None

    def without(self, spans: Iterable[Span]) -> Past:
        """As if nobody had looked in these spans, nor while they echo."""
        spans = list(spans)
        echoes = [(start, end + ECHO_MS) for start, end in spans]
        score, silence = (Series(self.start, each).without(echoes).values for each in (self.score, self.silence))
        return Past(self.start, score, silence, self.days and self.days.without(spans))


@dataclass(frozen=True)
class Backtest:
    """A limit, and what it would have done."""

    threshold: float
    alarms: list[Episode]
    per_week: float


def limit_of(model: Model, found: float | None = None) -> float:
    """The limit to go by: the one that a back-test found, or the usual one, or while it is learning one far above."""
    if model.is_learning:
        return LEARNING_LIMIT
    return USUAL_LIMIT if found is None else found


def replay(
    counts: Series, calendar: Calendar, excluded: Sequence[Span] = (), since: int = 0, busy: tuple[Busy, ...] = ()
) -> Past:
    """Look at every quarter hour (since a moment) with the model of the evening before; the first weeks only teach."""
    seasons = Seasons.of(counts.start, len(counts), calendar)
    taught = counts.without(excluded).values
    first = max(FEWEST_WEEKS * QUARTERS_A_WEEK, -(-(since - counts.start) // QUARTER_MS))
    if first >= len(counts):
        return Past(counts.end, np.empty(0), np.empty(0))
    mornings = np.flatnonzero(np.diff(seasons.day)) + 1
    starts = [first, *mornings[mornings > first].tolist()]
    parts, before = [], []
    for at, until in zip(starts, [*starts[1:], len(counts)], strict=True):
        known = slice(max(at - MOST_WEEKS * QUARTERS_A_WEEK, 0), at)
        model, day = fit_to(taught[known], seasons.part(known), calendar, busy), seasons.part(slice(at, until))
        parts.append(Forecast.of(model, day))
        before.append(Forecast.of(model.of_before, day))
    looks, start = look(counts.values[first:], Forecast.join(parts)), counts.start + first * QUARTER_MS
    days = Days(Series(start, taught[first:]), Forecast.join(before))
    return Past(start, looks.score, looks.silence, days).without(excluded)


def backtest(past: Past, budget: float, *, silence: bool = False) -> Backtest:
    """The lowest limit that would have kept within so many alarms a week, and a little below."""
    scores = past.silence if silence else past.score
    return _tried(lambda limit: episodes(past.start, scores, limit), _weeks(scores), SPENT * budget)


def backtest_drift(past: Past, budget: float, told: Iterable[Episode] = ()) -> Backtest:
    """The same of drifts. `told`: what was told as too many explains itself, and is left out."""
    if past.days is None:
        return Backtest(DRIFT_LIMIT, [], 0.0)
    counts = past.days.counts.without((each.began_at - ECHO_MS, each.over_at or each.loud_at) for each in told)
    scores = drift.look(counts, past.days.forecast).score
    return _tried(
        lambda limit: episodes(past.start, scores, limit, drift.SLOWLY), _weeks(past.score), DRIFT_SPENT * budget
    )


def _weeks(scores: Floats) -> float:
    return float((~np.isnan(scores)).sum()) / QUARTERS_A_WEEK


def _tried(alarms: Callable[[float], list[Episode]], weeks: float, budget: float) -> Backtest:
    """The lowest limit that would have kept within so many a week."""
    threshold = lowest(lambda limit: len(alarms(limit)), budget * weeks)
    found = alarms(threshold)
    return Backtest(threshold, found, len(found) / weeks if weeks else 0.0)


def lowest(alarms: Callable[[float], int], allowed: float) -> float:
    """The lowest limit from which on so many alarms are allowed. The higher the limit, the fewer alarms (or nearly)."""
    low, high = round(LOWEST / STEP), round(HIGHEST / STEP)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if alarms(middle * STEP) <= allowed else (middle + 1, high)
    return low * STEP
