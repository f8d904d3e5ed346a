"""Past ratings: what customers had said in Intercom before there was this service counts as what they say today.

    past.bring(client, since, tell, also=past_ratings.keep)     # in the commit that keeps their conversations

Nobody hears of it, and nothing is suggested: it is of long ago. What is known and newer stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.intercom import Conversation
from workflows.enquiry.past_reading import Brought
from workflows.measure import surveys
from workflows.tables.measure import Survey

#: Intercom counts whole seconds.
SECOND_MS = 1000


def keep(session: Session, brought: Sequence[Brought]) -> None:
    """Keep the ratings of these conversations, which are kept already."""
    for talk in brought:
        if talk.chat.rating is not None:
            _keep(session, talk.chat, talk.chat.rating, _rated_at(talk.chat))


def _keep(session: Session, chat: Conversation, rating: int, at: int) -> None:
    newest = select(sa.func.max(Survey.scored_at)).where(col(Survey.conversation_id) == chat.id)
    if (session.exec(newest).one() or 0) < at + SECOND_MS:
        surveys.rated(session, chat, rating, chat.remark, at)


def _rated_at(chat: Conversation) -> int:
    """When it was said (ms); where Intercom does not tell, when anything happened last."""
    return (chat.rated_at or max((part.created_at for part in chat.parts), default=chat.created_at)) * SECOND_MS
