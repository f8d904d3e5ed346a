"""What would have alarmed of topics: the past replayed week by week, all of them at once. Pure.

    pasts = replay_parts(counts, {"login": series, …}, calendar, labelled, since)
    test = backtest_parts(pasts, budget=1.0)        # one limit for all of them, and the alarms

A topic's model is made of the whole's at the beginning of each week; scores are those of many looked at (`parts.fair`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from workflows.measure.backtest import SPENT, lowest
from workflows.measure.episodes import Episode, episodes
from workflows.measure.looks import FOLLOWED, recent
from workflows.measure.model import FEWEST_WEEKS, Model, fit
from workflows.measure.parts import fair, of_part
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series, Span
from workflows.measure.tails import Floats
from workflows.measure.yearly import Busy
from workflows.rules.calendar import Calendar

WEEK_MS = QUARTERS_A_WEEK * QUARTER_MS
#: Weeks of which a topic's own level is made; before a week so many quarter hours are looked at, so that today's level
#: is followed.
PART_WEEKS, LEAD_MS = 4, FOLLOWED * QUARTER_MS


class PartBacktest(NamedTuple):
    """A limit for all topics, and what it would have done. `weeks`: how many were replayed."""

    threshold: float
    alarms: list[tuple[str, Episode]]
    weeks: float

    @property
    def per_week(self) -> float:
        """How many alarms a week."""
        return len(self.alarms) / self.weeks if self.weeks else 0.0


def replay_parts(
    counts: Series,
    parts: Mapping[str, Series],
    calendar: Calendar,
    labelled: Mapping[str, Sequence[Span]],
    since: int,
    busy: tuple[Busy, ...] = (),
) -> dict[str, Series]:
    """Each topic's scores, week after week up to the end of all counts. `labelled`: spans by topic, "" for all."""
    begins = [at for at in _weeks(counts, since) if at - FEWEST_WEEKS * WEEK_MS >= counts.start]
    if not begins or not parts:
        return {}
    wholes = [fit(counts.between(counts.start, at), calendar, labelled.get("", ()), busy) for at in begins]
    rows = np.concatenate([_week(whole, parts, labelled, at) for whole, at in zip(wholes, begins, strict=True)], axis=1)
    scores = {name: Series(begins[0], row) for name, row in zip(parts, rows, strict=True)}
    return {name: each.without(labelled.get(name, ())) for name, each in scores.items()}


def backtest_parts(scores: Mapping[str, Series], budget: float) -> PartBacktest:
    """The lowest limit that would have kept all of them within so many alarms a week, and a little below."""
    known = max((int((~np.isnan(each.values)).sum()) for each in scores.values()), default=0)
    weeks = known / QUARTERS_A_WEEK
    threshold = lowest(lambda limit: len(_alarms(scores, limit)), SPENT * budget * weeks)
    return PartBacktest(threshold, _alarms(scores, threshold), weeks)


def _alarms(scores: Mapping[str, Series], limit: float) -> list[tuple[str, Episode]]:
    return [(name, each) for name, row in scores.items() for each in episodes(row.start, row.values, limit)]


def _weeks(counts: Series, since: int) -> range:
    """When each whole week begins, up to the end."""
    many = max((counts.end - max(since, counts.start)) // WEEK_MS, 0)
    return range(counts.end - many * WEEK_MS, counts.end, WEEK_MS)


def _week(whole: Model, parts: Mapping[str, Series], labelled: Mapping[str, Sequence[Span]], at: int) -> Floats:
    """A row of scores for each topic."""
    rows = []
    for name, series in parts.items():
        model = of_part(whole, series.between(at - PART_WEEKS * WEEK_MS, at), labelled.get(name, ()))
        rows.append(recent(series.between(at - LEAD_MS, at + WEEK_MS), model).score[-QUARTERS_A_WEEK:])
    return fair(np.stack(rows))
