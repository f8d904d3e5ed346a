"""What a quarter hour is like before anybody has written: which kind of day, which time of it, where in the month.

    seasons = Seasons.of(start, 672, calendar)   # a week of quarter hours from a moment on
    seasons.kind, seasons.slot, seasons.weekday, seasons.position, seasons.day   # an array each

The day and the time are what the company's wall clock shows; a night of two third hours has each of them twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workflows.measure.series import QUARTER_MS, QUARTERS_A_DAY
from workflows.rules.calendar import DAY_MS, EPOCH_DAY, Calendar
from workflows.rules.calendar_words import Days, holidays_of

Ints = NDArray[np.int64]

#: Kinds of days. A Sunday is also any other weekday without hours; a holiday is closed only this time.
WORKDAY, SATURDAY, SUNDAY, HOLIDAY, YEAR_END = KINDS = range(5)
#: Where in the month a workday is: nowhere in particular, its first, a 5th 10th … 25th (on which many are paid), the
#: two before its last, its last; or the first one after holidays, wherever that is.
PLAIN, FIRST, FIFTHS, NEAR_END, LAST, AFTER = POSITIONS = range(6)
FIFTH_DAYS = (5, 10, 15, 20, 25)
YEARS_END = Days((0, 12, 29), (0, 1, 3))


@dataclass(frozen=True)
class Seasons:
    """Of each quarter hour: its day (an ordinal), its slot (0 to 95), and what its day is."""

    day: Ints
    slot: Ints
    weekday: Ints
    kind: Ints
    position: Ints
    is_open: NDArray[np.bool_]

    @classmethod
    def of(cls, start: int, many: int, calendar: Calendar) -> Seasons:
        """Of so many quarter hours from a moment on."""
        wall = start + np.arange(many, dtype=np.int64) * QUARTER_MS
        wall += _offsets(wall, calendar)
        day, slot = wall // DAY_MS + EPOCH_DAY, wall % DAY_MS // QUARTER_MS
        first = int(day.min(initial=EPOCH_DAY if not many else day[0]))
        days = range(first, int(day.max(initial=first)) + 1)
        of_days = np.array([_of_day(calendar, number) for number in days], dtype=np.int64)
        kind, position = of_days[day - first].T
        hours = np.array([_open_slots(calendar, number) for number in days], dtype=bool)
        return cls(day, slot, (day + 6) % 7, kind, position, hours[day - first, slot])

    def part(self, which: slice) -> Seasons:
        """Of some of these quarter hours."""
        return Seasons(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def _offsets(moments: Ints, calendar: Calendar) -> Ints:
    """How far the wall clock is ahead of UTC; asked for once a day, and where it changed each time."""
    if not len(moments):
        return moments
    first = int(moments[0])
    ends = np.arange(first, int(moments[-1]) + DAY_MS, DAY_MS, dtype=np.int64)
    known = np.array([_offset(calendar, int(at)) for at in (*ends, ends[-1] + DAY_MS)], dtype=np.int64)
    at = (moments - first) // DAY_MS
    offsets: Ints = known[at]
    for changed in np.flatnonzero(known[at] != known[at + 1]):  # on these days each quarter hour is asked
        offsets[changed] = _offset(calendar, int(moments[changed]))
    return offsets


def _offset(calendar: Calendar, at: int) -> int:
    offset = calendar.local(at).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1) // QUARTER_MS * QUARTER_MS


def kind_of(calendar: Calendar, day: date) -> int:
    """Which kind of day this is for those who write, who need not work when the company does."""
    is_closed = calendar.is_closed(day)
    if is_closed and day in YEARS_END:
        return YEAR_END
    if day.weekday() == 5:
        return SATURDAY
    if day.weekday() == 6 or not calendar.hours[day.weekday()]:
        return SUNDAY
    return HOLIDAY if is_closed or day in holidays_of(calendar.country, day.year) else WORKDAY


@lru_cache(maxsize=8192)
def _of_day(calendar: Calendar, number: int) -> tuple[int, int]:
    """The kind of a day (an ordinal), and its position."""
    day = date.fromordinal(number)
    kind = kind_of(calendar, day)
    return kind, _positions(calendar, day.year, day.month).get(day.day, PLAIN) if kind == WORKDAY else PLAIN


@lru_cache(maxsize=512)
def _positions(calendar: Calendar, year: int, month: int) -> dict[int, int]:
    """The days of a month that are somewhere in particular; a 5th without work is the workday before it."""
    first = date(year, month, 1)
    days = [first + timedelta(days=number) for number in range(31)]
    work = [day.day for day in days if day.month == month and kind_of(calendar, day) == WORKDAY]
    if not work:
        return {}
    fifths = {max((day for day in work if day <= fifth), default=0): FIFTHS for fifth in FIFTH_DAYS}
    after = {day: AFTER for day in work if _is_after_holidays(calendar, date(year, month, day))}
    return {**fifths, work[0]: FIRST, **after, **dict.fromkeys(work[-3:-1], NEAR_END), work[-1]: LAST}


def _is_after_holidays(calendar: Calendar, day: date) -> bool:
    """Were there others than a weekend's days since the last workday?"""
    before = day - timedelta(days=1)
    while (kind := kind_of(calendar, before)) in (SATURDAY, SUNDAY):
        before -= timedelta(days=1)
    return kind in (HOLIDAY, YEAR_END)


@lru_cache(maxsize=8192)
def _open_slots(calendar: Calendar, number: int) -> tuple[bool, ...]:
    """In which quarter hours of a day somebody works all the time."""
    hours = calendar.hours_on(date.fromordinal(number))
    return tuple(
        any(opens <= 15 * slot and 15 * slot + 15 <= closes for opens, closes in hours)
        for slot in range(QUARTERS_A_DAY)
    )
