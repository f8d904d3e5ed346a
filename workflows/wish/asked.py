"""Which agent was asked for the background of which wishes, and when they are reminded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlmodel import Session, col, select

from workflows.engine.rows import Values, insert_new
from workflows.tables.wish import Asked, Feedback
from workflows.wish.wishes import COUNTS

#: A reminder is started for so many messages in one round of upkeep; the next round comes in seconds.
MANY = 100


# -- who was asked --------------------------------------------------------------------------------


def waiting(session: Session, feedback_ids: Collection[int], since: int, most: int) -> list[int]:
    """Those of these wishes about which nobody was asked yet, and what else their agents took since then.

    So a hundred wishes that are filed at once are a few messages, and not a hundred.
    """
    takers = select(Feedback.taken_by).where(col(Feedback.id).in_(feedback_ids))
    theirs = (col(Feedback.taken_at) > since) & col(Feedback.taken_by).in_(takers) & (Feedback.source == "intercom")
    theirs &= COUNTS
    query = (
        select(Feedback.id)
        .outerjoin(Asked, col(Asked.feedback_id) == Feedback.id)
        .where(col(Asked.feedback_id).is_(None), col(Feedback.id).in_(feedback_ids) | theirs)
        .order_by(col(Feedback.id).not_in(feedback_ids), col(Feedback.id))
    )
    return [id for id in session.exec(query.limit(max(most, len(feedback_ids)))) if id is not None]


def are_claimed(session: Session, feedback_ids: Collection[int], run_id: str) -> bool:
    """Does another run ask about all of these?"""
    theirs = select(Asked.feedback_id).where(col(Asked.feedback_id).in_(feedback_ids), Asked.run_id != run_id)
    return len(session.exec(theirs).all()) == len(set(feedback_ids))


def claim(session: Session, rows: Sequence[Values]) -> None:
    """Somebody is asked about these wishes, each once for ever: what was claimed before stays as it is."""
    insert_new(session, Asked, rows)


def asked_by(session: Session, run_id: str) -> list[int]:
    """The wishes about which a run asks."""
    return list(session.exec(select(Asked.feedback_id).where(Asked.run_id == run_id).order_by(col(Asked.feedback_id))))


def asked(session: Session, feedback_id: int) -> Asked | None:
    """By whom somebody was asked about a wish."""
    return session.get(Asked, feedback_id)


def ask_no_more(session: Session, feedback_ids: Collection[int]) -> None:
    """Nobody is reminded of these any more."""
    for asked in session.exec(select(Asked).where(col(Asked.feedback_id).in_(feedback_ids))):
        asked.remind_at = None


def is_due(session: Session, now: int) -> bool:
    """Is there anybody to be reminded by now?"""
    return session.exec(select(Asked.feedback_id).where(*_due(now)).limit(1)).first() is not None


def take_due(session: Session, now: int) -> list[str]:
    """The runs about whose wishes somebody is to be reminded by now; from then on nobody is reminded again."""
    query = select(Asked).where(*_due(now)).order_by(col(Asked.remind_at)).limit(MANY)
    taken = list(session.exec(query.with_for_update(skip_locked=True)))
    for each in taken:
        each.remind_at = None
    session.flush()
    return sorted({each.run_id for each in taken})


def _due(now: int) -> tuple[Any, Any]:
    return col(Asked.remind_at).is_not(None), col(Asked.remind_at) <= now
