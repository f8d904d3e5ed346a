"""Drafts: how each telling stands, and which of them are somebody's to look at now.

    owed ─► drafted ─► (waits for a lead) ─► approved ─► told        └─► excused · withdrawn
                └─► with the account owner ─► told               (the conversation is a dead end, or they took it over)

`standing(telling)` is the only place that says so; pages, lists and totals show what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.language.customers import is_japanese
from workflows.language.politeness import Objection
from workflows.rules import rules
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Feedback
from workflows.telling import addressees, gathering, letters
from workflows.telling.cause import Cause
from workflows.telling.ledger import WITHDRAWN
from workflows.wish.wishes import COUNTS

OWED, DRAFTED, FOR_LEAD, APPROVED, TOLD, EXCUSED = "owed", "drafted", "for-lead", "approved", "told", "excused"
#: Somebody tells them themselves: whoever answers for their company, or whoever took it over.
WITH_OWNER = "with-owner"
STANDINGS = (OWED, DRAFTED, WITH_OWNER, FOR_LEAD, APPROVED, TOLD, EXCUSED, WITHDRAWN)
#: These in words.
WORDS = {
    OWED: "Not reopened yet",
    DRAFTED: "To approve",
    WITH_OWNER: "With the account owner",
    FOR_LEAD: "Waiting for a lead",
    APPROVED: "Approved, to be sent",
    TOLD: "Notified",
    EXCUSED: "Not notified, with a reason",
    WITHDRAWN: "Withdrawn",
}


def standing(telling: Telling) -> str:
    """How a telling stands."""
    if telling.state != DRAFTED:
        return telling.state
    if telling.approved_at is None:
        return WITH_OWNER if telling.holder else DRAFTED
    return FOR_LEAD if telling.send_at is None else APPROVED


#: The same of a row, as a database says it; NULL where there is no row.
STANDING = sa.case(
    (col(Telling.state) != DRAFTED, col(Telling.state)),
    (sa.and_(col(Telling.approved_at).is_(None), col(Telling.holder) != ""), WITH_OWNER),
    (col(Telling.approved_at).is_(None), col(Telling.state)),
    (col(Telling.send_at).is_(None), FOR_LEAD),
    (col(Telling.state).is_not(None), APPROVED),
)
#: Whose turn it is: ours, that of whoever took the wish, of whoever holds it, of a lead, or nobody's.
US, AGENT, HOLDER, LEAD, NOBODY = "us", "agent", "holder", "lead", "nobody"
TURNS = {
    OWED: US,
    DRAFTED: AGENT,
    WITH_OWNER: HOLDER,
    FOR_LEAD: LEAD,
    APPROVED: US,
    TOLD: NOBODY,
    EXCUSED: NOBODY,
    WITHDRAWN: NOBODY,
}


def totals(session: Session, release_id: str) -> Mapping[str, int]:
    """How many tellings of a release stand how; their sum is all of them."""
    query = sa.select(STANDING.label("how"), sa.func.count()).where(col(Telling.release_id) == release_id)
    rows = session.execute(query.group_by(sa.text("how")))
    return Counter({how: count for how, count in rows})


def of_release(session: Session, release_id: str) -> list[Telling]:
    """Everybody who is owed word of a release, in the order in which that came to be."""
    query = select(Telling).where(Telling.release_id == release_id)
    return list(session.exec(query.order_by(col(Telling.owed_at), col(Telling.conversation_id))))


def newest(session: Session, conversation_id: str) -> Telling:
    """What a conversation came to be owed last. Raises NoResultFound where that is nothing."""
    query = select(Telling).where(Telling.conversation_id == conversation_id)
    return session.exec(query.order_by(col(Telling.owed_at).desc(), col(Telling.release_id).desc()).limit(1)).one()


# -- one of them ----------------------------------------------------------------------------------


def wishes_of(session: Session, telling: Telling) -> list[Feedback]:
    """What was asked for in the conversation; nothing, for a notice."""
    if addressees.addressee_of(session, telling):
        return []
    here = select(Feedback).where(Feedback.conversation_id == telling.conversation_id, COUNTS)
    return list(session.exec(here.order_by(col(Feedback.id))))


def objections(
    session: Session, telling: Telling, text: str, some: Sequence[Telling] | None = None
) -> tuple[Objection, ...]:
    """What is wrong with a text for this customer; some of it keeps it from being approved (`blocks`). `some`: what one
    message tells of, where that is known."""
    some = gathering.together(session, telling) if some is None else some
    wishes = [wish for each in some for wish in wishes_of(session, each)]
    contact = reader_of(session, telling, wishes)
    if Cause.read(telling.release_id).notice_id:  # it was written by us, in one language for all who read it
        return letters.objections_in("ja" if is_japanese(text) else "en", text, [], contact)
    return letters.objections(text, wishes, contact)


def reader_of(session: Session, telling: Telling, wishes: Sequence[Feedback]) -> Contact | None:
    """Who is written to: whoever asked, or is addressed by a notice; or the colleague of theirs who was chosen."""
    there = session.get(Conversation, telling.via) if telling.via else None
    meant = there or addressees.addressee_of(session, telling) or next(iter(wishes), None)
    return session.get(Contact, meant.contact_id) if meant and meant.contact_id else None


def needs_lead(session: Session, telling: Telling) -> bool:
    """Do the rules want a lead to approve it as well: the customer was that angry, or their plan is one of those?"""
    if not (rules.sending.lead_temperature or rules.sending.lead_tiers):
        return False
    angry, ids = rules.sending.lead_temperature, [wish.id for wish in wishes_of(session, telling)]
    heat: Any = select(Context.id).where(col(Context.feedback_id).in_(ids), Context.temperature == angry)
    if angry and session.exec(heat).first() is not None:
        return True
    return bool(tiers_of(session, telling) & set(rules.sending.lead_tiers))


def tiers_of(session: Session, telling: Telling) -> set[str]:
    """The plans of the companies that asked, or that a notice is for."""
    addressee = addressees.addressee_of(session, telling)
    asked = [addressee.company_id] if addressee else [wish.company_id for wish in wishes_of(session, telling)]
    firms = {id for id in asked if id}
    return set(session.exec(select(Company.tier).where(col(Company.id).in_(firms))))


def _siblings() -> Any:
    chat: Any = sa.bindparam("chat")
    person = select(Feedback.contact_id).where(Feedback.conversation_id == chat)
    chats = select(Feedback.conversation_id).where(
        col(Feedback.contact_id).in_(person), col(Feedback.contact_id).is_not(None), Feedback.contact_id != ""
    )
    return select(Telling).where(
        Telling.release_id == sa.bindparam("release"),
        Telling.conversation_id != chat,
        col(Telling.conversation_id).in_(chats),
    )


#: Put together once: it is asked several times for every message.
_SIBLINGS = _siblings()


def siblings(session: Session, telling: Telling) -> list[Telling]:
    """What the same person is owed in other conversations because of the same; of a notice nobody is owed it twice."""
    if addressees.addressee_of(session, telling):
        return []
    named = {"release": telling.release_id, "chat": telling.conversation_id}
    return list(session.exec(_SIBLINGS, params=named))
