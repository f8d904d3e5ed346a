"""Handing over: what is open for somebody goes to somebody else, in one act of a person; see `handings`.

hand_over ─┬─► escalations are handed on as by their button; requests, messages, companies and answers change hands
           └─► assign, one run for each conversation in Intercom that is open and still theirs
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlmodel import Session

from integrations.contract import Transient
from integrations.intercom import Conversation
from integrations.slack import is_person
from workflows.engine.actions import ACTED, GONE_THERE, SKIPPED, STARTED, Done, Intent, Patience, act, is_over, leave
from workflows.engine.durable import NewRun, child, spawn, urgent, workflow
from workflows.engine.failpoints import hit
from workflows.engine.outcome import Outcome, Refused, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.escalation import answers
from workflows.escalation.answers import By
from workflows.overview import handing_moves, handings
from workflows.overview.handing_moves import ANOTHERS, GONE
from workflows.overview.handing_over import CHATS, DRAFTS, ESCALATIONS, is_their_own
from workflows.overview.handings import Handing
from workflows.people.asked import NOT_THEIRS
from workflows.people.may import HAND_OVER, may
from workflows.people.person import Person, somebody
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action
from workflows.telling import desk, handovers

BEGUN = "Handing over from {giver} to {receiver}: {count}."
ASSIGNED = "Assigned the conversation to {receiver}."
LEFT = "The conversation was left as it is."
NOT_OPEN = "Not assigned: it is closed or snoozed, and assigning would reopen it."
NO_TEAMMATE = "Not assigned: {receiver} is not a teammate in Intercom."


@urgent
def hand_over(handing_id: str) -> Outcome:
    """Everything that was planned, in the order of its kinds; conversations each in a run of its own."""
    handing, rows = store.read(partial(_read, handing_id))
    by = somebody(handing.by) if is_person(handing.by) else Person(handing.by, handing.by_name)
    if not may_hand_over(by, handing):
        for kind, row in rows:
            leave(_intent(handing, kind, row), NOT_THEIRS, name=by.name)
        return ignored(NOT_THEIRS, name=by.name)
    for kind, row in rows:
        if kind == ESCALATIONS:
            _hand_on(handing, row)
        elif kind in handing_moves.MOVES:
            store.write(partial(handing_moves.move, handing=handing, kind=kind, key=row.key))
        if kind == DRAFTS:
            handovers.show(desk.key_of(row.target))
        if kind != CHATS:
            hit("handing.moved", kind)
    spawn([_assigning(handing, row) for kind, row in rows if kind == CHATS])
    handing_moves.ended(handing.key)
    return done(BEGUN, count=len(rows), **handing.facts)


def may_hand_over(person: Person, handing: Handing) -> bool:
    """By their role; what is their own, or was theirs and comes back, whatever that is."""
    theirs = handing.receiver if handing.back else handing.giver
    return may(person, HAND_OVER) or is_their_own(person, theirs.id)


def _read(handing_id: str, session: Session) -> tuple[Handing, list[tuple[str, Action]]]:
    handing = handings.known(session, handing_id)
    return handing, handings.rows_of(session, handing)


def _intent(handing: Handing, kind: str, row: Action) -> Intent:
    return handings.intent_of(handing, kind, row.target, row.facts)


def _hand_on(handing: Handing, row: Action) -> None:
    """As its button does; its messages in Slack follow, and the receiver is asked."""
    if row.state in (ACTED, SKIPPED):
        return
    id, intent = int(row.target), _intent(handing, ESCALATIONS, row)
    found = store.read(lambda session: session.get(Escalation, id))
    if found is None:
        return leave(intent, GONE)
    if not is_over(answers.key_of("hand-on", row.key)):
        if found.person != handing.giver.id:
            return leave(intent, ANOTHERS)
        try:
            by = By(handing.by, row.key, answers.standing(found))
            answers.hand_on(by, id, handing.receiver.id, "", away=handing.giver.id)
        except Refused as refused:
            return leave(intent, refused.sentence, **refused.facts)
        hit("handing.handed_on")
    handing_moves.ended(row.key)


# -- in Intercom ----------------------------------------------------------------------------------


def _assigning(handing: Handing, row: Action) -> NewRun:
    return child(row.key, "handing.assign", handing_id=handing.id, conversation_id=row.target)


@workflow
def assign(handing_id: str, conversation_id: str) -> Outcome:
    """One conversation goes to the receiver, unless it is asleep, over, or somebody else's by now."""
    handing, row = store.read(partial(_one, handing_id, conversation_id))
    if row.state in (ACTED, SKIPPED):
        return ignored(LEFT)
    intercom, receiver = intercom_client(), handing.receiver.admin_id
    chat = intercom.conversation(conversation_id)
    if row.attempts and chat is not None and chat.admin_assignee_id == receiver:
        _wait_for_the_first(row)  # it is theirs by us, though no answer said so
        handing_moves.ended(row.key)
        return done(ASSIGNED, **handing.facts)
    why, facts = _why_not(handing, chat)
    if why:
        _wait_for_the_first(row)
        handing_moves.ended(row.key, why, **facts)
        return ignored(why, **facts)
    intent = _intent(handing, CHATS, row)
    act(intent, call=lambda: Done(receiver if intercom.assign(conversation_id, receiver) else ""))
    return done(ASSIGNED, **handing.facts)


def _one(handing_id: str, conversation_id: str, session: Session) -> tuple[Handing, Action]:
    handing = handings.known(session, handing_id)
    return handing, session.get_one(Action, handing.key_of(CHATS, conversation_id))


def _why_not(handing: Handing, chat: Conversation | None) -> tuple[str, dict[str, Any]]:
    """Why a conversation stays as it is, "" where it is to be assigned."""
    if chat is None:
        return GONE_THERE, {"vendor": "Intercom"}
    if not handing.receiver.admin_id:
        return NO_TEAMMATE, handing.facts
    if chat.state != "open":
        return NOT_OPEN, {}
    return ("", {}) if chat.admin_assignee_id == handing.giver.admin_id else (ANOTHERS, {})


def _wait_for_the_first(row: Action) -> None:
    """An earlier attempt at the call may still be running: what becomes of it is seen after that."""
    wait = row.started_at / 1000 + Patience.seconds - now_ms() / 1000
    if row.state == STARTED and wait > 0:
        raise Transient("An earlier attempt may still be running.", wait)
