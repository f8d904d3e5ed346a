"""Survival curves, worked out by hand, and against a reckoning that goes day by day."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from workflows.overview.survival import Span, by_when, steps, still_waiting

HALF, MOST = Fraction(1, 2), Fraction(9, 10)


def spans(over: list[int], still_open: list[int]) -> list[Span]:
    return [*(Span(at, True) for at in over), *(Span(at, False) for at in still_open)]


# -- by hand ---------------------------------------------------------------------------------------


def test_of_nothing_there_is_no_curve() -> None:
    assert steps([]) == []
    assert by_when([], HALF) is None and still_waiting([], 5) == 1


def test_where_everything_is_open_nothing_has_come_to_its_end() -> None:
    curve = steps(spans([], [1, 5, 5, 9]))
    assert curve == []
    assert by_when(curve, HALF) is None and still_waiting(curve, 100) == 1


def test_where_nothing_is_open_it_is_the_plain_share() -> None:
    curve = steps(spans([1, 2, 3, 4], []))
    assert [step.share for step in curve] == [Fraction(3, 4), Fraction(1, 2), Fraction(1, 4), 0]
    assert (by_when(curve, HALF), by_when(curve, MOST)) == (2, 4)


def test_several_at_once_are_one_step() -> None:
    [step] = steps(spans([3, 3, 3], []))
    assert step == (3, 3, 3, 0)


def test_what_is_open_at_a_step_waited_until_then_and_leaves_after_it() -> None:
    # 5 wait; at 2 one ends and one leaves: 4/5. At 3 one of the 3 that are left ends: 4/5 · 2/3.
    curve = steps(spans([2, 3], [2, 4, 4]))
    assert [(step.at, step.waited, step.ended, step.share) for step in curve] == [
        (2, 5, 1, Fraction(4, 5)),
        (3, 3, 1, Fraction(8, 15)),
    ]
    assert by_when(curve, HALF) is None


def test_the_example_of_the_textbooks() -> None:
    """Freireich's patients of 1963 (6-MP): 21, of whom 9 relapsed; the shares as printed everywhere."""
    over = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    curve = steps(spans(over, [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]))
    shares = {step.at: round(float(step.share), 3) for step in curve}
    assert shares == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.69, 16: 0.627, 22: 0.538, 23: 0.448}
    assert by_when(curve, HALF) == 23 and by_when(curve, MOST) is None


# -- against another way ---------------------------------------------------------------------------


def day_by_day(some: list[Span], last: int) -> list[Fraction]:
    """Which share still waits after each day: the chances of getting through every single day, one after the other."""
    share, found = Fraction(1), []
    for day in range(last + 1):
        there = [each for each in some if each.length >= day]
        ending = [each for each in there if each.length == day and each.is_over]
        if there:
            share *= 1 - Fraction(len(ending), len(there))
        found.append(share)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_it_is_what_a_reckoning_day_by_day_says(seed: int) -> None:
    dice = random.Random(seed)
    some = [Span(dice.randint(0, 12), dice.random() < dice.choice((0.1, 0.5, 0.9))) for _ in range(dice.randint(0, 40))]
    curve, days = steps(some), day_by_day(some, 13)
    assert [still_waiting(curve, day) for day in range(14)] == days
    for share in (HALF, MOST):
        assert by_when(curve, share) == next((day for day, left in enumerate(days) if 1 - left >= share), None)
