"""History: what was said and done in a conversation, as its clock and its place on the board read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from integrations.intercom import Conversation, Part
from integrations.intercom.models import DONE
from workflows.customer import erasures, lookup
from workflows.engine.rows import Values, among, insert_new, table_of
from workflows.enquiry.clock import Done, Said
from workflows.tables.customer import Message
from workflows.tables.enquiry import Step

#: Messages of one conversation that are looked through; nobody writes as many.
MOST = 20_000
_MESSAGES, _STEPS = table_of(Message), table_of(Step)
_COLUMNS = [_MESSAGES.c[name] for name in ("id", "said_at", "kind", "is_customer", "author", "author_id", "who")]


def keep_steps(session: Session, conversation: Conversation) -> None:
    """Keep what was done in a conversation, each step once."""
    if not erasures.chats_of(session, {conversation.id}):
        insert_new(session, Step, steps_in(conversation))


def steps_in(conversation: Conversation) -> list[Values]:
    """What was done in a conversation without words, as it is kept."""
    return [_step(conversation.id, part) for part in conversation.parts if part.type in DONE]


def _step(conversation_id: str, part: Part) -> Values:
    by_a_person = part.author.type == "admin" and not part.author.is_ai
    return {
        "id": f"{conversation_id}/{part.id}",
        "conversation_id": conversation_id,
        "kind": DONE[part.type],
        "who_id": part.author.id if by_a_person else "",
        "who": part.author.name if by_a_person else "",
        "ours": part.by_us,
        "at": part.created_at * 1000,
    }


def said(session: Session, conversation_id: str) -> list[Said]:
    """What was said, but for notes; the oldest first."""
    query = sa.select(*_COLUMNS).where(_MESSAGES.c.conversation_id == conversation_id, _MESSAGES.c.kind == "message")
    rows = session.connection().execute(query.order_by(_MESSAGES.c.said_at, _MESSAGES.c.id).limit(MOST))
    return [_said(row) for row in rows]


def of_many(session: Session, ids: Sequence[str]) -> dict[str, tuple[list[Said], list[Done]]]:
    """What was said, but for notes, and what was done in each of these conversations."""
    found: dict[str, tuple[list[Said], list[Done]]] = {id: ([], []) for id in ids}
    query = sa.select(_MESSAGES.c.conversation_id, *_COLUMNS).where(_MESSAGES.c.kind == "message")
    query = query.where(among(_MESSAGES.c.conversation_id, ids)).order_by(_MESSAGES.c.said_at, _MESSAGES.c.id)
    for row in session.connection().execute(query):
        found[row.conversation_id][0].append(_said(row))
    for step in session.connection().execute(sa.select(_STEPS).where(among(_STEPS.c.conversation_id, ids))):
        found[step.conversation_id][1].append(_done(step))
    return found


def is_answer(row: sa.Row[tuple[object, ...]] | Message) -> bool:
    """Did one of our people write this to the customer? Of what was kept before it was told apart, whoever is none."""
    return row.kind == "message" and (row.author == "agent" or (not row.author and not row.is_customer))


def done(session: Session, conversation_id: str) -> list[Done]:
    """What was done without words."""
    rows = session.connection().execute(sa.select(_STEPS).where(_STEPS.c.conversation_id == conversation_id))
    return [_done(row) for row in rows]


def told_by(conversation: Conversation) -> tuple[list[Said], list[Done]]:
    """What was said, but for notes, and what was done, as its parts tell it and not what is kept of it."""
    said = [Message(**row) for row in lookup.said_in(conversation) if row["kind"] == "message"]
    done = [Step(**row) for row in steps_in(conversation)]
    return [_said(row) for row in said], [_done(row) for row in done]


def _said(row: Any) -> Said:
    return Said(row.said_at, row.is_customer, is_answer(row), row.author_id, row.id)


def _done(row: Any) -> Done:
    return Done(row.at, row.kind, row.who_id, row.ours, row.id)


def last_answer(session: Session, conversation_id: str) -> tuple[str, int] | None:
    """Who of our people wrote to the customer last, and when; None where nobody has."""
    query = sa.select(*_COLUMNS).where(_MESSAGES.c.conversation_id == conversation_id, _MESSAGES.c.kind == "message")
    newest = query.where(~_MESSAGES.c.is_customer).order_by(_MESSAGES.c.said_at.desc(), _MESSAGES.c.id.desc())
    return next(((row.who, row.said_at) for row in _some(session, newest) if is_answer(row)), None)


def _some(session: Session, query: sa.Select[tuple[object, ...]]) -> Iterator[sa.Row[tuple[object, ...]]]:
    yield from session.connection().execute(query.limit(50))
