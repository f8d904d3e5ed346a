"""Daily: no more than so many approved messages leave in one teammate's name on one day of the company's calendar.

    approve, undo, start_due ─► plan ─► the most important go out first, the rest on the next business day

What has left is what Intercom was asked to send, and what is on its way. A person may let a message go out in spite of
the limit: `approval.at_once`; that message counts, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine import leases
from workflows.engine.durable import NewRun, child
from workflows.engine.rows import among, said
from workflows.engine.store import now_ms
from workflows.rules import rules
from workflows.tables.runs import OPEN, Action, Run
from workflows.tables.telling import Telling
from workflows.telling import gathering
from workflows.telling.days import Room, day_of, in_order, today

#: The fact of a reply's action: in which teammate's name it was sent.
SENDER = "sender"


def moment(approved_at: int) -> int:
    """When what was approved then goes out: after the time to undo it, and when somebody works."""
    at = approved_at + rules.sending.undo_seconds * 1000
    return at if rules.sending.at_any_hour else rules.calendar.next_open(at)


def sending(telling: Telling) -> NewRun:
    """The run that sends what is approved; another approval is another run."""
    names = {"release_id": telling.release_id, "conversation_id": telling.conversation_id}
    approved_at = telling.approved_at or 0
    return child(_run_id(telling), "sending.send", approved_at=approved_at, **names)


def _run_id(telling: Telling) -> str:
    return f"{_runs_of(gathering.name_of(telling))}{telling.approved_at}"


def _runs_of(name: str) -> str:
    """How the runs that send, or have sent, what stands there begin."""
    return f"send:{name}/"


#: The same of a row.
_RUN_ID = "send:" + col(Telling.release_id) + "/" + col(Telling.conversation_id) + "/"
#: Is there a run that sends it, or has sent it?
IS_BEGUN = sa.exists().where(col(Run.id) == _RUN_ID + sa.cast(col(Telling.approved_at), sa.String))


def reply_key(telling: Telling) -> str:
    """The key of the action that sends it."""
    return f"reply:{telling.release_id}:{telling.conversation_id}:{telling.approved_at}"


def is_on_its_way(session: Session, some: Sequence[Telling]) -> bool:
    """Is a message being sent that tells of one of these? What else it tells of may have made drafts of them again."""
    places = tuple(_runs_of(name) for each in some for name in gathering.stood_at(session, each))
    sent = session.exec(select(Run.id).where(Run.workflow == "sending.send", Run.state == said(OPEN)))
    return any(id.startswith(places) for id in sent)


def waits(telling: Telling) -> bool:
    """Is it approved, and waits for another day because of the limit alone?"""
    if not rules.sending.per_day or telling.state != "drafted" or not telling.send_at or not telling.approved_at:
        return False
    return day_of(telling.send_at) > day_of(moment(telling.approved_at))


def plan(session: Session, sender: str) -> None:
    """Say of everything approved in this teammate's name, and not on its way, when it goes out."""
    if not rules.sending.per_day:
        return
    leases.lock(session, f"daily:{sender}")
    theirs = select(Telling).where(Telling.state == "drafted", Telling.approved_by == sender, Telling.joined == "")
    planned = [telling for telling in session.exec(theirs) if telling.send_at is not None]
    begun = _begun(session, planned)
    left = _left(session, sender, [telling for telling in planned if _run_id(telling) in begun], begun)
    room = Room(rules.sending.per_day, Counter({day_of(now_ms()): left}))
    for telling in in_order(session, [telling for telling in planned if _run_id(telling) not in begun]):
        at = room.take(max(moment(telling.approved_at or 0), _today()))
        for each in gathering.together(session, telling):
            each.send_at = at


def _begun(session: Session, tellings: Sequence[Telling]) -> dict[str, str]:
    """The runs that send these, as far as they have begun, and how they stand."""
    ids = [_run_id(telling) for telling in tellings]
    return dict(session.exec(select(Run.id, Run.state).where(among(col(Run.id), ids))).all()) if ids else {}


def _left(session: Session, sender: str, begun: Sequence[Telling], states: dict[str, str]) -> int:
    """How many left in this teammate's name today, with those that are on their way."""
    since, until = today()
    sent = Action.verb == "intercom.reply", Action.state == "done"
    ended = session.exec(
        select(Action.key, Action.facts).where(*sent, col(Action.ended_at) >= since, col(Action.ended_at) < until)
    )
    done = {key for key, facts in ended if facts.get(SENDER) == sender}
    under_way = [reply_key(telling) for telling in begun if states[_run_id(telling)] == OPEN]
    before = set(session.exec(select(Action.key).where(*sent, among(col(Action.key), under_way)))) if under_way else ()
    return len(done | set(under_way).difference(before))


def _today() -> int:
    """When what goes out today goes out at the earliest."""
    since, _ = today()
    return since if rules.sending.at_any_hour else rules.calendar.next_open(since)
