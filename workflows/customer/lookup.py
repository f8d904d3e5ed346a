"""Look-up: who talks in a conversation and for which company, looked up in Intercom and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, select

from integrations.intercom import Company, Contact, Conversation, IntercomClient, Part
from workflows.customer import companies, messages, owners
from workflows.engine.rows import Values
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.tables.customer import Message


@dataclass(frozen=True)
class Requester:
    """Who said it, for which company; empty texts where Intercom does not know."""

    contact_id: str = ""
    name: str = ""
    email: str = ""
    company_id: str = ""
    company: str = ""
    #: The conversation's address.
    url: str = ""


def remember(intercom: IntercomClient, conversation: Conversation) -> Requester:
    """Look up who talks and for which company, and keep it, and what they and our people said.

    Of a group, that is the one with whom it began: see `speaker` for the others.
    """
    contact = intercom.contact(conversation.contact_ids[0]) if conversation.contact_ids else None
    company = conversation.company or (intercom.company_of(contact.id) if contact else None)
    if company is not None and not company.attributes and not companies.is_known(company.id):
        company = intercom.company(company.id) or company  # a conversation may name its company without attributes
    chat = row_of(conversation, contact.id if contact else "", company.id if company else "")
    _keep(chat, contact, company)
    listen(conversation)
    return _requester(contact, company, conversation)


def row_of(conversation: Conversation, contact_id: str, company_id: str) -> Values:
    """A conversation as it is kept, with who talks in it and for whom ("" for nobody)."""
    return {
        "id": conversation.id,
        "url": conversation.url,
        "state": conversation.state,
        "opening": conversation.source.text,
        "contact_id": contact_id or None,
        "company_id": company_id or None,
        "created_at": conversation.created_at * 1000,
    }


def speaker(intercom: IntercomClient, conversation: Conversation, contact_id: str) -> Requester:
    """One of the others in a group conversation, looked up and kept: they may be from a company of their own."""
    contact = intercom.contact(contact_id)
    company = (intercom.company_of(contact.id) if contact else None) or conversation.company
    _keep(None, contact, company)
    return _requester(contact, company, conversation)


def _keep(chat: Values | None, contact: Contact | None, company: Company | None) -> None:
    person = firm = None
    if contact is not None:
        company_id = company.id if company else None
        person = {"id": contact.id, "company_id": company_id, **person_of(contact), "seen_at": now_ms()}
    if company is not None:
        firm = {"id": company.id, "name": company.name, "tier": company.plan, "mrr": company.monthly_spend}
    store.later(partial(companies.remember, conversation=chat, contact=person, company=firm))
    if company is not None and company.attributes:
        store.later(partial(owners.hear, company_id=company.id, attributes=company.attributes))


def person_of(contact: Contact) -> Values:
    """What is kept of a contact, but for their company and when that was."""
    mail = {"has_bounced": contact.has_bounced, "marked_spam": contact.marked_spam}
    return {"name": contact.name, "email": contact.email, "language": contact.language, **mail}


def _requester(contact: Contact | None, company: Company | None, conversation: Conversation) -> Requester:
    return Requester(
        contact.id if contact else "",
        contact.name if contact else "",
        contact.email if contact else "",
        company.id if company else "",
        company.name if company else "",
        conversation.url,
    )


def listen(conversation: Conversation) -> None:
    """Keep what was said in a conversation of somebody who is known already."""
    store.later(partial(messages.keep, rows=said_in(conversation)))


def tells_news(session: Session, conversation: Conversation) -> bool:
    """Was something said in a conversation that nobody here has heard of?"""
    known = set(session.exec(select(Message.id).where(Message.conversation_id == conversation.id)))
    return any(row["id"] not in known for row in said_in(conversation))


def said_in(conversation: Conversation) -> list[Values]:
    """What was said in a conversation, part by part, as it is kept; of a part that was redacted, nothing."""
    opening, rest = conversation.source, conversation.parts
    return [
        {
            "id": f"{conversation.id}/{part_id}",
            "conversation_id": conversation.id,
            "part_id": part_id,
            "kind": "ours" if part.by_us else "note" if part.is_note else "message",
            "who": part.author.name,
            "is_customer": part.author.is_customer,
            "author": role_of(part),
            "author_id": part.author.id,
            "attachments": [] if part.redacted else [file._asdict() for file in part.attachments],
            "text": "" if part.redacted else part.text,
            "mailed": part.mailed,
            "said_at": part.created_at * 1000,
            "stale": True,
        }
        for part_id, part in (("", opening), *((part.id, part) for part in rest))
        if part.redacted or part.text or part.attachments
    ]


def role_of(part: Part) -> str:
    """What wrote a part: a customer, one of our people, a machine of ours, or whoever Intercom does not name."""
    if part.author.is_customer:
        return "customer"
    if part.author.is_ai or part.author.type == "bot":
        return "bot"
    return "agent" if part.author.type == "admin" else "other"


def talking_in(conversation_id: str) -> Requester:
    """Who talks in a conversation; nobody where it is gone (or ""), or Intercom is off."""
    intercom = vendors.intercom
    chat = intercom.conversation(conversation_id) if intercom is not None and conversation_id else None
    return remember(intercom, chat) if intercom is not None and chat is not None else Requester()
