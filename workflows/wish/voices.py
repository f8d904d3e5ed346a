"""One customer's wish as one of those who ask for the same: their words, and what an agent noted about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.customer.companies import Firm
from workflows.engine.rows import among, table_of
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
    rows = session.execute(_SAID.where(among(col(Feedback.id), ids))).all()
    return {wish.id: _voice(wish, firms.get(wish.company_id or "") or _typed(wish), contexts) for wish in rows}


#: A wish, where it was said and by whom, in plain values: a page shows a hundred of them.
_SAID = (
    sa.select(
        *(table_of(Feedback).c[name] for name in ("id", "kind", "quote", "title", "company_id", "company_name")),
        *(table_of(Feedback).c[name] for name in ("person_name", "taken_by_name", "said_at", "conversation_id")),
        *(table_of(Feedback).c[name] for name in ("source", "source_url", "note_url")),
        col(Conversation.url),
        col(Contact.name),
    )
    .outerjoin(Conversation, col(Conversation.id) == col(Feedback.conversation_id))
    .outerjoin(Contact, col(Contact.id) == col(Feedback.contact_id))
)


def _typed(wish: Any) -> Firm:
    """A company that is not on record, by the name that somebody typed."""
    return Firm(wish.company_name)


def _voice(wish: Any, firm: Firm, contexts: Mapping[int, Context]) -> Voice:
    context = contexts.get(wish.id)
    return Voice(
        feedback_id=wish.id,
        kind=context.kind if context else wish.kind,
        quote=wish.quote,
        title=title_of(wish),
        company_id=wish.company_id or "",
        firm=firm,
        person=wish.name or wish.person_name,
        agent=wish.taken_by_name,
        said_at=wish.said_at,
        conversation_id=wish.conversation_id,
        url=wish.source_url or wish.url or "",
        source=wish.source,
        note_url=wish.note_url,
        context=context,
    )
