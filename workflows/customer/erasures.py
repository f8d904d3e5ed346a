"""Erasures: of whom nothing may be kept any more, since when, and whether it has come to its end.

ask(session, CHAT, "215", by=reader.person)      an operator asks; `workflows.wish.erasure` carries it out
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, select

from workflows.engine.durable import child, start
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms
from workflows.people import deeds
from workflows.people.person import Person
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.erasure import Erasure
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback

CHAT, PERSON = "conversation", "contact"
ASKED = {CHAT: "Requested erasure of the conversation {id}.", PERSON: "Requested erasure of the contact {id}."}


def ask(session: Session, kind: str, id: str, by: Person) -> list[str]:
    """Start to erase all of it, and keep who asked; the id of the run, none while an earlier one is under way."""
    before = session.get(Erasure, (kind, id), with_for_update=True)
    if before is not None and before.ended_at is None:
        return []
    session.merge(Erasure(kind=kind, id=id, asked_by=by.id, asked_at=now_ms()))
    run = child(f"erase:{kind}:{id}/{now_ms()}", "erasure.asked", kind=kind, id=id, by=by.id)
    start(session, [run])
    deeds.told(ASKED[kind], id=id)
    return [run.id]


def is_known(session: Session, kind: str, id: str) -> bool:
    """Is there anything of it on record?"""
    tables: tuple[Any, ...] = (Contact.id, Feedback.contact_id) if kind == PERSON else (Conversation.id,)
    tables += () if kind == PERSON else (Message.conversation_id, Feedback.conversation_id, Escalation.conversation_id)
    return any(session.exec(select(column).where(column == id).limit(1)).first() for column in tables)


def begin(session: Session, kind: str, ids: Collection[str], by: str) -> None:
    """From now on nothing is kept of these; what was asked before stays as it was asked."""
    new = {"kind": kind, "asked_by": by, "asked_at": now_ms(), "ended_at": None}
    for id in sorted(ids):
        insert_new(session, Erasure, [new | {"id": id}])


def end(session: Session, kind: str, ids: Collection[str]) -> None:
    """Nothing was left of these just now."""
    for id in sorted(ids):
        session.get_one(Erasure, (kind, id)).ended_at = now_ms()


def found(session: Session, kind: str, id: str) -> Erasure | None:
    """Whether this one was asked to be erased, and how far that is."""
    return session.get(Erasure, (kind, id))


def chats_of(session: Session, ids: Collection[str]) -> set[str]:
    """Those of these chats of which nothing may be kept."""
    query = select(Erasure.id).where(Erasure.kind == CHAT, col(Erasure.id).in_(ids))
    return set(session.exec(query))


def is_stranger(session: Session, contact_id: str, since: int) -> bool:
    """Must this person stay unknown, as far as a chat tells that began then? A later chat is a new beginning."""
    erasure = found(session, PERSON, contact_id)
    return erasure is not None and since <= erasure.asked_at


def recent(session: Session, since: int) -> list[Erasure]:
    """What was asked to be erased since then."""
    return list(session.exec(select(Erasure).where(Erasure.asked_at >= since).order_by(col(Erasure.asked_at))))
