"""`python -m app import hours`: Intercom's office hours as lines for the rules file, beside what the rules say now.

import hours                                   the workspace's only office hours, as [calendar]
import hours --schedule "Night desk" --for sato@aoba.example     as the hours of one person

Nothing is written: what is printed is TOML, and everything that is not is a comment. The clock is Intercom's: its hours
come with the name of their time zone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import unified_diff
from typing import Any

from app.operate.operators import visit
from app.operate.terminal import inert
from integrations.contract import Permanent, Trouble
from integrations.intercom import OtherDay, Schedule
from workflows.engine.vendors import vendors
from workflows.people import duty
from workflows.rules import calendar_lines, rules
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import Days, Exempt, holidays_of, zone_of
from workflows.rules.file import PERSON, PERSON_IS

OFF = "Intercom is not configured."
NO_HOURS = "This workspace has no office hours in Intercom."
WHICH = "There are several office hours in Intercom. Name one of them with --schedule: {names}."
UNKNOWN = "Intercom has no office hours named “{name}”, only these: {names}."
NOBODY = "--for must be {what}."
STOPPED = "Intercom does not hand its office hours out: {why}."
SCOPE = " The token needs the permission read_write_office_hours, which not every workspace can give yet."
UNFIT = "The office hours “{name}” cannot become a calendar: {why}."
FOUND = "Office hours “{name}” of Intercom, on the clock of {zone}."
SAME = "The rules say the same."
DIFFERS = "What would change in the rules (- now, + then):"
KEPT = "Days that the rules close or open stay; of Intercom's, those are added that are not closed already."
OWN_HOURS = "Left out: {day} has hours of its own in Intercom ({hours}){name}; a day of the rules is open or closed."
CONFLICT = "Left out: {day} is closed in Intercom{name}, and open by the rules."


def add_to(actions: Any) -> None:
    """Tell the parser of `import` about it."""
    parser = actions.add_parser("hours", help="Intercom's office hours, as lines for the rules file; writes nothing")
    parser.add_argument("--schedule", default="", metavar="NAME", help="which, where Intercom has several: name or id")
    parser.add_argument("--for", dest="person", default="", metavar="WHO", help="as one person's: e-mail or Slack id")
    parser.set_defaults(command=list_hours)


def list_hours(options: argparse.Namespace) -> int:
    """Print them; 1 where Intercom does not hand them out or they fit no calendar, 2 where it is unclear what for."""
    if options.person and not PERSON.fullmatch(options.person):
        return _refuse(NOBODY.format(what=PERSON_IS), 2)
    with visit():
        if vendors.intercom is None:
            return _refuse(OFF)
        try:
            found = vendors.intercom.office_hours()
        except Trouble as trouble:
            return _refuse(STOPPED.format(why=str(trouble).rstrip(".")) + SCOPE * isinstance(trouble, Permanent))
        return _show(found, options.schedule, options.person)


def _show(found: Sequence[Schedule], name: str, person: str) -> int:
    chosen = [one for one in found if not name or name in (one.id, one.name)]
    names = ", ".join(f"{one.name} ({one.id})" for one in found)
    if len(chosen) != 1:
        why = NO_HOURS if not found else (WHICH if chosen else UNKNOWN).format(name=name, names=names)
        return _refuse(why, 2 if found else 1)
    try:
        lines = list(_lines(chosen[0], person))
    except ValueError as error:
        return _refuse(UNFIT.format(name=chosen[0].name, why=error))
    print("\n".join(lines))
    return 0


def _refuse(why: str, code: int = 1) -> int:
    print(_line(why), file=sys.stderr)
    return code


def _lines(schedule: Schedule, person: str) -> Iterator[str]:
    """The whole answer: TOML, and comments. Raises ValueError where the rules could not say it."""
    before = rules.calendar_of(duty.known_as(person)) if person else rules.calendar
    after, left_out = calendar_of(schedule, before)
    yield _comment(FOUND.format(name=schedule.name, zone=schedule.zone))
    yield from map(_comment, left_out)
    then, now = (_written(each, person) for each in (after, before))
    yield from (*then, "")
    changed = [line for line in unified_diff(now, then, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")]
    yield from map(_comment, [DIFFERS, *changed, KEPT] if changed else [SAME])


def _written(calendar: Calendar, person: str) -> list[str]:
    return calendar_lines.person(person, calendar, rules.calendar) if person else calendar_lines.company(calendar)


def calendar_of(schedule: Schedule, before: Calendar) -> tuple[Calendar, list[str]]:
    """The calendar with Intercom's hours and closed days, and what of them it cannot have. Raises ValueError."""
    try:
        zone = zone_of(schedule.zone)
    except ValueError:
        raise ValueError(f"{schedule.zone} is no time zone") from None
    closed, left_out = [], []
    for each in schedule.days:
        if each.spans:
            left_out.append(OWN_HOURS.format(day=_day(each), hours=_hours(each), name=_named(each)))
        elif _rule(each, before, is_open=True):
            left_out.append(CONFLICT.format(day=_day(each), name=_named(each)))
        elif not _rule(each, before, is_open=False) and not _is_holiday(each, before):
            closed.append(Exempt(_days(each), False))
    try:
        return Calendar(zone, schedule.week, before.country, (*closed, *before.exceptions)), left_out
    except ValueError:
        raise ValueError("they leave no hours at all") from None


def _rule(other: OtherDay, calendar: Calendar, is_open: bool) -> bool:
    """Do the rules open (or close) this day by its date, in every year where it comes back?"""
    given = (each.days for each in calendar.exceptions if each.is_open is is_open)
    return any(other.day in days and not (other.yearly and days.first[0]) for days in given)


def _is_holiday(other: OtherDay, calendar: Calendar) -> bool:
    return not other.yearly and other.day in holidays_of(calendar.country, other.day.year)


def _days(other: OtherDay) -> Days:
    one = (0 if other.yearly else other.day.year, other.day.month, other.day.day)
    return Days(one, one)


def _day(other: OtherDay) -> str:
    return f"{other.day:%m-%d}" if other.yearly else date.isoformat(other.day)


def _hours(other: OtherDay) -> str:
    return ", ".join(calendar_lines.hours(other.spans))


def _named(other: OtherDay) -> str:
    return f" ({other.name})" if other.name else ""


def _comment(text: str) -> str:
    return f"# {_line(text)}"


def _line(text: str) -> str:
    """What people in Intercom called something stays on its line, and tells the terminal nothing."""
    return inert(" ".join(text.split()))
