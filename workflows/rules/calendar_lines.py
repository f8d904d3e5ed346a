"""A calendar in the lines of the rules file: what stands under [calendar], or under one person of [calendar.people].

company(calendar)                    # ['[calendar]', 'zone = "Asia/Tokyo"', …]
person("sato@aoba.example", hers, everybody)   # her own closed and open days only
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS, Days, Exempt, Hours


def company(calendar: Calendar) -> list[str]:
    """The company's own calendar."""
    return _lines("calendar", calendar, calendar.exceptions)


def person(name: str, calendar: Calendar, everybody: Calendar) -> list[str]:
    """The calendar of somebody who works at other times. Theirs come before the company's days, which are left out."""
    return _lines(f"calendar.people.{_text(name)}", calendar, own(calendar, everybody))


def own(calendar: Calendar, everybody: Calendar) -> Sequence[Exempt]:
    """A person's own days: those before the company's."""
    return calendar.exceptions[: len(calendar.exceptions) - len(everybody.exceptions)]


def hours(intervals: Hours) -> list[str]:
    """A day's intervals: 9:00-12:00."""
    return [f"{_clock(start)}-{_clock(end)}" for start, end in intervals]


def _lines(section: str, calendar: Calendar, exceptions: Iterable[Exempt]) -> list[str]:
    closed, opened = ([_days(each.days) for each in exceptions if each.is_open is is_open] for is_open in (False, True))
    return [
        f"[{section}]",
        f"zone = {_text(calendar.zone.key)}",
        f"country = {_text(calendar.country)}",
        f"closed = {_texts(closed)}",
        f"open = {_texts(opened)}",
        "",
        f"[{section}.hours]",
        *(f"{day} = {_texts(hours(each))}" for day, each in zip(WEEKDAYS, calendar.hours, strict=True)),
    ]


def _days(days: Days) -> str:
    first, last = _day(*days.first), _day(*days.last)
    return first if first == last else f"{first}..{last}"


def _day(year: int, month: int, day: int) -> str:
    return f"{year}-{month:02}-{day:02}" if year else f"{month:02}-{day:02}"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    """A basic string of TOML, which escapes as JSON does."""
    return json.dumps(text, ensure_ascii=False)
