"""Asks: what colleagues were asked about chats, and which answer was marked.

A question is in the thread of its chat, or in direct messages to each who was asked. What a form or a button is about
leads back to it: the number of the question, or the spot in Slack at which somebody wrote the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import chats
from workflows.engine.actions import Intent, happened
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.tables.columns import copy_of
from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import Ask, Enquiry
from workflows.tables.runs import Action

#: Among so many questions one is chosen, and among so many of all of them those to one person are looked for.
MOST, LOOKED_AT = 20, 300
#: How the ids of direct messages begin.
DIRECT = "D"
_SPOT = re.compile(r"([CDG][A-Z0-9]{2,30})/(\d{1,12}\.\d{1,9})/([UW][A-Z0-9]{2,30})?/(\d{1,9})?", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


@dataclass(frozen=True)
class Spot:
    """Where in Slack an answer was written: the thread, by whom, and to which question, where that is known."""

    channel: str
    thread: str
    author: str = ""
    ask: str = ""

    @classmethod
    def read(cls, about: str) -> Spot | None:
        """What a form remembers of the message that it was opened on."""
        match = _SPOT.fullmatch(about)
        return cls(*match.groups(default="")) if match else None

    def __str__(self) -> str:
        return f"{self.channel}/{self.thread}/{self.author}/{self.ask}"


@dataclass(frozen=True)
class Said:
    """What a question is about: the customer's newest words in the chat, and its address."""

    words: str = ""
    url: str = ""


# -- questions ------------------------------------------------------------------------------------


def numbered(session: Session, number: str) -> Ask | None:
    """The question with this number; None for what is none."""
    return session.get(Ask, int(number)) if _NUMBER.fullmatch(number) else None


def of_form(session: Session, origin: str) -> Ask | None:
    """What came of a form."""
    return session.exec(select(Ask).where(Ask.origin == origin)).first()


def at(session: Session, spot: Spot, person: str) -> list[Ask]:
    """The questions that somebody may answer or see answered at this spot, newest first."""
    return _direct(session, spot, person) if spot.channel.startswith(DIRECT) else _in_thread(session, spot)


def meant(session: Session, about: str, values: Mapping[str, str], person: str) -> Ask | None:
    """The question that a form names, or that was chosen in it; None for one of another spot, or of an erased chat."""
    spot = Spot.read(about)
    ask = numbered(session, spot.ask or values.get("ask", "")) if spot else None
    if ask is None or spot is None or not chats.known(session, [ask.conversation_id]):
        return None
    return ask if _is_of(session, ask, spot, person) else None


def is_theirs(person: Person, about: str) -> bool:
    """Was somebody asked what a button or form is about, or did they ask it? Then their role does not matter."""
    return any(_concerns(ask, person.slack_id) for ask in store.read(partial(_about, about, person.slack_id)))


def _about(about: str, person: str, session: Session) -> list[Ask]:
    """What a button's value, or the spot of a form, leads to."""
    spot = Spot.read(about)
    if spot is not None and not spot.ask:
        return at(session, spot, person)
    ask = numbered(session, spot.ask if spot else about)
    return [ask] if ask is not None else []


def said_in(session: Session, conversation_id: str) -> Said:
    """What a chat's customer said last, and where that is."""
    chat = session.get(Conversation, conversation_id)
    theirs = select(Message.text).where(
        Message.conversation_id == conversation_id, col(Message.is_customer), Message.text != ""
    )
    words = session.exec(theirs.order_by(col(Message.said_at).desc(), col(Message.id).desc()).limit(1)).first()
    return Said(words or (chat.opening if chat else ""), chat.url if chat else "")


def keys(ask: Ask) -> tuple[str, list[str], str]:
    """Under which keys its messages were posted: in the thread, to each who was asked, and to whoever asked."""
    return f"ask:{ask.id}", [f"ask:{ask.id}/{person}" for person in ask.asked], f"ask:{ask.id}/receipt"


def _in_thread(session: Session, spot: Spot) -> list[Ask]:
    place = f"{spot.channel}/{spot.thread}"
    chats = select(Enquiry.conversation_id).where(Enquiry.thread == place, sa.text("thread <> ''"))
    query = select(Ask).where(col(Ask.conversation_id).in_(chats), col(Ask.is_private).is_(False))
    return list(session.exec(query.order_by(col(Ask.id).desc()).limit(MOST)))


def _is_of(session: Session, ask: Ask, spot: Spot, person: str) -> bool:
    """Does a question stand at this spot?"""
    if spot.channel.startswith(DIRECT):
        return ask.is_private and _concerns(ask, person)
    enquiry = session.get(Enquiry, ask.conversation_id)
    return not ask.is_private and enquiry is not None and enquiry.thread == f"{spot.channel}/{spot.thread}"


def _direct(session: Session, spot: Spot, person: str) -> list[Ask]:
    """In direct messages: the question below which it was written, else any that concerns this person."""
    newest = select(Ask).where(col(Ask.is_private)).order_by(col(Ask.id).desc()).limit(LOOKED_AT)
    theirs = [ask for ask in session.exec(newest) if _concerns(ask, person)]
    below = [ask for ask in theirs if _stands_at(session, ask, person) == f"{spot.channel}/{spot.thread}"]
    return below or theirs[:MOST]


def _stands_at(session: Session, ask: Ask, person: str) -> str:
    """Where the message stands that put this question to somebody; "" if none did."""
    action = session.get(Action, f"ask:{ask.id}/{person}")
    return action.ref if action else ""


def _concerns(ask: Ask, person: str) -> bool:
    return bool(person) and person in (ask.person, *ask.asked)


# -- changes --------------------------------------------------------------------------------------


def put(session: Session, row: Values) -> Ask:
    """Keep a question, once for its origin."""
    insert_new(session, Ask, [row | {"answer": "", "answered_by": "", "answered_by_name": "", "marked_by": ""}])
    return copy_of(session.exec(select(Ask).where(Ask.origin == row["origin"])).one())


def mark(session: Session, ask_id: int, answer: str, author: Person, by: Person, done: Intent) -> Ask:
    """This is the answer, in place of any other; once for its run (`done`)."""
    ask = session.get_one(Ask, ask_id, with_for_update=True)
    if session.get(Action, done.key) is None:
        ask.answer, ask.answered_by, ask.answered_by_name = answer, author.slack_id, author.name
        ask.answered_at, ask.marked_by = now_ms(), by.slack_id
        happened(session, done)
    return copy_of(ask)


def unmark(session: Session, ask_id: int, done: Intent) -> Ask:
    """Nothing is the answer any more; once for its run (`done`)."""
    ask = session.get_one(Ask, ask_id, with_for_update=True)
    if session.get(Action, done.key) is None and ask.answered_at is not None:
        ask.answer = ask.answered_by = ask.answered_by_name = ask.marked_by = ""
        ask.answered_at = None
        happened(session, done)
    return copy_of(ask)
