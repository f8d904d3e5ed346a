"""Importance: which customers come first where not all can be told at once: the weight of their requests, then age.

by_chat(session, ["215", "216"])     # {"215": 34, "216": 10}
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.rows import among
from workflows.engine.store import now_ms
from workflows.meeting.weight import total
from workflows.rules import rules
from workflows.tables.wish import Feedback
from workflows.wish import known
from workflows.wish.wishes import COUNTS


def by_chat(session: Session, chats: Collection[str]) -> Mapping[str, int]:
    """The points of the weightiest request in each of these conversations, counted as the meeting counts them."""
    here, now = among(col(Feedback.conversation_id), list(chats)), now_ms()
    wishes = session.exec(select(Feedback).where(here, COUNTS)).all()
    contexts = known.as_of(session, [wish.id or 0 for wish in wishes], now)
    firms = companies.firms(session, now, here) if wishes else {}
    found = dict.fromkeys(chats, 0)
    for wish in wishes:
        firm = {id: each for id, each in firms.items() if id == wish.company_id}
        context = contexts.get(wish.id or 0)
        noted = (context.importance, context.temperature) if context else ("", "")
        found[wish.conversation_id] = max(
            found[wish.conversation_id], total(rules.weight, firm, *noted, wish.said_at, now)
        )
    return found
