"""Sending: what a named person approved goes out to the customer in that person's name, once.

    approval ─► its moment comes ─► send ─► Intercom ─► reopen.told: by Intercom's own account the customer was told
                                     └─► refused: the draft goes back, with the reason

What goes out was on somebody's screen, and nothing else of this service writes to customers: only this module calls
`IntercomClient.reply`.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, col, select

from integrations.contract import Permanent
from integrations.intercom import NO_CHAT, NO_CUSTOMER, NO_SENDER
from workflows.engine.actions import Done, Intent, act, leave
from workflows.engine.durable import NewRun, child, current_run, spawn, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.tables.columns import copy_of
from workflows.tables.telling import Release, Telling
from workflows.telling import answers, approval, drafts, ledger
from workflows.telling.drafts import DRAFTED, TOLD

SENT = "Sent {agent}'s message to the customer."
NOT_ANY_MORE = "Not sent: the approval was undone, or the customer has been notified."
WITHDRAWN = "Not sent: what the message says is no longer true."
ELSEWHERE = "Not sent: the customer was notified in another conversation."
ONLY_DRY = "Not sent: this is a dry run."
#: Why Intercom does not send a reply, by what the refusal is about.
REFUSED = {
    NO_CHAT: "Not sent: the conversation no longer exists in Intercom.",
    NO_SENDER: "Not sent: {agent} can no longer reply to customers in Intercom.",
    NO_CUSTOMER: approval.UNREACHABLE,
}


class Refused(Permanent):
    """Intercom does not send the reply; `about` is one of REFUSED."""

    def __init__(self, about: str) -> None:
        super().__init__(about)
        self.about = about


def start_due() -> int:
    """Send what is approved and whose moment has come; returns how many runs were started."""
    return store.write(_start)


def _start(session: Session) -> int:
    is_due = (col(Telling.state) == DRAFTED) & (col(Telling.send_at) <= now_ms())
    return start(session, [sending(telling) for telling in session.exec(select(Telling).where(is_due))])


def sending(telling: Telling) -> NewRun:
    """The run that sends what is approved; another approval is another run."""
    names = {"release_id": telling.release_id, "conversation_id": telling.conversation_id}
    return child(
        f"send:{telling.release_id}/{telling.conversation_id}/{telling.approved_at}",
        "sending.send",
        approved_at=telling.approved_at or 0,
        **names,
    )


@workflow
def send(release_id: str, conversation_id: str, approved_at: int) -> Outcome:
    """Send one approved message, if it still holds at this moment."""
    telling, reason = store.write(partial(_claim, release_id, conversation_id, approved_at))
    if telling is None:
        return ignored(reason)
    intent = _intent(telling)
    try:
        sent = act(intent, partial(_call, telling), partial(_find, telling))
    except Refused as refusal:
        return _give_back(intent, telling, REFUSED[refusal.about])
    if sent.is_dry:
        store.write(partial(_returned, telling, ONLY_DRY))
        return done(SENT, agent=telling.approved_name)
    spawn([child(f"{current_run()}/told", "reopen.told", conversation_id=conversation_id, change="sent")])
    return done(SENT, agent=telling.approved_name)


def _claim(release_id: str, conversation_id: str, approved_at: int, session: Session) -> tuple[Telling | None, str]:
    """From here on it can't be taken back. None, and why, where it does not hold any more."""
    telling = session.get(Telling, (release_id, conversation_id), with_for_update=True)
    if telling is None or telling.state != DRAFTED or telling.approved_at != approved_at or telling.send_at is None:
        return None, NOT_ANY_MORE
    if session.get(Release, ledger.reopening(release_id)) is not None:
        approval.unapproved(telling, WITHDRAWN)
        return None, WITHDRAWN
    if any(each.state == TOLD for each in drafts.siblings(session, telling)):
        approval.unapproved(telling, ELSEWHERE)
        return None, ELSEWHERE
    telling.send_at = min(telling.send_at, now_ms())
    return copy_of(telling), ""


def _call(telling: Telling) -> Done:
    said = intercom_client().reply(telling.conversation_id, telling.approved_by, telling.approved)
    if said.refused:
        raise Refused(said.refused)
    return Done(said.part_id)


def _find(telling: Telling) -> Done | None:
    """Intercom counts whole seconds, and takes no marker that the customer would not read."""
    since = (telling.approved_at or 0) // 1000
    found = intercom_client().find_reply(telling.conversation_id, telling.approved_by, telling.approved, since)
    return Done(found) if found else None


def _give_back(intent: Intent, telling: Telling, why: str) -> Outcome:
    leave(intent, why, agent=telling.approved_name)
    store.write(partial(_returned, telling, why))
    return ignored(why, agent=telling.approved_name)


def _returned(telling: Telling, why: str, session: Session) -> None:
    row = session.get_one(Telling, (telling.release_id, telling.conversation_id), with_for_update=True)
    if row.state == DRAFTED and row.approved_at == telling.approved_at:
        approval.unapproved(row, why)


def _intent(telling: Telling) -> Intent:
    key = f"reply:{telling.release_id}:{telling.conversation_id}:{telling.approved_at}"
    facts = {"agent": telling.approved_name}
    return store.read(lambda session: answers.about(session, telling, "intercom.reply", key, SENT, facts))
