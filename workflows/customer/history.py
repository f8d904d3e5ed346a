"""History: what customers and vendors take back is gone here as well.

intercom part.redacted ─► redacted: that message is empty from now on, and is not found any more
intercom conversation.deleted ─► deleted: so is everything that was said in it
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.customer import lookup, messages
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, done
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.tables.customer import Conversation

FORGOTTEN = "Deleted what was said in the conversation: {n} messages. It is gone from search too."
EMPTIED = "Deleted what was redacted in the conversation. It is gone from search too."


@workflow
def redacted(conversation_id: str, change: str) -> Outcome:
    """Somebody deleted what a message said; where the whole conversation is gone by now, so is all of it."""
    chat = intercom_client().conversation(conversation_id)
    if chat is None:
        return deleted(conversation_id)
    lookup.remember(intercom_client(), chat)
    return done(EMPTIED)


@workflow
def deleted(conversation_id: str) -> Outcome:
    """A conversation is gone for good: nothing that was said in it is kept."""
    return done(FORGOTTEN, n=store.write(partial(_forget, conversation_id)))


def _forget(conversation_id: str, session: Session) -> int:
    chat = session.get(Conversation, conversation_id)
    if chat is not None:
        chat.opening = ""
        session.add(chat)
    return messages.empty(session, conversation_id)
