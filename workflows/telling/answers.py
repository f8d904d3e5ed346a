"""Answers: what one of our people wrote to a customer pays what the chat is owed, unless something speaks against it.

An answer counts from the draft on, and until that is withdrawn because its issue is no longer done. An agent may say
that it was about something else: then the debt stands again, and only a later answer pays it.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from integrations.intercom import Part
from workflows.engine.actions import Intent, happened
from workflows.meeting import decisions
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.telling import ledger
from workflows.telling.cause import Cause

EARLIER = "The last answer to the customer is older than the draft."
TOO_LATE = "The last answer to the customer came after the draft was withdrawn."


def unpaid(session: Session, conversation_id: str) -> list[Telling]:
    """What a chat has a draft for, or had one, without anybody having told the customer; and those merged into it."""
    merged = select(Action.target).where(
        Action.conversation_id == conversation_id, Action.verb == f"intercom.{ledger.LIVES_ON}"
    )
    here = (col(Telling.conversation_id) == conversation_id) | col(Telling.conversation_id).in_(merged)
    not_told = col(Telling.state).in_(("drafted", ledger.WITHDRAWN))
    return list(session.exec(select(Telling).where(here, not_told).order_by(col(Telling.owed_at))))


def pay(session: Session, conversation_id: str, answer: Part) -> str:
    """Somebody answered in a chat: the customer has been told of all that the answer can be about, by whom and when.

    Returns why it was about nothing, "" where it was about something.
    """
    objections = [_pay(session, telling, answer) for telling in unpaid(session, conversation_id)]
    return "" if "" in objections else next(reversed(objections), EARLIER)


def _pay(session: Session, telling: Telling, answer: Part) -> str:
    at = answer.created_at * 1000
    if objection := _objection(session, telling, at):
        return objection
    telling.state, telling.told_by, telling.told_at = "told", answer.author.name, at
    happened(session, _told(session, telling, answer))
    return ""


def _objection(session: Session, telling: Telling, at: int) -> str:
    """Why an answer of that moment does not tell the customer; "" where it does. Intercom counts whole seconds."""
    if not telling.drafted_at or at + 1000 < telling.drafted_at:
        return EARLIER
    if telling.state == ledger.WITHDRAWN and at >= _withdrawn_at(session, telling):
        return TOO_LATE
    return ""


def _withdrawn_at(session: Session, telling: Telling) -> int:
    return session.get_one(Release, ledger.reopening(telling.release_id)).happened_at


def _told(session: Session, telling: Telling, answer: Part) -> Intent:
    cause = Cause.read(telling.release_id)
    chat = telling.conversation_id
    concluded = decisions.members_in(session, cause.decision_id, chat) if cause.decision_id else []
    return Intent(
        "intercom",
        "tell",
        key=f"told:{telling.release_id}:{chat}:{answer.id}",
        target=chat,
        sentence="{agent} told the customer.",
        facts={"agent": answer.author.name},
        conversation_id=chat,
        issue_id=cause.issue_id or None,
        feedback_id=concluded[0].id if concluded else None,
    )
