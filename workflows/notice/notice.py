"""Notice: news that nobody asked for reaches everybody it concerns, before its day.

    a lead opens it ─► begin ─► bring, one run for each chat: it comes back with a draft
    so many days before ─► remind ─┬─► one message in Slack about who is left
                                   └─► bring, for those who are to hear of it once more
    a lead calls it off ─► call_off ─► correct, one run for each chat: the draft is revoked, or a correction is drafted

Approving and sending are those of all tellings: `approval`, `sending`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col, select

from integrations.intercom import Conversation as Chat
from integrations.intercom import IntercomClient
from workflows.customer.note import note_in
from workflows.engine import dry_run, posting
from workflows.engine.actions import Done, Intent, act, leave, planned
from workflows.engine.durable import NewRun, child, current_run, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client, vendors
from workflows.notice import notices, recipients, texts, turns
from workflows.notice.texts import Left, To
from workflows.people import agents, colleagues
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.notice import Addressee, Notice
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.telling import addressees, ledger, openings
from workflows.telling.bring_back import Matter, bring_back, living, was_laid_aside
from workflows.telling.cause import Cause
from workflows.wish.wishes import is_chat

OPENED = "Reopened the conversation for the notice “{key}”."
OPENED_TO_CORRECT = "Reopened the conversation: the notice “{key}” was called off."
STARTED = "{key}: making {count} drafts."
UNDONE = "{key}: no drafts are made. The notice was called off, or its opening was undone."
TOO_LATE = "{key}: no drafts are made. Its date has passed."
NOT_DUE = "No draft is needed here: the customer was notified, or the notice was called off."
CALLED_OFF = "{key} was called off: correcting {count} conversations."
REVOKED = "Added an internal note: the draft for “{key}” must not be sent."
NOTHING = "Nothing to correct: no draft was left here, and the customer was not notified."
TO_TELL = "{key}: somebody has to tell this customer that it was called off. There is a draft for that."
REMINDED = "Reminded the channel who has not been notified of “{key}”."
NOBODY_LEFT = "{key}: everybody has been notified."
ASSIGNED = "Assigned to {agent}, who knows this customer."
NOT_A_TEAMMATE = "Not assigned: {agent} is not a teammate in Intercom."


@workflow
def begin(notice_id: int) -> Outcome:
    """A lead has opened it, and the time to take that back is over: everybody whom it concerns gets a draft."""
    for address in store.read(partial(_addresses, notice_id)):
        colleagues.find(address)  # so that what is theirs stands under the name by which they sign in
    notice, reason = store.write(partial(_begin, notice_id))
    if reason:
        return ignored(reason, key=notice.title)
    release_id, _ = turns.releases_of(notice)
    chats = store.read(lambda session: turns.chats(session, release_id, *ledger.OWING))
    bring_all(notice, release_id, chats)
    return done(STARTED, key=notice.title, count=len(chats))


def _addresses(notice_id: int, session: Session) -> list[str]:
    """Whoever answers for a company and is known by their address only."""
    agents = {each.agent for each in recipients.foreseen(session, session.get_one(Notice, notice_id))}
    return sorted(each for each in agents if "@" in each)


def _begin(notice_id: int, session: Session) -> tuple[Notice, str]:
    notice = session.get_one(Notice, notice_id, with_for_update=True)
    if notice.called_off_at is not None or notice.opens_at is None or notice.opens_at > now_ms():
        return copy_of(notice), UNDONE
    if notice.opened_at is None and notice.takes_effect <= notices.today():
        return copy_of(notice), TOO_LATE
    if notice.opened_at is None:
        turns.take(session, notice)
        notice.opened_at, notice.dry = now_ms(), dry_run.is_on()
        notice.reminded = notices.passed(notice, now_ms())
    return copy_of(notice), ""


def bring_all(notice: Notice, release_id: str, chats: Sequence[str]) -> None:
    """One run for each chat in which somebody is to hear of it; where an agent would have too many, on another day."""
    now = store.write(partial(openings.plan, release_id=release_id, chats=chats))
    spawn([openings.bringing(notice, release_id, chat) for chat in now])


# -- one chat -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A telling of a notice, with all that it takes to bring its chat back."""

    notice: Notice
    telling: Telling
    addressee: Addressee
    to: To
    matter: Matter


@workflow
def bring(release_id: str, conversation_id: str) -> Outcome:
    """One chat comes back with a draft of the notice; `release_id` says whether it is the reminder."""
    case = store.read(partial(_case, release_id, conversation_id, OPENED))
    if case.telling.state not in ledger.OWING:
        return ignored(NOT_DUE)
    first, _ = turns.releases_of(case.notice)
    text = texts.draft(case.notice, case.to, again=release_id != first)
    ended = bring_back(case.matter, lambda _: text, partial(_note, case.notice), partial(give, case.addressee))
    if store.read(partial(_is_off, case.notice.id)):  # at this very moment, so nobody has revoked the draft yet
        spawn([_correcting(case.notice, conversation_id)])
    return ended


def _is_off(notice_id: int | None, session: Session) -> bool:
    return session.get_one(Notice, notice_id).called_off_at is not None


def _note(notice: Notice, _: object, draft: str, ref: str) -> str:
    return texts.note(notice, draft, ref)


def _correction(notice: Notice, _: object, draft: str, ref: str) -> str:
    return texts.note(notice, draft, ref, off=True)


def give(addressee: Addressee, intercom: IntercomClient, matter: Matter, chat: Chat, telling: Telling) -> None:
    """Whoever the chat is with keeps it; else it goes to whoever knows the customer, if they are a teammate there."""
    intent = matter.intent("assign", ASSIGNED, agent=addressee.agent_name)
    is_with_somebody = bool(chat.admin_assignee_id) and not planned(intent.key)
    if is_with_somebody or telling.found == "snoozed" or was_laid_aside(chat, telling):
        return
    who = addressee.agent
    agent = agents.admin_of(who, who if "@" in who else colleagues.email_of(who))
    if not agent:
        leave(intent, NOT_A_TEAMMATE, agent=addressee.agent_name)
        return
    act(
        intent,
        call=lambda: Done(agent if intercom.assign(chat.id, agent) else ""),
        find=lambda: Done(agent) if chat.admin_assignee_id == agent else None,
    )


def _case(release_id: str, conversation_id: str, opened: str, session: Session) -> Case:
    notice = session.get_one(Notice, Cause.read(release_id).notice_id)
    telling = session.get_one(Telling, (release_id, conversation_id))
    addressee = session.get_one(Addressee, (release_id, conversation_id))
    chat, contact = session.get(Conversation, conversation_id), session.get(Contact, addressee.contact_id)
    company = session.get(Company, addressee.company_id) if addressee.company_id else None
    to = To(contact, company.name if company else "", chat.opening if chat else "", addressee.agent_name)
    matter = Matter(release_id, notice.title, opened, conversation_id, [], contact, bool(telling.found))
    return Case(copy_of(notice), copy_of(telling), copy_of(addressee), to, matter)


# -- reminding ------------------------------------------------------------------------------------


@workflow
def remind(notice_id: int, days: int) -> Outcome:
    """So many days before, whoever tells customers hears who is left; with the last reminder, customers once more."""
    notice = store.read(partial(_read, notice_id))
    if notice.called_off_at is not None:
        return ignored(UNDONE, key=notice.title)
    if notice.again and days == min(notice.remind_days):
        chats = store.write(lambda session: turns.remind(session, session.get_one(Notice, notice_id)))
        bring_all(notice, turns.releases_of(notice)[1], chats)
    left = store.read(partial(_left, notice))
    if not left:
        return ignored(NOBODY_LEFT, key=notice.title)
    channel = notice.channel or rules.support_channel
    intent = Intent("slack", "post", f"notice:{notice_id}:{days}", channel, REMINDED, {"key": notice.title})
    if vendors.slack is not None and not channel:
        leave(intent, posting.NO_CHANNEL)
        return ignored(posting.NO_CHANNEL)
    posting.post(intent, texts.reminder(notice, left, days), since_ms=notice.opened_at or 0)
    return done(REMINDED, key=notice.title)


def _read(notice_id: int, session: Session) -> Notice:
    return copy_of(session.get_one(Notice, notice_id))


def _left(notice: Notice, session: Session) -> list[Left]:
    """Those who have not heard of it once."""
    release_id, _ = turns.releases_of(notice)
    owing = select(Telling).where(Telling.release_id == release_id, col(Telling.state).in_(ledger.OWING))
    voices = addressees.voices(session, list(session.exec(owing)))
    left = [Left(each.person, each.firm.name, each.agent) for each in voices.values()]
    return sorted(left, key=lambda each: (each.agent, each.company, each.name))


# -- called off -----------------------------------------------------------------------------------


@workflow
def call_off(notice_id: int) -> Outcome:
    """It does not take place: every chat that has a draft of it, or whose customer was told, hears that."""
    notice = store.read(partial(_read, notice_id))
    release_id, _ = turns.releases_of(notice)
    places = store.read(lambda session: turns.places(session, release_id, "told", ledger.WITHDRAWN))
    spawn([_correcting(notice, place) for place in places])
    return done(CALLED_OFF, key=notice.title, count=len(places))


def _correcting(notice: Notice, conversation_id: str) -> NewRun:
    about = {"notice_id": notice.id or 0, "conversation_id": conversation_id}
    return child(f"{current_run()}/off/{conversation_id}", "notice.correct", **about)


@workflow
def correct(notice_id: int, conversation_id: str) -> Outcome:
    """In one chat: whoever was told gets a draft of a correction; a draft that was not sent is revoked."""
    notice = store.read(partial(_read, notice_id))
    is_told = store.write(lambda session: turns.correct(session, session.get_one(Notice, notice_id), conversation_id))
    drafted = store.read(partial(_drafted, notice, conversation_id))
    if drafted:
        revoke(notice, conversation_id, drafted)
    if not is_told:
        return done(REVOKED, key=notice.title) if drafted else ignored(NOTHING)
    release_id = ledger.reopening(turns.releases_of(notice)[0])
    case = store.read(partial(_case, release_id, conversation_id, OPENED_TO_CORRECT))
    text = texts.correction(case.notice, case.to)
    if not is_chat(conversation_id):  # whoever told them by phone tells them this, too
        store.write(partial(ledger.drafted, release_id=release_id, conversation_id=conversation_id, draft=text))
        return done(TO_TELL, key=notice.title)
    return bring_back(case.matter, lambda _: text, partial(_correction, notice), partial(give, case.addressee))


def _drafted(notice: Notice, conversation_id: str, session: Session) -> list[str]:
    """The releases of which a draft stands in the chat that nobody is to send."""
    found = []
    for release_id in turns.releases_of(notice):
        telling = session.get(Telling, (release_id, conversation_id))
        note = session.get(Action, f"note:{release_id}:{conversation_id}")
        if telling is not None and telling.state == ledger.WITHDRAWN and note is not None and note.ref:
            found.append(release_id)
    return found


def revoke(notice: Notice, conversation_id: str, drafted: Sequence[str]) -> None:
    """The draft still stands in the chat: say below it that it must not be sent."""
    chat = living(intercom_client(), conversation_id)
    if chat is None:
        return
    for release_id in drafted:
        key = f"revoke:{release_id}:{conversation_id}"
        facts = {"key": notice.title}
        note = Intent("intercom", "note", key, conversation_id, REVOKED, facts, conversation_id=conversation_id)
        asleep = Intent("intercom", "snooze", f"asleep:{key}", conversation_id, "", conversation_id=conversation_id)
        note_in(chat, note, asleep, partial(texts.revoked, notice))
