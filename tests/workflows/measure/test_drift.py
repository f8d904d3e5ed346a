"""More than usual for days, although no half hour by itself is unusual."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.workflows.measure.companies import CALENDAR, START, counted, means
from workflows.measure import drift
from workflows.measure.backtest import DRIFT_SPENT, Past, backtest, backtest_drift, replay
from workflows.measure.looks import Forecast
from workflows.measure.model import GUARD_DAYS, fit
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTER_MS, QUARTERS_A_DAY, QUARTERS_A_WEEK, Series

WEEKS = 8
HOUR = 4
#: Tuesday, 9:00, in the eighth week; up to Thursday, 9:00.
FIRST = 7 * QUARTERS_A_WEEK + QUARTERS_A_DAY + 36
LAST = FIRST + 2 * QUARTERS_A_DAY


def drifting(seed: int, more: float, many: int = LAST - FIRST) -> Series:
    """A company at which from that Tuesday on so much more comes than otherwise."""
    dice = np.random.default_rng([seed, 1])
    values = counted(seed, WEEKS).values
    values[FIRST : FIRST + many] += dice.poisson(more * means(WEEKS)[FIRST : FIRST + many])
    return Series(START, values)


def looked(counts: Series, known: int = FIRST) -> drift.Drifts:
    """The scores by what was known at a quarter hour."""
    model = fit(Series(START, counts.values[:known]), CALENDAR)
    return drift.look(counts, Forecast.of(model.of_before, Seasons.of(START, len(counts), CALENDAR)))


@cache
def past(seed: int = 3) -> Past:
    return replay(drifting(seed, 0.5), CALENDAR)


# -- no drift --------------------------------------------------------------------------------------


def test_it_says_something_at_full_hours_alone() -> None:
    score = looked(counted(1, WEEKS)).score
    assert np.isnan(score.reshape(-1, HOUR)[:, :-1]).all()
    assert not np.isnan(score[FIRST + HOUR - 1 : LAST : HOUR]).any()


def test_where_nobody_counted_it_says_nothing() -> None:
    counts = drifting(1, 0.5).without([(START + (LAST - 8) * QUARTER_MS, START + LAST * QUARTER_MS)])
    assert np.isnan(looked(counts).score[LAST - 8 : LAST]).all()


def test_days_of_which_too_little_is_known_say_nothing() -> None:
    values = drifting(1, 0.5).values
    values[LAST - 3 * QUARTERS_A_DAY : LAST - 2 * HOUR] = np.nan
    assert np.isnan(looked(Series(START, values)).score[LAST - 1])


def test_a_weekend_neither_begins_nor_ends_one() -> None:
    sunday_night = 7 * QUARTERS_A_WEEK - 1
    assert np.isnan(looked(drifting(1, 0.5)).score[sunday_night])


def test_a_few_more_are_not_worth_a_message() -> None:
    assert (drift.EXCESS, drift.EXCESS_SHARE) == (10.0, 0.12)
    quiet = Series(START, counted(2, WEEKS, daytime=0.1).values)
    quiet.values[FIRST:LAST:40] += 1
    assert np.nanmax(np.nan_to_num(looked(quiet).score[FIRST:LAST])) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_spike_of_an_hour_is_no_drift(seed: int) -> None:
    values = counted(seed, WEEKS).values
    plain = np.nanmax(looked(Series(START, values.copy())).score[FIRST:LAST])
    values[FIRST + 8 : FIRST + 12] += 60
    assert np.nanmax(looked(Series(START, values)).score[FIRST:LAST]) <= plain + 1.5


def test_what_was_told_as_too_many_is_left_out() -> None:
    counts = drifting(1, 0.5)
    told = counts.without([(START + FIRST * QUARTER_MS, START + LAST * QUARTER_MS)])
    assert np.nanmax(np.nan_to_num(looked(told).score[FIRST : LAST + QUARTERS_A_DAY])) < np.nanmax(
        looked(counts).score[FIRST : LAST + QUARTERS_A_DAY]
    )


# -- a drift ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 6))
def test_half_as_many_again_for_two_days_stand_out(seed: int) -> None:
    before, during = (
        looked(drifting(seed, 0.5)).score[part] for part in (slice(FIRST - 960, FIRST), slice(FIRST, LAST))
    )
    assert np.nanmax(during) > max(3.0, float(np.nanmax(before))), f"seed {seed}"


def test_the_longer_it_goes_on_the_longer_the_window_that_says_so() -> None:
    window = looked(drifting(1, 0.5)).window
    assert window[LAST - 1] > QUARTERS_A_DAY


@pytest.mark.fault("F117")
def test_a_drift_does_not_make_itself_usual_within_the_guard() -> None:
    counts = drifting(2, 0.6, many=QUARTERS_A_WEEK - (FIRST % QUARTERS_A_WEEK))
    later = FIRST + (GUARD_DAYS - 1) * QUARTERS_A_DAY
    before, after = (fit(Series(START, counts.values[:at]), CALENDAR) for at in (FIRST, later))
    week = Seasons.of(START, QUARTERS_A_WEEK, CALENDAR)
    guarded, plain = (
        last.mean(week).sum() / first.mean(week).sum()
        for first, last in ((before.of_before, after.of_before), (before, after))
    )
    assert abs(guarded - 1) < 0.04
    assert plain > guarded + 0.05


@pytest.mark.fault("F117")
def test_a_change_that_stays_is_usual_after_some_weeks() -> None:
    dice, values = np.random.default_rng(7), counted(7, 12).values
    values[FIRST:] += dice.poisson(0.6 * means(12)[FIRST:])
    model = fit(Series(START, values), CALENDAR)
    drifted = drift.look(Series(START, values), Forecast.of(model.of_before, Seasons.of(START, len(values), CALENDAR)))
    assert np.nanmax(drifted.score[-QUARTERS_A_DAY:]) < 3


# -- the limit -------------------------------------------------------------------------------------


def test_a_past_that_is_too_short_has_no_drifts() -> None:
    nothing = backtest_drift(replay(counted(1, 3), CALENDAR), 1.0)
    assert (nothing.alarms, nothing.per_week) == ([], 0.0)


@pytest.mark.parametrize("budget", [1.0, 5.0, 10.0])
def test_both_limits_together_keep_within_the_budget(budget: float) -> None:
    many = backtest(past(), budget)
    slow = backtest_drift(past(), budget, many.alarms)
    assert slow.per_week <= DRIFT_SPENT * budget + 1e-9
    assert many.per_week + slow.per_week <= budget + 1e-9


def test_a_drift_is_among_the_alarms_of_the_past() -> None:
    alarms = backtest_drift(past(), 2.0).alarms
    first, last = (START + at * QUARTER_MS for at in (FIRST, LAST + QUARTERS_A_DAY))
    assert any(first < alarm.began_at <= last for alarm in alarms)


def test_what_people_labelled_is_none() -> None:
    span = (START + FIRST * QUARTER_MS, START + LAST * QUARTER_MS)
    labelled = replay(drifting(3, 0.5), CALENDAR, [span])
    assert not any(span[0] < alarm.began_at <= span[1] for alarm in backtest_drift(labelled, 5.0).alarms)
