"""Moves: how each kind of thing goes from one person to another, where nothing but our own rows has to be changed.

Each returns why it did not go, "" where it did; what it adds to `facts` is what taking it back needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel import Session

from integrations.slack import is_person
from workflows.customer import owners
from workflows.engine.actions import ACTED, SKIPPED
from workflows.engine.durable import current_run
from workflows.engine.store import now_ms, store
from workflows.overview.handing_over import ANSWERS, BACKGROUNDS, COMPANIES, DRAFTS, PROMISES
from workflows.overview.handings import Handing
from workflows.tables.enquiry import KnowHow
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import addressees, dead_ends, desk, drafts

Move = Callable[[Session, Handing, str, dict[str, Any]], str]

GONE = "Not handed over: it no longer exists."
OVER = "Not handed over: it is done by now."
ANOTHERS = "Not handed over: somebody else has it by now."
#: What of a message to a customer was moved, beside the requests that it answers; and what is the receiver's anyhow.
HELD, ADDRESSED, THEIRS = "held", "addressed", "theirs"
REASONS = (GONE, OVER, ANOTHERS)


def move(session: Session, handing: Handing, kind: str, key: str) -> None:
    """Move one thing and write down what became of it, in one commit and once."""
    row = session.get_one(Action, key, with_for_update=True)
    if row.state in (ACTED, SKIPPED):
        return
    facts = dict(row.facts)
    why = MOVES[kind](session, handing, row.target, facts)
    row.state, row.sentence = (SKIPPED, why) if why else (ACTED, row.sentence)
    row.facts, row.run_id, row.ended_at = facts, current_run(), now_ms()
    session.add(row)


def ended(key: str, why: str = "", **facts: Any) -> None:
    """A thing was moved by other means, or stays as it is for this reason; that is written down once."""

    def work(session: Session) -> None:
        row = session.get_one(Action, key, with_for_update=True)
        if row.state not in (ACTED, SKIPPED):
            row.state, row.sentence = (SKIPPED, why) if why else (ACTED, row.sentence)
            row.facts, row.run_id, row.ended_at = row.facts | facts, current_run(), now_ms()

    store.write(work)


def _draft(session: Session, handing: Handing, name: str, facts: dict[str, Any]) -> str:
    """A message is whose who holds it, who took the request, or whose turn a notice's addressee is."""
    key = desk.key_of(name)
    telling = session.get(Telling, (key.release_id, key.conversation_id), with_for_update=True)
    if telling is None:
        return GONE
    if telling.state != drafts.DRAFTED or drafts.standing(telling) == drafts.APPROVED:
        return OVER
    was = facts.get("moved") if handing.back else None
    found = [_take(wish, handing, was) for wish in drafts.wishes_of(session, telling)]
    found.append(_take_addressee(session, telling, handing))
    if telling.holder in handing.giver.names and (was is None or HELD in was):
        dead_ends.hold(telling, handing.receiver.id, handing.receiver.name, dead_ends.SELF)
        found.append(HELD)
    facts["moved"] = [each for each in found if each and each != THEIRS]
    return "" if any(found) else ANOTHERS


def _take_addressee(session: Session, telling: Telling, handing: Handing) -> str:
    addressee = addressees.addressee_of(session, telling)
    if addressee is None or addressee.agent not in handing.giver.names:
        return ""
    addressee.agent, addressee.agent_name = handing.receiver.id, handing.receiver.name
    return ADDRESSED


def _wish(session: Session, handing: Handing, id: str, facts: dict[str, Any]) -> str:
    wish = session.get(Feedback, int(id), with_for_update=True)
    if wish is None:
        return GONE
    if wish.withdrawn_at is not None:
        return OVER
    found = _take(wish, handing, facts.get("moved") if handing.back else None)
    facts["moved"] = [] if found == THEIRS else [found]
    return "" if found else ANOTHERS


def _take(wish: Feedback, handing: Handing, was: Sequence[str] | None) -> str:
    """Whoever took it is the receiver now, by the same kind of id. Returns its number, THEIRS where it was theirs
    before, as one of another kind; "" for somebody else's. `was`: what may go back, None where nothing goes back."""
    receiver, name = handing.receiver, str(wish.id)
    if wish.taken_by in receiver.ids or (was is not None and name not in was):
        return THEIRS
    if wish.taken_by not in handing.giver.ids:
        return ""
    wish.taken_by = receiver.id if is_person(wish.taken_by) else receiver.admin_id or receiver.id
    wish.taken_by_name = receiver.name
    return name


def _company(session: Session, handing: Handing, id: str, facts: dict[str, Any]) -> str:
    """In every role in which the giver counts; taken back, what was imported counts again."""
    standing = [row for row in owners.of_people(session, handing.giver.names) if row.company_id == id]
    origins = {role: origin for row in standing for role, (_, origin) in row.people.items()}
    if handing.back:
        before: dict[str, str] = facts.get("moved") or {}
        origins = {role: before[role] for role in origins if role in before}
        owners.put(
            session, id, dict.fromkeys((role for role, origin in origins.items() if origin != "hand"), ""), "hand"
        )
    by_hand = [role for role, origin in origins.items() if origin == "hand" or not handing.back]
    owners.put_by_hand(session, id, dict.fromkeys(by_hand, handing.receiver.id), handing.by)
    facts["moved"] = origins
    return "" if origins else ANOTHERS


def _answer(session: Session, handing: Handing, id: str, facts: dict[str, Any]) -> str:
    found = session.get(KnowHow, int(id), with_for_update=True)
    if found is None or found.retired_at is not None:
        return GONE
    if found.owner not in handing.giver.names:
        return ANOTHERS
    found.owner, found.owner_name, found.changed_at = handing.receiver.id, handing.receiver.name, now_ms()
    return ""


MOVES: dict[str, Move] = {
    DRAFTS: _draft,
    PROMISES: _wish,
    BACKGROUNDS: _wish,
    COMPANIES: _company,
    ANSWERS: _answer,
}
