"""Retention: what was said, who said it and what a form held are kept for so many days, in rows and in search.

    upkeep.clean_up ─► forget_messages · forget_contacts · forget_arguments · forget_enquiries

Each takes some rows at a time, so that nobody waits for the database, and may be repeated. Wishes and escalations are
records and stay; whoever is to be forgotten altogether is erased (`workflows.wish.erasure`).
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from workflows.customer import erasing
from workflows.customer.reach import Reach
from workflows.engine.durable import STORIES
from workflows.engine.store import store
from workflows.search import indexing
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.enquiry import Ask, Enquiry, Reply, Step
from workflows.tables.escalation import Escalation
from workflows.tables.runs import DONE, IGNORED, Run
from workflows.tables.wish import Feedback

#: What is said of an enquiry that has come to its end.
SOLVED = "solved"
#: Rows in one transaction.
SOME = 200


def forget_messages(before: int) -> None:
    """Nothing is left of what was said before then, nor of how chats began."""
    while ids := store.read(partial(_old_messages, before)):
        erasing.erase(Reach(messages=frozenset(ids), authors=frozenset(ids)))
    while ids := store.read(partial(_old_openings, before)):
        erasing.erase(Reach(openings=frozenset(ids)))


def _old_messages(before: int, session: Session) -> list[str]:
    query = select(Message.id).where(Message.said_at < before, (Message.text != "") | (Message.who != ""))
    return list(session.exec(query.limit(SOME)))


def _old_openings(before: int, session: Session) -> list[str]:
    query = select(Conversation.id).where(Conversation.created_at < before, Conversation.opening != "")
    return list(session.exec(query.limit(SOME)))


def forget_contacts(before: int) -> None:
    """Nobody is known by name of whom nothing was heard since then."""
    while ids := store.read(partial(_silent, before)):
        wishes, messages = store.read(partial(_theirs, ids))
        erasing.erase(Reach(contacts=frozenset(ids), authors=messages))
        store.write(partial(indexing.reread, wishes=sorted(wishes)))


def _silent(before: int, session: Session) -> list[str]:
    """People with a name and no chat, message or wish since then."""
    chats = select(Conversation.id).where(Conversation.contact_id == Contact.id)
    heard = (
        chats.where(Conversation.created_at >= before),
        select(Message.id).where(col(Message.conversation_id).in_(chats), Message.said_at >= before),
        select(Feedback.id).where(Feedback.contact_id == Contact.id, Feedback.taken_at >= before),
    )
    named = select(Contact.id).where((Contact.name != "") | (Contact.email != ""), *(~each.exists() for each in heard))
    return list(session.exec(named.limit(SOME)))


def _theirs(contacts: list[str], session: Session) -> tuple[frozenset[Any], frozenset[Any]]:
    """Their wishes, and the messages that name them."""
    chats = select(Conversation.id).where(col(Conversation.contact_id).in_(contacts))
    messages = select(Message.id).where(col(Message.conversation_id).in_(chats), Message.is_customer)
    wishes = select(Feedback.id).where(col(Feedback.contact_id).in_(contacts))
    return frozenset(session.exec(wishes)), frozenset(session.exec(messages))


def forget_enquiries(before: int) -> None:
    """Of conversations that were solved before then nothing is left that was said, asked or done in them.

    Not of those of which a request or an escalation was made: these are records, and lead back to them. How long
    customers waited stays, for it holds no words.
    """
    while ids := store.read(partial(_old_enquiries, before)):
        chats = frozenset(ids)
        messages = store.read(partial(_said_in, ids))
        erasing.erase(Reach(openings=chats, whole_chats=chats, drafts=chats, messages=messages, authors=messages))
        store.write(partial(_without_steps, ids))


def _old_enquiries(before: int, session: Session) -> list[str]:
    """Conversations of which something is left still."""
    id = Enquiry.conversation_id
    records = (
        select(Feedback.id).where(Feedback.conversation_id == id),
        select(Escalation.id).where(Escalation.conversation_id == id),
    )
    left = (
        select(Message.id).where(Message.conversation_id == id, (Message.text != "") | (Message.who != "")),
        select(Conversation.id).where(Conversation.id == id, Conversation.opening != ""),
        select(Ask.id).where(Ask.conversation_id == id, (Ask.question != "") | (Ask.answer != "")),
        select(Reply.id).where(Reply.conversation_id == id, Reply.text != ""),
        select(Step.id).where(Step.conversation_id == id),
    )
    solved = select(id).where(Enquiry.state == SOLVED, col(Enquiry.solved_at) < before)
    kept = solved.where(*(~each.exists() for each in records), sa.or_(*(each.exists() for each in left)))
    return list(session.exec(kept.limit(SOME)))


def _said_in(chats: list[str], session: Session) -> frozenset[Any]:
    return frozenset(session.exec(select(Message.id).where(col(Message.conversation_id).in_(chats))))


def _without_steps(chats: list[str], session: Session) -> None:
    session.exec(delete(Step).where(col(Step.conversation_id).in_(chats)))


def forget_arguments(before: int) -> None:
    """Forms as they were sent, of runs that ended before then; what is dead may still be replayed, and waits."""
    after = ""
    while ids := store.read(partial(_old_forms, before, after)):
        erasing.erase(Reach(runs=frozenset(ids)))
        after = ids[-1]


def _old_forms(before: int, after: str, session: Session) -> list[str]:
    ended = (
        col(Run.state).in_((DONE, IGNORED)),
        col(Run.ended_at) < before,
        col(Run.workflow).in_(_stories_with_words()),
    )
    query = select(Run.id).where(*ended, col(Run.id) > after).order_by(sa.asc(col(Run.id)))
    return list(session.exec(query.limit(SOME)))


def _stories_with_words() -> list[str]:
    """The stories whose arguments are more than ids: what somebody typed."""
    return [
        name for name, story in STORIES.items() if not inspect.signature(story).parameters.keys() <= erasing.ARGUMENTS
    ]
