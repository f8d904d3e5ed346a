"""Waiting: does what a message says still hold, and does anybody still wait for it?

Not where the request was withdrawn since, its link to the issue was cut, or it was unmerged from what was decided; nor
a decision that another one, or a release, has overtaken. An apology is due to whoever was told, and a notice to whom it
addresses.
"""

from __future__ import annotations

from sqlmodel import Session

from workflows.meeting import decisions
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Telling
from workflows.telling import gathering, ledger, waiters
from workflows.telling.cause import Cause
from workflows.wish import awaited

NOBODY_WAITS = "Not sent: no request in this conversation is waiting for this anymore."
UNTRUE = "Not sent: what the message says is no longer true."
#: The same of a draft that nobody has approved: why it is to be set aside.
IN_VAIN = {
    NOBODY_WAITS: "No request in this conversation is waiting for this anymore.",
    UNTRUE: "What the message says is no longer true.",
}


def parted(session: Session, telling: Telling) -> str:
    """Take out of a message what is not to be said any more. Returns why it has to be read again, "" for nothing."""
    some = gathering.together(session, telling)
    gone = [(each, why) for each in some if (why := why_not(session, each))]
    for each, why in gone:
        gathering.unapproved(each, why)
        gathering.leave(session, each)
    return next((why for each, why in gone if each is telling), gathering.LESS) if gone else ""


def in_vain(session: Session, telling: Telling) -> str:
    """Why a draft that tells of nothing else will not be sent whoever approves it; "" where it may be."""
    alone = telling.state == "drafted" and not telling.joined and len(gathering.together(session, telling)) == 1
    return IN_VAIN.get(why_not(session, telling), "") if alone and telling.approved_at is None else ""


def why_not(session: Session, telling: Telling) -> str:
    """Why it is not to be said; "" where a request in its conversation waits for it."""
    release, cause = session.get_one(Release, telling.release_id), Cause.read(telling.release_id)
    if cause.notice_id or release.kind == ledger.REOPENED:
        return ""
    if cause.decision_id:
        return _of_decision(session, session.get_one(Decision, cause.decision_id), telling.conversation_id)
    return "" if waiters.asked_in(session, release.id, telling.conversation_id) else NOBODY_WAITS


def _of_decision(session: Session, decision: Decision, chat: str) -> str:
    members = decisions.members_in(session, decision.id or 0, chat)
    asked = {wish.id or 0: decision.decided_at for wish in members if wish.withdrawn_at is None}
    if not asked:
        return NOBODY_WAITS
    is_overtaken = decisions.sent_since(session, decision) or not asked.keys() - awaited.overtaken(session, asked)
    return UNTRUE if is_overtaken else ""
