"""Reopen: one conversation comes back to the agent who took the wish, with a draft for the customer.

    release ─► conversation: open if closed · assign · note with a draft · snooze again if snoozed
    intercom admin.replied ─► told: a person wrote to the customer, the debt is paid

The chat's state is read at that moment. What cannot be reopened is excused, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from integrations.intercom import Conversation, IntercomClient, Part
from workflows import texts
from workflows.actions import Done, Intent, act, happened, leave
from workflows.durable import Outcome, done, ignored, workflow
from workflows.records import releases as records
from workflows.records.tables import Contact, Feedback, Issue, Release, Telling
from workflows.rules import rules
from workflows.store import store
from workflows.vendors import intercom_client
from workflows.wording import time

GONE = "Not reopened: the conversation no longer exists in Intercom."
TICKET = "Not reopened: the conversation was converted to a ticket; please tell the customer there."
REDACTED = "Not reopened: the conversation was redacted."
LOST = "Not reopened: it was merged into a conversation that Intercom does not name."
MERGED = "Not reopened: it was merged into another conversation, which is reopened instead."
SNOOZED = "Not opened: it is snoozed until {until}, and keeps its snooze."
WAS_OPEN = "Not opened: it was open already."
CLOSED_AGAIN = "Not opened a second time: somebody closed it again meanwhile."


@dataclass(frozen=True)
class Debt:
    """What one conversation is owed because of one release."""

    release: Release
    issue: Issue
    conversation_id: str
    wishes: Sequence[Feedback]
    contact: Contact | None

    def intent(self, verb: str, sentence: str, **facts: object) -> Intent:
        """A write to this conversation, in this matter."""
        return Intent(
            "intercom",
            verb,
            key=f"{verb}:{self.release.id}:{self.conversation_id}",
            target=self.conversation_id,
            sentence=sentence,
            facts=facts,
            conversation_id=self.conversation_id,
            issue_id=self.issue.id,
        )


@workflow
def conversation(release_id: str, conversation_id: str) -> Outcome:
    """Bring one conversation back to its agent, with what became available and a draft."""
    intercom = intercom_client()
    debt = store.read(partial(_debt, release_id, conversation_id))
    chat = intercom.conversation(conversation_id)
    if chat is not None and chat.merged_into:
        leave(debt.intent("merge", ""), MERGED)
        chat = intercom.conversation(chat.merged_into)
    reason = GONE if chat is None else unfit(chat)
    if chat is None or reason:
        return excuse(debt, reason)
    telling = store.write(
        lambda session: records.found(session, release_id, conversation_id, chat.state, chat.snoozed_until or 0)
    )
    open_again(intercom, debt, chat, telling)
    if chat.state != "snoozed":
        assign(intercom, debt, chat)
    draft = leave_note(intercom, debt, chat)
    snooze_again(intercom, debt, chat, telling)
    store.write(lambda session: records.drafted(session, release_id, conversation_id, draft))
    return done("{key}: the conversation has a draft for the customer.", key=debt.issue.key)


def unfit(chat: Conversation) -> str:
    """Why a conversation must not be reopened; "" when it may."""
    if chat.ticket_id:
        return TICKET
    if chat.merged:
        return LOST
    return REDACTED if chat.source.redacted and not chat.source.text else ""


def excuse(debt: Debt, reason: str) -> Outcome:
    """Nobody can be told here; keep the reason where everybody finds it."""
    leave(debt.intent("open", ""), reason)
    store.write(lambda session: records.excused(session, debt.release.id, debt.conversation_id))
    return ignored(reason)


def open_again(intercom: IntercomClient, debt: Debt, chat: Conversation, telling: Telling) -> None:
    """Open what was closed when we came to it, but nothing that somebody closed after us."""
    if telling.found == "snoozed":
        leave(debt.intent("open", ""), SNOOZED, until=time(rules.language, telling.snoozed_until * 1000))
    elif telling.found == "open":
        leave(debt.intent("open", ""), WAS_OPEN)
    else:
        intent = debt.intent("open", "Reopened the conversation: {key} is done.", key=debt.issue.key)
        closed_for_us = chat.state == "closed" and (chat.last_close_at or 0) * 1000 <= telling.owed_at
        act(
            intent,
            call=lambda: Done(chat.id if intercom.open(chat.id) else ""),
            find=lambda: None if closed_for_us else Done(chat.id),
        )


def assign(intercom: IntercomClient, debt: Debt, chat: Conversation) -> None:
    """Give it to the agent who took the wish, if that is still a teammate."""
    agent = debt.wishes[0].taken_by
    if not agent or chat.admin_assignee_id == agent:
        return
    intent = debt.intent("assign", "Assigned it to {agent}, who took the wish.", agent=debt.wishes[0].taken_by_name)
    if agent not in {admin.id for admin in intercom.admins()}:
        leave(intent, "Not assigned: {agent} is no longer a teammate.", agent=debt.wishes[0].taken_by_name)
        return
    act(intent, call=lambda: Done(agent if intercom.assign(chat.id, agent) else ""))


def leave_note(intercom: IntercomClient, debt: Debt, chat: Conversation) -> str:
    """Say why it came back, with a draft for the customer; returns the draft."""
    draft = texts.draft(debt.issue, debt.wishes, debt.contact)
    intent = debt.intent("note", "Noted what became available, with a draft for the customer.")

    def find() -> Done | None:
        part = intercom.find_note(chat.id, intent.ref)
        return Done(part) if part else None

    act(
        intent,
        call=lambda: Done(intercom.note(chat.id, texts.available(debt.issue, debt.wishes, draft, intent.ref))),
        find=find,
    )
    return draft


def snooze_again(intercom: IntercomClient, debt: Debt, chat: Conversation, telling: Telling) -> None:
    """A note wakes a snoozed chat; put it back to sleep until the moment that its agent chose."""
    until = telling.snoozed_until
    if telling.found != "snoozed" or until <= telling.owed_at // 1000:
        return
    intent = debt.intent("snooze", "Kept its snooze until {until}.", until=time(rules.language, until * 1000))
    act(intent, call=lambda: Done(chat.id if intercom.snooze(chat.id, until) else ""))


@workflow
def told(conversation_id: str, change: str) -> Outcome:
    """A person answered in a chat with a draft: the customer has been told, by whom and when."""
    owed = store.read(partial(records.undelivered, conversation_id=conversation_id))
    if not owed:
        return ignored("No customer in this conversation waits to be told.")
    chat = intercom_client().conversation(conversation_id)
    answer = chat and last_answer(chat)
    if not answer:
        return ignored("No person has written to the customer since the chat was reopened.")
    if not store.write(partial(_pay, conversation_id, answer)):
        return ignored("The last answer to the customer is older than the draft.")
    return done("{agent} told the customer.", agent=answer.author.name)


def last_answer(chat: Conversation) -> Part | None:
    """The newest message to the customer that a teammate wrote by hand."""
    answers = [part for part in chat.parts if part.type == "comment" and _is_a_persons(part)]
    return answers[-1] if answers else None


def _is_a_persons(part: Part) -> bool:
    return part.author.type == "admin" and not part.by_us


def _pay(conversation_id: str, answer: Part, session: Session) -> int:
    paid = records.told(session, conversation_id, answer.author.name, answer.created_at * 1000)
    for release_id in paid:
        happened(session, _telling(release_id, conversation_id, answer))
    return len(paid)


def _telling(release_id: str, conversation_id: str, answer: Part) -> Intent:
    return Intent(
        "intercom",
        "tell",
        key=f"told:{release_id}:{conversation_id}",
        target=conversation_id,
        sentence="{agent} told the customer.",
        facts={"agent": answer.author.name},
        conversation_id=conversation_id,
        issue_id=release_id.partition(":")[0],
    )


def _debt(release_id: str, conversation_id: str, session: Session) -> Debt:
    release = session.get_one(Release, release_id)
    wishes = records.wishes_in(session, release_id, conversation_id)
    contact = session.get(Contact, wishes[0].contact_id) if wishes and wishes[0].contact_id else None
    return Debt(release, session.get_one(Issue, release.issue_id), conversation_id, wishes, contact)
