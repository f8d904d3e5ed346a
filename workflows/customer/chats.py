"""Chats that we know: which of a customer's messages was looked at last, and whether each chat is there still.

No search tells what is gone, so that is asked in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer.erasures import CHAT
from workflows.customer.reach import portions
from workflows.engine.rows import table_of
from workflows.tables.customer import Contact, Conversation
from workflows.tables.erasure import Erasure
from workflows.tables.runs import Lease

#: So many are looked for at once, and the row that remembers the last of them.
PORTION, NAME = 150, "looked for"

_CHATS = table_of(Conversation)
_HEARD = sa.update(_CHATS).where(_CHATS.c.id == sa.bindparam("chat"))
_IS_KEPT = ~select(Erasure.id).where(Erasure.kind == CHAT, Erasure.id == Conversation.id).exists()


def known(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of these chats that we know, but for what was erased."""
    queries = (select(Conversation.id).where(col(Conversation.id).in_(some), _IS_KEPT) for some in portions(ids))
    return {id for query in queries for id in session.exec(query)}


def talkers(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The name of the customer in each of these chats, where it is known."""
    query = select(Conversation.id, Contact.name).join(Contact, col(Contact.id) == Conversation.contact_id)
    return {id: name for id, name in session.exec(query.where(col(Conversation.id).in_(ids))) if name}


def next_portion(session: Session) -> list[str]:
    """The chats whose turn it is to be looked for."""
    lease = session.get(Lease, NAME)
    query = select(Conversation.id).where(col(Conversation.id) > (lease.holder if lease else ""), _IS_KEPT)
    return list(session.exec(query.order_by(col(Conversation.id)).limit(PORTION)))


def go_on_after(session: Session, portion: Sequence[str]) -> None:
    """These were looked for; after the last portion it begins anew."""
    session.merge(Lease(name=NAME, holder=portion[-1] if len(portion) == PORTION else ""))


def heard(session: Session, conversation_id: str) -> str:
    """The newest message that was looked at; "" if none was."""
    chat = session.get(Conversation, conversation_id)
    return chat.heard_part if chat else ""


def heard_up_to(session: Session, conversation_id: str, part_id: str) -> None:
    """Everything that was said in this chat up to this message has been looked at."""
    session.connection().execute(_HEARD, {"chat": conversation_id, "heard_part": part_id})
