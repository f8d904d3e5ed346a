"""Suggestion: to escalate a conversation, made to the agent whose it is; nothing is escalated by itself.

make ─┬─► one message with two buttons
      ├─► the one that was posted just before says this reason too
      └─► not: an escalation is open, the same was suggested or dismissed lately, nobody can be asked

What led to it (a message, a rating, the n-th contact) suggests once, whatever became of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from integrations.contract import Transient
from integrations.intercom import Conversation, Part
from workflows.engine import posting
from workflows.engine.actions import Done, Intent, act, leave
from workflows.engine.durable import GIVE_UP_AFTER_MS, current_run
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.posting import LANGUAGE, Place
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation import cases, contact_texts, suggestions
from workflows.people import addressing, agents, colleagues
from workflows.rules import rules
from workflows.wish import wishes

SUGGESTED = "Suggested an escalation: {kind}."
JOINED = "Added to the suggestion made just before: {kind}."
IS_OPEN = "Not suggested: {code} is already open."
SUGGESTED_BEFORE = "Not suggested again: it was already suggested, or is being suggested, for the same reason."
DISMISSED_BEFORE = "Not suggested: it was dismissed for the same reason within the last {days} days."
NOBODY_TO_ASK = "Not suggested: none of its agents is in Slack, and no support channel is set in the rules."
NOT_POSTED = "Not suggested: the message could not be posted in Slack."
UNDER_WAY = "Another suggestion about this conversation is being posted."

#: The rules that may speak, by the words for them, and what they say about a conversation.
RULES = {
    "words": "angry words",
    "rating": "a low rating",
    "survey": "a dissatisfied customer",
    "contacts": "repeated contact",
}
SAYING = {
    "words": "The customer wrote “{words}”.",
    "rating": "The customer rated the conversation {rating} out of 5. {remark}",
    "survey": "Asked how it went, the customer was not satisfied. {remark}",
    "contacts": "Contact number {n} about “{tag}” within {days} days.",
}


@dataclass(frozen=True)
class Reason:
    """Why an escalation is suggested: one of RULES, what led to it (named once), the facts for its sentence in SAYING,
    and the message that is quoted."""

    rule: str
    led: str
    facts: dict[str, object]
    quoted: Part | None = None


# -- reasons --------------------------------------------------------------------------------------


def angry(said: Sequence[Part]) -> Reason | None:
    """Does one of these messages hold words that the rules list? The newest that does."""
    for part in reversed(said):
        text = part.text.casefold()
        if found := [word for word in rules.suggest_words if word.casefold() in text]:
            return Reason("words", part.id, {"words": "、".join(found)}, part)
    return None


def badly_rated(rating: int, remark: str, said: Sequence[Part]) -> Reason | None:
    """Is a rating as bad as the rules say? Each one that is given counts."""
    if rating > rules.suggest_rating:
        return None
    return Reason("rating", current_run(), {"rating": rating, "remark": remark}, said[-1] if said else None)


def repeats(contact_id: str) -> tuple[str, int]:
    """About which tag a customer came most within the rules' time, and how often."""
    since = now_ms() - rules.suggest_days * DAY_MS
    return store.read(partial(wishes.most_repeated, contact_id=contact_id, since=since))


def often(tag: str, times: int, said: Sequence[Part]) -> Reason | None:
    """Is it the n-th conversation of this customer about the same thing?"""
    if not 0 < rules.suggest_contacts <= times:
        return None
    facts = {"n": times, "tag": tag, "days": rules.suggest_days}
    return Reason("contacts", str(times), facts, said[-1] if said else None)


# -- the message ----------------------------------------------------------------------------------


def make(chat: Conversation, reason: Reason) -> Outcome:
    """Suggest it to the agent, in one message with all that came within a few minutes."""
    intent, company_id = _intent(chat, reason), chat.company.id if chat.company else ""
    found = store.read(partial(cases.unfinished_of, company_id=company_id, conversation_id=chat.id))
    if found:
        return _not(intent, IS_OPEN, code=cases.code(found[0].id))
    if store.read(partial(suggestions.is_dismissed, conversation_id=chat.id, kind=RULES[reason.rule])):
        return _not(intent, DISMISSED_BEFORE, days=rules.suggest_days)
    if not intent.target:
        return _not(intent, NOBODY_TO_ASK)
    turn = store.write(partial(suggestions.take_turn, intent=intent))
    if turn is suggestions.Turn.BEFORE:
        return ignored(SUGGESTED_BEFORE)
    if turn is suggestions.Turn.WAIT:
        raise Transient(UNDER_WAY, 2)
    standing = store.read(partial(suggestions.standing, conversation_id=chat.id, but=intent.key))
    place = _join(chat, intent, standing) if standing else _post(chat, intent)
    if place is None:
        return ignored(NOT_POSTED)
    return done(JOINED if standing else SUGGESTED, kind=RULES[reason.rule])


def _post(chat: Conversation, intent: Intent) -> Place | None:
    message = partial(contact_texts.suggestion, chat, [_line(intent.facts)], _quotes(chat, [intent.facts]))
    return addressing.post(intent, message, since_ms=now_ms() - GIVE_UP_AFTER_MS)


def _join(chat: Conversation, intent: Intent, place: Place) -> Place | None:
    """Let the message that stands say this too."""
    ref = f"{place.channel}/{place.ts}"
    before = store.read(partial(suggestions.facts_of, conversation_id=chat.id, ref=ref, but=intent.key))
    facts = [*before, intent.facts]
    words = partial(contact_texts.suggestion, chat, [_line(each) for each in facts], _quotes(chat, facts))
    intent = replace(intent, facts=intent.facts | ({LANGUAGE: place.language} if place.language else {}))
    message = addressing.spoken(place.language, words)
    made = act(intent, lambda: Done(ref) if posting.update(place, message) else Done())
    return place if made.ref else None


def _line(facts: dict[str, object]) -> tuple[str, dict[str, object]]:
    """The sentence of one reason, and the facts for its gaps."""
    rule = next((rule for rule, kind in RULES.items() if kind == facts.get("kind")), "words")
    return SAYING[rule], facts


def _quotes(chat: Conversation, facts: Sequence[dict[str, object]]) -> list[str]:
    """The messages that led to it, each once; the opening one where none did."""
    ids = {each.get("part") for each in facts}
    quoted = [part.text for part in chat.messages if part.is_heard and part.id in ids]
    return quoted or [chat.source.text]


def _not(intent: Intent, why: str, **facts: object) -> Outcome:
    """Say why not, this time: under a name of its own, so that the suggestion itself may still be made later."""
    leave(replace(intent, key=f"{intent.key}:{current_run()}"), why, **facts)
    return ignored(why, **facts)


def _intent(chat: Conversation, reason: Reason) -> Intent:
    """The write of a suggestion: to the agent, or to the support channel where the agent is not in Slack."""
    agent = agents.named(chat.admin_assignee_id) if chat.admin_assignee_id else None
    person = colleagues.find(agent.email) if agent and agent.email else ""
    part = reason.quoted.id if reason.quoted else ""
    return Intent(
        "slack",
        "suggest",
        key=f"suggest:{reason.rule}:{chat.id}:{reason.led}",
        target=person or rules.support_channel,
        sentence=SUGGESTED,
        facts={"kind": RULES[reason.rule], "part": part, **reason.facts},
        conversation_id=chat.id,
        url=chat.url,
    )
