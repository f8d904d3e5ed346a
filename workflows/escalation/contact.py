"""Contact: a customer writes or rates, and somebody may have to know at once.

    intercom.CustomerReplied, a new conversation ─► wrote ─┬─► an escalation is open: whoever answers for it hears it,
                                                          │   below the channel's message where that is nobody
    intercom.ConversationRated ─► rated ──────────────────┴─► a rule applies: an escalation is suggested to the agent
    the n-th wish about the same thing ─► repeated ───────┘
    the suggestion's button ─► dismissed

Nothing is escalated by itself. Which rule spoke, or why none did, is written down each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from integrations.intercom import Conversation, Part
from integrations.slack import is_person
from workflows.customer import lookup
from workflows.engine import posting
from workflows.engine.actions import VENDOR_IS_OFF, Intent, happened, is_over, leave, planned
from workflows.engine.durable import GIVE_UP_AFTER_MS, current_run, urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import intercom_client, vendors
from workflows.escalation import cases, contact_texts, messages, texts
from workflows.people import addressing, agents, colleagues
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.wish import wishes

GONE = "The conversation no longer exists in Intercom."
NO_RULE = "Nothing was suggested: no word of the list, and contact {n} about the same thing."
NO_RATING = "Nothing was suggested: the conversation holds no rating."
NOT_BAD = "Nothing was suggested: the rating is {rating} of 5."
FIRST = "Nothing was suggested: it is contact {n} about the same thing."
SUGGESTED = "Suggested an escalation: {kind}."
IS_OPEN = "Not suggested: {code} is open already."
DISMISSED_BEFORE = "Not suggested: somebody dismissed a suggestion in this conversation before."
NOBODY_TO_ASK = "Not suggested: no agent of it is in Slack, and no support channel is set in the rules."
NOT_POSTED = "Not suggested: it could not be posted in Slack."
WROTE_AGAIN = "The customer wrote again: {codes}."
NOTHING_NEW = "Nothing new to tell: whoever answers for {codes} knows of it, or it was written before."
NOBODY_HEARD = "The customer wrote again, and nobody could be told: {codes}."
#: The verb of telling somebody that a customer wrote again.
AGAIN = "again"
#: What the timeline says of a customer's message, by who hears it, and why it is nobody in charge.
TOLD = "Told whoever answers that the customer wrote."
TOLD_CHANNEL = "Told the channel that the customer wrote: nobody answers for it yet."
TOLD_CHANNEL_LEFT = "Told the channel that the customer wrote: {name} cannot be reached in Slack."
NOT_TOLD = "Not told: nobody answers for it yet, and it is not in the channel."
NOT_TOLD_LEFT = "Not told: {name} cannot be reached in Slack, and it is not in the channel."


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
    who, said = lookup.remember(intercom_client(), chat), words_of(chat)
    if said and (waiting := unfinished(who.company_id, chat.id)):
        return tell_all(waiting, chat, said)
    tag, times = repeats(who.contact_id)
    reason = angry(said[-1] if said else None) or often(tag, times)
    return suggest(chat, reason) if reason else ignored(NO_RULE, n=times)


@workflow
def rated(conversation_id: str, rating: int, remark: str) -> Outcome:
    """A customer rated a conversation; what they said is read there, where the webhook does not say it (0)."""
    chat = intercom_client().conversation(conversation_id)
    if chat is None:
        return ignored(GONE)
    lookup.remember(intercom_client(), chat)
    rating, remark = (rating, remark) if rating else (chat.rating or 0, chat.remark)
    if not rating:
        return ignored(NO_RATING)
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


@urgent
def dismissed(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """An agent does not want to escalate this conversation."""
    name = colleagues.met(user_id).name or user_id
    intent = Intent("slack", "dismiss", f"dismissed:{value}", value, "{name} dismissed the suggestion.", {"name": name})
    store.write(lambda session: happened(session, Intent(**{**vars(intent), "conversation_id": value})))
    suggestions = store.read(partial(cases.suggestions_about, conversation_id=value))
    addressing.update_at(channel, ts, suggestions, partial(contact_texts.dismissed, name))
    return done("{name} dismissed the suggestion.", name=name)


# -- the second contact ---------------------------------------------------------------------------


def unfinished(company_id: str, conversation_id: str) -> list[Escalation]:
    """What is still to be done for this company, or about this conversation."""
    return store.read(partial(cases.unfinished_of, company_id=company_id, conversation_id=conversation_id))


def words_of(chat: Conversation) -> list[Part]:
    """What the customer said in a conversation, oldest first."""
    return [part for part in chat.messages if part.is_heard]


def tell_all(waiting: Sequence[Escalation], chat: Conversation, said: Sequence[Part]) -> Outcome:
    """Everybody who answers for something hears at once what the customer wrote."""
    told: list[str] = []
    missed: list[str] = []
    for escalation in waiting:
        while news := untold(escalation, chat, said):
            is_told = tell_news(escalation, chat, news)
            (told if is_told else missed).append(cases.code(escalation.id))
            if not is_told:
                break
    if told:
        return done(WROTE_AGAIN, codes=", ".join(dict.fromkeys(told)))
    codes = ", ".join(missed or [cases.code(each.id) for each in waiting])
    return ignored(NOBODY_HEARD if missed else NOTHING_NEW, codes=codes)


def untold(escalation: Escalation, chat: Conversation, said: Sequence[Part]) -> list[Part]:
    """What was written since it was escalated and is not told yet. Intercom's times are whole seconds."""
    id, run = escalation.id or 0, current_run()
    known = store.read(lambda session: cases.told(session, id, f"slack.{AGAIN}", run, not_yet=VENDOR_IS_OFF))
    news = [part for part in said if part.created_at >= escalation.raised_at // 1000]
    return [part for part in news if name_of(escalation, chat, part) not in known]


def name_of(escalation: Escalation, chat: Conversation, part: Part) -> str:
    """What is told once: each message in the escalation's own conversation, any other conversation as a whole."""
    return part.id if chat.id == escalation.conversation_id else f"chat:{chat.id}"


def tell_news(escalation: Escalation, chat: Conversation, news: Sequence[Part]) -> bool:
    """One message about all of it; False where it reaches nobody. What an earlier attempt began is ended as it was."""
    name = partial(name_of, escalation, chat)
    key = f"{AGAIN}:{escalation.id}:{name(news[0])}"
    begun = planned(key).get("parts")
    parts = [part for part in news if begun is None or name(part) in begun]
    names = list(dict.fromkeys(name(part) for part in parts))
    channel, place, sentence, facts = listener(escalation)
    intent = replace(messages.about(escalation, AGAIN, key, channel, sentence), facts={**facts, "parts": names})
    if place is None and vendors.is_on("slack"):
        leave(intent, sentence, **intent.facts)
        return False
    message = partial(contact_texts.again, escalation, chat.url, [part.text for part in parts])
    return addressing.post(intent, message, since_ms=parts[-1].created_at * 1000, thread=place) is not None


def listener(escalation: Escalation) -> tuple[str, posting.Place | None, str, dict[str, str]]:
    """Who hears it, below which message, and what the timeline says of that: whoever answers, else the channel."""
    person, facts = escalation.person, {}
    if is_person(person):
        place = messages.tell(escalation, person) if colleagues.find(person) else None
        if place is not None:
            return person, place, TOLD, {}
        facts = {"name": texts.name_of(person)}
    for place in posting.where([escalation.post]):
        return place.channel, place, TOLD_CHANNEL_LEFT if facts else TOLD_CHANNEL, facts
    return rules.escalation_channel, None, NOT_TOLD_LEFT if facts else NOT_TOLD, facts


# -- suggestions ----------------------------------------------------------------------------------


def angry(said: Part | None) -> Reason | None:
    """Does the message hold words that the rules list?"""
    text = said.text.casefold() if said else ""
    found = [word for word in rules.suggest_words if word.casefold() in text]
    return Reason("words", {"words": "、".join(found)}) if found else None


def repeats(contact_id: str) -> tuple[str, int]:
    """About which tag a customer came most within the rules' time, and how often."""
    since = now_ms() - rules.suggest_days * DAY_MS
    return store.read(partial(wishes.most_repeated, contact_id=contact_id, since=since))


def often(tag: str, times: int) -> Reason | None:
    """Is it the n-th conversation of this customer about the same thing?"""
    is_often = 0 < rules.suggest_contacts <= times
    return Reason("contacts", {"n": times, "tag": tag, "days": rules.suggest_days}) if is_often else None


def suggest(chat: Conversation, reason: Reason) -> Outcome:
    """One message with one button to the agent whose conversation it is; once for each rule and conversation."""
    intent = suggestion(chat, reason)
    found = unfinished(chat.company.id if chat.company else "", chat.id)
    if found:
        return not_suggested(intent, IS_OPEN, code=cases.code(found[0].id))
    if is_over(f"dismissed:{chat.id}"):
        return not_suggested(intent, DISMISSED_BEFORE)
    if not intent.target:
        return not_suggested(intent, NOBODY_TO_ASK)
    message = partial(contact_texts.suggestion, chat, SAYING[reason.rule], reason.facts)
    if addressing.post(intent, message, since_ms=now_ms() - GIVE_UP_AFTER_MS) is None:
        return ignored(NOT_POSTED)
    return done(SUGGESTED, kind=RULES[reason.rule])


def not_suggested(intent: Intent, why: str, **facts: str) -> Outcome:
    """Say why not, this time: under a name of its own, so that the suggestion itself may still be made later."""
    leave(replace(intent, key=f"{intent.key}:{current_run()}"), why, **facts)
    return ignored(why, **facts)


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
