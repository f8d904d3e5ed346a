"""Reopened: what a customer says after we reopened a conversation and told them something is our doing, not theirs.

Whatever measures support leaves it out: it is no contact of the customer's, and nobody is asked to answer for it.

    query.where(~said_after_news(Feedback.conversation_id, Feedback.said_at))
    is_after_news(session, conversation_id, at)
    was_told(session, conversation_id, at)       # then it may be a reaction: see `telling.reaction`
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.store import DAY_MS
from workflows.tables.runs import Action
from workflows.tables.telling import Telling

#: What they say within so many days of being told is an answer to that.
DAYS = 14


def said_after_news(conversation_id: Any, at: Any) -> Any:
    """Was this (a conversation and a moment in ms, as columns or values) said because of what we told them there?"""
    return (
        sa.select(col(Telling.release_id))
        .where(col(Telling.conversation_id) == conversation_id, col(Telling.found) == "closed", ~col(Telling.dry))
        .where(col(Telling.told_at) <= at, at <= col(Telling.told_at) + DAYS * DAY_MS)
        .exists()
    )


def was_told(session: Session, conversation_id: str, at: int) -> bool:
    """Was a customer told something here within two weeks before this moment, or where a chat was merged into it?"""
    merged = sa.select(col(Action.target)).where(
        col(Action.conversation_id) == conversation_id, col(Action.verb) == "intercom.lives-on"
    )
    here = sa.or_(col(Telling.conversation_id) == conversation_id, col(Telling.conversation_id).in_(merged))
    told = sa.select(col(Telling.release_id)).where(here, col(Telling.told_at) >= at - DAYS * DAY_MS)
    return session.execute(told.limit(1)).first() is not None


def is_after_news(session: Session, conversation_id: str, at: int) -> bool:
    """The same of one message."""
    return bool(session.execute(sa.select(said_after_news(conversation_id, at))).scalar())
