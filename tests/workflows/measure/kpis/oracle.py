"""The oracle: every figure of support once more, out of raw messages and steps, one thing after the other.

Slow on purpose and of its own making: business time is walked day by day, estimates are products of fractions, and what
happened while we told news is cut out before anything is counted. Of the service it knows the tables alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlmodel import Session, col, select

from workflows.tables.customer import Message
from workflows.tables.enquiry import Step

MINUTE, DAY = 60_000, 86_400_000
#: Weekdays from nine to six with an hour for lunch, in Tokyo, where clocks never change.
AHEAD = timedelta(hours=9)
OFFICE = ((9, 12), (13, 18))
CUSTOMER, AGENT, CLOSED, OPENED = "customer", "agent", "closed", "opened"


class Event(NamedTuple):
    """Something that happened: a message of a customer or an agent, or a step. `who`: "ours" for this service."""

    at: int
    what: str
    who: str


class Told(NamedTuple):
    """What the oracle says of a figure: n, still open, hits, and the minutes of half and nine tenths."""

    n: int
    open: int
    hits: int
    business: tuple[int | None, int | None] = (None, None)
    wall: tuple[int | None, int | None] = (None, None)


class Spell(NamedTuple):
    """How long something took, or has taken: from when until when, in business time where that is not all of it."""

    since: int
    until: int
    is_over: bool
    stretches: tuple[tuple[int, int], ...] = ()


# -- time -----------------------------------------------------------------------------------------


def business(since: int, until: int) -> int:
    """Milliseconds of business time, day by day."""
    total, day = 0, datetime.fromtimestamp(since / 1000, UTC) + AHEAD
    day = day.replace(hour=0, minute=0, second=0, microsecond=0)
    while (start := round((day - AHEAD).timestamp() * 1000)) < until:
        if day.weekday() < 5:
            for opens, closes in OFFICE:
                first, last = start + opens * 60 * MINUTE, start + closes * 60 * MINUTE
                total += max(0, min(last, until) - max(first, since))
        day += timedelta(days=1)
    return total


def estimate(spans: Sequence[tuple[int, bool]], share: Fraction) -> int | None:
    """The product limit: the first length at which so many have ended, of those who had waited so long each time."""
    left = Fraction(1)
    for length in sorted({length for length, is_over in spans if is_over}):
        waited = [each for each in spans if each[0] >= length]
        left *= 1 - Fraction(sum(is_over and at == length for at, is_over in waited), len(waited))
        if 1 - left >= share:
            return length
    return None


def pair(spans: Sequence[tuple[int, bool]]) -> tuple[int | None, int | None]:
    """By when half and nine tenths."""
    return estimate(spans, Fraction(1, 2)), estimate(spans, Fraction(9, 10))


def timed(spells: Sequence[Spell], open: int) -> Told:
    """A figure of times: business minutes are whole in each stretch, and then added up."""
    walked = [(sum(business(*each) // MINUTE for each in spell.stretches), spell.is_over) for spell in spells]
    wall = [(sum(until - since for since, until in spell.stretches) // MINUTE, spell.is_over) for spell in spells]
    return Told(len(spells), open, 0, pair(walked), pair(wall))


# -- what happened --------------------------------------------------------------------------------


def histories(session: Session) -> dict[str, list[Event]]:
    """What happened in each conversation, in order; notes, bots and what else is nobody's turn left out."""
    found: dict[str, list[Event]] = {}
    for message in session.exec(select(Message).where(Message.kind == "message")):
        if message.author in (CUSTOMER, AGENT):
            found.setdefault(message.conversation_id, []).append(
                Event(message.said_at, message.author, message.author_id)
            )
    for step in session.exec(select(Step).where(col(Step.kind).in_((CLOSED, OPENED)))):
        who = "ours" if step.ours else step.who_id
        found.setdefault(step.conversation_id, []).append(Event(step.at, step.kind, who))
    return {id: sorted(events) for id, events in found.items()}


def without_news(events: Sequence[Event]) -> tuple[list[Event], int]:
    """The same without what happened while we told news, and how often we did."""
    kept: list[Event] = []
    news, is_news = 0, False
    for event in events:
        if is_news:
            is_news = event.what != CLOSED
        elif event.what == OPENED and event.who == "ours" and is_closed(kept):
            news, is_news = news + 1, True
        elif event.who != "ours" or event.what != OPENED:
            kept.append(event)
    return kept, news


def is_closed(events: Sequence[Event]) -> bool:
    """Was a closing the last thing that moved it?"""
    moves = [event.what for event in events if event.what in (CLOSED, OPENED, CUSTOMER)]
    return bool(moves) and moves[-1] == CLOSED


def closings(events: Sequence[Event]) -> list[int]:
    """When it was closed that had not been closed already."""
    return [at for n, (at, what, _) in enumerate(events) if what == CLOSED and not is_closed(events[:n])]


def came_back(events: Sequence[Event]) -> bool:
    """Did a customer write within seven days of a closing that nobody of us had taken back by then?"""
    for n, event in enumerate(events):
        if event.what != CUSTOMER:
            continue
        before = [at for at in closings(events) if at <= event.at and at in {each.at for each in events[:n]}]
        if not before:
            continue
        between = [each for each in events[:n] if each.at > before[-1]]
        taken_back = any(each.what == CUSTOMER or (each.what == OPENED and each.who) for each in between)
        if not taken_back and event.at - before[-1] <= 7 * DAY:
            return True
    return False


def turns(events: Sequence[Event]) -> list[tuple[int, int | None, str]]:
    """When it was our turn: from a customer's message until an answer or a closing, and which of these."""
    found: list[tuple[int, int | None, str]] = []
    for n, event in enumerate(events):
        if event.what != CUSTOMER or (found and (found[-1][1] is None or found[-1][1] > event.at)):
            continue
        end = next((each for each in events[n + 1 :] if each.what in (AGENT, CLOSED)), None)
        found.append((event.at, end.at if end else None, end.what if end else ""))
    return found


# -- figures --------------------------------------------------------------------------------------


class Talk:
    """One conversation, from the customer's first message on."""

    def __init__(self, events: Sequence[Event], now: int) -> None:
        first = next(n for n, event in enumerate(events) if event.what == CUSTOMER)
        self.events, self.now, self.began = list(events[first:]), now, events[first].at
        self.own, self.news = without_news(self.events)
        self.closings, self.closed = closings(self.own), is_closed(self.own)
        self.turns = turns(self.events)
        self.waits = bool(self.turns) and self.turns[-1][1] is None
        answers = [event.at for event in self.own if event.what == AGENT]
        answers += [end for _, end, how in self.turns if end is not None and how == AGENT]
        self.answered = min(answers, default=None)
        self.given_up = self.turns[-1][1] if self.answered is None else None

    def until(self, end: int | None, *, is_over: bool = True) -> Spell:
        """From the beginning until then, or until now."""
        until = self.now if end is None else end
        return Spell(self.began, until, is_over and end is not None, ((self.began, until),))

    @property
    def first(self) -> Spell:
        """Until the first answer; or until nobody waited for it any more."""
        if self.answered is not None:
            return self.until(self.answered)
        return self.until(self.given_up, is_over=False)

    @property
    def helpers(self) -> set[str]:
        """Who answered or closed it, but for news."""
        people = {event.who for event in self.own if event.what == AGENT}
        n = len(self.own)
        closed = [self.own[at] for at in range(n) if self.own[at].what == CLOSED and not is_closed(self.own[:at])]
        return people | {event.who for event in closed if event.who not in ("", "ours")}

    @property
    def is_one_touch(self) -> bool:
        """Answered once, closed once, all by one person."""
        answers = sum(event.what == AGENT for event in self.own)
        return answers == 1 and len(self.closings) == 1 and len(self.helpers) == 1


def talks(session: Session, since: int, until: int, now: int) -> list[Talk]:
    """The conversations whose customer wrote first within a period."""
    heard = [events for events in histories(session).values() if any(event.what == CUSTOMER for event in events)]
    every = [Talk(events, now) for events in heard]
    return [talk for talk in every if since <= talk.began < until]


def support(session: Session, since: int, until: int, now: int) -> dict[str, Told]:
    """Every figure of support."""
    found = talks(session, since, until, now)
    return {
        "first_response": timed(
            [talk.first for talk in found], sum(talk.answered is None and talk.waits for talk in found)
        ),
        "within_five": _soon(found),
        "next_reply": _next(found, now),
        "one_touch": _share([talk for talk in found if talk.closed], lambda talk: talk.is_one_touch, found),
        "first_close": _closed(found, lambda talk: talk.closings[0] if talk.closings else None),
        "last_close": _closed(found, lambda talk: talk.closings[-1] if talk.closed else None),
        "requester_wait": _waited(found, now),
        "reopened": _back(found, now),
        "news_reopens": Told(sum(talk.news > 0 for talk in found), 0, 0),
    }


def _soon(found: Iterable[Talk]) -> Told:
    known = [(business(each.first.since, each.first.until) // MINUTE, each) for each in found]
    late = [talk for minutes, talk in known if minutes > 5]
    soon = [talk for minutes, talk in known if minutes <= 5 and talk.answered is not None]
    running = [talk for minutes, talk in known if minutes <= 5 and talk.answered is None and talk.waits]
    return Told(len(late) + len(soon), len(running), len(soon))


def _next(found: Iterable[Talk], now: int) -> Told:
    """Turns that began after our first answer."""
    spells = [
        Spell(since, end or now, how == AGENT, ((since, end or now),))
        for talk in found
        for since, end, how in talk.turns
        if talk.answered is not None and since > talk.answered
    ]
    return timed(spells, sum(talk.waits and talk.answered is not None for talk in found))


def _share(counted: Sequence[Talk], is_hit: Callable[[Talk], bool], found: Sequence[Talk]) -> Told:
    return Told(len(counted), len(found) - len(counted), sum(is_hit(talk) for talk in counted))


def _closed(found: Sequence[Talk], end: Callable[[Talk], int | None]) -> Told:
    return timed([talk.until(end(talk)) for talk in found], sum(end(talk) is None for talk in found))


def _waited(found: Sequence[Talk], now: int) -> Told:
    spells = []
    for talk in found:
        stretches = tuple((since, now if end is None else end) for since, end, _ in talk.turns)
        spells.append(Spell(talk.began, now, talk.closed and not talk.waits, stretches))
    return timed(spells, sum(not spell.is_over for spell in spells))


def _back(found: Sequence[Talk], now: int) -> Told:
    closed = [talk for talk in found if talk.closings]
    back = [talk for talk in closed if came_back(talk.own)]
    may = [talk for talk in closed if talk not in back and talk.closed and talk.closings[-1] + 7 * DAY >= now]
    return Told(len(closed), len(may), len(back))
