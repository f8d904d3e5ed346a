"""Enquiries as rows: what tests of lists and figures put in place.

enquiry("7", state="waiting", waited=12)       # a conversation of あおば製作所 that has waited for twelve minutes
wait("7", minutes=12)
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from workflows.engine.store import now_ms, store
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.enquiry import Enquiry, Step, Wait

MINUTE = 60_000


def firm(id: str, name: str, tier: str = "", mrr: float = 0.0) -> None:
    """A company, and somebody there."""
    store.write(lambda session: _merge(session, Company(id=id, name=name, tier=tier, mrr=mrr)))
    store.write(lambda session: _merge(session, Contact(id=f"c{id}", name="佐藤 恵", company_id=id)))


def enquiry(id: str, text: str = "締めができません", company: str = "901", **others: Any) -> None:
    """An enquiry of a company. `waited`: for so many minutes by the wall; `answer_in`: minutes from now."""
    now, waited, answer_in = now_ms(), others.pop("waited", None), others.pop("answer_in", None)
    said_at = others.pop("said_at", now - (waited or 0) * MINUTE)
    row = {"state": "waiting", "waiting_since": None if waited is None else said_at} | others
    row["answer_by"] = None if answer_in is None else now + answer_in * MINUTE
    chat = Conversation(
        id=id, url=f"https://app.intercom.example/{id}", opening=text, contact_id=f"c{company}", created_at=said_at
    )
    chat.company_id = company
    store.write(lambda session: _merge(session, chat, Enquiry(conversation_id=id, said_at=said_at, **row)))


def message(chat: str, part: str, text: str, at: int, **others: Any) -> None:
    """What somebody wrote in it."""
    row = {"kind": "message", "who": "佐藤 恵", "is_customer": True, "author": "customer"} | others
    store.write(
        lambda session: _merge(
            session,
            Message(id=f"{chat}/{part}", conversation_id=chat, part_id=part, text=text, said_at=at, **row),
        )
    )


def step(chat: str, part: str, kind: str, at: int, who: str = "", *, ours: bool = False) -> None:
    """What somebody did in it."""
    row = Step(id=f"{chat}/{part}", conversation_id=chat, kind=kind, who=who, at=at, ours=ours)
    store.write(lambda session: _merge(session, row))


def wait(chat: str, since: int, minutes: int | None = None, company: str = "901", **others: Any) -> None:
    """A customer waited; `minutes` are None while it lasts."""
    ended = {} if minutes is None else {"ended": "answered", "ended_at": since + minutes * MINUTE, "minutes": minutes}
    row = {"kind": "first", "target": 5, "answer_by": since + 5 * MINUTE} | ended | others
    store.write(lambda session: _merge(session, Wait(conversation_id=chat, since=since, company_id=company, **row)))


def _merge(session: Session, *rows: Any) -> None:
    for row in rows:
        session.merge(row)
