"""Taking over: somebody tells a customer themselves, says how they have, or chooses a colleague of the customer.

    in Slack: "I'll notify them" ─► taken        told by phone, by email, in a meeting ─► by_phone, by_mail, in_meeting
    on the page of a draft: take, told, choose

By their role, or because they hold it or answer for the company. Nobody is ever written to by this.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent, happened
from workflows.engine.durable import current_run, urgent
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.people.asked import asks, did
from workflows.people.may import REPORT, RIGHTS, TELL
from workflows.people.person import Person, somebody
from workflows.tables.customer import Contact
from workflows.tables.telling import Telling
from workflows.telling import answers, dead_ends, desk, drafts, gathering, handovers, letters, reports
from workflows.telling.approval import NOT_THERE, Key
from workflows.telling.dead_ends import SELF
from workflows.telling.drafts import APPROVED, DRAFTED

TAKEN = "{agent} notifies this customer."
TOLD = "{agent} notified the customer {kind}."
CHOSEN = "{agent} chose to notify a colleague of the customer instead: {person}."
NO_CONTACT = "Choose one of the people shown."
#: What is kept of whoever did it, to those who ask who did what.
TOOK_OVER = "Took over notifying a customer: {about}."


def _named(value: str) -> str:
    """How people name what a button is about."""

    def read(session: Session) -> str:
        telling = desk.find(session, value)
        return desk.facing(session, telling).about if telling else ""

    return store.read(read)


@urgent
@asks(TELL, or_if=dead_ends.is_theirs, did=did(TOOK_OVER, _named))
def taken(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody pressed that they tell the customer."""
    by = somebody(user_id)
    refused = take(desk.key_of(value), by, origin=current_run())
    return ignored(refused) if refused else done(TAKEN, agent=by.name)


@urgent
@asks(REPORT, or_if=dead_ends.is_theirs, did=did(RIGHTS[REPORT].sentence, _named))
def by_phone(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody told the customer on the phone."""
    return _pressed(user_id, value, "phone")


@urgent
@asks(REPORT, or_if=dead_ends.is_theirs, did=did(RIGHTS[REPORT].sentence, _named))
def by_mail(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """… by email."""
    return _pressed(user_id, value, "mail")


@urgent
@asks(REPORT, or_if=dead_ends.is_theirs, did=did(RIGHTS[REPORT].sentence, _named))
def in_meeting(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """… in a meeting."""
    return _pressed(user_id, value, "meeting")


def _pressed(user_id: str, value: str, how: str) -> Outcome:
    by = somebody(user_id)
    refused = told(desk.key_of(value), how, by, origin=current_run())
    return ignored(refused) if refused else done(TOLD, agent=by.name, kind=reports.HOWS[how])


# -- what pages use as well -----------------------------------------------------------------------


def take(key: Key, by: Person, origin: str) -> str:
    """Somebody tells this customer from now on. Returns why they cannot, "" where they do."""
    refused = store.write(partial(_take, key, by, origin))
    if not refused:
        handovers.show(key)
    return refused


def _take(key: Key, by: Person, origin: str, session: Session) -> str:
    telling = _standing(session, key)
    if telling is None:
        return NOT_THERE
    if (telling.holder, telling.held_as) != (by.id, SELF):
        gathering.unapprove(session, telling)  # it may wait for a lead, who would have it sent as well
        dead_ends.hold(telling, by.id, by.name, SELF)
        gathering.leave(session, telling)
        happened(session, _said(session, telling, TAKEN, origin, by))
    return ""


def told(key: Key, how: str, by: Person, origin: str) -> str:
    """Somebody told this customer outside of a chat. Returns why that cannot be noted, "" where it is."""
    case = store.read(partial(handovers.case_of, key=key))
    if case is None or case.telling.state != DRAFTED or not case.wishes or how not in reports.HOWS:
        return NOT_THERE
    reports.report(case.wishes[0].id or 0, how=how, words="", by=by, origin=origin)
    return ""


def choose(key: Key, conversation_id: str, by: Person, origin: str) -> str:
    """A colleague of the customer is to be told in that conversation, once somebody approves what they read.

    Returns why that cannot be, "" where it is so.
    """
    refused = store.write(partial(_choose, key, conversation_id, by, origin))
    if not refused:
        handovers.show(key)
    return refused


def _choose(key: Key, conversation_id: str, by: Person, origin: str, session: Session) -> str:
    telling = _standing(session, key)
    if telling is None:
        return NOT_THERE
    found = {other.conversation_id: other for other in dead_ends.others(session, telling)}
    if conversation_id not in found:
        return NO_CONTACT
    gathering.unapprove(session, telling)
    other, wishes = found[conversation_id], drafts.wishes_of(session, telling)
    was, now = (session.get(Contact, id) for id in (dead_ends.contact_of(session, telling), other.contact_id))
    telling.draft = letters.readdressed(telling.draft, wishes, was, now)
    telling.via, telling.drafted_at, telling.why = conversation_id, now_ms(), ""
    dead_ends.hold(telling, by.id, by.name, SELF)
    happened(session, _said(session, telling, CHOSEN, origin, by, person=other.name))
    return ""


def _standing(session: Session, key: Key) -> Telling | None:
    """The telling, if somebody is still to tell it and nothing is on its way."""
    telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
    is_open = telling is not None and telling.state == DRAFTED and drafts.standing(telling) != APPROVED
    return telling if is_open else None


def _said(session: Session, telling: Telling, sentence: str, origin: str, by: Person, **facts: str) -> Intent:
    key = f"taking:{telling.release_id}:{telling.conversation_id}:{origin}"
    return answers.about(session, telling, "us.take", key, sentence, {"agent": by.name, **facts})
