"""Reopen: one conversation comes back to the agent who took the wish, because what was asked for is available.

release ─► conversation: see `bring_back`
intercom admin.replied, admin.closed ─► told: a person wrote to the customer, the debt is paid
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, ignored
from workflows.engine.store import store
from workflows.tables.customer import Contact
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import answers, booking, hand_over, ledger, release_texts, waiters
from workflows.telling.bring_back import Matter, bring_back, excuse
from workflows.wish import availability
from workflows.wish.availability import Reach
from workflows.wish.wishes import is_chat

TAKEN_BACK = "Not reopened: {key} is no longer done."
NO_LONGER_THERE = "Not reopened: {key} is no longer available."
NOBODY_WAITS = "Not reopened: no request in this conversation is waiting for {key} anymore."
OPENED = "Reopened the conversation: {key} is done."
OPENED_AS_AVAILABLE = "Reopened the conversation: {key} is available to this customer."
OPENED_FOR_EARLIER = "Reopened the conversation: {key} was already done when this was requested."


@dataclass(frozen=True)
class Debt:
    """What one conversation is owed because of one release."""

    release: Release
    issue: Issue
    matter: Matter

    #: Since when it is available to them (ms); 0 where it is not.
    since: int
    is_taken_back: bool
    #: Is it available to some only, while others who asked wait for a later wave?
    is_staged: bool

    @property
    def is_earlier(self) -> bool:
        """Was it available before any of this was asked for?"""
        return was_available(self.since, self.matter.wishes)


def was_available(since: int, wishes: Sequence[Feedback]) -> bool:
    """Was what is available since then (ms) there before all of these asked for it?"""
    return bool(wishes) and all(wish.said_at > since for wish in wishes)


@workflow
def conversation(release_id: str, conversation_id: str) -> Outcome:
    """Bring one conversation back to its agent, with what became available and a draft."""
    debt = store.read(partial(_debt, release_id, conversation_id))
    issue, contact = debt.issue, debt.matter.contact
    if reason := over(debt):
        return excuse(debt.matter, reason)
    texts = release_texts.Texts(issue, contact, debt.is_earlier, debt.since, debt.is_staged)
    if not is_chat(conversation_id):
        return hand_over.hand_over(debt.matter, texts.draft(debt.matter.wishes), debt.matter.opened)
    return bring_back(debt.matter, texts.draft, texts.note)


def over(debt: Debt) -> str:
    """Why nothing is owed any more, when nothing has been done about it yet; "" when it is."""
    if debt.matter.is_begun:
        return ""
    if not debt.matter.wishes:
        return NOBODY_WAITS
    still_done = debt.issue.category == "done" and debt.issue.cycle == debt.release.cycle
    if still_done and debt.is_taken_back:
        return NO_LONGER_THERE
    return "" if still_done else TAKEN_BACK


@workflow
def told(conversation_id: str, change: str) -> Outcome:
    """A person answered in a chat with a draft: the customer has been told, by whom and when."""
    if not store.read(partial(answers.unpaid, conversation_id=conversation_id)):
        return ignored("No customer in this conversation is waiting to be notified.")
    return booking.book(conversation_id)


def _debt(release_id: str, conversation_id: str, session: Session) -> Debt:
    release = session.get_one(Release, release_id)
    issue = session.get_one(Issue, release.issue_id)
    wishes = waiters.wishes_in(session, release_id, conversation_id)
    contact = session.get(Contact, wishes[0].contact_id) if wishes and wishes[0].contact_id else None
    telling = session.get(Telling, (release_id, conversation_id))
    is_begun = telling is not None and bool(telling.found)
    reach = availability.reached(session, [release_id])
    since = min((reach.since(release_id, wish.company_id) or 0 for wish in wishes), default=0)
    opened = _opened(reach, release_id, since, wishes)
    matter = Matter(release_id, issue.key, opened, conversation_id, wishes, contact, is_begun, issue_id=issue.id)
    is_taken_back = ledger.is_taken_back(session, release_id)
    is_for_all = any(wave.audience == availability.ALL for wave in reach.waves.get(release_id, ()))
    is_staged = not is_for_all and bool(waiters.unreached(session, release))
    return Debt(release, issue, matter, since, is_taken_back, is_staged)


def _opened(reach: Reach, release_id: str, since: int, wishes: Sequence[Feedback]) -> str:
    """The sentence that says why a conversation comes back."""
    if was_available(since, wishes):
        return OPENED_FOR_EARLIER
    is_gated = all(wave.origin != f"{release_id}/{availability.DONE}" for wave in reach.waves.get(release_id, ()))
    return OPENED_AS_AVAILABLE if is_gated else OPENED
