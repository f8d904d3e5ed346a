"""Openings: when news brings a conversation back: so many a day for each agent, and when somebody works.

    release.announce ─┐         ┌─► now: reopen.conversation, notice.bring
    notice.begin ─────┴─► plan ─┴─► on their day, the most important first     upkeep ─► start_due

Without such a rule everything comes back at once, and so it does in a dry run, where nothing is reopened. Apologies and
decisions of the meeting wait for no day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlmodel import Session, col, select

from workflows.engine import dry_run, leases
from workflows.engine.durable import NewRun, child, start
from workflows.engine.rows import among
from workflows.engine.store import now_ms, store
from workflows.rules import rules
from workflows.tables.notice import Notice
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import addressees, ledger
from workflows.telling.cause import Cause
from workflows.telling.days import Room, day_of, in_order, today
from workflows.wish.wishes import COUNTS

OWED = "owed"


def run_of(release_id: str, conversation_id: str) -> NewRun:
    """The run that brings a conversation back."""
    names = {"release_id": release_id, "conversation_id": conversation_id}
    return child(f"{release_id}/{conversation_id}", "reopen.conversation", **names)


def bringing(notice: Notice, release_id: str, conversation_id: str) -> NewRun:
    """The same for a notice; opened again (in earnest, after a dry run), it is another run."""
    names = {"release_id": release_id, "conversation_id": conversation_id}
    return child(f"{release_id}/{notice.opened_at}/{conversation_id}", "notice.bring", **names)


def plan(session: Session, release_id: str, chats: Sequence[str]) -> list[str]:
    """Which of these conversations come back now; of the others it is written down when they do."""
    if not _is_limited() or dry_run.is_on():
        return list(chats)
    leases.lock(session, "openings")
    known = set(
        session.exec(select(Telling.conversation_id).where(Telling.release_id == release_id, ~col(Telling.dry)))
    )
    if Cause.read(release_id).notice_id:  # all of its tellings are there before any of them has its day
        known = {chat for chat in known if not _is_new(session.get_one(Telling, (release_id, chat)))}
    new = [ledger.owe(session, release_id, chat) for chat in chats if chat not in known]
    session.flush()
    for agent, tellings in _by_agent(session, new).items():
        _plan(session, agent, tellings)
    rows = {chat: session.get_one(Telling, (release_id, chat)) for chat in chats}
    return [chat for chat, row in rows.items() if row.opens_at is None or _is_due(row)]


def _is_new(telling: Telling) -> bool:
    return telling.state == OWED and not telling.found and telling.opens_at is None


def _is_limited() -> bool:
    return rules.sending.open_per_day > 0 or not rules.sending.open_at_any_hour


def _plan(session: Session, agent: str, new: Sequence[Telling]) -> None:
    """Give these, and whatever waits for this agent, its day anew."""
    since, _ = today()
    planned = session.exec(select(Telling).where(col(Telling.opens_at) >= since)).all()
    theirs = _by_agent(session, planned).get(agent, [])
    gone = [day_of(each.opens_at) for each in theirs if each.opens_at is not None and each.opens_at <= now_ms()]
    room = Room(rules.sending.open_per_day, Counter(gone))
    earliest = now_ms() if rules.sending.open_at_any_hour else rules.calendar.next_open(now_ms())
    for telling in in_order(session, [*new, *(each for each in theirs if waits(each))]):
        telling.opens_at = room.take(earliest)


def waits(telling: Telling) -> bool:
    """Does it wait for the day on which its conversation comes back?"""
    return telling.state == OWED and not telling.found and (telling.opens_at or 0) > now_ms()


def _is_due(telling: Telling) -> bool:
    return telling.state == OWED and (telling.opens_at or 0) <= now_ms()


def _by_agent(session: Session, tellings: Collection[Telling]) -> Mapping[str, list[Telling]]:
    """These by whoever took the first request in each conversation, or is to give a notice there; "" for nobody."""
    chats = list({telling.conversation_id for telling in tellings})
    asked = select(Feedback.conversation_id, Feedback.taken_by).where(
        among(col(Feedback.conversation_id), chats), COUNTS
    )
    takers: dict[str, str] = {}
    for chat, taker in session.exec(asked.order_by(col(Feedback.id))) if chats else ():
        takers.setdefault(chat, taker)
    found = defaultdict[str, list[Telling]](list)
    for telling in tellings:
        addressee = addressees.addressee_of(session, telling)
        agent = addressee.agent if addressee else takers.get(telling.conversation_id, "")
        found[agent].append(telling)
    return found


def start_due() -> int:
    """Bring back whatever's day has come; returns how many runs were started. While releases run dry, nothing is."""
    return 0 if dry_run.begins_dry("reopen.conversation") else store.write(_start)


def _start(session: Session) -> int:
    due = select(Telling).where(Telling.state == OWED, Telling.found == "", col(Telling.opens_at) <= now_ms())
    return start(session, [_run(session, telling) for telling in session.exec(due).all()])


def _run(session: Session, telling: Telling) -> NewRun:
    about, notice = (telling.release_id, telling.conversation_id), addressees.notice_of(session, telling)
    return bringing(notice, *about) if notice else run_of(*about)
