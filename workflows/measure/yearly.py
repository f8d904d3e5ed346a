"""Seasons of the year that a company names (such as the year-end tax adjustment): how much busier they are. Pure.

    busy = found(season, days, counts, calendar)       # each time that it lies among these days, with its factor
    factors(busy, seasons.day)                         # what that makes of each quarter hour

Its factor is what past years say: its workdays beside those of the four weeks before and after. It is reckoned anew for
each time, out of what came before that alone, so that a back-test knows no more than was known then. Where no past year
was counted it is the one that the rules give; where they give none, 1, and the level follows by itself. Replayed twice
on an invented company at which half as many again came from one day on, a factor left 25 of some 260 loud hours of
drifts, and one of 1.3 still 65; a level that follows twice as fast left about 215, so it stays as slow as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from workflows.measure.seasons import WORKDAY, Ints, kind_of
from workflows.measure.tails import Floats
from workflows.rules.alerts import Season
from workflows.rules.calendar import Calendar

#: Days before and after a season that it is measured by; years back that are looked at.
BESIDE, YEARS = 28, 3
#: Workdays that must have been counted in it, and beside it.
FEWEST_DAYS = 8
#: By so many that came as given a factor is drawn to what the rules give.
PULL = 60.0


class Busy(NamedTuple):
    """One time that a season comes: its first and its last day (ordinals), and how many times as many come."""

    name: str
    first: int
    last: int
    factor: float


def factors(busy: Iterable[Busy], day: Ints) -> Floats:
    """How many times as many come, of each day (an ordinal); 1 where it is no season."""
    found = np.ones(len(day))
    for each in busy:
        found[(day >= each.first) & (day <= each.last)] = each.factor
    return found


def found(season: Season, among: tuple[date, date], counts: Mapping[int, int], calendar: Calendar) -> list[Busy]:
    """Each time that a season lies among these days, by what was counted on each day (an ordinal) before."""
    first, last = (each.toordinal() for each in among)
    return [
        Busy(season.name, begins, ends, _factor(season, begins, counts, calendar))
        for begins, ends in times(season, among[0].year - 1, among[1].year)
        if begins <= last and ends >= first
    ]


def times(season: Season, first_year: int, last_year: int) -> Iterator[tuple[int, int]]:
    """From when until when it is (ordinals), by the year in which it begins."""
    (_, *first), (_, *last) = season.days.first, season.days.last
    for year in range(first_year, last_year + 1):
        yield _day(year, *first), _day(year + (last < first), *last)


def _day(year: int, month: int, day: int) -> int:
    """A 29 February that there is not is the day before."""
    is_short = (month, day) == (2, 29) and (year % 4 or (not year % 100 and year % 400))
    return date(year, month, 28 if is_short else day).toordinal()


def _factor(season: Season, begins: int, counts: Mapping[int, int], calendar: Calendar) -> float:
    """By the years before the one that begins then."""
    year, given = date.fromordinal(begins).year, (season.percent or 100) / 100
    came, due = 0.0, 0.0
    for first, last in times(season, year - YEARS, year - 1):
        within = _workdays(first, last, counts, calendar)
        beside = [
            n
            for side in ((first - BESIDE, first - 1), (last + 1, min(last + BESIDE, begins - 1)))
            for n in _workdays(*side, counts, calendar)
        ]
        if min(len(within), len(beside)) >= FEWEST_DAYS:
            came, due = came + sum(within), due + len(within) * sum(beside) / len(beside)
    return (came + PULL * given) / (due + PULL)


def _workdays(first: int, last: int, counts: Mapping[int, int], calendar: Calendar) -> list[int]:
    """How many came on each workday that was counted."""
    days = (day for day in range(first, last + 1) if day in counts)
    return [counts[day] for day in days if kind_of(calendar, date.fromordinal(day)) == WORKDAY]
