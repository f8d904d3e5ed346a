"""Contacts: the people at customers, found by their name."""

from __future__ import annotations

from sqlmodel import Session, col, func, or_, select

from workflows.customer.companies import written
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.erasure import Erasure


def named(session: Session, typed: str, most: int) -> list[tuple[Contact, Company]]:
    """The people of companies whose name holds what somebody typed, in full width or not; the shortest names first."""
    name = col(Contact.name)
    holds = or_(*(name.icontains(way, autoescape=True) for way in written(typed)))
    query = select(Contact, Company).join(Company, col(Company.id) == col(Contact.company_id)).where(holds)
    return list(session.exec(query.order_by(func.length(name), name, col(Contact.id)).limit(most)))


def talking(session: Session, company_id: str) -> list[tuple[Contact, Conversation]]:
    """The people of a company with whom we have a conversation, the latest first; nobody of whom any was erased."""
    gone = select(Erasure.id)
    query = (
        select(Contact, Conversation)
        .join(Conversation, col(Conversation.contact_id) == col(Contact.id))
        .where(Contact.company_id == company_id, Contact.name != "", Conversation.state != "")
        .where(col(Contact.id).not_in(gone), col(Conversation.id).not_in(gone))
    )
    return list(session.exec(query.order_by(col(Conversation.created_at).desc(), col(Conversation.id))))
