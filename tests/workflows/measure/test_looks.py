"""What a quarter hour says once it is over: nothing where nobody counted, little where little came."""

from __future__ import annotations

import numpy as np
import pytest

from tests.workflows.measure.companies import CALENDAR, START, counted, means
from workflows.measure.looks import EXCESS, EXCESS_SHARE, Looks, ceiling, recent
from workflows.measure.model import Model, fit
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series
from workflows.measure.tails import Floats

WEEKS = 7
MODEL = fit(counted(5, WEEKS), CALENDAR)
MONDAY = START + WEEKS * QUARTERS_A_WEEK * QUARTER_MS
#: Monday at ten, noon, one, and at three in the night.
TEN, NOON, ONE, NIGHT = 40, 48, 52, 12


def day() -> Floats:
    """An ordinary Monday: exactly what is usual, rounded."""
    return np.round(means(WEEKS + 1)[WEEKS * QUARTERS_A_WEEK :][:96])


def looks(values: Floats, elapsed: float = 1.0, model: Model = MODEL) -> Looks:
    return recent(Series(MONDAY, values), model, elapsed)


# -- nothing to say -------------------------------------------------------------------------------


def test_of_nothing_there_is_nothing_to_say() -> None:
    assert [len(each) for each in looks(np.empty(0))] == [0, 0, 0, 0]


def test_an_ordinary_day_says_nothing() -> None:
    found = looks(day())
    assert found.score.max() < 2 and found.silence.max() < 2


def test_what_was_not_counted_says_nothing_and_is_no_silence() -> None:
    values = day()
    values[TEN : TEN + 8] = np.nan
    found = looks(values)
    assert np.isnan(found.score[TEN : TEN + 8]).all() and np.isnan(found.silence[TEN : TEN + 8]).all()
    assert found.silence[TEN + 8] < 2 and not np.isnan(found.silence[TEN + 8])


@pytest.mark.parametrize("came", [1, 2, 4])
def test_less_than_five_say_nothing_however_rare_they_are(came: int) -> None:
    values = np.zeros(96)
    values[NIGHT] = came
    assert looks(values).score[NIGHT] == 0


def test_what_is_hardly_more_than_usual_says_nothing() -> None:
    least = EXCESS + EXCESS_SHARE * MODEL.daytime
    values = np.zeros(96)
    values[NIGHT] = np.floor(least)
    assert looks(values).score[NIGHT] == 0
    values[NIGHT] = np.ceil(least) + 1
    assert looks(values).score[NIGHT] > 3


# -- something ------------------------------------------------------------------------------------


def test_four_times_as_many_say_much_and_the_window_says_how_many() -> None:
    values = day()
    values[TEN : TEN + 4] *= 4
    found = looks(values)
    assert found.score[TEN + 1] > 3 and found.score[TEN + 3] > 4
    assert found.came[TEN + 3] in (values[TEN : TEN + 4].sum(), values[TEN + 2 : TEN + 4].sum())
    assert found.usual[TEN + 3] == pytest.approx(found.came[TEN + 3] / 4, rel=0.35)


def test_what_is_said_does_not_hang_on_what_comes_later() -> None:
    values = counted(9, 1).values[:96]
    whole = looks(values)
    for many in (30, 47, 60):
        part = looks(values[:many])
        assert np.allclose(part.score, whole.score[:many]) and np.allclose(part.silence, whole.silence[:many])


def test_a_quarter_hour_that_has_just_begun_counts_as_far_as_it_is_over() -> None:
    values = day()[: TEN + 2]
    values[-1] = 14
    whole, begun = looks(values).score[-1], looks(values, elapsed=1 / 3).score[-1]
    assert begun > whole


def test_silence_is_told_while_somebody_works() -> None:
    values = day()
    values[TEN:ONE] = 0
    found = looks(values)
    assert found.silence[TEN + 5] > 4
    assert found.silence[NOON : NOON + 3].max() == 0  # lunch
    assert found.score[TEN:ONE].max() == 0


def test_a_silence_that_lasts_does_not_become_usual() -> None:
    values = day()
    values[TEN:] = 0
    found = looks(values)
    assert found.silence[ONE + 8 : 70].min() > 3


def test_a_busy_day_is_no_long_incident() -> None:
    values = day() * 2
    found = looks(values)
    assert found.score[60:].max() < found.score[:50].max()
    assert found.score[60:72].max() < 2


# -- the rule that anybody understands ------------------------------------------------------------


def test_the_ceiling_is_reached_by_half_an_hour() -> None:
    values = np.array([20.0, 20.0, 30.0, np.nan, 49.0, 1.0])
    share = ceiling(values, 50)
    assert share[:3].tolist() == [0.4, 0.8, 1.0] and np.isnan(share[3]) and share[5] == 1.0


def test_it_needs_no_past() -> None:
    learning = fit(Series(MONDAY, np.empty(0)), CALENDAR)
    found = looks(day() * 5, model=learning)
    assert learning.is_learning and np.isfinite(found.score).all()
