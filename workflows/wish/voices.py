"""One customer's wish as one of those who ask for the same: their words, and what an agent noted about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from workflows.customer.companies import Firm
from workflows.engine.rows import among
from workflows.tables.customer import Contact, Conversation
from workflows.tables.wish import Context, Feedback
from workflows.wish import known
from workflows.wish.wishes import title_of


@dataclass(frozen=True)
class Voice:
    """One customer's wish, as one of those who ask for the same: their words, and what an agent noted about them.

    `url` leads to the conversation, or to where it was said; `level` is what they were promised ("" for nothing).
    """

    feedback_id: int
    kind: str
    quote: str
    title: str
    company_id: str
    firm: Firm
    person: str
    agent: str
    said_at: int
    conversation_id: str
    url: str
    source: str
    note_url: str
    context: Context | None

    @property
    def is_filled(self) -> bool:
        """Did somebody say why it is wished for, or how important it is?"""
        return self.context is not None and bool(self.context.background or self.context.importance)


def voices(session: Session, ids: Sequence[int], firms: Mapping[str, Firm], at: int) -> dict[int, Voice]:
    """What these customers asked for, by the wish's id; `firms` are their companies as they were."""
    contexts = known.as_of(session, ids, at)
    rows = session.exec(
        select(Feedback, Conversation.url, Contact.name)
        .outerjoin(Conversation, col(Conversation.id) == Feedback.conversation_id)
        .outerjoin(Contact, col(Contact.id) == Feedback.contact_id)
        .where(among(col(Feedback.id), ids))
    )
    return {
        wish.id or 0: _voice(wish, url or "", name or "", firms.get(wish.company_id or "") or _typed(wish), contexts)
        for wish, url, name in rows
    }


def _typed(wish: Feedback) -> Firm:
    """A company that is not on record, by the name that somebody typed."""
    return Firm(wish.company_name)


def _voice(wish: Feedback, url: str, person: str, firm: Firm, contexts: Mapping[int, Context]) -> Voice:
    context = contexts.get(wish.id or 0)
    return Voice(
        feedback_id=wish.id or 0,
        kind=context.kind if context else wish.kind,
        quote=wish.quote,
        title=title_of(wish),
        company_id=wish.company_id or "",
        firm=firm,
        person=person or wish.person_name,
        agent=wish.taken_by_name,
        said_at=wish.said_at,
        conversation_id=wish.conversation_id,
        url=wish.source_url or url,
        source=wish.source,
        note_url=wish.note_url,
        context=context,
    )
