"""What was said in a chat, as we have it: part by part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from workflows.customer import erasures
from workflows.engine.rows import Values, table_of
from workflows.tables.customer import Message

#: Messages on one page.
MOST = 1000


def keep(session: Session, rows: Sequence[Values]) -> None:
    """Keep these parts, in one statement; those that are known and say the same are left alone.

    What was emptied stays empty, and of an erased chat nothing is kept: whoever read it earlier may come later.
    """
    gone = erasures.chats_of(session, {row["conversation_id"] for row in rows})
    if rows := [row for row in rows if row["conversation_id"] not in gone]:
        values = sorted(rows, key=lambda row: str(row["id"]))  # everywhere the same order, so nobody deadlocks
        session.connection().execute(_keep(str(session.get_bind().dialect.name)), values)


@cache
def _keep(dialect: str) -> Any:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table_of(Message))
    new, table = insert.excluded, table_of(Message)
    return insert.on_conflict_do_update(
        index_elements=["id"],
        set_={"kind": new.kind, "who": new.who, "text": new.text, "stale": True},
        where=sa.and_(table.c.text != "", sa.or_(table.c.text != new.text, table.c.kind != new.kind)),
    )


def of_chat(session: Session, conversation_id: str) -> list[Message]:
    """Everything said in a chat, oldest first."""
    query = select(Message).where(Message.conversation_id == conversation_id)
    return list(session.exec(query.order_by(col(Message.said_at), col(Message.id)).limit(MOST)))


def stale(session: Session, most: int, *, held: bool = False) -> list[Message]:
    """Messages that search does not know yet as they are now. `held`: nobody changes them before the commit."""
    query = select(Message).where(sa.text("stale")).order_by(col(Message.id)).limit(most)
    return list(session.exec(query.with_for_update() if held else query))


def fresh(session: Session, ids: Sequence[str]) -> None:
    """Search knows these messages now."""
    table = table_of(Message)
    session.connection().execute(sa.update(table).where(table.c.id.in_(ids)).values(stale=False))
