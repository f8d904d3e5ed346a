"""What tests of waits share: rules of their own, histories out of dice, and time counted minute by minute.

with ruled(calendar=TOKYO):
    keep(engine, "215", said, done)                 # what the service knows of a conversation
    assert rows(engine, "215")[0].minutes == open_minutes(TOKYO, since, until)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.enquiry import clock, waits
from workflows.enquiry.clock import Done, Said
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.rules.enquiry import Enquiry
from workflows.tables.enquiry import Wait

MINUTE = 60_000
WEEK = ("mon", "tue", "wed", "thu", "fri")
TOKYO = Calendar.of(
    country="JP", hours={day: ["9:00-12:00", "13:00-18:00"] for day in WEEK}, closed=["12-29..01-03", "08-13..08-15"]
)
#: Open in the nights in which the clocks change, too.
NEW_YORK = Calendar.of(
    "America/New_York",
    country="US",
    hours={day: ["8:00-12:30", "13:00-20:00"] for day in WEEK} | {"sun": ["0:00-5:00"]},
)
ENQUIRY = Enquiry(targets={("first", "chat"): 5, ("next", "chat"): 15, ("first", "mail"): 480, ("next", "mail"): 240})
CHAT = {"medium": "chat", "tier": "", "company_id": "c1"}

T = TypeVar("T")


def at(moment: str, calendar: Calendar = TOKYO) -> int:
    """A moment as the wall clock shows it: 2026-05-01 17:50."""
    return round(datetime.fromisoformat(moment).replace(tzinfo=calendar.zone).timestamp() * 1000)


@contextmanager
def ruled(**others: Any) -> Iterator[None]:
    """Meanwhile the company has these rules."""
    before = replace(rules)
    these: dict[str, Any] = {"calendar": TOKYO, "enquiry": ENQUIRY} | others
    rules.bind(replace(rules, **these))
    try:
        yield
    finally:
        rules.bind(before)


# -- what is known ---------------------------------------------------------------------------------


def customer(moment: int, id: str = "") -> Said:
    """The customer writes."""
    return Said(moment, True, False, "101", id)


def agent(moment: int, id: str = "", who: str = "7001") -> Said:
    """One of our people answers."""
    return Said(moment, False, True, who, id)


def bot(moment: int, id: str = "") -> Said:
    """A bot writes."""
    return Said(moment, False, False, "9", id)


def closed(moment: int, who: str = "7001", id: str = "", ours: bool = False) -> Done:
    """It is closed: by a teammate, by a machine ("") or by this service."""
    return Done(moment, "closed", who, ours, id)


def history(dice: Random, start: int, span: int) -> tuple[list[Said], list[Done]]:
    """What may be said and done within so many minutes, several things at one moment included."""
    said: list[Said] = []
    done: list[Done] = []
    for number in range(dice.randint(1, 14)):
        moment, id = start + dice.randrange(span) * MINUTE, f"215/{number}"
        match dice.choice(["customer"] * 4 + ["agent"] * 3 + ["bot", "close", "machine", "ours", "other"]):
            case "customer":
                said.append(customer(moment, id))
            case "agent":
                said.append(agent(moment, id, dice.choice(["7001", "7002"])))
            case "bot":
                said.append(bot(moment, id))
            case "close":
                done.append(closed(moment, id=id))
            case "machine":
                done.append(closed(moment, "", id))
            case "ours":
                done.append(closed(moment, "7009", id, ours=True))
            case _:
                done.append(Done(moment, dice.choice(["opened", "snoozed", "assigned"]), "7001", False, id))
    return said, done


# -- rows ------------------------------------------------------------------------------------------


def committed(engine: sa.Engine, work: Callable[[Session], T]) -> T:
    """Do it in a transaction of its own."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return work(session)


def keep(engine: sa.Engine, said: Sequence[Said], done: Sequence[Done] = (), id: str = "215", **others: Any) -> None:
    """The service knows this much of a conversation."""
    facts = CHAT | others
    found = clock.waits(said, done)
    committed(engine, lambda session: waits.bring_up_to_date(session, id, found, **facts))


def rows(engine: sa.Engine, id: str = "215") -> list[Wait]:
    """The waits of a conversation, the oldest first."""
    with Session(engine) as session:
        return list(session.exec(select(Wait).where(Wait.conversation_id == id).order_by(col(Wait.since))))


def values(engine: sa.Engine, id: str = "215") -> list[dict[str, Any]]:
    """The same as plain values."""
    return [row.model_dump() for row in rows(engine, id)]


# -- minute by minute ------------------------------------------------------------------------------


def open_minutes(calendar: Calendar, since: int, until: int) -> int:
    """The minutes between two moments, both on a whole minute, in which somebody works: one after the other."""
    return sum(calendar.is_open(minute) for minute in range(since, until, MINUTE))


def after(calendar: Calendar, since: int, minutes: int) -> int:
    """The first moment at which somebody works and so many minutes are over: walked to, minute by minute."""
    moment, left = since, minutes
    while left or not calendar.is_open(moment):
        left -= calendar.is_open(moment)
        moment += MINUTE
    return moment
