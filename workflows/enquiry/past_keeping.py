"""Keeping the past: what was brought becomes rows, in one commit with the place up to which it is here.

What is erased stays erased, and what is known from live stays as it is known: it is newer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from workflows.customer import companies, erasures, lookup, messages, owners
from workflows.engine.rows import Values, among, insert_new, table_of
from workflows.enquiry import board, clock, course, history
from workflows.enquiry.past_reading import (
    Brought,
    known_companies,
    known_people,
    people_in,
    row_of_company,
    row_of_contact,
)
from workflows.tables.enquiry import Enquiry, Step
from workflows.tables.erasure import Erasure
from workflows.tables.runs import Lease
from workflows.volume import arrivals

# -- the place ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where an import is: what began before `at` (Unix seconds) is here. And what it came to so far."""

    since: int
    at: int
    done: int = 0
    messages: int = 0
    longer: int = 0

    def after(self, found: int, brought: Sequence[Brought]) -> Place:
        """Once so many conversations more were found, and these of them brought."""
        said = sum(len(lookup.said_in(talk.chat)) for talk in brought)
        longer = sum(talk.chat.has_more for talk in brought)
        return replace(self, done=self.done + found, messages=self.messages + said, longer=self.longer + longer)


def place_of(session: Session, since: int) -> Place:
    """Where the import of all since then is."""
    lease = session.get(Lease, _name(since))
    return Place(since, **json.loads(lease.holder)) if lease else Place(since, since)


def _name(since: int) -> str:
    return f"past:{since}"


def _put(session: Session, place: Place) -> None:
    here = {name: value for name, value in asdict(place).items() if name != "since"}
    session.merge(Lease(name=_name(place.since), holder=json.dumps(here), last_at=place.at * 1000))


# -- what was brought -----------------------------------------------------------------------------


#: What else is kept of conversations that may be kept, in the same commit.
Also = Callable[[Session, Sequence[Brought]], None]


def nothing(session: Session, brought: Sequence[Brought]) -> None:
    """Nothing else."""


def keep(session: Session, brought: Sequence[Brought], place: Place, also: Also = nothing) -> None:
    """Keep these, what `also` keeps of them, and that they are here."""
    kept = _allowed(session, brought)
    live = _live(session, [talk.chat.id for talk in kept])
    for talk in _unknown_only(session, sorted(kept, key=lambda talk: talk.chat.id)):
        _who(session, talk, is_live=talk.chat.id in live)
    if rows := [row for talk in kept for row in lookup.said_in(talk.chat)]:
        messages.keep(session, rows)
    insert_new(session, Step, [row for talk in kept for row in history.steps_in(talk.chat)])
    arrivals.keep(session, [arrived(talk) for talk in kept if talk.chat.source.author.is_customer])
    developed = board.developed(session, [talk.chat.id for talk in kept])
    new = [talk for talk in kept if talk.chat.id not in live]
    if rows := [enquiry_of(talk, is_developed=talk.chat.id in developed) for talk in new]:
        session.connection().execute(_keep(str(session.get_bind().dialect.name)), rows)
    also(session, kept)
    course.keep(session, [_course(talk) for talk in new])
    _put(session, place)


def _course(talk: Brought) -> Values:
    return course.of(talk.chat.id, talk.chat.medium, *history.told_by(talk.chat))


def arrived(talk: Brought) -> Values:
    """A conversation as one enquiry that came in at its time."""
    text = " ".join(part.text for part in talk.chat.messages if part.is_heard)
    return arrivals.of_chat(talk.chat, talk.company_id, text)


def _allowed(session: Session, brought: Sequence[Brought]) -> list[Brought]:
    """Those of which something may be kept: neither they are erased, nor anybody in them as of that time."""
    gone = erasures.chats_of(session, [talk.chat.id for talk in brought])
    asked = forgotten(session, {id for talk in brought for id in people_in(talk)})
    return [
        talk
        for talk in brought
        if talk.chat.id not in gone and all(talk.chat.created_at * 1000 > asked.get(id, -1) for id in people_in(talk))
    ]


def forgotten(session: Session, people: Collection[str]) -> dict[str, int]:
    """Those of these people who had themselves erased, and when they asked."""
    rows = select(Erasure.id, Erasure.asked_at).where(Erasure.kind == erasures.PERSON, among(Erasure.id, people))
    return dict(session.exec(rows).all())


def _unknown_only(session: Session, talks: Sequence[Brought]) -> Iterator[Brought]:
    """Each with its person and company only where they are not here, by now: what is here is as new, or newer."""
    contacts = set(known_people(session, [talk.contact_id for talk in talks]))
    firms = known_companies(session, [talk.company_id for talk in talks])
    for talk in talks:
        contact = None if talk.contact_id in contacts else talk.contact
        company = None if talk.company_id in firms else talk.company
        contacts.add(talk.contact_id)
        firms.add(talk.company_id)
        yield replace(talk, contact=contact, company=company)


def _live(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of these conversations that we know from live."""
    query = select(Enquiry.conversation_id).where(among(Enquiry.conversation_id, ids), ~col(Enquiry.is_past))
    return set(session.exec(query))


def _who(session: Session, talk: Brought, *, is_live: bool) -> None:
    row = lookup.row_of(talk.chat, talk.contact_id, talk.company_id)
    known = {"contact": row_of_contact(talk), "company": row_of_company(talk)}
    companies.remember(session, conversation=None if is_live else row, **known)
    if talk.company is not None and talk.company.attributes:
        owners.hear(session, talk.company.id, talk.company.attributes)


# -- enquiries ------------------------------------------------------------------------------------


def enquiry_of(talk: Brought, *, is_developed: bool = False) -> Values:
    """A conversation as the board shows it: in its place, and for how long its customer has waited, if they do.

    Nobody wants to have answered by any time (`answer_by`), so nobody is warned; and no thread is made of it.
    """
    chat = talk.chat
    said, done = history.told_by(chat)
    wait = clock.lasting(clock.waits(said, done))
    about: Values = {"conversation_id": chat.id, "medium": chat.medium}
    began = {"said_at": chat.created_at * 1000, "heard_at": 0}
    unheard = {"is_past": True, "channel": "", "relayed_by": "", "relayed_until": 0, "relay_again": False}
    place = board.place(chat, talk.assignee, is_waiting=wait is not None, is_developed=is_developed)
    return about | began | board.times(said, wait) | place | unheard


@cache
def _keep(dialect: str) -> Any:
    """New ones, and those that came from the past before."""
    table = table_of(Enquiry)
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    known = ("medium", "state", "assignee", "assignee_name", "said_at", "heard_at", "as_of", "solved_at")
    values = {name: insert.excluded[name] for name in (*known, "waiting_since")}
    is_same = table.c.waiting_since.is_not_distinct_from(values["waiting_since"])
    return insert.on_conflict_do_update(
        index_elements=["conversation_id"],
        set_=values | {"answer_by": sa.case((is_same, table.c.answer_by), else_=None)},
        where=sa.and_(table.c.is_past, sa.or_(*(table.c[name].is_distinct_from(values[name]) for name in values))),
    )
