"""How often a customer came about the same thing, and of which messages somebody heard already."""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from workflows.tables.runs import Action


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
