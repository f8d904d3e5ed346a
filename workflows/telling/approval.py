"""Approval: a named person lets a draft go out to the customer, in their own name; or sets it aside with a reason.

approve ─► (a lead approves as well) ─► (time to take it back, until somebody works) ─► sending.send
take_back ─► a draft again                      set_aside ─► nobody tells this customer, and why
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent, happened
from workflows.engine.durable import start
from workflows.engine.store import now_ms, store
from workflows.people import agents, may
from workflows.people.person import Person, ids_of
from workflows.tables.telling import Telling
from workflows.telling import answers, daily, drafts, gathered, gathering, ledger, waiting
from workflows.telling.drafts import APPROVED, DRAFTED, EXCUSED, FOR_LEAD, WITH_OWNER

LONGEST, LONGEST_REASON = 4000, 500
NO_WORDS = "Enter what the customer is to read."
TOO_LONG = "The message is too long. Shorten it to 4,000 characters."
REASON_TOO_LONG = "The reason is too long. Shorten it to 500 characters."
NO_TEAMMATE = "Your email address is not a teammate's in Intercom, so nothing can be sent in your name."
NOT_THERE = "There is nothing left to send in this conversation."
ANOTHER_TEXT = "Somebody approved this at the same moment. Look at it again."
WAITS_FOR_LEAD = "This waits for a lead to approve it."
NOT_LIKE_THIS = "Correct what is marked in the message first."
DEAD_END = "This customer can't be written to in their conversation."
ELSEWHERE = "This customer is notified in another conversation."
ON_ITS_WAY = "A message that says this is being sent to the customer. Look again in a moment."
TOGETHER = "This customer is notified of several releases in one message. Approve that one."
HELD = "{holder} took this over and notifies the customer. Agree with them first, then tick that it is to be sent."
TOO_LATE = "This can't be undone: the message is being sent, or was sent."
NO_REASON = "Enter why this customer is not notified."


#: Under which ids somebody is known.
Ids = Collection[str]


@dataclass(frozen=True)
class Key:
    """Which telling: the release's id, and the conversation's."""

    release_id: str
    conversation_id: str


def approve(key: Key, text: str, by: Person, *, sure: bool = False) -> str:
    """Let this text go out in somebody's name. Returns why it cannot, "" where it will.

    Where the rules want a lead, it waits for one; whoever is a lead approves for good. What somebody else has taken
    over is sent only if they are `sure`. Asks Intercom who they are there: raises Trouble where it does not answer.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return TOO_LONG if text else NO_WORDS
    sender = agents.admin_of("", by.email)
    return store.write(partial(_approve, key, text, sender, by, may.may(by, may.LEAD), None if sure else ids_of(by)))


def _approve(key: Key, text: str, sender: str, by: Person, is_lead: bool, ids: Ids | None, session: Session) -> str:
    telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
    if telling is None or telling.state != DRAFTED:
        return NOT_THERE
    if telling.dead_end and not telling.via:
        return DEAD_END
    if telling.joined:
        return TOGETHER
    how = drafts.standing(telling)
    if how == APPROVED:
        return "" if (telling.approved, telling.approved_by) == (text, sender) else ANOTHER_TEXT
    if how == FOR_LEAD and not is_lead:
        return WAITS_FOR_LEAD
    if how == WITH_OWNER and ids is not None and is_somebody_elses(telling, ids):
        return HELD
    if reason := waiting.parted(session, telling):
        return reason
    some = gathering.together(session, telling)
    if any(_is_elsewhere(session, each, some) for each in some):
        return ELSEWHERE
    if daily.is_on_its_way(session, some):
        return ON_ITS_WAY
    if any(objection.blocks for objection in drafts.objections(session, telling, text, some)):
        return NOT_LIKE_THIS
    if how != FOR_LEAD and not sender:
        return NO_TEAMMATE
    if how != FOR_LEAD:  # a lead approves what goes out in somebody else's name
        telling.approved_by, telling.approved_name = sender, by.name
    waits = not is_lead and any(drafts.needs_lead(session, each) for each in some)
    telling.gathers = gathered.tells_of(some)
    for each in some:
        each.approved, each.approved_at, each.why = text, now_ms(), ""
        each.approved_by, each.approved_name = telling.approved_by, telling.approved_name
        each.send_at = None if waits else daily.moment(each.approved_at)
    daily.plan(session, telling.approved_by)
    happened(session, _said(session, telling, FOR_A_LEAD if waits else SAID, by))
    return ""


def is_somebody_elses(telling: Telling, ids: Ids) -> bool:
    """Has somebody else than whoever these ids are taken it over, so that the customer would be told twice?

    Whoever chose a colleague of the customer has not: that message waits for anybody's approval.
    """
    return bool(telling.holder) and not telling.via and telling.holder not in ids


def _is_elsewhere(session: Session, telling: Telling, some: Sequence[Telling]) -> bool:
    """Is the same person told of the same by another message than this one?"""
    names = {gathering.name_of(each) for each in some}
    others = [each for each in drafts.siblings(session, telling) if gathering.name_of(each) not in names]
    return any(each.state == "told" or drafts.standing(each) == APPROVED for each in others)


def moment() -> int:
    """When it goes out that is approved now, as long as its sender's day has room."""
    return daily.moment(now_ms())


def take_back(key: Key, by: Person) -> str:
    """It is a draft again, if it is not on its way. Returns why it cannot be, "" where it is."""

    def work(session: Session) -> str:
        telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
        if telling is None or telling.state != DRAFTED or telling.approved_at is None or telling.joined:
            return NOT_THERE
        if telling.send_at is not None and telling.send_at <= now_ms():
            return TOO_LATE
        happened(session, _said(session, telling, TAKEN_BACK, by))
        sender = telling.approved_by
        gathering.unapprove(session, telling)
        daily.plan(session, sender)
        return ""

    return store.write(work)


def at_once(key: Key, by: Person) -> str:
    """What is approved goes out now, whatever the hour, and in spite of the day's limit: a person wants it so.

    Returns why it cannot, "" where it does.
    """

    def work(session: Session) -> str:
        telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
        if telling is None or drafts.standing(telling) != APPROVED or telling.joined:
            return NOT_THERE
        if daily.waits(telling):
            happened(session, _said(session, telling, ABOVE_LIMIT, by))
        telling.send_at = min(telling.send_at or 0, now_ms())
        start(session, [daily.sending(telling)])
        daily.plan(session, telling.approved_by)
        return ""

    return store.write(work)


def set_aside(key: Key, why: str, by: Person) -> str:
    """Nobody tells this customer, for a reason. Returns what is wrong, "" where it is so."""
    why = why.strip()
    if not why or len(why) > LONGEST_REASON:
        return REASON_TOO_LONG if why else NO_REASON

    def work(session: Session) -> str:
        telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
        if telling is None or telling.state not in ledger.OWING or drafts.standing(telling) == APPROVED:
            return NOT_THERE
        for each in gathering.together(session, telling):
            gathering.unapproved(each, why)
            each.state = EXCUSED
            happened(session, _said(session, each, SET_ASIDE, by, words=why))
        gathering.leave(session, telling)
        ledger.show(session, telling)
        return ""

    return store.write(work)


# -- the timeline ---------------------------------------------------------------------------------

SAID = "{agent} approved the message to the customer."
FOR_A_LEAD = "{agent} approved the message to the customer; it waits for a lead."
TAKEN_BACK = "{agent} undid the approval of the message to the customer."
ABOVE_LIMIT = "{agent} sent the message to the customer at once, above the daily limit."
SET_ASIDE = "{agent} marked this customer as not to be notified: {words}"


def _said(session: Session, telling: Telling, sentence: str, by: Person, **facts: str) -> Intent:
    key = f"approval:{telling.release_id}:{telling.conversation_id}:{now_ms()}"
    return answers.about(session, telling, "us.approve", key, sentence, {"agent": by.name, **facts})
