"""Slow drifts: the same three companies, at which for two days 30 % more than usual come, every fifth or sixth week.

Incidents of an hour go on beside them, and are told by the rule of too many; what it has told is left out here. Every
Monday both limits are found anew on what has been. A drift that was noticed, or that the page shows by then among what
would have been alarms, is labelled; others stay in the past, to teach it wrong.

The rival is a z-score of the last 24 hours: beside those of the last thirty days, or of the same weekday and hour of
four or ten weeks. It has hindsight: its limit and its form are the best for the very weeks on which it is measured.

Thirty per cent for two days is about as much as days of these companies stray, so that nobody notices most of them. In
nine replays, by three seeds, ours noticed 31 of 68 and the rival 26, with 0.23 and 0.18 false alarms a week: of
"product" 14 and 9 of 23, of "sum" 8 and 7 of 21, of "bursts" 9 and 10 of 24.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tests.bench.figures import Figure, share_of
from tests.bench.volume_rivals import of_last_day
from tests.bench.volume_worlds import REPLAYED, WORLDS, World, world
from workflows.measure import drift, limit
from workflows.measure.backtest import DRIFT_SPENT, ECHO_MS, Days, Past, backtest, backtest_drift, replay
from workflows.measure.episodes import Episode, episodes
from workflows.measure.looks import Forecast
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series, Span
from workflows.measure.tails import Floats

WEEK_MS = QUARTERS_A_WEEK * QUARTER_MS
#: An alarm so late after the end of a drift still tells of it; longer, while it is in a window, it is neither.
LATE_MS, WINDOW_MS = 6 * 3_600_000, drift.LEAD_MS
LIMITS = 120
REPLAYED_MS = limit.REPLAYED * WEEK_MS


class Result(NamedTuple):
    """The share of drifts noticed, hours until then in the median, false alarms a week."""

    recall: float
    delay: float
    false_a_week: float

    def __str__(self) -> str:
        return f"{self.recall:.2f}, {self.delay:.0f} h, {self.false_a_week:.2f} false a week"


class Alarms(NamedTuple):
    """What our two rules have told."""

    drifts: list[Episode]
    many: list[Episode]


def figures(seed: int, budget: float) -> Iterator[Figure]:
    """A line for each company, and that both rules together keep within the budget."""
    for name in WORLDS:
        company = world(name, seed, drifting=True)
        alarms = _ours(company, budget)
        many = sum(first >= company.live_from for first, _ in company.drifts)
        ours, best = _result(company, alarms.drifts), _best(company, DRIFT_SPENT * budget)
        yield Figure(
            f"volume, {name}: noticed of {many} drifts of 30 % for two days",
            str(ours),
            f"z-score of 24 h, with hindsight: {best}",
            f"{ours.recall / max(best.recall, 1e-9):.2f}×",
        )
        total = ours.false_a_week + _false_many(company, alarms.many)
        together = f"{total:.2f} a week"
        yield Figure(
            f"volume, {name}: false alarms, drifts among them", together, "", "", f"≤ {budget:g}", total <= budget
        )


# -- ours -----------------------------------------------------------------------------------------


def _ours(company: World, budget: float) -> Alarms:
    """Week by week, by what was known each Monday."""
    counts, live = company.counts, company.live_from
    labelled = [span for span in (*company.incidents, *company.drifts) if span[0] < live]
    past, many, scores = replay(counts.between(counts.start, live), company.calendar, labelled), list[Episode](), []
    for monday in range(live, counts.end, WEEK_MS):
        before = backtest(past.without(labelled), budget)
        shown = backtest_drift(_lately(past, labelled), budget, before.alarms).alarms
        labelled += [span for span in company.drifts if any(_tells(each, span, LATE_MS) for each in shown)]
        least = backtest_drift(_lately(past, labelled), budget, before.alarms).threshold
        week = replay(counts.between(counts.start, monday + WEEK_MS), company.calendar, labelled, since=monday)
        found = episodes(week.start, week.score, before.threshold)
        many += found
        past = _joined(past, week)
        scores.append(_scores(past, many) / least)
        told = [each for each in episodes(live, np.concatenate(scores), 1.0, drift.SLOWLY) if each.began_at > monday]
        labelled += [span for span in company.incidents if any(_tells(each, span, QUARTER_MS) for each in found)]
        labelled += [span for span in company.drifts if any(_tells(each, span, LATE_MS) for each in told)]
    return Alarms(episodes(live, np.concatenate(scores), 1.0, drift.SLOWLY), many)


def _lately(past: Past, labelled: Sequence[Span]) -> Past:
    """The weeks that a limit is found on, as every night, without what people labelled."""
    assert past.days is not None
    before = past.days.counts.end - REPLAYED_MS
    counts = past.days.counts.without([*labelled, (past.start, max(before, past.start))])
    score = Series(past.start, past.score).without([(past.start, max(before, past.start))]).values
    return Past(past.start, score, past.silence, Days(counts, past.days.forecast))


def _joined(past: Past, week: Past) -> Past:
    assert past.days is not None
    assert week.days is not None
    counts = Series(past.start, np.concatenate([past.days.counts.values, week.days.counts.values]))
    days = Days(counts, Forecast.join([past.days.forecast, week.days.forecast]))
    return Past(past.start, np.concatenate([past.score, week.score]), past.silence, days)


def _scores(past: Past, told: Sequence[Episode]) -> Floats:
    """Of the last week, without what was told as too many."""
    assert past.days is not None
    counts = past.days.counts.without((each.began_at - ECHO_MS, each.over_at or each.loud_at) for each in told)
    return drift.look(counts, past.days.forecast).score[-QUARTERS_A_WEEK:]


# -- theirs ---------------------------------------------------------------------------------------


def _best(company: World, budget: float) -> Result:
    """With hindsight."""
    first = (company.live_from - company.counts.start) // QUARTER_MS
    tried = []
    for scores in of_last_day(company):
        live = scores[first:]
        for share in np.geomspace(1e-3, 0.5, LIMITS):
            limit = float(np.nanquantile(live, 1 - share))
            tried.append(_result(company, episodes(company.live_from, live, limit, drift.SLOWLY)))
    return max(each for each in tried if each.false_a_week <= budget)


# -- what is counted ------------------------------------------------------------------------------


def _tells(alarm: Episode, span: Span, late: int) -> bool:
    return span[0] < alarm.began_at <= span[1] + late


def _result(company: World, alarms: Sequence[Episode]) -> Result:
    """By the alarms of one rule."""
    spans = [span for span in company.drifts if span[0] >= company.live_from]
    first = [next((alarm for alarm in alarms if _tells(alarm, span, LATE_MS)), None) for span in spans]
    hours = [(alarm.began_at - span[0]) / 3_600_000 for alarm, span in zip(first, spans, strict=True) if alarm]
    false = [alarm for alarm in alarms if not any(_tells(alarm, span, WINDOW_MS) for span in spans)]
    return Result(len(hours) / len(spans), share_of(hours, 0.5) if hours else 0.0, len(false) / REPLAYED)


def _false_many(company: World, alarms: Sequence[Episode]) -> float:
    """Alarms of too many a week that neither an incident nor a drift explains."""
    spans = [*company.incidents, *company.drifts]
    return sum(not any(_tells(alarm, span, ECHO_MS) for span in spans) for alarm in alarms) / REPLAYED
