"""Contact: a customer writes or rates, and somebody may have to know at once.

    intercom.CustomerReplied, a new conversation ─► wrote ─┬─► an escalation is open: whoever answers for it hears it
    intercom.ConversationRated ─► rated ──────────────────┴─► a rule applies: an escalation is suggested to the agent
    the n-th wish about the same thing ─► repeated ───────┘
    the suggestion's button ─► dismissed

Nothing is escalated by itself. Which rule spoke, or why none did, is written down each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from integrations.intercom import Conversation, Part
from workflows import agents, colleagues, contact_texts, customers, posting
from workflows import escalation_messages as messages
from workflows.actions import Intent, happened, is_over, leave
from workflows.durable import GIVE_UP_AFTER_MS, workflow
from workflows.outcome import Outcome, done, ignored
from workflows.records import contacts, escalations
from workflows.records.escalation_tables import Escalation
from workflows.rules import rules
from workflows.store import now_ms, store
from workflows.vendors import intercom_client

GONE = "The conversation no longer exists in Intercom."
NO_RULE = "Nothing was suggested: no word of the list, and contact {n} about the same thing."
NOT_BAD = "Nothing was suggested: the rating is {rating} of 5."
FIRST = "Nothing was suggested: it is contact {n} about the same thing."
SUGGESTED = "Suggested an escalation: {kind}."
IS_OPEN = "Not suggested: {code} is open already."
DISMISSED_BEFORE = "Not suggested: somebody dismissed a suggestion in this conversation before."


#: The rules that may speak, by the words for them, and what they say about a conversation.
RULES = {"words": "words of anger", "rating": "a bad rating", "contacts": "a repeated contact"}
SAYING = {
    "words": "The customer wrote “{words}”.",
    "rating": "The customer rated the conversation {rating} of 5. {remark}",
    "contacts": "It is contact {n} about “{tag}” within {days} days.",
}


@dataclass(frozen=True)
class Reason:
    """Why an escalation is suggested: one of RULES, and the facts for its sentence in SAYING."""

    rule: str
    facts: dict[str, object]


@workflow
def wrote(conversation_id: str, change: str) -> Outcome:
    """A customer wrote (again)."""
    chat = intercom_client().conversation(conversation_id)
    if chat is None:
        return ignored(GONE)
    who, said = customers.remember(intercom_client(), chat), last_word(chat)
    told = [tell_owner(escalation, said) for escalation in unfinished(who.company_id, chat.id)] if said else []
    if told:
        return done("The customer wrote again: {codes}.", codes=", ".join(told))
    tag, times = repeats(who.contact_id)
    reason = angry(said) or often(tag, times)
    return suggest(chat, reason) if reason else ignored(NO_RULE, n=times)


@workflow
def rated(conversation_id: str, rating: int, remark: str) -> Outcome:
    """A customer rated a conversation."""
    chat = intercom_client().conversation(conversation_id)
    if chat is None:
        return ignored(GONE)
    customers.remember(intercom_client(), chat)
    if rating > rules.suggest_rating:
        return ignored(NOT_BAD, rating=rating)
    return suggest(chat, Reason("rating", {"rating": rating, "remark": remark}))


@workflow
def repeated(conversation_id: str, contact_id: str) -> Outcome:
    """A wish was filed, and it is not the first of this customer about the same thing."""
    chat = intercom_client().conversation(conversation_id)
    tag, times = repeats(contact_id)
    if chat is None:
        return ignored(GONE)
    reason = often(tag, times)
    return suggest(chat, reason) if reason else ignored(FIRST, n=times)


@workflow
def dismissed(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """An agent does not want to escalate this conversation."""
    name = colleagues.met(user_id).name or user_id
    intent = Intent("slack", "dismiss", f"dismissed:{value}", value, "{name} dismissed the suggestion.", {"name": name})
    store.write(lambda session: happened(session, Intent(**{**vars(intent), "conversation_id": value})))
    posting.update(posting.Place(channel, ts), contact_texts.dismissed(name))
    return done("{name} dismissed the suggestion.", name=name)


# -- the second contact ---------------------------------------------------------------------------


def unfinished(company_id: str, conversation_id: str) -> list[Escalation]:
    """What is still to be done for this company, or about this conversation."""
    return store.read(partial(escalations.unfinished_of, company_id=company_id, conversation_id=conversation_id))


def tell_owner(escalation: Escalation, said: Part) -> str:
    """Whoever answers for it hears at once what the customer wrote; once for each message. Returns its code."""
    place = messages.tell(escalation, escalation.person)
    key = f"again:{escalation.id}:{said.id}"
    intent = messages.about(
        escalation, "again", key, escalation.person, "Told whoever answers that the customer wrote."
    )
    message = contact_texts.again(escalation, said.text)
    if place is not None:
        posting.post(intent, message, since_ms=said.created_at * 1000, thread=place)
    else:
        leave(intent, "Not told: nobody answers for it yet.")
    return escalations.code(escalation.id)


def last_word(chat: Conversation) -> Part | None:
    """The newest message of the customer."""
    said = [part for part in (chat.source, *chat.parts) if part.author.is_customer and part.text and not part.redacted]
    return said[-1] if said else None


# -- suggestions ----------------------------------------------------------------------------------


def angry(said: Part | None) -> Reason | None:
    """Does the message hold words that the rules list?"""
    text = said.text.casefold() if said else ""
    found = [word for word in rules.suggest_words if word.casefold() in text]
    return Reason("words", {"words": "、".join(found)}) if found else None


def repeats(contact_id: str) -> tuple[str, int]:
    """About which tag a customer came most within the rules' time, and how often."""
    since = now_ms() - rules.suggest_days * 24 * 3600 * 1000
    return store.read(partial(contacts.most_repeated, contact_id=contact_id, since=since))


def often(tag: str, times: int) -> Reason | None:
    """Is it the n-th conversation of this customer about the same thing?"""
    is_often = 0 < rules.suggest_contacts <= times
    return Reason("contacts", {"n": times, "tag": tag, "days": rules.suggest_days}) if is_often else None


def suggest(chat: Conversation, reason: Reason) -> Outcome:
    """One message with one button to the agent whose conversation it is; once for each rule and conversation."""
    intent = suggestion(chat, reason)
    company = chat.company.id if chat.company else ""
    if found := unfinished(company, chat.id):
        leave(intent, IS_OPEN, code=escalations.code(found[0].id))
        return ignored(IS_OPEN, code=escalations.code(found[0].id))
    if is_over(f"dismissed:{chat.id}"):
        leave(intent, DISMISSED_BEFORE)
        return ignored(DISMISSED_BEFORE)
    posting.post(
        intent, contact_texts.suggestion(chat, SAYING[reason.rule], reason.facts), since_ms=now_ms() - GIVE_UP_AFTER_MS
    )
    return done(SUGGESTED, kind=RULES[reason.rule])


def suggestion(chat: Conversation, reason: Reason) -> Intent:
    """The write of a suggestion: to the agent, or to the support channel where the agent is not in Slack."""
    agent = agents.named(chat.admin_assignee_id) if chat.admin_assignee_id else None
    person = colleagues.find(agent.email) if agent and agent.email else ""
    return Intent(
        "slack",
        "suggest",
        key=f"suggest:{reason.rule}:{chat.id}",
        target=person or rules.support_channel,
        sentence=SUGGESTED,
        facts={"kind": RULES[reason.rule], **reason.facts},
        conversation_id=chat.id,
        url=chat.url,
    )
