"""Reopen: one conversation comes back to the agent who took the wish, because what was asked for is available.

release ─► conversation: see `bring_back`
intercom admin.replied, admin.closed ─► told: a person wrote to the customer, the debt is paid
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from integrations.intercom import Conversation, Part
from workflows.customer import lookup
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.meeting import decisions
from workflows.tables.customer import Contact
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Issue
from workflows.telling import hand_over, ledger, release_texts
from workflows.telling.bring_back import Matter, bring_back, excuse, living
from workflows.telling.cause import Cause
from workflows.wish.wishes import is_chat

TAKEN_BACK = "Not reopened: {key} is no longer done."
NOBODY_WAITS = "Not reopened: nobody in this conversation waits for {key} any more."
OPENED = "Reopened the conversation: {key} is done."


@dataclass(frozen=True)
class Debt:
    """What one conversation is owed because of one release."""

    release: Release
    issue: Issue
    matter: Matter


@workflow
def conversation(release_id: str, conversation_id: str) -> Outcome:
    """Bring one conversation back to its agent, with what became available and a draft."""
    debt = store.read(partial(_debt, release_id, conversation_id))
    issue, contact = debt.issue, debt.matter.contact
    if reason := over(debt):
        return excuse(debt.matter, reason)
    if not is_chat(conversation_id):
        return hand_over.hand_over(debt.matter, release_texts.draft(issue, debt.matter.wishes, contact), OPENED)
    return bring_back(
        debt.matter,
        lambda wishes: release_texts.draft(issue, wishes, contact),
        lambda wishes, draft, ref: release_texts.available(issue, wishes, draft, ref),
    )


def over(debt: Debt) -> str:
    """Why nothing is owed any more, when nothing has been done about it yet; "" when it is."""
    if debt.matter.is_begun:
        return ""
    if not debt.matter.wishes:
        return NOBODY_WAITS
    still_done = debt.issue.category == "done" and debt.issue.cycle == debt.release.cycle
    return "" if still_done else TAKEN_BACK


@workflow
def told(conversation_id: str, change: str) -> Outcome:
    """A person answered in a chat with a draft: the customer has been told, by whom and when."""
    owed = store.read(partial(ledger.undelivered, conversation_id=conversation_id))
    chat = living(intercom_client(), conversation_id)
    if chat:
        lookup.listen(chat)
    if not owed:
        return ignored("No customer in this conversation waits to be told.")
    answer = chat and last_answer(chat)
    if not answer:
        return ignored("No person has written to the customer since the chat was reopened.")
    if not store.write(partial(_pay, conversation_id, answer)):
        return ignored("The last answer to the customer is older than the draft.")
    return done("{agent} told the customer.", agent=answer.author.name)


def last_answer(chat: Conversation) -> Part | None:
    """The newest message to the customer that a teammate wrote: a reply, or a word on closing or assigning."""
    answers = [part for part in chat.parts if part.is_answer]
    return answers[-1] if answers else None


def _pay(conversation_id: str, answer: Part, session: Session) -> int:
    paid = ledger.told(session, conversation_id, answer.author.name, answer.created_at * 1000)
    for release_id, chat in paid:
        happened(session, _telling(session, release_id, chat, answer))
    return len(paid)


def _telling(session: Session, release_id: str, conversation_id: str, answer: Part) -> Intent:
    cause = Cause.read(release_id)
    concluded = decisions.members_in(session, cause.decision_id, conversation_id) if cause.decision_id else []
    return Intent(
        "intercom",
        "tell",
        key=f"told:{release_id}:{conversation_id}",
        target=conversation_id,
        sentence="{agent} told the customer.",
        facts={"agent": answer.author.name},
        conversation_id=conversation_id,
        issue_id=cause.issue_id or None,
        feedback_id=concluded[0].id if concluded else None,
    )


def _debt(release_id: str, conversation_id: str, session: Session) -> Debt:
    release = session.get_one(Release, release_id)
    issue = session.get_one(Issue, release.issue_id)
    wishes = ledger.wishes_in(session, release_id, conversation_id)
    contact = session.get(Contact, wishes[0].contact_id) if wishes and wishes[0].contact_id else None
    telling = session.get(Telling, (release_id, conversation_id))
    is_begun = telling is not None and bool(telling.found)
    matter = Matter(release_id, issue.key, OPENED, conversation_id, wishes, contact, is_begun, issue_id=issue.id)
    return Debt(release, issue, matter)
