"""What would have alarmed on a company's own past."""

from __future__ import annotations

import numpy as np
import pytest

from tests.workflows.measure.companies import CALENDAR, START, counted
from workflows.measure.backtest import (
    HIGHEST,
    LEARNING_LIMIT,
    LOWEST,
    SPENT,
    STEP,
    USUAL_LIMIT,
    Past,
    backtest,
    limit_of,
    lowest,
    replay,
)
from workflows.measure.episodes import episodes
from workflows.measure.model import fit
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series

WEEKS = 6
DAY_MS = 96 * QUARTER_MS
#: A Wednesday's morning in the fifth week.
AT = 4 * QUARTERS_A_WEEK + 2 * 96 + 42
SPAN = (START + AT * QUARTER_MS, START + (AT + 4) * QUARTER_MS)


def unwell(seed: int) -> Series:
    values = counted(seed, WEEKS).values
    values[AT : AT + 4] += 40
    return Series(START, values)


@pytest.fixture(scope="module")
def past() -> Past:
    return replay(unwell(21), CALENDAR)


def test_too_short_a_past_says_nothing() -> None:
    nothing = replay(counted(1, 3), CALENDAR)
    assert len(nothing.score) == 0
    test = backtest(nothing, 1.0)
    assert (test.alarms, test.per_week) == ([], 0.0)


def test_it_looks_at_all_that_comes_after_three_weeks(past: Past) -> None:
    assert past.start == START + 3 * QUARTERS_A_WEEK * QUARTER_MS
    assert len(past.score) == 3 * QUARTERS_A_WEEK == len(past.silence)


@pytest.mark.parametrize("budget", [0.5, 1.0, 2.0, 5.0])
def test_the_budget_is_kept_and_the_next_lower_limit_would_not(past: Past, budget: float) -> None:
    test = backtest(past, budget)
    assert test.per_week <= SPENT * budget + 1e-9
    assert test.per_week == pytest.approx(len(test.alarms) / 3)
    if test.threshold > LOWEST:
        assert backtest_at(past, test.threshold - STEP) > SPENT * budget * 3


def backtest_at(past: Past, limit: float) -> int:
    return len(episodes(past.start, past.score, limit))


def test_more_alarms_a_week_are_a_lower_limit(past: Past) -> None:
    limits = [backtest(past, budget).threshold for budget in (0.4, 1.0, 3.0, 10.0)]
    assert limits == sorted(limits, reverse=True)


def test_an_incident_is_among_the_alarms_until_it_is_labelled(past: Past) -> None:
    assert any(SPAN[0] < alarm.began_at <= SPAN[1] for alarm in backtest(past, 1.0).alarms)
    labelled = replay(unwell(21), CALENDAR, [SPAN])
    test = backtest(labelled, 1.0)
    assert not any(SPAN[0] < alarm.began_at <= SPAN[1] + 4 * QUARTER_MS for alarm in test.alarms)
    assert test.threshold <= backtest(past, 1.0).threshold
    assert np.isnan(labelled.score[AT - 3 * QUARTERS_A_WEEK :][:8]).all()


def test_what_is_not_counted_is_no_week(past: Past) -> None:
    gone = Past(past.start, past.score.copy(), past.silence)
    gone.score[: 2 * QUARTERS_A_WEEK] = np.nan
    assert backtest(gone, 1.0).per_week == pytest.approx(len(backtest(gone, 1.0).alarms))


def test_a_day_is_looked_at_by_what_was_known_the_evening_before(past: Past) -> None:
    later = unwell(21).values
    later[5 * QUARTERS_A_WEEK :] = 0
    again = replay(Series(START, later), CALENDAR)
    assert np.array_equal(again.score[: 2 * QUARTERS_A_WEEK], past.score[: 2 * QUARTERS_A_WEEK])


def test_a_part_of_it_is_looked_at_by_the_same_models(past: Past) -> None:
    since = START + 5 * QUARTERS_A_WEEK * QUARTER_MS
    week = replay(unwell(21), CALENDAR, since=since)
    assert week.start == since
    assert np.allclose(week.score[96:], past.score[2 * QUARTERS_A_WEEK + 96 :], atol=0.3)


def test_silence_has_a_limit_of_its_own(past: Past) -> None:
    values = unwell(21).values
    values[AT + 96 : AT + 106] = 0
    broken = replay(Series(START, values), CALENDAR)
    [alarm, *_] = backtest(broken, 1.0, silence=True).alarms
    assert START + (AT + 96) * QUARTER_MS < alarm.began_at <= START + (AT + 107) * QUARTER_MS


def test_a_limit_that_was_found_is_gone_by_once_the_model_has_learned() -> None:
    young, old = (fit(counted(1, weeks), CALENDAR) for weeks in (2, 4))
    assert (limit_of(young), limit_of(young, 2.5)) == (LEARNING_LIMIT, LEARNING_LIMIT)
    assert (limit_of(old), limit_of(old, 2.5)) == (USUAL_LIMIT, 2.5)


def test_the_lowest_limit_is_within_what_is_tried() -> None:
    assert lowest(lambda limit: 0, 0) == LOWEST
    assert lowest(lambda limit: 9, 0) == pytest.approx(HIGHEST)
    assert lowest(lambda limit: 1 if limit < 2.5 else 0, 0) == pytest.approx(2.5)
