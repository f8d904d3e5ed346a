"""Feedback: one row per customer's wish, and who they are that wished."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from workflows.records.tables import Company, Contact, Conversation, Feedback, FeedbackIssue, Mention
from workflows.store import now_ms


def code(feedback_id: int | None) -> str:
    """How people name a feedback record: FB-12."""
    return f"FB-{feedback_id}"


def id_of(text: str) -> int | None:
    """The record that `FB-12`, `fb-12` or `12` names; None if it names none."""
    digits = text.strip().upper().removeprefix("FB-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def remember(session: Session, conversation: Conversation, contact: Contact | None, company: Company | None) -> None:
    """Keep who talks, for whom, and where; what was known before is brought up to date."""
    known = session.get(Conversation, conversation.id)
    if known is not None:
        conversation.filed_up_to = known.filed_up_to
    for row in (company, contact, conversation):
        if row is not None:
            session.merge(row)


def take(session: Session, wish: Feedback) -> Feedback:
    """The record of this wish: the one that exists, or this new one with the links that waited for it."""
    known = session.exec(
        select(Feedback).where(
            Feedback.conversation_id == wish.conversation_id,
            Feedback.part_id == wish.part_id,
            Feedback.kind == wish.kind,
        )
    ).first()
    if known is not None:
        return known
    session.add(wish)
    session.flush()
    _adopt_mentions(session, wish)
    return wish


def _adopt_mentions(session: Session, wish: Feedback) -> None:
    """An issue may have named the conversation before anything was filed from it."""
    assert wish.id is not None
    for mention in session.exec(select(Mention).where(Mention.conversation_id == wish.conversation_id)):
        session.add(
            FeedbackIssue(
                feedback_id=wish.id,
                issue_id=mention.issue_id,
                origin="jira",
                from_cycle=mention.from_cycle,
                linked_at=now_ms(),
            )
        )


def note_is(session: Session, feedback_id: int | None, note_id: str, url: str) -> None:
    """Remember the Productboard note of a feedback."""
    wish = session.get_one(Feedback, feedback_id)
    wish.note_id, wish.note_url = note_id, url


def filed_up_to(session: Session, conversation_id: str, updated_at: int) -> None:
    """Everything tagged in this conversation up to then (Unix seconds) has been filed."""
    if (row := session.get(Conversation, conversation_id)) is not None:
        row.filed_up_to = max(row.filed_up_to, updated_at)


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
