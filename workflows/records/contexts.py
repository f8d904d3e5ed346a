"""What is known about wishes beside the quote, who was asked for it, and when they are reminded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine import leases
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import now_ms
from workflows.records import past
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.runs import Action
from workflows.tables.wish import Asked, Context, Feedback

#: A reminder is started for so many messages in one round of upkeep; the next round comes in seconds.
MANY = 100


@dataclass(frozen=True)
class Wish:
    """A wish as somebody sees it who is asked about it; `context` is what was noted last."""

    id: int
    kind: str
    quote: str
    company_id: str
    company: str
    person: str
    taken_by: str
    agent: str
    conversation_id: str
    url: str
    context: Context | None

    @property
    def is_filled(self) -> bool:
        """Did somebody say why it is wished for, or how important it is?"""
        return is_filled(self.context)


def is_filled(context: Context | None) -> bool:
    """Does this say why something is wished for, or how important it is?"""
    return context is not None and bool(context.background or context.importance)


def keep(session: Session, row: Values) -> int | None:
    """Keep what somebody noted, once for its origin; the new row's id, None where it was kept before."""
    return next(iter(insert_new(session, Context, [row])), None)


def newest(session: Session, feedback_id: int) -> Context | None:
    """What was noted about a wish last."""
    return past.as_of(session, [feedback_id], now_ms()).get(feedback_id)


def had_before(session: Session, context: Context) -> bool:
    """Was anything noted about this wish before?"""
    earlier = select(Context.id).where(Context.feedback_id == context.feedback_id, col(Context.id) < context.id)
    return session.exec(earlier.limit(1)).first() is not None


def one(session: Session, feedback_id: int) -> Wish | None:
    """A wish; None if there is none of that number."""
    return next(iter(these(session, [feedback_id])), None)


def these(session: Session, ids: Collection[int]) -> list[Wish]:
    """These wishes, oldest first."""
    return _read(session, col(Feedback.id).in_(ids))


def of_chat(session: Session, conversation_id: str, most: int) -> list[Wish]:
    """What was filed from a conversation, oldest first; the newest so many."""
    newest_ids = select(Feedback.id).where(Feedback.conversation_id == conversation_id)
    return _read(session, col(Feedback.id).in_(newest_ids.order_by(col(Feedback.id).desc()).limit(most)))


def _read(session: Session, which: Any) -> list[Wish]:
    rows = session.exec(
        select(Feedback, Company.name, Contact.name, Conversation.url)
        .outerjoin(Company, col(Company.id) == Feedback.company_id)
        .outerjoin(Contact, col(Contact.id) == Feedback.contact_id)
        .outerjoin(Conversation, col(Conversation.id) == Feedback.conversation_id)
        .where(which)
        .order_by(col(Feedback.id))
    ).all()
    contexts = past.as_of(session, [wish.id or 0 for wish, *_ in rows], now_ms())
    return [_wish(wish, company or "", person or "", url or "", contexts) for wish, company, person, url in rows]


def _wish(wish: Feedback, company: str, person: str, url: str, contexts: dict[int, Context]) -> Wish:
    context = contexts.get(wish.id or 0)
    return Wish(
        id=wish.id or 0,
        kind=context.kind if context else wish.kind,
        quote=wish.quote,
        company_id=wish.company_id or "",
        company=company or wish.company_name,
        person=person or wish.person_name,
        taken_by=wish.taken_by,
        agent=wish.taken_by_name,
        conversation_id=wish.conversation_id,
        url=wish.source_url or url,
        context=context,
    )


# -- who was asked --------------------------------------------------------------------------------


def waiting(session: Session, feedback_ids: Collection[int], since: int, most: int) -> list[int]:
    """Those of these wishes about which nobody was asked yet, and what else their agents took since then.

    So a hundred wishes that are filed at once are a few messages, and not a hundred.
    """
    takers = select(Feedback.taken_by).where(col(Feedback.id).in_(feedback_ids))
    theirs = (col(Feedback.taken_at) > since) & col(Feedback.taken_by).in_(takers) & (Feedback.source == "intercom")
    query = (
        select(Feedback.id)
        .outerjoin(Asked, col(Asked.feedback_id) == Feedback.id)
        .where(col(Asked.feedback_id).is_(None), col(Feedback.id).in_(feedback_ids) | theirs)
        .order_by(col(Feedback.id).not_in(feedback_ids), col(Feedback.id))
    )
    return [id for id in session.exec(query.limit(max(most, len(feedback_ids)))) if id is not None]


def are_claimed(session: Session, feedback_ids: Collection[int], run_id: str) -> bool:
    """Does another run ask about all of these?"""
    theirs = select(Asked.feedback_id).where(col(Asked.feedback_id).in_(feedback_ids), Asked.run_id != run_id)
    return len(session.exec(theirs).all()) == len(set(feedback_ids))


def claim(session: Session, rows: Sequence[Values]) -> None:
    """Somebody is asked about these wishes, each once for ever: what was claimed before stays as it is."""
    insert_new(session, Asked, rows)


def asked_by(session: Session, run_id: str) -> list[int]:
    """The wishes about which a run asks."""
    return list(session.exec(select(Asked.feedback_id).where(Asked.run_id == run_id).order_by(col(Asked.feedback_id))))


def asked(session: Session, feedback_id: int) -> Asked | None:
    """By whom somebody was asked about a wish."""
    return session.get(Asked, feedback_id)


def is_due(session: Session, now: int) -> bool:
    """Is there anybody to be reminded by now?"""
    return session.exec(select(Asked.feedback_id).where(*_due(now)).limit(1)).first() is not None


def take_due(session: Session, now: int) -> list[str]:
    """The runs about whose wishes somebody is to be reminded by now; from then on nobody is reminded again."""
    query = select(Asked).where(*_due(now)).order_by(col(Asked.remind_at)).limit(MANY)
    taken = list(session.exec(query.with_for_update(skip_locked=True)))
    for each in taken:
        each.remind_at = None
    session.flush()
    return sorted({each.run_id for each in taken})


def _due(now: int) -> tuple[Any, Any]:
    return col(Asked.remind_at).is_not(None), col(Asked.remind_at) <= now


# -- what is filed by hand ------------------------------------------------------------------------


def lock(session: Session) -> None:
    """One wish is filed by hand at a time: the same message could become two records otherwise."""
    leases.lock(session, "filing")


def filed_as(session: Session, key: str) -> Action | None:
    """What was written down under this key when a wish was filed."""
    return session.get(Action, key)


def parts_of(session: Session, conversation_id: str, part_id: str) -> int:
    """Into how many wishes a message was split so far, besides the one that it was."""
    split = col(Feedback.part_id).startswith(f"{part_id}#", autoescape=True)
    query = select(sa.func.count()).select_from(Feedback)
    return session.exec(query.where(Feedback.conversation_id == conversation_id, split)).one()
