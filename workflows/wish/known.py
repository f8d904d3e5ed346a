"""What is known about a wish beside the quote: its background, importance and temperature, as of a moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from workflows.engine.rows import Values, among, insert_new
from workflows.engine.store import now_ms
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.wish import Context, Feedback
from workflows.wish import promised
from workflows.wish.promised import Customer
from workflows.wish.wishes import COUNTS, title_of


@dataclass(frozen=True)
class Wish:
    """A wish as somebody sees it who is asked about it; `context` is what was noted last."""

    id: int
    kind: str
    quote: str
    title: str
    company_id: str
    company: str
    person: str
    taken_by: str
    agent: str
    conversation_id: str
    url: str
    customer: Customer
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
    return as_of(session, [feedback_id], now_ms()).get(feedback_id)


def had_before(session: Session, context: Context) -> bool:
    """Was anything noted about this wish before?"""
    earlier = select(Context.id).where(Context.feedback_id == context.feedback_id, col(Context.id) < context.id)
    return session.exec(earlier.limit(1)).first() is not None


def one(session: Session, feedback_id: int) -> Wish | None:
    """A wish; None if there is none of that number."""
    return next(iter(these(session, [feedback_id])), None)


def merged_into(session: Session, feedback_id: int) -> int | None:
    """The wish that this one was merged into; None for none."""
    wish = session.get(Feedback, feedback_id)
    return wish.merged_into if wish is not None else None


def these(session: Session, ids: Collection[int]) -> list[Wish]:
    """These wishes, oldest first."""
    return _read(session, among(col(Feedback.id), ids))


def of_chat(session: Session, conversation_id: str, most: int) -> list[Wish]:
    """What was filed from a conversation, oldest first; the newest so many."""
    newest_ids = select(Feedback.id).where(Feedback.conversation_id == conversation_id, COUNTS)
    return _read(session, col(Feedback.id).in_(newest_ids.order_by(col(Feedback.id).desc()).limit(most)))


def _read(session: Session, which: Any) -> list[Wish]:
    rows = session.exec(
        select(Feedback, Company.name, Contact, Conversation.url)
        .outerjoin(Company, col(Company.id) == Feedback.company_id)
        .outerjoin(Contact, col(Contact.id) == Feedback.contact_id)
        .outerjoin(Conversation, col(Conversation.id) == Feedback.conversation_id)
        .where(which)
        .order_by(col(Feedback.id))
    ).all()
    contexts = as_of(session, [wish.id or 0 for wish, *_ in rows], now_ms())
    return [_wish(wish, company or "", contact, url or "", contexts) for wish, company, contact, url in rows]


def _wish(wish: Feedback, company: str, contact: Contact | None, url: str, contexts: dict[int, Context]) -> Wish:
    context = contexts.get(wish.id or 0)
    person = (contact.name if contact else "") or wish.person_name
    return Wish(
        id=wish.id or 0,
        kind=context.kind if context else wish.kind,
        quote=wish.quote,
        title=title_of(wish),
        company_id=wish.company_id or "",
        company=company or wish.company_name,
        person=person,
        taken_by=wish.taken_by,
        agent=wish.taken_by_name,
        conversation_id=wish.conversation_id,
        url=wish.source_url or url,
        customer=promised.speaker(person, wish.quote, wish.source, contact.language if contact else ""),
        context=context,
    )


def as_of(session: Session, ids: Sequence[int], at: int) -> dict[int, Context]:
    """What was known about each of these wishes."""
    rows = session.exec(
        select(Context)
        .where(among(col(Context.feedback_id), ids), Context.said_at <= at)
        .order_by(col(Context.said_at), col(Context.id))
    )
    return {row.feedback_id: row for row in rows}
