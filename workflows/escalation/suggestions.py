"""Suggestions: which were made about a conversation, which still stand, and which somebody dismissed.

Each is an action of the verb `slack.suggest`, one for each thing that led to it; several may stand in one message.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlmodel import Session, col, func, select

from workflows.engine import dry_run, leases
from workflows.engine.actions import ACTED, PLANNED, SKIPPED, STARTED, WOULD, Intent, happened, intend
from workflows.engine.durable import current_run
from workflows.engine.posting import LANGUAGE, Place, place_of
from workflows.engine.store import DAY_MS, now_ms
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action

#: What comes within so long is said in one message; later it is news.
TOGETHER_MS = 30 * 60_000
#: A message that has been under way for longer is not waited for.
SOON_MS = 60_000
SUGGEST, DISMISS = "slack.suggest", "slack.dismiss"


class Turn(Enum):
    """May this be suggested now? BEFORE: it was. WAIT: another message about the conversation is being posted."""

    MINE = "mine"
    BEFORE = "before"
    WAIT = "wait"


def take_turn(session: Session, intent: Intent) -> Turn:
    """Begin a suggestion: one at a time for all of them, so that two that come at once become one message."""
    leases.lock(session, "suggesting")
    made = {action.key: action for action in _made(session, intent.conversation_id or "")}
    mine, now = made.pop(intent.key, None), now_ms()
    if mine is not None and mine.state not in (SKIPPED, WOULD):
        return Turn.MINE if mine.run_id == current_run() else Turn.BEFORE
    begun = [each for each in made.values() if each.state in (PLANNED, STARTED) and each.started_at > now - SOON_MS]
    if any(each.run_id != current_run() for each in begun):
        return Turn.WAIT
    intend(session, intent)
    return Turn.MINE


def standing(session: Session, conversation_id: str, but: str) -> Place | None:
    """Where the suggestion stands that was made just before, and that nobody has answered yet."""
    since = max(now_ms() - TOGETHER_MS, _escalated_at(session, conversation_id))
    gone = {action.target for action in _dismissed(session, conversation_id)}
    stand = (ACTED, WOULD) if dry_run.is_on() else (ACTED,)
    made = [each for each in _made(session, conversation_id) if each.state in stand and (each.ended_at or 0) > since]
    open_ones = (each for each in reversed(made) if each.key != but and each.ref not in gone)
    return next((place_of(each.ref, str(each.facts.get(LANGUAGE, ""))) for each in open_ones), None)


def facts_of(session: Session, conversation_id: str, ref: str, but: str) -> list[dict[str, Any]]:
    """The facts of every reason that one message says, in their order."""
    return [each.facts for each in _made(session, conversation_id) if each.ref == ref and each.key != but]


def keys(session: Session, conversation_id: str) -> list[str]:
    """The keys of all suggestions about a conversation."""
    return [each.key for each in _made(session, conversation_id)]


def of_episode(session: Session, conversation_id: str, escalation: Escalation) -> list[str]:
    """The keys of the suggestions about a conversation that led to this escalation, not to one before it."""
    before = _escalated_at(session, conversation_id, but=escalation.id or 0)
    return [each.key for each in _made(session, conversation_id) if each.started_at >= before]


def dismiss(session: Session, conversation_id: str, place: Place, name: str) -> None:
    """Somebody does not want what a message suggests; for its reasons it is not suggested again for some time."""
    ref = f"{place.channel}/{place.ts}"
    kinds = [str(facts.get("kind", "")) for facts in facts_of(session, conversation_id, ref, but="")]
    intent = Intent(
        "slack",
        "dismiss",
        f"dismissed:{conversation_id}:{ref}",
        ref,
        "{name} dismissed the suggestion.",
        {"name": name, "kinds": kinds},
        conversation_id=conversation_id,
    )
    happened(session, intent)


def is_dismissed(session: Session, conversation_id: str, kind: str) -> bool:
    """Did somebody dismiss it lately for this reason, and did nobody escalate the conversation since?"""
    since = max(now_ms() - rules.suggest_days * DAY_MS, _escalated_at(session, conversation_id))
    lately = [each for each in _dismissed(session, conversation_id) if (each.ended_at or 0) > since]
    return any(kind in each.facts.get("kinds", [kind]) for each in lately)


def _made(session: Session, conversation_id: str) -> list[Action]:
    return _of(session, conversation_id, SUGGEST)


def _dismissed(session: Session, conversation_id: str) -> list[Action]:
    return _of(session, conversation_id, DISMISS)


def _of(session: Session, conversation_id: str, verb: str) -> list[Action]:
    query = select(Action).where(Action.conversation_id == conversation_id, Action.verb == verb)
    return list(session.exec(query.order_by(col(Action.started_at), col(Action.key))))


def _escalated_at(session: Session, conversation_id: str, but: int = 0) -> int:
    """When this conversation was last escalated; 0 if never. `but`: other than by this escalation."""
    query = select(func.max(Escalation.raised_at)).where(Escalation.conversation_id == conversation_id)
    return session.exec(query.where(Escalation.id != but)).one() or 0
