"""Days and hours in the words of the rules: "9:00-12:00", "12-29..01-03", JP. A ValueError says what to write instead.

Its sentences follow the setting's name: `closed has "13-40", which is no day; …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Intervals of one day, in minutes after midnight.
Hours = tuple[tuple[int, int], ...]

_DAY = re.compile(r"(?:(2[01]\d\d)-)?(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class Days:
    """A day, or all days between two: `(year, month, day)`, the year 0 where they come back every year."""

    first: tuple[int, int, int]
    last: tuple[int, int, int]

    def __contains__(self, day: date) -> bool:
        year = day.year if self.first[0] else 0
        this = (year, day.month, day.day)
        if self.last < self.first:  # across the end of a year: 12-29..01-03
            return this >= self.first or this <= self.last
        return self.first <= this <= self.last


@dataclass(frozen=True)
class Exempt:
    """Days on which the weekday does not decide whether there are hours."""

    days: Days
    is_open: bool


def zone_of(text: str) -> ZoneInfo:
    """A time zone by its name. Raises ValueError."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone; write its name as in Asia/Tokyo") from None


def country_of(text: str) -> str:
    """A country whose holidays are known, or a part of one: JP, DE-BY; "" for no holidays. Raises ValueError."""
    try:
        if text and not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", text):
            raise NotImplementedError
        holidays_of(text, 2026)
    except NotImplementedError:
        raise ValueError(
            "is no country whose holidays are known; write its two letters (JP), or its letters and a part's (DE-BY)"
        ) from None
    return text


def hours_of(texts: Iterable[str]) -> Hours:
    """A day's intervals, in order: `["9:00-12:00", "13:00-18:00"]`. Raises ValueError."""
    hours = tuple(sorted(_interval(text) for text in texts))
    if any(start < end for (_, end), (start, _) in pairwise(hours)):
        raise ValueError("has intervals that overlap; let each begin when the one before has ended")
    return hours


def _interval(text: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    minutes = [int(time[1]) * 60 + int(time[2]) for time in map(_TIME.fullmatch, (start.strip(), end.strip())) if time]
    if len(minutes) < 2 or not dash or minutes[1] > 24 * 60:
        raise ValueError(f'has "{text}", which is no interval; write hours and minutes as in "9:00-12:00"')
    if minutes[0] >= minutes[1]:
        raise ValueError(f'has "{text}", which ends before it begins; a night is two intervals, one on each day')
    return minutes[0], minutes[1]


def days_of(text: str) -> Days:
    """A day or a span of days: 12-29, 12-29..01-03, 2026-08-13, 2026-08-13..2026-08-15. Raises ValueError."""
    first, dots, last = (part.strip() for part in text.partition(".."))
    days = Days(_day(first, text), _day(last if dots else first, text))
    if bool(days.first[0]) != bool(days.last[0]):
        raise ValueError(f'has "{text}", which has a year on one side only; write it on both sides, or on none')
    if days.first[0] and days.last < days.first:
        raise ValueError(f'has "{text}", which ends before it begins')
    return days


def _day(text: str, whole: str) -> tuple[int, int, int]:
    found = _DAY.fullmatch(text)
    try:
        year, month, day = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
        date(year or 2000, month, day)  # 2000 had a 29 February
    except ValueError:
        there = f'"{text}", which is no day' if text == whole else f'"{whole}", in which "{text}" is no day'
        raise ValueError(f"has {there}; write month and day (12-29), or year, month and day (2026-08-13)") from None
    return year, month, day


def exempt(closed: Iterable[str], opened: Iterable[str]) -> tuple[Exempt, ...]:
    """Own days, those with hours first: a company may work within a span that is closed. Raises ValueError."""
    return (
        *(Exempt(days_of(text), True) for text in opened),
        *(Exempt(days_of(text), False) for text in closed),
    )


@lru_cache(maxsize=1024)
def holidays_of(place: str, year: int) -> frozenset[date]:
    """A country's holidays in one year, with their substitutes; asked for by the year, which threads may do at once."""
    if not place:
        return frozenset()
    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year, expand=False))
