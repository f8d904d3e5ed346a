"""Periods: the week, the month or the quarter that figures are of, on the company's calendar.

period = Period.of("month", date(2026, 11, 30))      # November
period.begins, period.ends                            # milliseconds; period.before and period.after are its neighbours
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from workflows.rules import rules

WEEK, MONTH, QUARTER = KINDS = ("week", "month", "quarter")
#: Today, which no page of figures is of.
DAY = "day"
#: Months of those that are counted in months.
MONTHS = {MONTH: 1, QUARTER: 3}


@dataclass(frozen=True)
class Period:
    """`kind`: week (from Monday) | month | quarter (of the calendar year). Both days belong to it."""

    kind: str
    first: date
    last: date

    @classmethod
    def of(cls, kind: str, on: date) -> Period:
        """The period of this kind in which a day lies."""
        if kind == DAY:
            return cls(DAY, on, on)
        if kind == WEEK:
            monday = on - timedelta(days=on.weekday())
            return cls(WEEK, monday, monday + timedelta(days=6))
        months = MONTHS[kind]
        number = (on.year * 12 + on.month - 1) // months * months
        return cls(kind, _month(number), _month(number + months) - timedelta(days=1))

    @property
    def before(self) -> Period:
        """The one before it."""
        return Period.of(self.kind, self.first - timedelta(days=1))

    @property
    def after(self) -> Period:
        """The one after it."""
        return Period.of(self.kind, self.last + timedelta(days=1))

    @property
    def begins(self) -> int:
        """When it begins, in milliseconds."""
        return rules.calendar.moment(self.first)

    @property
    def ends(self) -> int:
        """When it is over."""
        return rules.calendar.moment(self.last + timedelta(days=1))


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
