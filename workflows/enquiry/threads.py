"""Threads: where a chat stands in Slack, and whose turn it is to bring that up to date.

One run at a time works on a thread. Whoever comes meanwhile leaves word that there is more to do, and goes: so what is
said in a chat arrives in order, and what came together is told together.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.actions import ACTED, STARTED, Intent
from workflows.engine.posting import Place, place_of
from workflows.engine.rows import table_of
from workflows.engine.store import now_ms, store
from workflows.tables.enquiry import Enquiry
from workflows.tables.runs import OPEN, Action, Run

#: A run that has not come to an end for so long is not waited for: it may wait for its channel's turn for some minutes.
TURN_MS = 60 * 60 * 1000
_ENQUIRIES = table_of(Enquiry)


def places(conversation_id: str) -> list[Place]:
    """The message that begins a chat's thread; none where it has no thread."""
    enquiry = store.read(lambda session: session.get(Enquiry, conversation_id))
    place = place_of(enquiry.thread) if enquiry else None
    return [place] if place else []


def is_beginning(session: Session, conversation_id: str) -> bool:
    """Has a chat no thread yet, and is a run at it that begins one?"""
    enquiry = session.get(Enquiry, conversation_id)
    return enquiry is not None and not enquiry.thread and bool(enquiry.relayed_by) and _is_open(session, enquiry)


def conversation_at(channel: str, ts: str) -> str:
    """The chat whose thread begins with this message; "" for none."""
    query = select(Enquiry.conversation_id).where(Enquiry.thread == f"{channel}/{ts}", sa.text("thread <> ''"))
    return (store.read(lambda session: session.exec(query).first()) or "") if channel and ts else ""


def take_turn(session: Session, conversation_id: str, run: str) -> Enquiry | None:
    """It is this run's turn; None where another's it is, which is told that there is more to do."""
    enquiry = session.get(Enquiry, conversation_id, with_for_update=True)
    if enquiry is None:
        return None
    if enquiry.relayed_by not in ("", run) and enquiry.relayed_until > now_ms() and _is_open(session, enquiry):
        enquiry.relay_again = True
        return None
    enquiry.relayed_by, enquiry.relayed_until, enquiry.relay_again = run, now_ms() + TURN_MS, False
    return Enquiry(**enquiry.model_dump())


def _is_open(session: Session, enquiry: Enquiry) -> bool:
    """Will the run whose turn it is go on? One that failed for good does nothing more."""
    run = session.get(Run, enquiry.relayed_by)
    return run is not None and run.state == OPEN


def once_more(session: Session, conversation_id: str) -> None:
    """There is more to do for the run whose turn it is."""
    _set(session, conversation_id, relay_again=True)


def end_turn(session: Session, conversation_id: str, run: str) -> bool:
    """Is nothing left to do? Then the turn is over."""
    enquiry = session.get(Enquiry, conversation_id, with_for_update=True)
    if enquiry is None or enquiry.relayed_by != run:
        return True
    if enquiry.relay_again:
        return False
    enquiry.relayed_by, enquiry.relayed_until = "", 0
    return True


def begins(session: Session, conversation_id: str, channel: str, ref: str, shown: str) -> None:
    """A chat's thread begins in this channel with the message there, which shows this."""
    _set(session, conversation_id, channel=channel, thread=ref, shown=shown)


def shows(session: Session, conversation_id: str, shown: str) -> None:
    """The first message shows this by now."""
    _set(session, conversation_id, shown=shown)


def _set(session: Session, conversation_id: str, **row: object) -> None:
    here = _ENQUIRIES.c.conversation_id == conversation_id
    session.connection().execute(sa.update(_ENQUIRIES).where(here).values(row))


# -- what stands in it ------------------------------------------------------------------------------


def told(session: Session, conversation_id: str, verb: str) -> list[tuple[str, list[str]]]:
    """What was posted of a chat under this verb: the key of each message, and of which parts it tells."""
    query = select(Action.key, Action.facts).where(Action.conversation_id == conversation_id, Action.verb == verb)
    return [(key, facts.get("parts", [])) for key, facts in session.exec(query)]


def under_way(session: Session, conversation_id: str, verb: str) -> list[list[str]]:
    """Of which parts each message tells that stands in Slack, or may: an attempt to post it came to no end."""
    posted = (Action.conversation_id == conversation_id, Action.verb == verb, col(Action.state).in_((STARTED, ACTED)))
    return [facts.get("parts", []) for facts in session.exec(select(Action.facts).where(*posted))]


def stands(session: Session, conversation_id: str, intent: Intent) -> str:
    """A first message stands there, and shows what it showed when it was begun: that.

    Where it would show something else by now, there is more to do.
    """
    begun, now = session.get(Action, intent.key), str(intent.facts["shown"])
    shown = str(begun.facts.get("shown", now)) if begun else now
    if shown != now:
        once_more(session, conversation_id)
    return shown


def is_shown(session: Session, intent: Intent) -> bool:
    """Does the message that was posted under this key show this?"""
    return bool(session.get_one(Action, intent.key).facts.get("shown") == intent.facts["shown"])


def shows_now(session: Session, intent: Intent) -> None:
    """It does."""
    action = session.get_one(Action, intent.key)
    action.facts = action.facts | intent.facts
