"""Booking: by Intercom's own account somebody wrote to a customer, and so the customer was told.

`reopen.told` books what a webhook speaks of, and `sending.send` what it has just sent: whichever is first.
"""

from __future__ import annotations

from functools import partial

from integrations.intercom import Conversation, Part
from workflows.customer import lookup
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.telling import answers
from workflows.telling.bring_back import living


def book(conversation_id: str) -> Outcome:
    """Read the chat, and write down by whom and when its customer was told, if they were."""
    chat = living(intercom_client(), conversation_id)
    if chat:
        lookup.listen(chat)
    answer = chat and last_answer(chat)
    if not answer:
        return ignored("Nobody has replied to the customer since the conversation was reopened.")
    if objection := store.write(partial(answers.pay, conversation_id=conversation_id, answer=answer)):
        return ignored(objection)
    return done("{agent} notified the customer.", agent=answer.author.name)


def last_answer(chat: Conversation) -> Part | None:
    """The newest message to the customer that a teammate wrote: a reply, or a word on closing or assigning."""
    return next((part for part in reversed(chat.parts) if part.is_answer), None)
