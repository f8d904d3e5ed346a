"""Escalations in Chatwork: one message each in the room that the rules name, kept up to date where it stands.

    escalation, answer, reminders ─► show, once when it is raised and after each change

It stands beside what Slack shows. Nobody answers there: the message leads to the escalation's page.
"""

from __future__ import annotations

from dataclasses import replace

from workflows.engine import chatwork_posting
from workflows.engine.actions import PLANNED, Intent, is_over, leave
from workflows.engine.chatwork_posting import Place
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.escalation import cases, ladder, messages, room_texts, rooms
from workflows.language.addresses import escalation_url
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action

POSTED = "Posted to the room {room} in Chatwork."
NO_ADDRESS = "Not posted to Chatwork: that needs PUBLIC_URL."
TOO_LATE = "Not posted to Chatwork: it was done before it could be."
#: How often a message is brought up to date in one go, while others go on changing what it shows.
ROUNDS = 5


@workflow
def show(escalation_id: int) -> Outcome:
    """Let the room say how an escalation stands now."""
    code, key = cases.code(escalation_id), rooms.key_of(escalation_id)
    before = store.read(lambda session: session.get(Action, key))
    place = chatwork_posting.where(key)
    if place is None:
        place = _post(messages.assign(messages.known(escalation_id)), before)
        if place is None:
            return ignored("{code} is not in Chatwork.", code=code)
        if before is None:
            return done("Posted {code} in Chatwork.", code=code)
    if not _update(escalation_id, place):
        return ignored("The message for {code} in Chatwork can no longer be updated.", code=code)
    return done("Updated the message for {code} in Chatwork.", code=code)


def _post(escalation: Escalation, before: Action | None) -> Place | None:
    """Post it, unless it is nowhere and nobody needs it any more. What an earlier attempt left is found."""
    intent, link = _intent(escalation), escalation_url(escalation.id)
    if is_over(intent.key) or not intent.target:
        return None
    is_nowhere = before is None or before.state == PLANNED
    if not link or (is_nowhere and escalation.state == ladder.DONE):
        leave(intent, TOO_LATE if link else NO_ADDRESS)
        return None
    parts = room_texts.message(escalation, link)
    return chatwork_posting.post(intent, parts, link, since_ms=escalation.raised_at)


def _intent(escalation: Escalation) -> Intent:
    key = rooms.key_of(escalation.id)
    intent = messages.about(escalation, "post", key, rooms.room(), POSTED, vendor="chatwork")
    return replace(intent, facts={"room": rules.escalation_room})


def _update(escalation_id: int, place: Place) -> bool:
    """Once more where it changed meanwhile, so that of two who do so the last one says what is so.

    False where the message is gone, or has lost the address by which it is known (PUBLIC_URL).
    """
    link = escalation_url(escalation_id)
    for _ in range(ROUNDS if link else 0):
        escalation = messages.known(escalation_id)
        [body] = room_texts.message(escalation, link)
        if not chatwork_posting.update(place, body):
            return False
        if messages.known(escalation_id).changes == escalation.changes:
            return True
    return bool(link)
