"""Handovers: a telling as whoever is asked to tell it sees it, and the messages by which they were asked.

case_of(session, key)      # whom, of what, why not in the conversation, whom else one could write to
show(key)                  # these messages say how it stands now
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, col, select

from workflows.engine.store import store
from workflows.people import addressing
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import dead_end_texts, dead_ends, desk, waiting
from workflows.telling.approval import Key
from workflows.telling.dead_end_texts import Case


def case_of(session: Session, key: Key) -> Case | None:
    """A telling with all that is said of it to whoever is asked; None where there is none."""
    telling = session.get(Telling, (key.release_id, key.conversation_id))
    if telling is None:
        return None
    facing, company = desk.facing(session, telling), dead_ends.company_of(session, telling)
    here = select(Feedback).where(Feedback.conversation_id == telling.conversation_id).order_by(col(Feedback.id))
    was = [] if facing.voices or facing.notice else list(session.exec(here))
    company = company or next((wish.company_id for wish in was if wish.company_id), "")
    firm = session.get(Company, company) if company else None
    return Case(
        copy_of(telling),
        desk.name_of(telling),
        firm.name if firm else "",
        company,
        dead_ends.contact_of(session, telling),
        [copy_of(session.get_one(Feedback, voice.feedback_id)) for voice in facing.voices],
        [other.name for other in dead_ends.others(session, telling)],
        [copy_of(wish) for wish in was],
        waiting.why_not(session, telling) if telling.state == "drafted" else "",
    )


def key_of(telling: Telling, tried: int | str) -> str:
    """Under which key somebody was asked."""
    return f"dead-end:{telling.release_id}:{telling.conversation_id}:{tried}"


def show(key: Key) -> None:
    """Let the messages by which somebody was asked say how it stands now."""
    case = store.read(partial(case_of, key=key))
    if case is not None:
        asked = store.read(partial(_asked, telling=case.telling))
        addressing.update(asked, partial(dead_end_texts.asked, case))


def _asked(session: Session, telling: Telling) -> list[str]:
    begins = f"dead-end:{telling.release_id}:{telling.conversation_id}:"
    return list(session.exec(select(Action.key).where(col(Action.key).startswith(begins, autoescape=True))))
