"""Chats: which of a customer's messages in one was looked at last, by its part's id."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.tables.customer import Conversation

_CHATS = table_of(Conversation)
_HEARD = sa.update(_CHATS).where(_CHATS.c.id == sa.bindparam("chat"))


def heard(session: Session, conversation_id: str) -> str:
    """The newest message that was looked at; "" if none was."""
    chat = session.get(Conversation, conversation_id)
    return chat.heard_part if chat else ""


def heard_up_to(session: Session, conversation_id: str, part_id: str) -> None:
    """Everything that was said in this chat up to this message has been looked at."""
    session.connection().execute(_HEARD, {"chat": conversation_id, "heard_part": part_id})
