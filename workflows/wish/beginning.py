"""Beginning: a tag that was put before there was this service belongs to the company's past, and files nothing.

Without this a team that used its tags before would get its old wishes again, one by one, whenever a customer
of then writes about something else. `[filing] since` in the rules names the day; else it is when we came.
"""

from __future__ import annotations

from sqlmodel import Session, func, select

from integrations.intercom import Part, Tag
from workflows.engine.store import now_ms, store
from workflows.rules import rules
from workflows.tables.runs import Delivery, Lease

#: The row that remembers when we came.
NAME = "beginning"
#: So much before our first delivery tags count as new: clocks differ, and a tag is tried before the webhook is set up.
GRACE_MS = 3600 * 1000


def moment() -> int:
    """From when on tags file wishes (ms UTC)."""
    if rules.file_since is not None:
        return rules.calendar.moment(rules.file_since)
    return store.read(_remembered) or store.write(_remember)


def is_since(message: Part, tag: Tag, beginning: int) -> bool:
    """Was the tag put on this message since then? Intercom says when it was put there, or just on the conversation."""
    on_message = (other.applied_at for other in message.tags if other.id == tag.id and other.applied_at is not None)
    applied_at = next(on_message, tag.applied_at)
    return applied_at is None or applied_at * 1000 >= beginning


def _remembered(session: Session) -> int:
    lease = session.get(Lease, NAME)
    return lease.last_at if lease else 0


def _remember(session: Session) -> int:
    """We came with our first delivery; an older database remembers it as far back as it keeps them."""
    if known := _remembered(session):  # another run was faster
        return known
    first = session.exec(select(func.min(Delivery.received_at))).one()
    came = min(first or now_ms(), now_ms()) - GRACE_MS
    session.add(Lease(name=NAME, last_at=came))
    return came
