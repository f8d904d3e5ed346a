"""Duty: who is on shift at a moment, whom somebody can ask about something, and when nobody is there at all.

on_duty(now)                       # ["U0SATO", "U0SUZUKI"]: of those whom [skills] or [calendar.people] names
with_skill("billing", now)         # those of them on shift; where none of them is: all who have the skill
gaps(today, 14)                    # hours of the company in which none of them is on shift

People are told by their Slack id where the rules know it, else by their e-mail address in small letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflows.rules import rules


@dataclass(frozen=True)
class Gap:
    """Hours of the company in which nobody is on shift."""

    start_ms: int
    end_ms: int


def known_as(person: str) -> str:
    """How somebody is told here whom the rules name by an address or an id."""
    address = person.casefold()
    return rules.colleagues.get(address, address) if "@" in person else person.upper()


def agents() -> list[str]:
    """Everybody who is asked or has hours of their own: whom [skills] or [calendar.people] names."""
    named = [person for people in rules.skills.values() for person in people]
    return list(dict.fromkeys(map(known_as, [*named, *rules.calendars])))


def on_duty(at: int, people: Sequence[str] | None = None) -> list[str]:
    """Those of these people (None: of all agents) who are on shift at this moment."""
    asked = agents() if people is None else list(dict.fromkeys(map(known_as, people)))
    return [person for person in asked if rules.calendar_of(person).is_open(at)]


def skilled(skill: str, but: str = "") -> list[str]:
    """Everybody with this skill, without the one who asks."""
    people = dict.fromkeys(map(known_as, rules.skills.get(skill, ())))
    return [person for person in people if person != known_as(but)]


def on_shift(skill: str, at: int, but: str = "") -> list[str]:
    """Those with this skill who are on shift at this moment; none where nobody is."""
    return on_duty(at, skilled(skill, but))


def with_skill(skill: str, at: int, but: str = "") -> list[str]:
    """Whom to ask now: those on shift or, where `on_shift` finds nobody, everybody with the skill."""
    return on_shift(skill, at, but) or skilled(skill, but)


def gaps(first: date, days: int) -> list[Gap]:
    """Hours of the company, on so many days, in which no agent is on shift. None where no agent is named."""
    people = agents()
    start, end = rules.calendar.moment(first), rules.calendar.moment(first + timedelta(days))
    covered = sorted({span for person in people for span in rules.calendar_of(person).between(start, end)})
    hours = rules.calendar.between(start, end) if people else []
    return [Gap(*bare) for opens, closes in hours for bare in _uncovered(opens, closes, covered)]


def _uncovered(opens: int, closes: int, covered: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is left of an interval without those that cover a part of it, which come in order."""
    for since, until in covered:
        if opens < min(since, closes):
            yield opens, min(since, closes)
        opens = max(opens, until)
    if opens < closes:
        yield opens, closes
