"""Heard: a conversation out of the webhook that told of it, and its people out of what we know of them.

Who writes in a chat that we know need not be looked up at Intercom again for each of their messages: the webhook brings
the message along. Whatever else is the case, Intercom is asked.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, col, select

from integrations.contract import Malformed
from integrations.intercom import Author, Conversation, IntercomClient, Part, plain
from workflows.customer import companies, lookup
from workflows.customer.lookup import Requester
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables import customer as tables
from workflows.tables.customer import Message
from workflows.tables.runs import Delivery

#: Whom we know well enough not to ask for them again.
KNOWN_MS = DAY_MS


def conversation(intercom: IntercomClient, conversation_id: str, delivery: str = "") -> Conversation | None:
    """A conversation with the parts that its webhook told of, or all of it as it is now; None where it is gone."""
    chat = told(intercom, conversation_id, delivery) if delivery else None
    return chat or intercom.conversation(conversation_id)


def told(intercom: IntercomClient, conversation_id: str, delivery: str) -> Conversation | None:
    """What a webhook told of a conversation; None where that is not enough: the chat is new to us, or it says less."""
    row, is_known = store.read(partial(_kept, conversation_id, delivery))
    try:
        chat = intercom.told(row.body) if row is not None and row.body else None
    except Malformed:
        return None
    if chat is None or chat.id != conversation_id or not chat.contact_ids:
        return None
    return chat if is_known or not chat.parts else None  # without parts it tells of the beginning: that is all there is


def _kept(conversation_id: str, delivery: str, session: Session) -> tuple[Delivery | None, bool]:
    return session.get(Delivery, delivery), session.get(tables.Conversation, conversation_id) is not None


def requester(intercom: IntercomClient, chat: Conversation) -> Requester:
    """Who talks in it, and for whom; what was said is kept. Looked up where we do not know them of late."""
    known = store.read(partial(_known, chat.contact_ids[0])) if chat.contact_ids else None
    if known is None:
        return lookup.remember(intercom, chat)
    contact, company = known
    row = lookup.row_of(chat, contact.id, company.id if company else "")
    store.later(partial(companies.remember, conversation=row, contact=None, company=None))
    lookup.listen(chat)
    firm = (company.id, company.name) if company else ("", "")
    return Requester(contact.id, contact.name, contact.email, *firm, chat.url)


def _known(contact_id: str, session: Session) -> tuple[tables.Contact, tables.Company | None] | None:
    contact = session.get(tables.Contact, contact_id)
    if contact is None or now_ms() - contact.seen_at > KNOWN_MS:
        return None
    company = session.get(tables.Company, contact.company_id) if contact.company_id else None
    return contact, company


def words(session: Session, chat: Conversation) -> list[Part]:
    """What the customer said in a chat, oldest first: as it tells itself, and what of before we have."""
    said = select(Message).where(Message.conversation_id == chat.id, col(Message.is_customer))
    rows = session.exec(said.where(Message.text != "").order_by(col(Message.said_at), col(Message.id)))
    told = {part.id: part for part in chat.parts} | {"": chat.source}
    known = {row.part_id: told.get(row.part_id) or _part(row) for row in rows}
    parts = known | {id: part for id, part in told.items() if part.is_heard}
    return sorted(parts.values(), key=lambda part: part.created_at)


def _part(row: Message) -> Part:
    author = Author("user", row.author_id, row.who, "")
    return Part(row.part_id, "comment", author, plain.html(row.text), row.said_at // 1000, False, (), False)
