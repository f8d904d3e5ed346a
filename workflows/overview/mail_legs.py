"""Whether answers went out by mail, as far as Intercom says so.

sentence(message, medium="mail", to=contact)     # what stands beside an answer
by_medium(session, since)                        # how many of each, by how customers reach us

Intercom says of a message that it was sent as a mail, and of a contact that a mail to them bounced for good: not which
one, nor ever that one arrived. What it does not say is not known, and is never guessed.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import said, table_of
from workflows.enquiry.history import is_answer
from workflows.rules.enquiry import MEDIA
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.enquiry import Enquiry

MAIL = "mail"
SENT, DOUBTFUL, BOUNCED, UNKNOWN = "sent", "doubtful", "bounced", "unknown"
SENTENCES = {
    SENT: "Sent by email, according to Intercom.",
    DOUBTFUL: "Sent by email, according to Intercom. An email to this customer has bounced, but it is not known which.",
    BOUNCED: "Not known whether it was sent by email: Intercom says only that an email to this customer has bounced.",
    UNKNOWN: "Not known whether it was sent by email: Intercom does not say.",
}
#: All states of an enquiry: the index of those that were active lately begins with the state.
STATES = ("waiting", "answering", "customer", "development", "solved")


class Legs(NamedTuple):
    """Answers to those who reach us in one way: sent, sent to an address that has bounced, and not known."""

    medium: str
    sent: int
    doubtful: int
    bounced: int
    unknown: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.sent + self.doubtful + self.bounced + self.unknown


def leg(is_mailed: bool, has_bounced: bool | None) -> str:
    """What is known of one answer."""
    if is_mailed:
        return DOUBTFUL if has_bounced else SENT
    return BOUNCED if has_bounced else UNKNOWN


def sentence(message: Message, medium: str, to: Contact | None) -> str:
    """What is known of an answer that should go by mail, or did; "" of whatever else is said."""
    if not is_answer(message) or not (message.mailed or medium == MAIL):
        return ""
    return SENTENCES[leg(message.mailed, to.has_bounced if to else None)]


def by_medium(session: Session, since: int) -> list[Legs]:
    """The answers since then, by their conversation's medium; of one without answers, nothing. The past is left out."""
    found: Counter[tuple[str, str]] = Counter()
    for medium, is_mailed, has_bounced, n in session.execute(_answers(since)):
        found[medium, leg(is_mailed, has_bounced)] += n
    kinds = (SENT, DOUBTFUL, BOUNCED, UNKNOWN)
    every = [Legs(medium, *(found[medium, kind] for kind in kinds)) for medium in MEDIA]
    return [legs for legs in every if legs.n]


def _answers(since: int) -> sa.Select[tuple[str, bool, bool | None, int]]:
    """Of conversations in which something was said lately, which an index knows: the answers, counted."""
    enquiry, chat = table_of(Enquiry).c, table_of(Conversation).c
    message, contact = table_of(Message).c, table_of(Contact).c
    columns = (enquiry.medium, message.mailed, contact.has_bounced)
    by_us = sa.or_(message.author == said("agent"), sa.and_(message.author == said(""), sa.not_(message.is_customer)))
    return (
        sa.select(*columns, sa.func.count())
        .select_from(table_of(Enquiry))
        .join(table_of(Message), message.conversation_id == enquiry.conversation_id)
        .outerjoin(table_of(Conversation), chat.id == enquiry.conversation_id)
        .outerjoin(table_of(Contact), contact.id == chat.contact_id)
        .where(enquiry.state.in_(said(STATES)), enquiry.said_at >= since)
        .where(sa.not_(enquiry.is_past), message.said_at >= since, message.kind == said("message"), by_us)
        .group_by(*columns)
    )
