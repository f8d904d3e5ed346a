"""Sending: what a named person approved goes out to the customer in that person's name, once.

    approval ─► its moment comes ─► send ─► Intercom ─► booking: by Intercom's own account the customer was told
                                     └─► refused: the draft goes back, with the reason; see `dead_end`

What goes out was on somebody's screen. See `customer.reply` for who else writes to customers.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlmodel import Session, col, select

from integrations.contract import Permanent
from integrations.intercom import NO_CHAT, NO_CUSTOMER, NO_SENDER
from workflows.customer import reply
from workflows.customer.reply import ONLY_DRY, SENT, Letter, Refused
from workflows.engine.actions import Done, Intent, act, leave, planned
from workflows.engine.durable import start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.tables.columns import copy_of
from workflows.tables.telling import Telling
from workflows.telling import answers, booking, daily, dead_ends, drafts, gathering, ledger, waiting
from workflows.telling.drafts import DRAFTED, TOLD

NOT_ANY_MORE = "Not sent: the approval was undone, or the customer has been notified."
WITHDRAWN = waiting.UNTRUE
ELSEWHERE = "Not sent: the customer was notified in another conversation."
ERASED = "Not sent: the text of the message was erased."
#: Why Intercom does not send a reply, by what the refusal is about.
REFUSED = {
    NO_CHAT: dead_ends.NO_CHAT,
    NO_SENDER: "Not sent: {agent} can no longer reply to customers in Intercom.",
    NO_CUSTOMER: dead_ends.NO_CUSTOMER,
}


def start_due() -> int:
    """Send what is approved and whose moment has come; returns how many runs were started."""
    return store.write(_start)


def _start(session: Session) -> int:
    due = select(Telling).where(Telling.state == DRAFTED, Telling.joined == "", col(Telling.send_at) <= now_ms())
    due = due.where(~daily.IS_BEGUN)  # of thousands most are on their way already
    for sender in sorted({telling.approved_by for telling in session.exec(due)}):
        daily.plan(session, sender)
    return start(session, [daily.sending(telling) for telling in session.exec(due)])


@workflow
def send(release_id: str, conversation_id: str, approved_at: int) -> Outcome:
    """Send one approved message, if it still holds at this moment."""
    telling, reason = store.write(partial(_claim, release_id, conversation_id, approved_at))
    if telling is None:
        return ignored(reason)
    intent, letter = _intent(telling), _letter(telling)
    if reason:
        return _sent_before(intent, letter, telling, reason)
    try:
        sent = act(intent, partial(reply.call, letter), partial(reply.find, letter))
    except Refused as refusal:
        return _give_back(intent, telling, REFUSED[refusal.about], is_over=refusal.about != NO_SENDER)
    if sent.is_dry:
        store.write(partial(_returned, telling, ONLY_DRY))
        return done(SENT, agent=telling.approved_name)
    return _sent(telling)


def _sent(telling: Telling) -> Outcome:
    """It is told once Intercom says so, whichever is first: what we read there now, or its webhook."""
    booking.book(_where(telling))
    return done(SENT, agent=telling.approved_name)


def _claim(release_id: str, conversation_id: str, approved_at: int, session: Session) -> tuple[Telling | None, str]:
    """From here on it can't be taken back. With why, where it does not hold any more; None where nothing is left."""
    telling = session.get(Telling, (release_id, conversation_id), with_for_update=True)
    if telling is None or telling.approved_at != approved_at:
        return None, NOT_ANY_MORE
    claimed = copy_of(telling)
    if telling.state != DRAFTED or telling.send_at is None:
        return claimed, NOT_ANY_MORE
    if reason := _objection(session, telling):
        gathering.unapprove(session, telling, reason)
        return claimed, reason
    if reason := waiting.parted(session, telling):
        return claimed, reason
    telling.send_at = min(telling.send_at, now_ms())
    return claimed, ""


def _objection(session: Session, telling: Telling) -> str:
    """Why the whole message is not to be sent any more; "" for nothing."""
    if ledger.is_taken_back(session, telling.release_id):
        return WITHDRAWN
    if any(each.state == TOLD for each in drafts.siblings(session, telling)):
        return ELSEWHERE
    return "" if telling.approved else ERASED  # whoever asked for that is not sent an empty message


class Outdated(Permanent):
    """It was not sent, and must not be any more."""


def _sent_before(intent: Intent, letter: Letter, telling: Telling, reason: str) -> Outcome:
    """It holds no more. But an attempt that was cut off may have sent it: find out, and send nothing."""

    def send_nothing() -> Done:
        raise Outdated(reason)

    try:
        if planned(intent.key) and act(intent, send_nothing, partial(reply.find, letter)).ref:
            return _sent(telling)
    except Outdated:
        leave(intent, reason)
    return ignored(reason)


def _letter(telling: Telling) -> Letter:
    return Letter(_where(telling), telling.approved_by, telling.approved, telling.approved_at or 0)


def _where(telling: Telling) -> str:
    """The conversation in which the customer, or a colleague of theirs, is told."""
    return telling.via or telling.conversation_id


def _give_back(intent: Intent, telling: Telling, why: str, *, is_over: bool) -> Outcome:
    """It is a draft again; where nobody can be told there, it comes to a dead end."""
    leave(intent, why, agent=telling.approved_name)
    store.write(partial(_ended if is_over else _returned, telling, why))
    return ignored(why, agent=telling.approved_name)


def _returned(telling: Telling, why: str, session: Session) -> None:
    row = session.get_one(Telling, (telling.release_id, telling.conversation_id), with_for_update=True)
    if row.state == DRAFTED and row.approved_at == telling.approved_at:
        gathering.unapprove(session, row, why)


def _ended(telling: Telling, why: str, session: Session) -> None:
    _returned(telling, why, session)
    id, chat = telling.release_id, telling.conversation_id
    row = session.get_one(Telling, (id, chat))
    if row.state == DRAFTED and row.approved_at is None:
        dead_ends.found(session, id, chat, row.draft, why, tried=telling.approved_at or 0)


def _intent(telling: Telling) -> Intent:
    key, facts = daily.reply_key(telling), {"agent": telling.approved_name, daily.SENDER: telling.approved_by}
    about = store.read(lambda session: answers.about(session, telling, "intercom.reply", key, SENT, facts))
    return replace(about, target=_where(telling))
