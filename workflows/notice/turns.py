"""Turns: what each addressee of a notice is owed, who is left, and what a person noted of it."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, col, select

from workflows.engine import dry_run
from workflows.engine.actions import Intent, happened
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms, store
from workflows.notice import recipients
from workflows.notice.recipients import Recipient
from workflows.people.person import Person
from workflows.tables.notice import Addressee, Notice
from workflows.tables.telling import Release, Telling
from workflows.telling import addressees, answers, gathering, ledger
from workflows.telling.approval import Key
from workflows.telling.cause import Cause, second
from workflows.telling.drafts import EXCUSED, TOLD
from workflows.wish.wishes import is_chat

#: How somebody was told otherwise than by what was sent from here.
HOWS = {"phone": "by phone", "mail": "by email", "meeting": "in a meeting", "chat": "in the conversation"}
NOT_THERE = "This customer is not to be notified, or was notified already."
#: Whoever heard of it so lately is not reminded.
FRESH_MS = 3 * 86_400_000


def releases_of(notice: Notice) -> tuple[str, str]:
    """The release with which customers hear of a notice, and the one with which they are reminded."""
    first = Cause(notice_id=notice.id or 0).stored
    return first, second(first)


def take(session: Session, notice: Notice) -> None:
    """Whoever it concerns is owed word of it from now on; of everybody else it is kept why not."""
    release_id, _ = releases_of(notice)
    _release(session, release_id)
    for who in recipients.foreseen(session, notice):
        telling = _owe(session, release_id, who)
        if who.why and telling.state == "owed":
            telling.state, telling.why = EXCUSED, who.why


def _release(session: Session, release_id: str, kind: str = ledger.NOTICE) -> None:
    """What tellings of a notice are of; it has no issue."""
    row = {"id": release_id, "issue_id": "", "cycle": 0, "kind": kind, "gathered": True, "resolution": ""}
    insert_new(session, Release, [row | {"happened_at": now_ms()}])


def _owe(session: Session, release_id: str, who: Recipient | Addressee) -> Telling:
    place = who.place if isinstance(who, Recipient) else who.conversation_id
    about = {name: getattr(who, name) for name in ("contact_id", "company_id", "agent", "agent_name")}
    insert_new(session, Addressee, [{"release_id": release_id, "conversation_id": place} | about])
    return ledger.owe(session, release_id, place)


def chats(session: Session, release_id: str, *states: str) -> list[str]:
    """The chats in which somebody is owed word of it, in one of these states."""
    return [place for place in places(session, release_id, *states) if is_chat(place)]


def places(session: Session, release_id: str, *states: str) -> list[str]:
    """The same with those who have no chat: what each of their tellings is kept under."""
    here = select(Telling.conversation_id).where(Telling.release_id == release_id, col(Telling.state).in_(states))
    found = session.exec((here if dry_run.is_on() else here.where(~col(Telling.dry))).order_by(Telling.conversation_id))
    return list(found)


def remind(session: Session, notice: Notice) -> list[str]:
    """Whoever was told some days ago is to hear of it once more; the chats of those who are still to be reminded."""
    first, again = releases_of(notice)
    told = select(Addressee).join(Telling, addressees.IS_FOR)
    told = told.where(Telling.release_id == first, Telling.state == TOLD, col(Telling.told_at) < now_ms() - FRESH_MS)
    for who in session.exec(told).all():
        if is_chat(who.conversation_id):
            _release(session, again)
            _owe(session, again, who)
    session.flush()
    return chats(session, again, *ledger.OWING)


def withdraw(session: Session, notice: Notice) -> None:
    """What is not sent yet is not sent any more."""
    for release_id in releases_of(notice):
        if session.get(Release, release_id) is None:
            continue
        _release(session, ledger.reopening(release_id), ledger.REOPENED)
        owing = select(Telling).where(Telling.release_id == release_id, col(Telling.state).in_(ledger.OWING))
        for telling in session.exec(owing):
            telling.state, telling.send_at = ledger.WITHDRAWN, None
            if not telling.dry:
                key = f"withdrawn:{telling.release_id}:{telling.conversation_id}"
                facts: dict[str, object] = {"key": notice.title}
                happened(session, answers.about(session, telling, "us.withdraw", key, WITHDRAWN, facts))


def correct(session: Session, notice: Notice, conversation_id: str) -> bool:
    """Is whoever writes there to hear that it was called off, because they were told of it? Then that is owed."""
    release_id, _ = releases_of(notice)
    for each in releases_of(notice):
        telling, who = (session.get(table, (each, conversation_id)) for table in (Telling, Addressee))
        if isinstance(telling, Telling) and isinstance(who, Addressee) and telling.state == TOLD:
            _owe(session, ledger.reopening(release_id), who)
            return True
    return False


# -- noted by a person ----------------------------------------------------------------------------


def key_of(notice: Notice, release_id: str, place: str) -> Key:
    """A telling of this notice that a form names: of the notice itself, of its reminder or of its correction."""
    first, again = releases_of(notice)
    return Key(release_id if release_id in (again, ledger.reopening(first)) else first, place)


def told(key: Key, how: str, by: Person) -> str:
    """Somebody told a customer otherwise. Returns why that cannot be noted, "" where it is."""
    return store.write(partial(_told, key, how, by))


def _told(key: Key, how: str, by: Person, session: Session) -> str:
    telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
    if telling is None or how not in HOWS or telling.state not in (*ledger.OWING, EXCUSED):
        return NOT_THERE
    if telling.state != EXCUSED:
        gathering.unapproved(telling)
    telling.state, telling.told_by, telling.told_at, telling.channel = TOLD, by.name, now_ms(), how
    happened(session, _said(session, telling, "us.tell", REPORTED, {"agent": by.name, "kind": HOWS[how]}))
    return ""


def untold(key: Key, by: Person) -> str:
    """That was noted by mistake. Returns why it cannot be taken back, "" where it is."""

    def work(session: Session) -> str:
        telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
        if telling is None or telling.state != TOLD or telling.part_id:
            return NOT_THERE
        happened(session, _said(session, telling, "us.tell", UNDONE, {"agent": by.name}))
        ledger.owe_again(session, telling)
        if telling.why and telling.state != ledger.WITHDRAWN:
            telling.state = EXCUSED
        return ""

    return store.write(work)


# -- the timeline ---------------------------------------------------------------------------------

WITHDRAWN = "Withdrew the draft: “{key}” was called off. Do not send it."
REPORTED = "{agent} notified the customer {kind}."
UNDONE = "{agent} undid a record that the customer was notified."


def _said(session: Session, telling: Telling, deed: str, sentence: str, facts: dict[str, object]) -> Intent:
    key = f"{deed}:{telling.release_id}:{telling.conversation_id}:{now_ms()}"
    return answers.about(session, telling, deed, key, sentence, facts)
