"""How often a customer came about the same thing."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from workflows.records.tables import Feedback


def most_repeated(session: Session, contact_id: str, since: int) -> tuple[str, int]:
    """The tag that most conversations of a contact carry since then, and how many do; ("", 0) for none."""
    if not contact_id:
        return "", 0
    times = func.count(func.distinct(Feedback.conversation_id))
    query = (
        select(Feedback.tag, times)
        .where(Feedback.contact_id == contact_id, col(Feedback.said_at) >= since)
        .group_by(col(Feedback.tag))
        .order_by(times.desc(), col(Feedback.tag))
    )
    found = session.exec(query).first()
    return (found[0], found[1]) if found else ("", 0)
