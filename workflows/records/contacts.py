"""How often a customer came about the same thing, and of which messages somebody heard already."""

from __future__ import annotations

from sqlmodel import Session, col, func, or_, select

from workflows.tables.runs import Action
from workflows.tables.wish import Feedback


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


def told(session: Session, escalation_id: int, verb: str, run_id: str, not_yet: str) -> set[str]:
    """What of a customer's words was told under this verb, or left untold for good: the names behind its keys.

    What another run than this one has begun, that run will end. An action that says `not_yet` will be done later.
    """
    is_over = or_(col(Action.state).in_(("done", "skipped")), Action.run_id != run_id)
    query = select(Action.key, Action.facts).where(
        Action.escalation_id == escalation_id, Action.verb == verb, is_over, Action.sentence != not_yet
    )
    found: set[str] = set()
    for key, facts in session.exec(query):
        found |= {key.split(":", 2)[2], *facts.get("parts", ())}
    return found
