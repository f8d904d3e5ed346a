"""Wishes: one row each, and who they are that wished."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from workflows.customer import erasures
from workflows.engine.rows import Values, insert_new, table_of
from workflows.language import titles
from workflows.tables.customer import Conversation
from workflows.tables.wish import Feedback, mark_of
from workflows.wish import reopened

#: Does a wish count? Not where somebody said that it was filed by mistake.
COUNTS = col(Feedback.withdrawn_at).is_(None)


def code(feedback_id: int | None) -> str:
    """How people name a feedback record: FB-12."""
    return f"FB-{feedback_id}"


def record_of(wish: Feedback) -> str:
    """How Productboard calls a wish of ours: its mark; FB-12 for one that is older than marks."""
    return code(int(wish.mark)) if wish.mark.isdigit() else wish.mark


def of_records(session: Session, records: Sequence[str]) -> list[int]:
    """The numbers of the wishes that Productboard calls so."""
    marks = [record.removeprefix("FB-") for record in records]
    return [*session.exec(select(Feedback.id).where(col(Feedback.mark).in_(marks)).order_by(col(Feedback.id)))]


def title_of(wish: Feedback) -> str:
    """What a wish is called for short: as somebody wrote, else as its words propose; "" for one without words."""
    return wish.title or titles.proposed(wish.quote)


def named(value: str) -> str:
    """FB-12 for what a button or a form says; "" where that names none."""
    id = id_of(value)
    return code(id) if id else ""


def id_of(text: str) -> int | None:
    """The record that `FB-12`, `fb-12` or `12` names; None if it names none."""
    digits = text.strip().upper().removeprefix("FB-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def is_chat(conversation_id: str) -> bool:
    """Is this a conversation in Intercom, and not the name of another source (`slack:…`, `hand:…`)?"""
    return ":" not in conversation_id


def take(session: Session, wish: Values, tagged: str = "") -> Feedback:
    """The record of this wish: the one that exists, or a new one; without words where the chat was erased.

    `tagged` is the message with the tag, where the words are in another one: it may have been taken without them.
    """
    if tagged not in ("", wish["part_id"]) and (before := _taken(session, wish, tagged)):
        return before
    if before := _taken(session, wish, wish["part_id"]):
        return before  # not left to the insert: a conflict uses up a number, and codes would have gaps
    if erasures.chats_of(session, [wish["conversation_id"]]):
        wish = wish | {"quote": "", "title": ""}
    wish = wish | {"mark": mark_of(wish["conversation_id"], wish["part_id"], wish["kind"])}
    if new := insert_new(session, Feedback, [wish]):
        return Feedback(id=new.pop(), **wish)
    found = _taken(session, wish, wish["part_id"])
    assert found is not None
    return found


def _taken(session: Session, wish: Values, part_id: str) -> Feedback | None:
    """The record of such a wish from one message."""
    return session.exec(
        select(Feedback).where(
            Feedback.conversation_id == wish["conversation_id"],
            Feedback.part_id == part_id,
            Feedback.kind == wish["kind"],
        )
    ).one_or_none()


_WISHES, _CHATS = table_of(Feedback), table_of(Conversation)


_NOTE = sa.update(_WISHES).where(_WISHES.c.id == sa.bindparam("wish"))


_FILED = sa.update(_CHATS).where(_CHATS.c.id == sa.bindparam("chat"), _CHATS.c.filed_up_to < sa.bindparam("up_to"))


def note_is(session: Session, feedback_id: int | None, note_id: str, url: str) -> None:
    """Remember the Productboard note of a feedback."""
    session.connection().execute(_NOTE, {"wish": feedback_id, "note_id": note_id, "note_url": url})


def filed_up_to(session: Session, conversation_id: str, updated_at: int) -> None:
    """Everything tagged in this conversation up to then (Unix seconds) has been filed."""
    filed = {"chat": conversation_id, "up_to": updated_at, "filed_up_to": updated_at}
    session.connection().execute(_FILED, filed)


def of_conversations(session: Session, conversation_ids: Sequence[str]) -> list[Feedback]:
    """All feedback that was taken in these conversations, oldest first."""
    return list(
        session.exec(
            select(Feedback).where(col(Feedback.conversation_id).in_(conversation_ids)).order_by(col(Feedback.id))
        )
    )


def of_notes(session: Session, note_ids: Sequence[str]) -> list[Feedback]:
    """All feedback with one of these Productboard notes."""
    return list(session.exec(select(Feedback).where(col(Feedback.note_id).in_(note_ids))))


def of_ids(session: Session, ids: Sequence[int]) -> list[Feedback]:
    """These feedback records, oldest first."""
    return list(session.exec(select(Feedback).where(col(Feedback.id).in_(ids)).order_by(col(Feedback.id))))


def url_of_conversation(session: Session, conversation_id: str) -> str:
    """Where agents open this chat."""
    row = session.get(Conversation, conversation_id)
    return row.url if row else ""


def most_repeated(session: Session, contact_id: str, since: int) -> tuple[str, int]:
    """The tag that most conversations of a contact carry since then, and how many do; ("", 0) for none.

    What they asked for in answer to our news is no contact of theirs: see `reopened`.
    """
    if not contact_id:
        return "", 0
    times = func.count(func.distinct(Feedback.conversation_id))
    query = (
        select(Feedback.tag, times)
        .where(Feedback.contact_id == contact_id, col(Feedback.said_at) >= since, COUNTS)
        .where(~reopened.said_after_news(Feedback.conversation_id, Feedback.said_at))
        .group_by(col(Feedback.tag))
        .order_by(times.desc(), col(Feedback.tag))
    )
    found = session.exec(query).first()
    return (found[0], found[1]) if found else ("", 0)


NO_SUCH_WISH = "Request {code} was not found. Check the number."
