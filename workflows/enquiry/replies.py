"""Replies: what named people send to customers out of Slack, what they have to know for it, and who else answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.store import store
from workflows.language.customers import language_of
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.enquiry import Reply

OPEN, SENT, REFUSED = "open", "sent", "refused"
#: A conversation's id, a channel's and a thread's: of more characters than this is none.
LONGEST = 60


@dataclass(frozen=True)
class Newest:
    """The newest answer of somebody else, by the marks of what is known: a reply out of Slack, a part at Intercom."""

    reply_id: int = 0
    said_at: int = 0
    message_id: str = ""
    who: str = ""
    text: str = ""

    def is_after(self, other: Newest) -> bool:
        """Did somebody answer since?"""
        is_newer = self.message_id != other.message_id and self.said_at >= other.said_at
        return self.reply_id > other.reply_id or is_newer


@dataclass(frozen=True)
class About:
    """What a form remembers of where it was opened: one thing in a line, first the conversation."""

    conversation_id: str = ""
    channel: str = ""
    thread: str = ""
    know_how: str = ""
    seen: Newest = field(default_factory=Newest)

    @classmethod
    def read(cls, text: str) -> About:
        """What a form says; nothing where it was not one of ours."""
        lines = text.split("\n")
        if len(lines) != 7 or any(len(line) > LONGEST for line in lines[:4]):
            return cls()
        chat, channel, thread, know_how, reply, said_at, message = lines
        numbers = [
            int(each) if each.isascii() and each.isdigit() and len(each) < 16 else 0 for each in (reply, said_at)
        ]
        return cls(chat, channel, thread, know_how, Newest(numbers[0], numbers[1], message))

    def __str__(self) -> str:
        """For `read`."""
        seen = (str(self.seen.reply_id), str(self.seen.said_at), self.seen.message_id)
        return "\n".join((self.conversation_id, self.channel, self.thread, self.know_how, *seen))


@dataclass(frozen=True)
class Setting:
    """What somebody who answers has to know: to whom, in which language, and what they said last."""

    customer: str = ""
    company: str = ""
    language: str = ""
    last: str = ""
    last_at: int = 0


def setting(session: Session, conversation_id: str) -> Setting | None:
    """What is known of a conversation; None for one that is not."""
    chat = session.get(Conversation, conversation_id)
    if chat is None:
        return None
    contact = session.get(Contact, chat.contact_id) if chat.contact_id else None
    company = companies.company_of_chat(session, conversation_id)
    said = select(Message).where(
        Message.conversation_id == conversation_id, col(Message.is_customer), Message.text != ""
    )
    last = session.exec(said.order_by(col(Message.said_at).desc(), col(Message.id).desc()).limit(1)).first()
    text = last.text if last else chat.opening
    return Setting(
        customer=(contact.name if contact else "") or (last.who if last else ""),
        company=company.name if company else "",
        language=language_of(contact.language if contact else "", text, usual=rules.language),
        last=text,
        last_at=last.said_at if last else chat.created_at,
    )


def newest(session: Session, conversation_id: str, besides: str) -> Newest:
    """The newest answer that anybody gave there, but this person out of Slack; machines do not count."""
    replies = select(Reply).where(Reply.conversation_id == conversation_id)
    ours = list(session.exec(replies.order_by(col(Reply.id).desc())))
    parts = [each.part_id for each in ours if each.part_id]
    theirs = next((each for each in ours if each.state != REFUSED and each.person != besides), None)
    answers = select(Message).where(
        Message.conversation_id == conversation_id,
        Message.kind == "message",
        col(Message.is_customer).is_(False),
        col(Message.author).in_(("agent", "")),
        col(Message.part_id).not_in(parts),
    )
    said = session.exec(answers.order_by(col(Message.said_at).desc(), col(Message.id).desc()).limit(1)).first()
    is_reply = theirs is not None and (said is None or theirs.pressed_at >= said.said_at)
    return Newest(
        reply_id=(theirs.id or 0) if theirs else 0,
        said_at=said.said_at if said else 0,
        message_id=said.id if said else "",
        who=theirs.person_name if theirs and is_reply else said.who if said else "",
        text=theirs.text if theirs and is_reply else said.text if said else "",
    )


def keep(session: Session, row: Mapping[str, Any]) -> Reply:
    """The reply of this form, as it stands: kept once for its origin."""
    known = session.exec(select(Reply).where(Reply.origin == row["origin"])).first()
    if known is None:
        known = Reply(**row)
        session.add(known)
        session.flush()
    return copy_of(known)


def others(session: Session, reply: Reply) -> frozenset[str]:
    """The parts in its conversation that are other replies."""
    query = select(Reply.part_id).where(Reply.conversation_id == reply.conversation_id, Reply.part_id != "")
    return frozenset(session.exec(query.where(Reply.id != reply.id)))


def named(id: int, admin_id: str) -> None:
    """In whose name it goes out."""
    store.write(partial(_change, id=id, admin_id=admin_id))


def sent(session: Session, id: int, part_id: str) -> None:
    """It has gone out, as this part."""
    _change(session, id, state=SENT, part_id=part_id, why="")


def refused(id: int, why: str) -> None:
    """It does not go out, and why."""
    store.write(partial(_change, id=id, state=REFUSED, why=why))


def _change(session: Session, id: int, **values: str) -> None:
    session.get_one(Reply, id, with_for_update=True).sqlmodel_update(values)
