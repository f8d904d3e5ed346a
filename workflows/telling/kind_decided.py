"""Decided: those who care for one kind of request hear what the meeting concluded about it.

conclusion.tell ─► tell, for each kind ─► the kind's channel, and its people    ([kinds.…])
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome
from workflows.engine.store import store
from workflows.meeting import decisions, digest
from workflows.tables.columns import copy_of
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.telling import conclusion_texts, hearers

DECIDED = "Told those who hear of {kind} requests of the decision."


@workflow
def tell(decision_id: int, kind: str) -> Outcome:
    """What the meeting concluded about requests of one kind."""

    def look(session: Session) -> tuple[Decision, list[Feedback], dict[str, str]]:
        decision = session.get_one(Decision, decision_id)
        wishes = decisions.members(session, decision.feedback_id)
        return copy_of(decision), list(map(copy_of, wishes)), decisions.companies_of(session, wishes)

    decision, wishes, names = store.read(look)
    message = partial(conclusion_texts.message, decision, wishes, names, 0, digest.takers(wishes))
    key = f"kind-decided:{decision_id}:{kind}"
    intent = Intent("slack", "kind", key, "", DECIDED, {"kind": kind}, feedback_id=decision.feedback_id)
    return hearers.post(kind, intent, message, decision.decided_at)
