"""What was said in a chat, as we have it: part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from workflows.customer import erasures
from workflows.engine.rows import Values, table_of
from workflows.tables.customer import Message

#: Messages on one page.
MOST = 200


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
    files, new_files = (sa.cast(each.attachments, sa.String) for each in (table.c, new))
    is_known_now = sa.and_(table.c.author == "", new.author != "")
    is_mailed_now = sa.and_(new.mailed, sa.not_(table.c.mailed))  # a webhook may say less than was known
    changed = (table.c.text != new.text, table.c.kind != new.kind, files != new_files, is_known_now, is_mailed_now)
    said = ("kind", "who", "author", "author_id", "text", "attachments")
    return insert.on_conflict_do_update(
        index_elements=["id"],
        set_={name: new[name] for name in said} | {"stale": True, "mailed": sa.or_(table.c.mailed, new.mailed)},
        where=sa.and_(sa.or_(table.c.text != "", files != "[]"), sa.or_(*changed)),
    )


@dataclass(frozen=True)
class Said:
    """Some of what was said in a chat, oldest first; the part before which there is more, and the one after it."""

    parts: Sequence[Message]
    earlier: Message | None
    later: Message | None


def of_chat(session: Session, chat: str, *, first: str | None = None, before: str | None = None) -> Said:
    """The newest of what was said in a chat; those from the part `first` on, or the last ones before a part."""
    start = _part(session, chat, first if before is None else before)
    if start is None:
        parts = _some(session, chat, col(Message.id) != "", is_back=True)
        return Said(parts[-MOST:], parts[-MOST] if len(parts) > MOST else None, None)
    if before is not None:
        parts = _some(session, chat, _place() < _place(start), is_back=True)
        return Said(parts[-MOST:], parts[-MOST] if len(parts) > MOST else None, start)
    parts = _some(session, chat, _place() >= _place(start))
    has_earlier = bool(_some(session, chat, _place() < _place(start), is_back=True, most=1))
    return Said(parts[:MOST], start if has_earlier else None, parts[MOST] if len(parts) > MOST else None)


def _part(session: Session, chat: str, part: str | None) -> Message | None:
    """The part of a chat that an address names, if it does and there is one."""
    return session.get(Message, f"{chat}/{part}") if part is not None else None


def _place(part: Message | None = None) -> Any:
    """Where a part stands in its chat: this one, or each of a query."""
    return sa.tuple_(part.said_at, part.id) if part else sa.tuple_(col(Message.said_at), col(Message.id))


def _some(session: Session, chat: str, which: Any, *, is_back: bool = False, most: int = MOST + 1) -> list[Message]:
    """The first of these parts or, going back, the last; oldest first."""
    keys = (col(Message.said_at), col(Message.id))
    query = select(Message).where(Message.conversation_id == chat, which)
    found = list(session.exec(query.order_by(*(key.desc() if is_back else key for key in keys)).limit(most)))
    return found[::-1] if is_back else found


def stale(session: Session, most: int, *, held: bool = False) -> list[Message]:
    """Messages that search does not know yet as they are now. `held`: nobody changes them before the commit."""
    query = select(Message).where(sa.text("stale")).order_by(col(Message.id)).limit(most)
    return list(session.exec(query.with_for_update() if held else query))


def fresh(session: Session, ids: Sequence[str]) -> None:
    """Search knows these messages now."""
    table = table_of(Message)
    session.connection().execute(sa.update(table).where(table.c.id.in_(ids)).values(stale=False))
