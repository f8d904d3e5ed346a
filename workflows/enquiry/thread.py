"""Thread: all that the messages of one chat's thread show, as it is now in our tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from workflows.enquiry import history
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.enquiry import Enquiry, KnowHow, Wait


@dataclass(frozen=True)
class Thread:
    """A chat's row, its address, its customer, what was said, how long each wait was, and who answered last.

    `offered`: the answers to use again that fit what the customer asked first; `next_up`: to whom it may be given.
    """

    enquiry: Enquiry
    url: str
    name: str
    company: str
    tier: str
    opening: Message | None
    said: Sequence[Message]
    waits: Sequence[Wait]
    answered_by: str
    offered: Sequence[KnowHow] = ()
    next_up: str = ""

    @property
    def id(self) -> str:
        """The conversation's."""
        return self.enquiry.conversation_id

    @property
    def since(self) -> int:
        """Nothing of it was posted before (ms)."""
        return self.opening.said_at if self.opening else self.enquiry.said_at


def read(session: Session, enquiry: Enquiry) -> Thread:
    """All of it. Notes among us belong to it, what this service wrote does not."""
    id = enquiry.conversation_id
    chat = session.get(Conversation, id)
    company = session.get(Company, chat.company_id) if chat and chat.company_id else None
    contact = session.get(Contact, chat.contact_id) if chat and chat.contact_id else None
    said = select(Message).where(Message.conversation_id == id, Message.kind != "ours")
    messages = list(session.exec(said.order_by(col(Message.said_at), col(Message.id)).limit(history.MOST)))
    answer = history.last_answer(session, id)
    return Thread(
        enquiry,
        url=chat.url if chat else "",
        name=contact.name if contact else "",
        company=company.name if company else "",
        tier=company.tier if company else "",
        opening=next((each for each in messages if not each.part_id), None),
        said=[each for each in messages if each.part_id],
        waits=list(session.exec(select(Wait).where(Wait.conversation_id == id).order_by(col(Wait.since)))),
        answered_by=answer[0] if answer else "",
    )
