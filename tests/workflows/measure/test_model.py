"""What is usual: it follows what was counted, and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.workflows.measure.companies import CALENDAR, START, counted, means
from workflows.measure.model import fit
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTER_MS, QUARTERS_A_DAY, QUARTERS_A_WEEK, Series

DAY_MS, WEEK_MS = QUARTERS_A_DAY * QUARTER_MS, QUARTERS_A_WEEK * QUARTER_MS
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def error(found: np.ndarray, aim: np.ndarray) -> float:
    """How far it is off, in the mean, as a share of the mean."""
    return float(np.abs(found - aim).sum() / aim.sum())


# -- too little -----------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [0, 1, QUARTERS_A_WEEK, 2 * QUARTERS_A_WEEK])
def test_with_less_than_three_weeks_it_is_learning(many: int) -> None:
    model = fit(Series(START, counted(1, 3).values[:many]), CALENDAR)
    assert model.is_learning
    usual = model.expect(START + many * QUARTER_MS, QUARTERS_A_WEEK)
    assert np.isfinite(usual.mean).all() and (usual.low <= usual.high).all()


def test_three_weeks_of_which_most_is_missing_are_no_three_weeks() -> None:
    counts = counted(1, 3)
    assert not fit(counts, CALENDAR).is_learning
    assert fit(counts.without([(START, START + 5 * DAY_MS)]), CALENDAR).is_learning


def test_while_it_learns_a_kind_of_day_has_a_mean() -> None:
    usual = fit(counted(1, 2), CALENDAR).expect(START + 2 * WEEK_MS, QUARTERS_A_WEEK).mean.reshape(7, -1).mean(1)
    assert usual[0] == pytest.approx(usual[3]) and usual[3] > 3 * usual[6]


# -- what it finds --------------------------------------------------------------------------------


@SEEDS
def test_it_comes_near_to_what_the_company_is_like(seed: int) -> None:
    model = fit(counted(seed, 7), CALENDAR)
    usual = model.expect(START + 7 * WEEK_MS, QUARTERS_A_WEEK)
    aim = means(8)[-QUARTERS_A_WEEK:]
    assert error(usual.mean, aim) < 0.15
    assert model.daytime == pytest.approx(6.6, rel=0.25)


@SEEDS
def test_99_of_100_counts_are_within_the_band(seed: int) -> None:
    counts = counted(seed, 8)
    usual = fit(Series(START, counts.values[: 7 * QUARTERS_A_WEEK]), CALENDAR).expect(
        START + 7 * WEEK_MS, QUARTERS_A_WEEK
    )
    came = counts.values[7 * QUARTERS_A_WEEK :]
    assert ((came >= usual.low) & (came <= usual.high)).mean() > 0.975


@SEEDS
def test_with_five_times_as_many_it_expects_five_times_as_many(seed: int) -> None:
    counts, later = counted(seed, 7, daytime=20.0), START + 7 * WEEK_MS
    more = Series(START, counts.values * 5)
    one, five = (fit(each, CALENDAR).expect(later, QUARTERS_A_WEEK).mean for each in (counts, more))
    assert error(five, one * 5) < 0.05


def test_a_holiday_that_was_never_seen_is_like_a_sunday() -> None:
    model = fit(counted(1, 7).between(0, CALENDAR.moment(date(2026, 3, 20))), CALENDAR)
    seen = fit(counted(1, 7), CALENDAR)
    for each in (model, seen):
        holiday, workday = (
            each.mean(Seasons.of(CALENDAR.moment(day), 96, CALENDAR)).sum()
            for day in (date(2026, 7, 20), date(2026, 7, 21))
        )
        assert holiday < workday / 3 or each.is_learning


# -- what must not enter --------------------------------------------------------------------------


@SEEDS
def test_missing_is_not_zero(seed: int) -> None:
    counts, later = counted(seed, 7), START + 7 * WEEK_MS
    gone = [(START + 5 * WEEK_MS, START + 5 * WEEK_MS + 4 * DAY_MS)]
    missing = counts.without(gone)
    zero = Series(START, np.nan_to_num(missing.values))
    whole, left, low = (
        fit(each, CALENDAR).expect(later, QUARTERS_A_WEEK).mean.sum() for each in (counts, missing, zero)
    )
    assert left == pytest.approx(whole, rel=0.06)
    assert low < 0.9 * whole


@SEEDS
def test_what_is_excluded_does_not_enter_whatever_came(seed: int) -> None:
    counts = counted(seed, 5)
    spans = [(START + 30 * DAY_MS + 40 * QUARTER_MS, START + 30 * DAY_MS + 46 * QUARTER_MS)]
    models = []
    for came in (0.0, 7.0, 10_000.0):
        values = counts.values.copy()
        values[30 * 96 + 40 : 30 * 96 + 46] = came
        models.append(fit(Series(START, values), CALENDAR, spans).expect(START + 5 * WEEK_MS, 96))
    assert all(np.array_equal(each.mean, models[0].mean) for each in models)
    assert all(np.array_equal(each.high, models[0].high) for each in models)


def test_a_spike_that_nobody_labelled_moves_little() -> None:
    counts = counted(1, 7)
    values = counts.values.copy()
    values[6 * QUARTERS_A_WEEK + 96 + 42 :][:6] = 500.0
    usual, moved = (
        fit(each, CALENDAR).expect(START + 7 * WEEK_MS, QUARTERS_A_WEEK) for each in (counts, Series(START, values))
    )
    assert error(moved.mean, usual.mean) < 0.08
    assert (moved.high <= usual.high * 1.5 + 3).all()


def test_what_is_older_than_ten_weeks_does_not_enter() -> None:
    counts = counted(1, 12)
    before = Series(START, np.concatenate([np.full(2 * QUARTERS_A_WEEK, 99.0), counts.values[2 * QUARTERS_A_WEEK :]]))
    one, other = (fit(each, CALENDAR).expect(counts.end, 96).mean for each in (counts, before))
    assert np.array_equal(one, other)


def test_the_same_counts_have_the_same_model() -> None:
    one, other = (fit(counted(4, 4), CALENDAR).expect(START, 96) for _ in range(2))
    assert all(np.array_equal(*each) for each in zip(one, other, strict=True))
