"""Weekly: when the meeting is, and how many have passed. Times are ms UTC, days those of the calendar's zone.

A meeting falls on its weekday unless nobody works on that day; then it is left out, not moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from workflows.rules.calendar import Calendar

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
#: So many weeks in a row without a meeting are a calendar that nobody works by.
LONGEST_BREAK = 60


class Meetings:
    """The weekly meetings on a weekday (0 is Monday) at a time of day."""

    def __init__(self, calendar: Calendar, weekday: int, at: time) -> None:
        self._calendar, self._weekday, self._at = calendar, weekday, at

    def next(self, now: int) -> int:
        """When the next meeting starts; the present one until its day is over."""
        return self._moment(next(self._days(self._day_of(now))))

    def present(self, now: int) -> int:
        """The beginning of the day of today's meeting, or else of the last one before; 0 where there was none."""
        for days_ago in range(7 * LONGEST_BREAK):
            day = self._day_of(now) - days_ago * DAY
            if self._is_meeting(day):
                return self._calendar.moment(day)
        return 0

    def passed(self, since: int, now: int) -> int:
        """How many meetings began after `since`, on a day that is over by now."""
        return sum(1 for _ in self.between(since, now))

    def between(self, since: int, now: int) -> Iterator[int]:
        """When the meetings began that `passed` counts, earliest first."""
        today = self._day_of(now)
        for day in self._days(self._day_of(since)):
            if day >= today:
                return
            if self._moment(day) > since:
                yield self._moment(day)

    def _days(self, first: date) -> Iterator[date]:
        """The days with a meeting, from this one on."""
        day, without = first + timedelta(days=(self._weekday - first.weekday()) % 7), 0
        while True:
            if self._is_meeting(day) or without > LONGEST_BREAK:
                yield day
                without = 0
            day, without = day + WEEK, without + 1

    def _is_meeting(self, day: date) -> bool:
        return day.weekday() == self._weekday and not self._calendar.is_closed(day)

    def _day_of(self, at: int) -> date:
        return self._calendar.local(at).date()

    def _moment(self, day: date) -> int:
        return self._calendar.moment(day, self._at)
