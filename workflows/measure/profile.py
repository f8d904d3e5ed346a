"""Factors of what is usual, each reckoned out of what was counted and what the other factors expect. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import mul

import numpy as np

from workflows.measure.seasons import HOLIDAY, KINDS, SATURDAY, SUNDAY, WORKDAY, YEAR_END, Ints
from workflows.measure.series import QUARTERS_A_DAY
from workflows.measure.tails import Floats

#: How many slots to each side the smooth profile and the rough one look, and by how many pseudo-counts the finer of
#: two is drawn towards the coarser: rough to smooth, smooth to the day's mean, a kind of day to the kind it is like.
ROUGH, SMOOTH = 1, 6
FINE_PULL, SMOOTH_PULL, KIND_PULL = 12.0, 6.0, 15.0
#: So many times the median, and so many more, are a spike before anything is fitted; of so many days there is a median.
FAR_TIMES, FAR, FEWEST_DAYS = 4.0, 10.0, 3
#: The kind of day that another is most like; of which nothing is known is as that one.
LIKE = {SUNDAY: WORKDAY, SATURDAY: SUNDAY, HOLIDAY: SUNDAY, YEAR_END: HOLIDAY}


def _neighbours(reach: int) -> Floats:
    """How much each slot says of each other one: the nearer the more; the day is a circle."""
    apart = np.abs(np.subtract.outer(np.arange(QUARTERS_A_DAY), np.arange(QUARTERS_A_DAY)))
    found: Floats = np.maximum(1.0 - np.minimum(apart, QUARTERS_A_DAY - apart) / (1 + reach), 0.0)
    return found


ROUGHLY, SMOOTHLY = _neighbours(ROUGH), _neighbours(SMOOTH)


def profiles(counts: Floats, expected: Floats, kind: Ints, slot: Ints) -> Floats:
    """For each kind of day and slot how many came for each that the other factors expect; a table, never zero."""
    cell, cells = kind * QUARTERS_A_DAY + slot, len(KINDS) * QUARTERS_A_DAY
    came = np.bincount(cell, counts, cells).reshape(-1, QUARTERS_A_DAY)
    due = np.bincount(cell, expected, cells).reshape(-1, QUARTERS_A_DAY)
    overall = max(float(counts.sum()), 0.5) / max(float(expected.sum()), 1e-9)
    found = np.empty(came.shape)
    found[WORKDAY] = _profile(came[WORKDAY], due[WORKDAY], np.full(QUARTERS_A_DAY, overall))
    for one, other in LIKE.items():
        found[one] = _profile(came[one], due[one], _like(came[one], due[one], found[other]))
    return found


def ceilings(counts: Floats, known: Floats, kind: Ints, slot: Ints, day: Ints) -> Floats:
    """The most that each quarter hour can count as, before anything is known of it: far above the median of its like.

    A kind of day that was seen twice has no median yet; the highest of the others is its own.
    """
    table = np.full((int(day[-1]) + 1, QUARTERS_A_DAY), np.nan)
    table[day, slot] = np.where(known > 0, counts, np.nan)
    kind_of_day = np.zeros(len(table), dtype=np.int64)
    kind_of_day[day] = kind
    medians = np.zeros((len(KINDS), QUARTERS_A_DAY))
    seen = [each for each in KINDS if (kind_of_day == each).sum() >= FEWEST_DAYS]
    for each in seen:
        ordered = np.sort(table[kind_of_day == each], axis=0)  # what is not known comes last
        many = np.maximum((~np.isnan(ordered)).sum(0), 1)
        middle = np.nan_to_num(ordered[many // 2, np.arange(QUARTERS_A_DAY)])
        medians[each] = SMOOTHLY @ middle / SMOOTHLY.sum(1)
    for each in set(KINDS) - set(seen):
        medians[each] = medians.max(0)
    found: Floats = FAR_TIMES * medians[kind, slot] + FAR
    return found


def _like(came: Floats, due: Floats, other: Floats) -> Floats:
    """Another kind's profile, as high as this kind is; where little is known of it, the other one itself."""
    height = (float(came.sum()) + KIND_PULL) / (float((due * other).sum()) + KIND_PULL)
    return other * height


def _profile(came: Floats, due: Floats, before: Floats) -> Floats:
    """Coarse first: the profile that is expected, then smooth, then nearly as it was counted."""
    smooth = drawn(SMOOTHLY @ came, SMOOTHLY @ (due * before), SMOOTH_PULL) * before
    return drawn(ROUGHLY @ came, ROUGHLY @ (due * smooth), FINE_PULL) * smooth


def drawn(came: Floats, due: Floats, pull: float) -> Floats:
    """How many came for each that was due, drawn towards 1 by so many that came as they were due."""
    return (came + pull) / (due + pull)


def summed(group: Ints, values: Floats, groups: int) -> Floats:
    """The sum of the values of each group."""
    return np.bincount(group, values, groups).astype(np.float64)


@dataclass
class Factor:
    """What one thing, such as the weekday, makes of a count: a number for each of its groups."""

    group: Ints  # of each quarter hour
    table: Floats
    pull: float

    @classmethod
    def of(cls, group: Ints, groups: int, pull: float) -> Factor:
        """One that makes no difference yet."""
        return cls(group, np.ones(groups), pull)

    def fit(self, came: Floats, due: Floats) -> None:
        """Out of what came, and what all others make due."""
        many = len(self.table)
        self.table = drawn(summed(self.group, came, many), summed(self.group, due, many), self.pull)


def product(factors: Iterable[Factor]) -> Floats | float:
    """What these make together of each quarter hour."""
    return reduce(mul, (factor.table[factor.group] for factor in factors), 1.0)
