"""Enquiries: something was said or done in a conversation, so its clock, its place on the board and its thread follow.

intercom's webhooks, reconcile ─► follow ─┬─► what was said and done is kept, whoever said it
                                          ├─► who waits since when: the clock, and the board
something was erased here ─► refresh ─────┴─► the thread in Slack, where the rules name a channel
"""

from __future__ import annotations

from functools import partial

from integrations.intercom import Conversation
from workflows.customer import heard, lookup
from workflows.engine.durable import child, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.enquiry import board, relay
from workflows.people import agents
from workflows.rules import rules

OURS = "Saved a note of this service; nothing else to do."
GONE = "The conversation no longer exists in Intercom."
ERASED = "Nothing was saved: this conversation was erased."
KEPT = "Saved what was said, and who is waiting."


@workflow
def follow(conversation_id: str, change: str, delivery: str = "") -> Outcome:
    """Bring all that is shown of a conversation up to date. `delivery`: the webhook that told of it."""
    chat = _heard(conversation_id, delivery)
    if chat is None:
        return ignored(GONE)
    if delivery and chat.parts and all(part.by_us and part.is_note for part in chat.parts):
        lookup.listen(chat)
        return ignored(OURS)
    who = heard.requester(intercom_client(), chat)
    route = store.write(partial(board.bring_up_to_date, chat=chat, who=who, assignee_name=assignee(chat)))
    if route is None:
        return ignored(ERASED)
    if rules.survey.on and chat.state == "closed":
        spawn([child(f"solved:{chat.id}/{chat.last_close_at}", "survey.solved", conversation_id=chat.id)])
    return relay.bring_up_to_date(chat.id, route) if rules.enquiry.channel else done(KEPT)


def _heard(conversation_id: str, delivery: str) -> Conversation | None:
    """A conversation as its webhook tells of it, unless we may know of something that came after that."""
    chat = heard.conversation(intercom_client(), conversation_id, delivery)
    is_clear = not (delivery and chat) or not store.read(partial(board.is_of_the_same_second, chat=chat))
    return chat if is_clear else intercom_client().conversation(conversation_id)


@workflow
def refresh(conversation_id: str) -> Outcome:
    """What its thread shows was changed or erased here."""
    return relay.bring_up_to_date(conversation_id)


def assignee(chat: Conversation) -> str:
    """The name of the teammate who has it; "" for nobody."""
    admin = agents.named(chat.admin_assignee_id) if chat.admin_assignee_id else None
    return admin.name if admin else ""
