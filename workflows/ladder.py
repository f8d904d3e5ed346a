"""The ladder: who is asked about an escalation next, and when. Pure, over one row and the company's rules.

    begin     nobody has answered: the person in charge is asked first, then the deputy, then the manager
    climb     somebody was asked now: who follows, and when
    promise   somebody answers for it: the person is asked again on the day that was promised
    rest      nobody has to be asked any more

Every interval is business time of whoever is asked. What is for information only never asks anybody.
Until an escalation is done there is always a next person and a next time: `is_watched` says so, tests hold it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from workflows.records.escalation_tables import Escalation
from workflows.rules import rules

OPEN, ACKNOWLEDGED, WORKING, DONE, SHARED = "open", "acknowledged", "working", "done", "shared"
#: States in which somebody still has to do something.
UNFINISHED = (OPEN, ACKNOWLEDGED, WORKING)
INFORMATION = "information"
OWNER, DEPUTY, MANAGER, FALLBACK, NAMED = "owner", "deputy", "manager", "fallback", "named"
#: Stands for a person where there is not even a channel to ask.
NOBODY = "nobody"
ROLES = (OWNER, DEPUTY, MANAGER, FALLBACK, NAMED)
#: What becomes of an escalation's clock at a moment.
Move = Callable[[Escalation, int], None]
WEEK_MS = 7 * 24 * 3600 * 1000


def begin(escalation: Escalation, now: int) -> None:
    """Nobody has answered yet (or any more): ask from the first rung."""
    escalation.rung = escalation.asked = 0
    if escalation.state in UNFINISHED:
        _ask_next(escalation, now)
    else:
        rest(escalation)


def climb(escalation: Escalation, now: int) -> None:
    """The next person has just been asked: note it, and say who follows."""
    people, before = steps(escalation), escalation.rung
    escalation.rung = min(escalation.asked, len(people) - 1)
    escalation.climbed += escalation.rung > before
    escalation.asked += 1
    _ask_next(escalation, now)


def promise(escalation: Escalation, now: int) -> None:
    """Somebody answers for it: ask them on the promised day, or after the time that the rules give."""
    escalation.rung = escalation.asked = 0
    if escalation.state not in UNFINISHED:
        rest(escalation)
        return
    calendar = rules.calendar_of(escalation.person)
    escalation.next_person = escalation.person
    escalation.due_at = calendar.add(now, rules.follow_up_minutes)
    if escalation.next_date:
        escalation.due_at = max(calendar.start_of(date.fromisoformat(escalation.next_date)), calendar.next_open(now))


def postpone(escalation: Escalation, now: int) -> None:
    """It is due while the next person is off: nobody is called at night, however old it is."""
    escalation.due_at = rules.calendar_of(escalation.next_person).next_open(now)


def rest(escalation: Escalation) -> None:
    """Nobody has to be asked any more."""
    escalation.next_person, escalation.due_at = "", None


def steps(escalation: Escalation) -> list[str]:
    """Whom it climbs to, each once: whoever answers for it now, then the rest of the chain."""
    return list(dict.fromkeys([escalation.person, *(step["person"] for step in escalation.chain)]))


def role_of(escalation: Escalation, person: str) -> str:
    """In which role somebody is asked."""
    return next((step["role"] for step in escalation.chain if step["person"] == person), NAMED)


def is_stale(escalation: Escalation, now: int) -> bool:
    """Has it been asked about for so long that only a person can set it going daily again?"""
    return escalation.asked > len(steps(escalation)) and (
        rules.calendar_of().minutes(escalation.raised_at, now) > rules.stale_minutes
    )


def is_watched(escalation: Escalation) -> bool:
    """Is somebody going to be asked, unless there is nothing to ask about?"""
    if escalation.state in UNFINISHED:
        return bool(escalation.next_person) and escalation.due_at is not None
    return not escalation.next_person and escalation.due_at is None


def _ask_next(escalation: Escalation, now: int) -> None:
    people = steps(escalation)
    escalation.next_person = people[min(escalation.asked, len(people) - 1)]
    calendar = rules.calendar_of(escalation.next_person)
    if is_stale(escalation, now):
        escalation.due_at = calendar.next_open(now + WEEK_MS)
        return
    urgency = escalation.urgency if escalation.state == OPEN else "week"
    minutes = rules.escalation_minutes[urgency]
    escalation.due_at = calendar.add(now, minutes[min(escalation.asked, len(minutes) - 1)])
