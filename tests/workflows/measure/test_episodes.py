"""What begins, goes on and is over."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workflows.measure.episodes import COOLDOWN_MS, Episode, Pace, episodes, step
from workflows.measure.series import QUARTER_MS

NAN = float("nan")
START = 1_000 * QUARTER_MS


def at(number: int) -> int:
    """The end of a quarter hour, the first is 0."""
    return START + (number + 1) * QUARTER_MS


def found(*scores: float, limit: float = 3.0) -> list[Episode]:
    return episodes(START, np.array(scores), limit)


def test_below_the_limit_nothing_begins() -> None:
    assert found() == [] and found(0, 2.99, 2.99, NAN) == []


def test_it_begins_at_the_limit_and_is_over_after_two_quiet_ones() -> None:
    assert found(0, 3, 4, 1, 1, 0) == [Episode(at(1), at(2), 4.0, 2, at(4))]


def test_it_goes_on_as_long_as_half_of_the_limit_is_reached() -> None:
    [one] = found(3, 1.5, 1, 1.5, 1.6)
    assert (one.began_at, one.loud_at, one.over_at) == (at(0), at(4), 0)


def test_where_nobody_counts_nothing_is_over() -> None:
    [one] = found(3, NAN, NAN, NAN, 1)
    assert one.over_at == 0 and one.quiet == 1


def test_what_comes_again_within_an_hour_is_the_same() -> None:
    quiet = COOLDOWN_MS // QUARTER_MS
    [one] = found(3, 0, 0, *[0] * (quiet - 1), 5, 0, 0)
    assert (one.began_at, one.peak, one.over_at) == (at(0), 5, at(quiet + 4))
    assert len(found(3, 0, 0, *[0] * quiet, 5)) == 2


def test_what_is_loud_again_without_reaching_the_limit_is_not() -> None:
    assert found(3, 0, 0, 2.9, 2.9)[0].over_at == at(2)


def test_a_step_says_what_has_changed() -> None:
    assert step(None, at(0), 2.0, 3.0) is None and step(None, at(0), NAN, 3.0) is None
    begun = step(None, at(1), 3.5, 3.0)
    assert begun == Episode(at(1), at(1), 3.5)
    assert step(begun, at(2), NAN, 3.0) == begun
    ending = step(step(begun, at(2), 0.0, 3.0), at(3), 0.0, 3.0)
    assert ending and ending.over_at == at(3)
    assert step(ending, at(4), 0.0, 3.0) == ending


scores = st.lists(st.one_of(st.floats(0, 6), st.just(NAN)), max_size=120)


@given(scores, st.floats(1, 5))
def test_episodes_never_overlap_and_none_begins_quietly(values: list[float], limit: float) -> None:
    some = episodes(START, np.array(values), limit)
    for one, next_one in pairwise(some):
        assert one.began_at <= one.loud_at < one.over_at and one.over_at + COOLDOWN_MS < next_one.began_at
    by_end = {at(number): value for number, value in enumerate(values)}
    for each in some:
        assert by_end[each.began_at] >= limit and each.peak >= limit
        assert by_end[each.loud_at] >= limit / 2


@given(scores, st.floats(1, 5))
def test_all_at_once_is_one_after_the_other(values: list[float], limit: float) -> None:
    last, some = None, list[Episode]()
    for number, score in enumerate(values):
        last = step(last, at(number), score, limit)
        if last and some and some[-1].began_at == last.began_at:
            some[-1] = last
        elif last:
            some.append(last)
    assert episodes(START, np.array(values), limit) == some


def test_at_a_slow_pace_it_takes_longer_until_it_is_over_and_it_comes_back_as_the_same_one() -> None:
    pace = Pace(still_loud=0.7, quiet_looks=3, cooldown_ms=24 * QUARTER_MS)
    scores = np.array([3.2, 2.2, 1.0, 1.0, 2.2, 1.0, 1.0, 1.0, *[0.0] * 20, 3.2])
    [one] = episodes(0, scores, 3.0, pace)
    assert (one.began_at, one.over_at, one.loud_at) == (QUARTER_MS, 0, len(scores) * QUARTER_MS)
    assert len(episodes(0, scores, 3.0)) == 2
