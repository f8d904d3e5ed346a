"""`/chats/{id}`: what was said in a chat, as we have it, what was made of it, and its end: an operator may erase it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import leads_to
from app.pages.view import page
from workflows.customer import erasing, erasures, messages, reach
from workflows.engine.store import store
from workflows.escalation import cases as escalations
from workflows.overview import lives
from workflows.people.may import ERASE
from workflows.rules import rules
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.erasure import Erasure
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback
from workflows.wish.wishes import title_of

router = APIRouter()


@dataclass(frozen=True)
class Chat:
    """A chat and all that belongs to it."""

    id: str
    #: None where nothing but its messages is left.
    conversation: Conversation | None
    company: Company | None
    contact: Contact | None
    parts: Sequence[Message]
    wishes: Sequence[Feedback]
    escalations: Sequence[Escalation]
    #: Whether it was asked to be erased.
    erasure: Erasure | None


@router.get("/chats/{id:path}")
def chat(request: Request, id: str, erase: str = "") -> Response:
    """The chat with this number at Intercom; `erase=ask`: and what would be erased."""
    found = _found(id)
    asks = bool(erase) and person_of(request).may(ERASE)
    going = store.read(partial(_going, id)) if asks else None
    known = store.read(partial(lives.of, ids=[wish.id or 0 for wish in found.wishes]))
    facts: dict[str, Any] = {"lives": known, "days": _days(found.parts), "titles": title_of, "ecode": escalations.code}
    return page(request, "chat.html", chat=found, going=going, most=messages.MOST, **facts)


def _days(parts: Sequence[Message]) -> list[tuple[int, list[Message]]]:
    """What was said, day by day: a moment of each, and its messages."""
    by_day = groupby(parts, lambda part: rules.calendar.local(part.said_at).date())
    return [(said[0].said_at, said) for said in (list(some) for _, some in by_day)]


@router.post("/chats/{id:path}", dependencies=[asks(ERASE), Depends(require_same_origin)])
def erase(request: Request, id: str) -> Response:
    """An operator has seen what goes, and wants it gone."""
    _found(id)
    by = person_of(request).person
    store.write(partial(erasures.ask, kind=erasures.CHAT, id=id, by=by))
    return leads_to(f"/chats/{quote(id)}")


def _found(id: str) -> Chat:
    """Raises 404."""
    found = store.read(partial(_chat, id)) if id.isprintable() else None
    if found is None:
        raise HTTPException(404)
    return found


def _going(id: str, session: Session) -> dict[str, int]:
    """What would be erased, by what people call it; raw webhooks would take long to be counted."""
    return erasing.count(session, reach.rows(session, reach.Subject(erasures.CHAT, id)))


def _chat(id: str, session: Session) -> Chat | None:
    conversation, parts = session.get(Conversation, id), messages.of_chat(session, id)
    if conversation is None and not parts:
        return None
    company = conversation.company_id if conversation else None
    contact = conversation.contact_id if conversation else None
    wishes = select(Feedback).where(Feedback.conversation_id == id).order_by(col(Feedback.id))
    raised = select(Escalation).where(Escalation.conversation_id == id).order_by(col(Escalation.id))
    return Chat(
        id,
        conversation,
        session.get(Company, company) if company else None,
        session.get(Contact, contact) if contact else None,
        parts,
        session.exec(wishes).all(),
        session.exec(raised).all(),
        erasures.found(session, erasures.CHAT, id),
    )
