"""Retract: what was available is so no more: drafts in conversations are revoked, and who was told gets an apology.

release.warn ─► conversation, for each that a release had reached ─┬─► an internal note: do not send the draft
                                                                   └─► it comes back with a draft of an apology
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from integrations.slack import is_person
from workflows.customer.note import note_in
from workflows.engine.actions import Intent
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.people import addressing
from workflows.tables.columns import copy_of
from workflows.tables.customer import Contact
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Issue
from workflows.telling import dead_end_texts, hand_over, handovers, ledger, release_texts, waiters
from workflows.telling.approval import Key
from workflows.telling.bring_back import Matter, bring_back, living
from workflows.telling.cause import Cause
from workflows.wish.wishes import is_chat

OPENED = "Reopened the conversation: the customer was told that {key} is available, and it no longer is."
REVOKED = "Added an internal note: the draft for {key} must not be sent."
GONE = "The conversation no longer exists in Intercom."
CALLED_OFF = "Told {agent} not to notify the customer: {key} is no longer available."
NOTHING = "Nothing to withdraw: no draft was left here, and the customer was not notified."


@dataclass(frozen=True)
class Case:
    """A conversation that a release had reached before it was taken back. `matter` is that of the apology."""

    issue: Issue
    told: Telling
    matter: Matter


@workflow
def conversation(release_id: str, conversation_id: str) -> Outcome:
    """One conversation that a release had reached; `release_id` is that of its taking back."""
    case = store.read(partial(_case, release_id, conversation_id))
    if case.told.state == "told":
        return apologise(case)
    if case.told.state == ledger.WITHDRAWN and case.told.holder:
        called_off = call_off(case)
        if case.told.dead_end:
            return called_off
    if case.told.state == ledger.WITHDRAWN and case.told.drafted_at is not None and is_chat(conversation_id):
        return revoke(case)
    return ignored(NOTHING)


def apologise(case: Case) -> Outcome:
    """Whoever told the customer has a draft with which to say that it is not so any more."""
    texts = release_texts.Apology(case.issue, case.matter.contact)
    if not is_chat(case.matter.conversation_id):
        return hand_over.hand_over(case.matter, texts.draft(case.matter.wishes), OPENED)
    return bring_back(case.matter, texts.draft, texts.note)


def call_off(case: Case) -> Outcome:
    """Whoever holds the telling, and so does not look into the conversation, hears that they must not tell it."""
    key = Key(case.told.release_id, case.told.conversation_id)
    handovers.show(key)
    if not is_person(case.told.holder):
        return ignored(NOTHING)
    facts = {"agent": case.told.holder_name, "key": case.issue.key}
    chat = case.matter.conversation_id
    name = f"call-off:{case.matter.id}:{chat}"
    intent = Intent("slack", "call-off", name, case.told.holder, CALLED_OFF, facts, conversation_id=chat)
    addressing.post(intent, partial(dead_end_texts.called_off, case.issue), since_ms=case.told.held_at or 0)
    return done(CALLED_OFF, **facts)


def revoke(case: Case) -> Outcome:
    """The draft still stands in the conversation: say below it that it must not be sent."""
    chat = living(intercom_client(), case.matter.conversation_id)
    if chat is None:
        return ignored(GONE)
    key = f"revoke:{case.matter.id}:{case.matter.conversation_id}"
    note = _intent(case, "note", key, REVOKED)
    asleep = _intent(case, "snooze", f"asleep:{key}", "")
    note_in(chat, note, asleep, partial(release_texts.revoked, case.issue))
    return done(REVOKED, key=case.issue.key)


def _intent(case: Case, verb: str, key: str, sentence: str) -> Intent:
    chat, facts = case.matter.conversation_id, {"key": case.issue.key}
    return Intent("intercom", verb, key, chat, sentence, facts, conversation_id=chat, issue_id=case.issue.id)


def _case(release_id: str, conversation_id: str, session: Session) -> Case:
    release = session.get_one(Release, release_id)
    issue, before = session.get_one(Issue, release.issue_id), Cause.read(release_id).stored
    wishes = waiters.asked_in(session, before, conversation_id)
    contact = session.get(Contact, wishes[0].contact_id) if wishes and wishes[0].contact_id else None
    begun = session.get(Telling, (release_id, conversation_id)) is not None
    matter = Matter(release_id, issue.key, OPENED, conversation_id, wishes, contact, begun, issue_id=issue.id)
    return Case(copy_of(issue), copy_of(session.get_one(Telling, (before, conversation_id))), matter)
