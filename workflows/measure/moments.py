"""Moments of digests: which one is the newest that somebody should have by now, on their own business days. Pure.

    newest(DAILY, calendar, rules.digest, now)     # Moment("2026-11-30", at, until); None where it is nobody's hour

A daily digest is of a business day of whoever reads it. A weekly one is named after its day of the week; where that is
a holiday, it comes on the next business day. Neither comes at night: after the work of a day it is not sent any more,
and tomorrow's says what is open then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import NamedTuple

from workflows.rules.calendar import Calendar
from workflows.rules.digest import Digests

DAILY, WEEKLY = KINDS = ("daily", "weekly")
#: Where a digest is due later than the end of the work, it is sent within the hour.
HOUR_MS = 3600_000


class Moment(NamedTuple):
    """The day of a digest (2026-11-30), when it is due, and until when it may be sent today (ms)."""

    day: str
    at: int
    until: int


def newest(kind: str, calendar: Calendar, digests: Digests, now: int) -> Moment | None:
    """The digest that may be sent now; None outside of business days, before its time, and after the work."""
    today = calendar.local(now).date()
    if not calendar.hours_on(today):
        return None
    if kind == DAILY:
        return _now(calendar, today, digests.daily, now, today.isoformat(), first=today)
    named = today - timedelta(days=(today.weekday() - digests.weekly_day) % 7)
    first = next(day for day in _days(named, today) if calendar.hours_on(day))
    return _now(calendar, today, digests.weekly, now, named.isoformat(), first=first)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _now(calendar: Calendar, today: date, clock: time, now: int, day: str, *, first: date) -> Moment | None:
    begins = calendar.moment(today, clock)
    until = max(calendar.end_of_day(calendar.start_of(today)), begins + HOUR_MS)
    return Moment(day, calendar.moment(first, clock), until) if begins <= now < until else None


def latest_week(digests: Digests, calendar: Calendar, now: int) -> str:
    """The day after which the newest weekly digest is named, whether or not it was due already."""
    today = calendar.local(now).date()
    return (today - timedelta(days=(today.weekday() - digests.weekly_day) % 7)).isoformat()
