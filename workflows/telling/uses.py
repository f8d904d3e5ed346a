"""Uses: whoever was told that something is there used it; the first time is kept with what they were told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from workflows.engine.actions import happened
from workflows.tables.customer import Contact, Conversation
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Issue
from workflows.telling import answers

USED = "used"
USES_IT = "The customer used what {key} brought."


def note(session: Session, found: Sequence[Issue], company_id: str, person: str, at: int) -> int:
    """Somebody used what these issues brought; returns how many tellings got that as their reaction.

    Of a company, or of a person (their id in Intercom or email address), or of both; "" for any. Only who was told
    before, and of whose reaction nothing is known yet: a thank-you says more.
    """
    keys = {issue.id: issue.key for issue in found}
    told = (
        select(Telling, Release.issue_id)
        .join(Release, col(Release.id) == Telling.release_id)
        .where(col(Release.issue_id).in_(keys), Telling.state == "told", col(Telling.told_at) <= at)
        .where(Telling.reaction == "", col(Telling.conversation_id).in_(_chats(company_id, person)))
        .with_for_update(of=Telling)
    )
    rows = session.exec(told).all()
    for telling, issue_id in rows:
        telling.reaction, telling.reacted_at = USED, at
        key = f"used:{telling.release_id}:{telling.conversation_id}"
        happened(session, answers.about(session, telling, "us.use", key, USES_IT, {"key": keys[issue_id]}))
    return len(rows)


def _chats(company_id: str, person: str) -> Any:
    chats = sa.select(col(Conversation.id))
    if company_id:
        chats = chats.where(col(Conversation.company_id) == company_id)
    if person:
        is_them = (col(Contact.id) == person) | (func.lower(Contact.email) == person.lower())
        chats = chats.where(col(Conversation.contact_id).in_(sa.select(col(Contact.id)).where(is_them)))
    return chats
