"""Periods: the day, the week or the twelve months that somebody looks at, on the company's calendar.

period = Period.of("week", date(2026, 11, 30))      # Monday to Sunday
period.begins, period.ends                           # milliseconds; period.before and period.after are its neighbours
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from workflows.rules import rules
from workflows.volume.slots import SLOT_MS

DAY, WEEK, YEAR = KINDS = ("day", "week", "year")
HOUR_MS = 4 * SLOT_MS
#: How far back the heat map and the causes look.
WEEKS = 13
#: Days that an address may name.
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Span:
    """From a moment until another (milliseconds)."""

    begins: int
    ends: int


@dataclass(frozen=True)
class Period:
    """`kind`: day (in quarter hours), week (in hours) or year (twelve months, in days). Both days belong to it."""

    kind: str
    first: date
    last: date

    @classmethod
    def of(cls, kind: str, on: date) -> Period:
        """The period of this kind in which a day lies: a week begins on Monday, a year ends with the day's month."""
        if kind == DAY:
            return cls(DAY, on, on)
        if kind == WEEK:
            monday = on - timedelta(days=on.weekday())
            return cls(WEEK, monday, monday + timedelta(days=6))
        after = _month_after(on.replace(day=1), 1)
        return cls(YEAR, _month_after(after, -12), after - timedelta(days=1))

    @property
    def before(self) -> Period:
        """The one before it."""
        return Period.of(self.kind, _month_after(self.last.replace(day=1), -12) if self.kind == YEAR else self._earlier)

    @property
    def after(self) -> Period:
        """The one after it."""
        return Period.of(self.kind, _month_after(self.last.replace(day=1), 12) if self.kind == YEAR else self._later)

    @property
    def _earlier(self) -> date:
        return self.first - timedelta(days=1)

    @property
    def _later(self) -> date:
        return self.last + timedelta(days=1)

    @property
    def begins(self) -> int:
        """When it begins, in milliseconds."""
        return rules.calendar.moment(self.first)

    @property
    def ends(self) -> int:
        """When it is over."""
        return rules.calendar.moment(self._later)

    def spans(self) -> list[Span]:
        """Quarter hours of a day, hours of a week, days of a year."""
        if self.kind == YEAR:
            return [day_span(day) for day in self.days()]
        return self._pieces(SLOT_MS if self.kind == DAY else HOUR_MS)

    def _pieces(self, step: int) -> list[Span]:
        ends = self.ends
        return [Span(at, min(at + step, ends)) for at in range(self.begins, ends, step)]

    def parts(self) -> list[Span]:
        """The next larger pieces: hours of a day, days of a week, months of a year."""
        if self.kind == DAY:
            return self._pieces(HOUR_MS)
        if self.kind == WEEK:
            return [day_span(day) for day in self.days()]
        firsts = [_month_after(self.first, n) for n in range(13)]
        moments = [rules.calendar.moment(each) for each in firsts]
        return [Span(begins, ends) for begins, ends in pairwise(moments)]

    def days(self) -> Iterator[date]:
        """Each day of it."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def day_span(day: date) -> Span:
    """From midnight to midnight, on the company's clock."""
    return Span(rules.calendar.moment(day), rules.calendar.moment(day + timedelta(days=1)))


def lately(now: int) -> Period:
    """The last thirteen weeks up to and with today; of the kind of a week, so in hours."""
    today = rules.calendar.local(now).date()
    return Period(WEEK, today - timedelta(days=7 * WEEKS - 1), today)


def _month_after(first: date, months: int) -> date:
    """The first of the month so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
