"""Courses: conversations that were here before their figures were kept get them as well, once.

    upkeep ─► catch_up() ─► some conversations at a time, in one commit each ─► over

Killed at any moment, it goes on after the last commit. Whatever is heard of meanwhile is kept by the board itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.failpoints import hit
from workflows.engine.rows import among
from workflows.engine.store import now_ms, store
from workflows.enquiry import course, history
from workflows.tables.customer import Conversation
from workflows.tables.enquiry import Enquiry
from workflows.tables.runs import Lease

#: Where it is: the last conversation that was looked at, or that it is over.
NAME, OVER = "courses", "~"
#: Conversations of one commit, and commits of one round of upkeep.
TOGETHER, ROUNDS = 200, 10


def catch_up() -> None:
    """Make the figures of the next conversations that may have none yet."""
    if store.read(_is_over):
        return
    for _ in range(ROUNDS):
        if store.write(_some):
            return
        hit("courses.kept")


def left(session: Session) -> int:
    """How many conversations still wait for their figures."""
    lease = session.get(Lease, NAME)
    if lease is not None and lease.holder == OVER:
        return 0
    after = lease.holder if lease else ""
    return session.exec(select(sa.func.count()).select_from(Conversation).where(col(Conversation.id) > after)).one()


def _is_over(session: Session) -> bool:
    lease = session.get(Lease, NAME)
    return lease is not None and lease.holder == OVER


def _some(session: Session) -> bool:
    """Keep the next ones; was it the last time?"""
    lease = session.get(Lease, NAME, with_for_update=True) or Lease(name=NAME)
    query = select(Conversation.id).where(col(Conversation.id) > lease.holder).order_by(col(Conversation.id))
    ids = session.exec(query.limit(TOGETHER)).all()
    of_medium = select(Enquiry.conversation_id, Enquiry.medium).where(among(Enquiry.conversation_id, ids))
    medium = dict(session.exec(of_medium).all())
    found = history.of_many(session, ids)
    course.keep(session, [course.of(id, medium.get(id, "chat"), *found[id]) for id in ids])
    lease.holder, lease.last_at = (ids[-1] if ids else OVER), now_ms()
    session.add(lease)
    return not ids
