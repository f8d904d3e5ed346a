"""[calendar]: when the company works, and who works at other times.

The keys of [calendar.people."…"] are those of [calendar]. What is missing there is as for the company, weekday by
weekday; a person's closed and open days come before the company's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS, Exempt, Hours, country_of, days_of, hours_of, zone_of
from workflows.rules.file import PERSON, PERSON_IS, Section

KEYS = {"zone", "country", "hours", "closed", "open"}
YEAR_END = ("12-29..01-03",)
Given = TypeVar("Given")
Value = TypeVar("Value")


def usual() -> Calendar:
    """A Japanese office: weekdays from nine to six with an hour for lunch, closed over the year's end."""
    office = dict.fromkeys(WEEKDAYS[:5], ("9:00-12:00", "13:00-18:00"))
    return Calendar.of(country="JP", hours=office, closed=YEAR_END)


def company(section: Section) -> Calendar:
    """The company's own calendar."""
    section.only({*KEYS, "people"})
    hours = _hours(section, ((),) * 7) if "hours" in section.table else usual().hours
    return _calendar(section, usual(), hours, _own_days(section, YEAR_END))


def people(section: Section, everybody: Calendar) -> dict[str, Calendar]:
    """The calendars of those who work at other times, by e-mail (small letters) or Slack id."""
    found: dict[str, Calendar] = {}
    for name in section.table:
        if not PERSON.fullmatch(name):
            section.wrong(name, f"must be {PERSON_IS}")
        person = section.section(name)
        person.only(KEYS)
        days = (*_own_days(person, ()), *everybody.exceptions)
        found[name.casefold()] = _calendar(person, everybody, _hours(person, everybody.hours), days)
    return found


def _calendar(section: Section, before: Calendar, hours: tuple[Hours, ...], days: tuple[Exempt, ...]) -> Calendar:
    zone = _read(section, "zone", section.written("zone", str(before.zone)), zone_of)
    country = _read(section, "country", section.written("country", before.country), country_of)
    try:
        return Calendar(zone, hours, country, days)
    except ValueError:
        at = "hours" if not any(hours) else "closed"
        section.wrong(at, "leaves no hours at all: nobody would ever be asked; let at least one weekday have some")


def _hours(section: Section, before: tuple[Hours, ...]) -> tuple[Hours, ...]:
    """The hours of each weekday, Monday first."""
    given = section.section("hours")
    given.only(WEEKDAYS)
    return tuple(
        _read(given, day, given.texts(day, ()), hours_of) if day in given.table else hours
        for day, hours in zip(WEEKDAYS, before, strict=True)
    )


def _own_days(section: Section, closed: Collection[str]) -> tuple[Exempt, ...]:
    """Days with hours, then days without: a company may work within a span that is closed."""
    return tuple(
        Exempt(_read(section, key, text, days_of, item=text), key == "open")
        for key, default in (("open", ()), ("closed", closed))
        for text in section.texts(key, default)
    )


def _read(section: Section, key: str, given: Given, reader: Callable[[Given], Value], item: str = "") -> Value:
    try:
        return reader(given)
    except ValueError as error:
        section.wrong(key, str(error), item)
