"""Counted: conversations that were here before conversations were counted are counted as well, once.

    count() ─► some conversations at a time, in one commit each ─► all from the first moment on is known

Killed at any moment, it is begun again: what is counted is passed over. Only what a customer began counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.failpoints import hit
from workflows.engine.rows import Values, among
from workflows.engine.store import now_ms, store
from workflows.enquiry.past import kept_since
from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import Enquiry
from workflows.tables.runs import Lease
from workflows.tables.volume import Arrival
from workflows.tables.wish import Feedback
from workflows.volume import arrivals, counts, slots, sources, themes
from workflows.volume.sources import INTERCOM
from workflows.wish import beginning

#: Conversations of one commit.
TOGETHER = 500
_ARRIVED = sa.literal(f"{INTERCOM}/") + col(Conversation.id)


def count() -> tuple[int, int | None]:
    """Count those that are not counted yet; returns how many there were, and from when on all is known (ms)."""
    n, after = 0, ""
    while (batch := store.write(partial(_some, after=after))) is not None:
        new, after = batch
        n += new
        hit("counted.kept")
    return n, store.write(_cover)


def _some(session: Session, after: str) -> tuple[int, str] | None:
    """Count the next ones; how many were new, and the last that was looked at. None after the last."""
    missing = ~select(Arrival.id).where(col(Arrival.id) == _ARRIVED).exists()
    query = select(Conversation).where(col(Conversation.id) > after, missing).order_by(col(Conversation.id))
    found = session.exec(query.limit(TOGETHER)).all()
    if not found:
        return None
    new = arrivals.keep(session, _rows(session, found))
    return new, found[-1].id


def _rows(session: Session, found: Sequence[Conversation]) -> list[Values]:
    """Those that a customer began, as they are counted. Of tags, those that were filed are known; others once it is
    heard of again."""
    ids = [chat.id for chat in found]
    said = select(Message.conversation_id, Message.part_id, Message.text).where(
        among(Message.conversation_id, ids), col(Message.is_customer)
    )
    texts: dict[str, list[str]] = {}
    began = set()
    for id, part, text in session.exec(said.order_by(col(Message.said_at), col(Message.id))):
        texts.setdefault(id, []).append(text)
        began |= {id} if not part else set()
    tags: dict[str, list[str]] = {}
    for id, tag in session.exec(
        select(Feedback.conversation_id, Feedback.tag).where(among(Feedback.conversation_id, ids))
    ):
        tags.setdefault(id, []).append(tag)
    media = select(Enquiry.conversation_id, Enquiry.medium).where(among(Enquiry.conversation_id, ids))
    medium_of = dict(session.exec(media).all())
    return [
        arrivals.row(
            INTERCOM,
            chat.id,
            chat.created_at,
            medium=medium_of.get(chat.id, "chat"),
            company_id=chat.company_id or "",
            themes=themes.of(tags.get(chat.id, ()), " ".join(texts[chat.id])),
            url=chat.url,
        )
        for chat in found
        if chat.id in began
    ]


def _cover(session: Session) -> int | None:
    """From when on we heard of everything: since the service is there, or since what was imported before."""
    since = _heard_since(session)
    first = session.exec(select(sa.func.min(Arrival.at)).where(Arrival.source == INTERCOM)).one()
    if since is None or first is None:
        return None
    since = max(since, slots.of(first))
    sources.of(session, INTERCOM, slots.of(now_ms()))
    counts.cover_past(session, INTERCOM, since)
    return since


def _heard_since(session: Session) -> int | None:
    came = session.get(Lease, beginning.NAME)
    if came is None:
        return None
    # What was said before messages were forgotten, nobody can count.
    leases = session.exec(select(Lease).where(col(Lease.name).startswith("past:"))).all()
    through = (int(each.name.removeprefix("past:")) for each in leases if each.last_at >= came.last_at)
    return min(kept_since(since) * 1000 for since in (came.last_at // 1000, *through))
