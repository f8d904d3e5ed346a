"""`/chats/{id}`: what was said in a chat, as we have it, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from app.pages.view import page
from workflows.customer import messages
from workflows.engine.store import store
from workflows.escalation import cases as escalations
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback

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


@router.get("/chats/{id:path}")
def chat(request: Request, id: str) -> Response:
    """The chat with this number at Intercom."""
    found = store.read(partial(_chat, id)) if id.isprintable() else None
    if found is None:
        raise HTTPException(404)
    return page(request, "chat.html", chat=found, most=messages.MOST, ecode=escalations.code)


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
    )
