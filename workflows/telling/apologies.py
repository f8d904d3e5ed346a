"""Apologies: who was told of what is not there any more is owed one, until it is there for them again."""

from __future__ import annotations

from sqlmodel import Session, col, select

from workflows.tables.telling import Telling
from workflows.telling.cause import Cause

#: What a conversation is owed while its issue is done, and what becomes of that once it is not.
OWING, WITHDRAWN = ("owed", "drafted"), "withdrawn"


def reopening(release_id: str) -> str:
    """The release that takes this one back: what it brought is not there any more."""
    return f"{release_id}:reopened"


def drop(session: Session, apology: str, conversation_id: str = "") -> None:
    """Whoever has not said sorry (in this conversation) need not: it is there again, or nobody was told of it."""
    owed = select(Telling).where(Telling.release_id == apology, col(Telling.state).in_(OWING))
    here = owed.where(Telling.conversation_id == conversation_id) if conversation_id else owed
    for telling in session.exec(here):
        telling.state, telling.send_at = WITHDRAWN, None


def drop_before(session: Session, release_id: str, conversation_id: str = "") -> None:
    """The same of what this release brings anew."""
    cause = Cause.read(release_id)
    if cause.cycle > 1 and cause.stored == release_id:
        drop(session, reopening(Cause(cause.issue_id, cause.cycle - 1).stored), conversation_id)
