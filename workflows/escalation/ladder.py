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

from workflows.rules import rules
from workflows.tables.escalation import Escalation

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
#: Business days in a week; minutes that a promise for today leaves at least; when on its day it is asked about.
WEEK, SOON, LAST_HOUR_MS = 5, 30, 3600 * 1000


def begin(escalation: Escalation, now: int) -> None:
    """Nobody has answered yet (or any more): ask from the first rung."""
    escalation.rung = escalation.asked = 0
    escalation.watched_since = now
    if escalation.state in UNFINISHED:
        _ask_next(escalation, now)
    else:
        rest(escalation)


def rearm(escalation: Escalation, now: int) -> None:
    """Somebody wants it asked about daily again, after it had gone to once a week."""
    escalation.watched_since, escalation.asked = now, _round(escalation)
    _ask_next(escalation, now)


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
    escalation.watched_since = now
    if escalation.state not in UNFINISHED:
        rest(escalation)
        return
    escalation.next_person = escalation.person
    escalation.due_at = _promised(escalation, now)


def _promised(escalation: Escalation, now: int) -> int:
    """The morning of a day that is to come; towards the end of today; a day that is over says nothing any more."""
    calendar = rules.calendar_of(escalation.person)
    day = date.fromisoformat(escalation.next_date) if escalation.next_date else date.min
    today = calendar.local(now).date()
    if day > today:
        return calendar.start_of(day)
    if day == today and calendar.is_open(now):
        return max(calendar.add(now, SOON), calendar.end_of_day(now) - LAST_HOUR_MS)
    return calendar.add(now, rules.follow_up_minutes)


def postpone(escalation: Escalation, now: int) -> None:
    """It is due while the next person is off: nobody is called at night, however old it is."""
    escalation.due_at = rules.calendar_of(escalation.next_person).next_open(now)


def rest(escalation: Escalation) -> None:
    """Nobody has to be asked any more."""
    escalation.next_person, escalation.due_at = "", None


def steps(escalation: Escalation) -> list[str]:
    """Whom it climbs to, each once: whoever answers for it now, then the rest of the chain."""
    return list(dict.fromkeys([escalation.person, *(step["person"] for step in escalation.chain)]))


def answering(escalation: Escalation) -> list[str]:
    """Who is to answer for it now: whoever is in charge, and while nobody has taken it, all to whom it has climbed."""
    people = steps(escalation)
    return people[: escalation.rung + 1] if escalation.state == OPEN else people[:1]


#: How somebody stands in the order of calls: was asked in vain, is asked now, is asked next, answers for it; "" later.
ASKED, NOW, NEXT, ANSWERS = "asked", "now", "next", "answers"


def calls(escalation: Escalation) -> list[tuple[str, str]]:
    """Whom it climbs to, each with how they stand in that order; nobody stands anywhere in what is over."""
    people = steps(escalation)
    if escalation.state != OPEN:
        first = ANSWERS if escalation.state in UNFINISHED else ""
        return [(person, first if person == people[0] else "") for person in people]
    at, following = min(escalation.rung, len(people) - 1), escalation.next_person
    return [
        (person, ASKED if place < at else NOW if place == at else NEXT if person == following else "")
        for place, person in enumerate(people)
    ]


def role_of(escalation: Escalation, person: str) -> str:
    """In which role somebody is asked."""
    return next((step["role"] for step in escalation.chain if step["person"] == person), NAMED)


def is_stale(escalation: Escalation, now: int) -> bool:
    """Has it been asked about for so long that only a person can set it going daily again?"""
    has_gone_round = escalation.asked >= len(steps(escalation))
    return has_gone_round and rules.calendar.minutes(escalation.watched_since, now) > rules.stale_minutes


def is_watched(escalation: Escalation) -> bool:
    """Is somebody going to be asked, unless there is nothing to ask about?"""
    if escalation.state in UNFINISHED:
        return bool(escalation.next_person) and escalation.due_at is not None
    return not escalation.next_person and escalation.due_at is None


def _ask_next(escalation: Escalation, now: int) -> None:
    """The next in line who is there in time; whoever is away for more than a business day is passed over."""
    people, minutes = steps(escalation), _interval(escalation, now)
    last, latest = len(people) - 1, rules.calendar.add(now, minutes + rules.calendar.day_minutes)
    place = min(escalation.asked, last)
    while place < last and rules.calendar_of(people[place]).add(now, minutes) > latest:
        place += 1
    escalation.asked = max(escalation.asked, place)
    escalation.next_person = people[place]
    escalation.due_at = rules.calendar_of(people[place]).add(now, minutes)


def _interval(escalation: Escalation, now: int) -> int:
    """Business minutes until the next is asked: by urgency on the way up, then daily, and weekly what is stale."""
    day = rules.calendar.day_minutes
    if is_stale(escalation, now):
        return WEEK * day
    minutes = _minutes(escalation)
    wanted = minutes[min(escalation.asked, len(minutes) - 1)]
    return wanted if escalation.asked < _round(escalation) else max(wanted, day)


def _round(escalation: Escalation) -> int:
    """How often somebody is asked before asking becomes daily: everybody once, and as often as the rules say."""
    return max(len(steps(escalation)), len(_minutes(escalation)))


def _minutes(escalation: Escalation) -> tuple[int, ...]:
    return rules.escalation_minutes[escalation.urgency if escalation.state == OPEN else "week"]
