"""Bringing back: a conversation comes back to the agent who took the wish, with a draft for the customer.

What `release` and `conclusion` share: open what is closed · assign · note with a draft · snooze again if snoozed.
The chat's state is read at that moment. Where it cannot come back, somebody tells them otherwise: see `dead_end`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session

from integrations.intercom import Conversation, IntercomClient
from workflows.customer import erasures, snooze
from workflows.customer.note import note_once
from workflows.engine.actions import Done, Intent, act, happened, leave, planned
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.language.wording import time
from workflows.people import agents, colleagues
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import dead_ends, ledger
from workflows.telling.ledger import LIVES_ON

GONE = "Not reopened: the conversation no longer exists in Intercom."
TICKET = "Not reopened: the conversation was converted to a ticket. Contact the customer there."
REDACTED = "Not reopened: the conversation was redacted."
NOBODY_THERE = "Not reopened: the customer was deleted in Intercom."
LOST = "Not reopened: it was merged into another conversation, but Intercom does not say which."
MERGED = "Not reopened: it was merged into another conversation, which is reopened instead."
SNOOZED = "Not reopened: snoozed until {until}, and the snooze was kept."
WAS_OPEN = "Not reopened: it was already open."
LABELLED = "Added the tag “{tag}”, so that reports can leave this conversation out."
ASSIGNED = "Assigned to {agent}, who filed the request."
STANDS_IN = "Assigned to {other}: {agent}, who filed the request, is no longer a teammate."
CLOSED_AGAIN = "Not reopened again: somebody closed or snoozed it in the meantime."
#: So many times a conversation is followed to the one that it was merged into.
MERGERS = 5


@dataclass(frozen=True)
class Matter:
    """Why one conversation comes back. `id` is the release's, `key` what people call the cause: an issue's key, or
    a wish's code; `opened` says in one sentence that it was reopened because of that."""

    id: str
    key: str
    opened: str
    conversation_id: str
    wishes: Sequence[Feedback]
    contact: Contact | None
    #: Has anything been done about it before?
    is_begun: bool
    issue_id: str | None = None
    feedback_id: int | None = None

    def intent(self, verb: str, sentence: str, /, *, named: str = "", **facts: object) -> Intent:
        """A write to this conversation in this matter, done once under its verb (or the name `named`)."""
        return Intent(
            "intercom",
            verb,
            key=f"{named or verb}:{self.id}:{self.conversation_id}",
            target=self.conversation_id,
            sentence=sentence,
            facts=facts,
            conversation_id=self.conversation_id,
            issue_id=self.issue_id,
            feedback_id=self.feedback_id,
        )


#: The note's HTML for wishes, the draft and the marker; and the draft for wishes.
Note = Callable[[Sequence[Feedback], str, str], str]
Draft = Callable[[Sequence[Feedback]], str]
#: What assigns a conversation.
Give = Callable[[IntercomClient, Matter, Conversation, Telling], None]


def bring_back(matter: Matter, draft: Draft, note: Note, give: Give | None = None) -> Outcome:
    """Bring one conversation back to its agent, with a note and a draft; `give` says otherwise whose it becomes."""
    intercom = intercom_client()
    chat = living(intercom, matter.conversation_id)
    if chat is None or (reason := unfit(chat) or _is_left(matter)):
        return stop(matter, draft(matter.wishes if chat is None else _unsaid(matter, chat)), reason if chat else GONE)
    if chat.id != matter.conversation_id:
        leave(matter.intent("merge", ""), MERGED)
        store.write(partial(_lives_on, matter, chat.id))
    matter = replace(matter, wishes=_unsaid(matter, chat))
    id, chat_id = matter.id, matter.conversation_id
    telling = store.write(lambda session: ledger.found(session, id, chat_id, chat.state, chat.snoozed_until or 0))
    nap = snooze.plan(matter.intent("snooze", ""), chat)
    is_opened = open_again(intercom, matter, chat, telling)
    (give or assign)(intercom, matter, chat, telling)
    text = draft(matter.wishes)
    if not leave_note(matter, chat, lambda ref: note(matter.wishes, text, ref)):
        return stop(matter, text, GONE)
    snooze.back_to(nap, matter.intent("snooze", ""), chat, intercom)
    store.later(partial(ledger.drafted, release_id=id, conversation_id=chat_id, draft=text))
    if is_opened:
        label(intercom, matter, chat)
    return done("{key}: the conversation has a draft for the customer.", key=matter.key)


def _is_left(matter: Matter) -> str:
    """Was the customer deleted in Intercom, so that nobody reads what is written there?"""
    if matter.contact is None:
        return ""
    erasure = store.read(partial(erasures.found, kind=erasures.PERSON, id=matter.contact.id))
    return NOBODY_THERE if erasure is not None and erasure.asked_by == "intercom" else ""


def _lives_on(matter: Matter, chat_id: str, session: Session) -> None:
    """Whatever is answered in the chat that lives on is an answer to this one, too: see `answers.unpaid`."""
    intent = replace(matter.intent(LIVES_ON, MERGED), key=f"{LIVES_ON}:{chat_id}:{matter.conversation_id}")
    happened(session, replace(intent, conversation_id=chat_id, issue_id=None, feedback_id=None))


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
    redacted = {message.id for message in chat.messages if message.redacted}
    return wish.model_copy(update={"quote": "", "title": ""}) if wish.part_id in redacted else wish


def _unsaid(matter: Matter, chat: Conversation) -> list[Feedback]:
    return [unsaid(wish, chat) for wish in matter.wishes]


def stop(matter: Matter, draft: str, reason: str) -> Outcome:
    """The customer cannot be told here: whoever answers for their company is asked to tell them, see `dead_end`."""
    leave(matter.intent("open", "", named="excuse"), reason, key=matter.key)
    id, chat = matter.id, matter.conversation_id
    store.write(lambda session: dead_ends.found(session, id, chat, draft, reason))
    return ignored(reason, key=matter.key)


def excuse(matter: Matter, reason: str) -> Outcome:
    """Nobody is owed anything here any more; keep the reason where everybody finds it."""
    leave(matter.intent("open", "", named="excuse"), reason, key=matter.key)
    store.write(lambda session: ledger.excused(session, matter.id, matter.conversation_id))
    return ignored(reason, key=matter.key)


def open_again(intercom: IntercomClient, matter: Matter, chat: Conversation, telling: Telling) -> bool:
    """Open what was closed when we came to it, but nothing that somebody closed after us. Was it we who opened it?"""
    if telling.found == "snoozed":
        leave(matter.intent("open", ""), SNOOZED, until=time(rules.language, telling.snoozed_until * 1000))
    elif telling.found == "open":
        leave(matter.intent("open", ""), WAS_OPEN)
    else:
        intent = matter.intent("open", matter.opened, key=matter.key)
        if was_laid_aside(chat, telling):
            leave(intent, CLOSED_AGAIN)
        opened = act(
            intent,
            call=lambda: Done(chat.id if intercom.open(chat.id) else ""),
            find=lambda: None if chat.state == "closed" and not was_laid_aside(chat, telling) else Done(chat.id),
        )
        return bool(opened.ref)
    return False


def was_laid_aside(chat: Conversation, telling: Telling) -> bool:
    """Is it asleep, or did somebody close it after we had come to it?"""
    closed_since = chat.state == "closed" and (chat.last_close_at or 0) * 1000 > telling.owed_at
    return chat.state == "snoozed" or closed_since


def assign(intercom: IntercomClient, matter: Matter, chat: Conversation, telling: Telling) -> None:
    """Give it to the agent who took the wish, or to who stands in for them; not what sleeps or was closed again."""
    wish = matter.wishes[0]
    if not wish.taken_by or telling.found == "snoozed" or was_laid_aside(chat, telling):
        return
    intent = matter.intent("assign", ASSIGNED, agent=wish.taken_by_name)
    agent = agents.admin_of(wish.taken_by, colleagues.email_of(wish.taken_by))
    is_theirs = bool(agent) and chat.admin_assignee_id == agent
    if is_theirs and not planned(intent.key):  # theirs before us; else an earlier attempt is still to be ended
        return
    teammates = {admin.id: admin.name for admin in intercom.admins()}
    if agent not in teammates:
        agent = stand_in()
        if agent not in teammates:
            leave(intent, "Not assigned: {agent} is no longer a teammate.", agent=wish.taken_by_name)
            return
        intent = replace(intent, sentence=STANDS_IN, facts=intent.facts | {"other": teammates[agent]})
        is_theirs = chat.admin_assignee_id == agent
    act(
        intent,
        call=lambda: Done(agent if intercom.assign(chat.id, agent) else ""),
        find=lambda: Done(agent) if is_theirs else None,
    )


def stand_in() -> str:
    """Who takes the chats of agents who left: the rules' fallback, as a teammate in Intercom; "" for nobody."""
    return agents.admin_of("", rules.fallback if "@" in rules.fallback else colleagues.email_of(rules.fallback))


def label(intercom: IntercomClient, matter: Matter, chat: Conversation) -> None:
    """Put the rules' tag on what we reopened, so that reports of support leave it out; last, for nobody waits for it.

    Whoever takes it off means it: it is put on once for each opening, and not looked after.
    """
    name = rules.sending.tag
    if not name:
        return
    is_there = name.casefold() in {tag.name.casefold() for tag in chat.tags}
    intent = matter.intent("label", LABELLED, tag=name)
    if is_there and not planned(intent.key):  # of an earlier opening; else an earlier attempt is still to be ended
        return
    act(
        intent,
        call=lambda: Done(chat.id if intercom.tag(chat.id, name) else ""),
        find=lambda: Done(chat.id) if is_there else None,
    )


def leave_note(matter: Matter, chat: Conversation, html: Callable[[str], str]) -> bool:
    """Say why it came back, with a draft for the customer; False if the conversation is gone."""
    intent = matter.intent("note", "Added an internal note with a draft for the customer.")
    return bool(note_once(intent, chat.id, html).ref)
