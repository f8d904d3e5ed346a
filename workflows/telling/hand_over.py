"""Asking to tell: a wish that came by phone, mail or Slack has no chat to reopen, so whoever took it hears of it.

They get the draft in Slack and tell the customer themselves; that they have is noted on the page of promises.
"""

from __future__ import annotations

from functools import partial

from integrations.slack import is_person
from workflows.engine.actions import Intent, leave
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.people import addressing, colleagues
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.telling import conclusion_texts, ledger
from workflows.telling.bring_back import Matter

HANDED = "Asked {agent}, who filed the request, to notify the customer."
HANDED_TO_CHANNEL = "Asked the channel to notify the customer: {agent} cannot be reached in Slack."
NOBODY = "Nobody was asked: {agent} cannot be reached in Slack, and no support channel is set in the rules."


def hand_over(matter: Matter, draft: str, why: str) -> Outcome:
    """Give whoever took the wish the draft for the customer; `why` says what happened, with a gap for {key}."""
    wish = matter.wishes[0]
    id, chat = matter.id, matter.conversation_id
    person = colleagues.find(wish.taken_by) if is_person(wish.taken_by) else ""
    target, sentence = (person, HANDED) if person else (rules.support_channel, HANDED_TO_CHANNEL)
    telling = store.write(lambda session: copy_of(ledger.owe(session, id, chat)))
    store.write(partial(ledger.drafted, release_id=id, conversation_id=chat, draft=draft))  # whoever can be reached
    intent = Intent(
        "slack",
        "hand-over",
        key=f"hand-over:{id}:{chat}",
        target=target,
        sentence=sentence,
        facts={"agent": wish.taken_by_name},
        feedback_id=wish.id,
        issue_id=matter.issue_id,
    )
    if not target and vendors.is_on("slack"):
        leave(intent, NOBODY, agent=wish.taken_by_name)
        return ignored(NOBODY, agent=wish.taken_by_name)
    message = partial(conclusion_texts.to_tell, wish, matter.key, why, draft)
    posted = addressing.post(intent, message, since_ms=telling.owed_at)
    return done(sentence, agent=wish.taken_by_name) if posted else ignored(NOBODY, agent=wish.taken_by_name)
