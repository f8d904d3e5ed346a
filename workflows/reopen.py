"""Reopen: one conversation comes back to the agent who took the wish, with a draft for the customer.

    release ─► conversation: open if closed · assign · note with a draft · snooze again if snoozed
    intercom admin.replied ─► told: a person wrote to the customer, the debt is paid

The chat's state is read at that moment. What cannot be reopened is excused, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session

from integrations.intercom import Conversation, IntercomClient, Part
from workflows import sleep, texts
from workflows.actions import Done, Intent, act, happened, leave, planned
from workflows.durable import workflow
from workflows.outcome import Outcome, done, ignored
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
CLOSED_AGAIN = "Not opened a second time: somebody closed or snoozed it meanwhile."
TAKEN_BACK = "Not reopened: {key} is no longer done."
NOBODY_WAITS = "Not reopened: nobody in this conversation waits for {key} any more."
#: So many times a conversation is followed to the one that it was merged into.
MERGERS = 5


@dataclass(frozen=True)
class Debt:
    """What one conversation is owed because of one release."""

    release: Release
    issue: Issue
    conversation_id: str
    wishes: Sequence[Feedback]
    contact: Contact | None
    #: Has anything been done about it before?
    is_begun: bool

    def intent(self, verb: str, sentence: str, /, *, named: str = "", **facts: object) -> Intent:
        """A write to this conversation in this matter, done once under its verb (or the name `named`)."""
        return Intent(
            "intercom",
            verb,
            key=f"{named or verb}:{self.release.id}:{self.conversation_id}",
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
    if reason := over(debt):
        return excuse(debt, reason)
    chat = living(intercom, conversation_id)
    if chat is None or (reason := unfit(chat)):
        return excuse(debt, reason or GONE)
    if chat.id != conversation_id:
        leave(debt.intent("merge", ""), MERGED)
    debt = replace(debt, wishes=[unsaid(wish, chat) for wish in debt.wishes])
    telling = store.write(
        lambda session: records.found(session, release_id, conversation_id, chat.state, chat.snoozed_until or 0)
    )
    nap = sleep.plan(debt.intent("snooze", ""), chat)
    open_again(intercom, debt, chat, telling)
    assign(intercom, debt, chat, telling)
    draft = texts.draft(debt.issue, debt.wishes, debt.contact)
    if not leave_note(intercom, debt, chat, draft):
        return excuse(debt, GONE)
    sleep.back_to(nap, debt.intent("snooze", ""), chat, intercom)
    store.later(lambda session: records.drafted(session, release_id, conversation_id, draft))
    return done("{key}: the conversation has a draft for the customer.", key=debt.issue.key)


def over(debt: Debt) -> str:
    """Why nothing is owed any more, when nothing has been done about it yet; "" when it is."""
    if debt.is_begun:
        return ""
    if not debt.wishes:
        return NOBODY_WAITS
    still_done = debt.issue.category == "done" and debt.issue.cycle == debt.release.cycle
    return "" if still_done else TAKEN_BACK


def living(intercom: IntercomClient, conversation_id: str) -> Conversation | None:
    """The conversation, or the one that lives on where it was merged into another; None when that is gone."""
    chat = intercom.conversation(conversation_id)
    for _ in range(MERGERS):
        if chat is None or not chat.merged_into:
            break
        chat = intercom.conversation(chat.merged_into)
    return chat


def unfit(chat: Conversation) -> str:
    """Why a conversation must not be reopened; "" when it may."""
    if chat.ticket_id:
        return TICKET
    if chat.merged:
        return LOST
    return REDACTED if chat.source.redacted and not chat.source.text else ""


def unsaid(wish: Feedback, chat: Conversation) -> Feedback:
    """The wish; without its words where the message was redacted since."""
    redacted = {message.id for message in (chat.source, *chat.parts) if message.redacted}
    return wish.model_copy(update={"quote": ""}) if wish.part_id in redacted else wish


def excuse(debt: Debt, reason: str) -> Outcome:
    """Nobody can be told here; keep the reason where everybody finds it."""
    leave(debt.intent("open", "", named="excuse"), reason, key=debt.issue.key)
    store.write(lambda session: records.excused(session, debt.release.id, debt.conversation_id))
    return ignored(reason, key=debt.issue.key)


def open_again(intercom: IntercomClient, debt: Debt, chat: Conversation, telling: Telling) -> None:
    """Open what was closed when we came to it, but nothing that somebody closed after us."""
    if telling.found == "snoozed":
        leave(debt.intent("open", ""), SNOOZED, until=time(rules.language, telling.snoozed_until * 1000))
    elif telling.found == "open":
        leave(debt.intent("open", ""), WAS_OPEN)
    else:
        intent = debt.intent("open", "Reopened the conversation: {key} is done.", key=debt.issue.key)
        if was_laid_aside(chat, telling):
            leave(intent, CLOSED_AGAIN)
        act(
            intent,
            call=lambda: Done(chat.id if intercom.open(chat.id) else ""),
            find=lambda: None if chat.state == "closed" and not was_laid_aside(chat, telling) else Done(chat.id),
        )


def was_laid_aside(chat: Conversation, telling: Telling) -> bool:
    """Is it asleep, or did somebody close it after we had come to it?"""
    closed_since = chat.state == "closed" and (chat.last_close_at or 0) * 1000 > telling.owed_at
    return chat.state == "snoozed" or closed_since


def assign(intercom: IntercomClient, debt: Debt, chat: Conversation, telling: Telling) -> None:
    """Give it to the agent who took the wish, if that is still a teammate; not what sleeps or was closed again."""
    agent = debt.wishes[0].taken_by
    if not agent or telling.found == "snoozed" or was_laid_aside(chat, telling):
        return
    intent = debt.intent("assign", "Assigned it to {agent}, who took the wish.", agent=debt.wishes[0].taken_by_name)
    is_theirs = chat.admin_assignee_id == agent
    if is_theirs and not planned(intent.key):  # theirs before us; else an earlier attempt is still to be ended
        return
    if agent not in {admin.id for admin in intercom.admins()}:
        leave(intent, "Not assigned: {agent} is no longer a teammate.", agent=debt.wishes[0].taken_by_name)
        return
    act(
        intent,
        call=lambda: Done(agent if intercom.assign(chat.id, agent) else ""),
        find=lambda: Done(agent) if is_theirs else None,
    )


def leave_note(intercom: IntercomClient, debt: Debt, chat: Conversation, draft: str) -> bool:
    """Say why it came back, with a draft for the customer; False if the conversation is gone."""
    intent = debt.intent("note", "Noted what became available, with a draft for the customer.")

    def find() -> Done | None:
        part = intercom.find_note(chat.id, intent.ref)
        return Done(part) if part else None

    note = act(
        intent,
        call=lambda: Done(intercom.note(chat.id, texts.available(debt.issue, debt.wishes, draft, intent.ref))),
        find=find,
    )
    return bool(note.ref)


@workflow
def told(conversation_id: str, change: str) -> Outcome:
    """A person answered in a chat with a draft: the customer has been told, by whom and when."""
    owed = store.read(partial(records.undelivered, conversation_id=conversation_id))
    if not owed:
        return ignored("No customer in this conversation waits to be told.")
    chat = living(intercom_client(), conversation_id)
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
    telling = session.get(Telling, (release_id, conversation_id))
    is_begun = telling is not None and bool(telling.found)
    return Debt(release, session.get_one(Issue, release.issue_id), conversation_id, wishes, contact, is_begun)
