"""What would have alarmed: the model replayed on a company's own past, each day by what was known the evening before.

    past = replay(counts, calendar, excluded)      # the slow part: a fit for each day
    test = backtest(past, budget=1.0)              # the limit that would have alarmed so often, and the alarms

Left out is what people have labelled (incidents, planned events): it neither teaches nor counts as an alarm. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workflows.measure.episodes import Episode, episodes
from workflows.measure.looks import LOUD, Forecast, look
from workflows.measure.model import FEWEST_WEEKS, MOST_WEEKS, Model, fit_to
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series, Span
from workflows.measure.tails import Floats
from workflows.rules.calendar import Calendar

#: Limits that are tried, in zeros of the chance.
LOWEST, HIGHEST, STEP = 1.0, 20.0, 0.05
#: The limit of too many and of too few before a past has been looked at.
USUAL_LIMIT, SILENCE_LIMIT = 3.0, 4.0
#: The same while the model is learning: what is Poisson's seems rarer than it is.
LEARNING_LIMIT = 6.0
#: So much of the budget is spent on the past: what comes is not quite what was.
SPENT = 0.8
#: How long an incident is still seen after its end: as long as the longest window.
ECHO_MS = max(LOUD) * QUARTER_MS


@dataclass(frozen=True)
class Past:
    """Scores of each quarter hour from the first one on of which a model could say something; NaN: nothing to say."""

    start: int
    score: Floats
    silence: Floats

    def without(self, spans: Iterable[Span]) -> Past:
        """As if nobody had looked in these spans, nor while they echo."""
        spans = [(start, end + ECHO_MS) for start, end in spans]
        score, silence = (Series(self.start, each).without(spans).values for each in (self.score, self.silence))
        return Past(self.start, score, silence)


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


def replay(counts: Series, calendar: Calendar, excluded: Sequence[Span] = (), since: int = 0) -> Past:
    """Look at every quarter hour (since a moment) with the model of the evening before; the first weeks only teach."""
    seasons = Seasons.of(counts.start, len(counts), calendar)
    taught = counts.without(excluded).values
    first = max(FEWEST_WEEKS * QUARTERS_A_WEEK, -(-(since - counts.start) // QUARTER_MS))
    if first >= len(counts):
        return Past(counts.end, np.empty(0), np.empty(0))
    mornings = np.flatnonzero(np.diff(seasons.day)) + 1
    starts = [first, *mornings[mornings > first].tolist()]
    parts = []
    for at, until in zip(starts, [*starts[1:], len(counts)], strict=True):
        before = slice(max(at - MOST_WEEKS * QUARTERS_A_WEEK, 0), at)
        model = fit_to(taught[before], seasons.part(before), calendar)
        parts.append(Forecast.of(model, seasons.part(slice(at, until))))
    looks = look(counts.values[first:], Forecast.join(parts))
    return Past(counts.start + first * QUARTER_MS, looks.score, looks.silence).without(excluded)


def backtest(past: Past, budget: float, *, silence: bool = False) -> Backtest:
    """The lowest limit that would have kept within so many alarms a week, and a little below."""
    scores = past.silence if silence else past.score
    weeks = float((~np.isnan(scores)).sum()) / QUARTERS_A_WEEK
    threshold = lowest(lambda limit: len(episodes(past.start, scores, limit)), SPENT * budget * weeks)
    alarms = episodes(past.start, scores, threshold)
    return Backtest(threshold, alarms, len(alarms) / weeks if weeks else 0.0)


def lowest(alarms: Callable[[float], int], allowed: float) -> float:
    """The lowest limit from which on so many alarms are allowed. The higher the limit, the fewer alarms (or nearly)."""
    low, high = round(LOWEST / STEP), round(HIGHEST / STEP)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if alarms(middle * STEP) <= allowed else (middle + 1, high)
    return low * STEP
