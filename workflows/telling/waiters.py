"""Waiters: who waited for a release, and whom of them it has reached.

waited(session, release)                      # all of them: what they had asked for before this cycle of the issue
wishes_in(session, release_id, "215")         # those of one conversation to whom it is available
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.tables.telling import Release
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.wish import availability
from workflows.wish.wishes import COUNTS

#: Put together once, as what is asked for every message.
_WAITING: Any = (
    select(Feedback)
    .join(FeedbackIssue, col(FeedbackIssue.feedback_id) == Feedback.id)
    .where(FeedbackIssue.issue_id == sa.bindparam("issue"), FeedbackIssue.from_cycle < sa.bindparam("cycle"), COUNTS)
    .order_by(col(Feedback.id))
)
_WAITING_HERE = _WAITING.where(Feedback.conversation_id == sa.bindparam("chat"))


def waited(session: Session, release: Release) -> list[Feedback]:
    """The feedback that waited for this release: linked to the issue before this cycle of it was done."""
    return list(_waiting_for(session, release))


def reached(session: Session, release: Release) -> list[Feedback]:
    """Those of them to whose companies it is available by now."""
    return _reached(session, release, _waiting_for(session, release))


def unreached(session: Session, release: Release) -> list[Feedback]:
    """Those of them to whose companies it is not: they wait for a later wave."""
    waiting = waited(session, release)
    there = {wish.id for wish in _reached(session, release, waiting)}
    return [wish for wish in waiting if wish.id not in there]


def _reached(session: Session, release: Release, wishes: Iterable[Feedback]) -> list[Feedback]:
    reach = availability.reached(session, [release.id])
    return [wish for wish in wishes if reach.since(release.id, wish.company_id) is not None]


def _waiting_for(session: Session, release: Release) -> Iterable[Feedback]:
    found: Iterable[Feedback] = session.exec(_WAITING, params={"issue": release.issue_id, "cycle": release.cycle})
    return found


def wishes_in(session: Session, release_id: str, conversation_id: str) -> list[Feedback]:
    """The feedback from one conversation that waited for a release, and that it has reached."""
    return _reached(session, session.get_one(Release, release_id), asked_in(session, release_id, conversation_id))


def asked_in(session: Session, release_id: str, conversation_id: str) -> list[Feedback]:
    """The feedback from one conversation that waited for a release."""
    release = session.get_one(Release, release_id)
    here = {"issue": release.issue_id, "cycle": release.cycle, "chat": conversation_id}
    return list(session.exec(_WAITING_HERE, params=here))
