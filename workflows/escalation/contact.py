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
from dataclasses import replace
from functools import partial

from integrations.intercom import Conversation, Part
from integrations.slack import is_person
from workflows.customer import chats, heard, lookup
from workflows.engine import posting
from workflows.engine.actions import VENDOR_IS_OFF, leave, planned
from workflows.engine.durable import child, current_run, spawn, urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client, vendors
from workflows.escalation import cases, contact_texts, messages, suggestion, suggestions, texts
from workflows.people import addressing, colleagues
from workflows.people.asked import asks, did
from workflows.people.may import ESCALATE
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.wish import reopened

GONE = "The conversation no longer exists in Intercom."
NO_RULE = "Nothing suggested: no listed words, and only contact number {n} about the same topic."
NEWS = "Nothing suggested: no listed words, and the customer is answering what they were told."
NO_RATING = "Nothing suggested: the conversation has no rating."
NOT_BAD = "Nothing suggested: the rating is {rating} out of 5."
FIRST = "Nothing suggested: only contact number {n} about the same topic."
WROTE_AGAIN = "The customer wrote again: {codes}."
NOTHING_NEW = "Nothing new: the owner of {codes} already knows, or the message is older."
NOBODY_HEARD = "The customer wrote again, but nobody could be notified: {codes}."
#: Of a chat that nobody has looked at before, so many seconds are looked at.
FIRST_LOOK = 86_400
#: The verb of telling somebody that a customer wrote again.
AGAIN = "again"
#: What the timeline says of a customer's message, by who hears it, and why it is nobody in charge.
TOLD = "Notified the owner that the customer wrote."
TOLD_CHANNEL = "Notified the channel that the customer wrote: it has no owner yet."
TOLD_CHANNEL_LEFT = "Notified the channel that the customer wrote: {name} cannot be reached in Slack."
#: What is kept of whoever did it, to those who ask who did what.
DISMISSED = "Dismissed a suggestion to escalate: {about}."
NOT_TOLD = "Not notified: it has no owner yet, and it is not in the channel."
NOT_TOLD_LEFT = "Not notified: {name} cannot be reached in Slack, and it is not in the channel."


@workflow
def wrote(conversation_id: str, change: str, delivery: str = "") -> Outcome:
    """A customer wrote (again). `delivery`: the webhook that told of it."""
    chat = heard.conversation(intercom_client(), conversation_id, delivery)
    if chat is None:
        return ignored(GONE)
    who = heard.requester(intercom_client(), chat)
    said = store.read(partial(heard.words, chat=chat))
    waiting = unfinished(who.company_id, chat.id) if said else []
    outcome = tell_all(waiting, *as_it_is(chat, said)) if waiting else look(chat, who.contact_id, said)
    take_as_reaction(chat.id, "wrote")
    if said:
        store.later(partial(chats.heard_up_to, conversation_id=chat.id, part_id=said[-1].id))
    return outcome


def look(chat: Conversation, contact_id: str, said: Sequence[Part]) -> Outcome:
    """Is there a reason to suggest an escalation, in anything that was said since somebody last looked?"""
    reason = suggestion.angry(unheard(chat.id, said))
    if reason is None and said and answers_news(chat.id, said[-1]):
        return ignored(NEWS)
    tag, times = suggestion.repeats(contact_id)
    reason = reason or suggestion.often(tag, times, said)
    return suggestion.make(chat, reason) if reason else ignored(NO_RULE, n=times)


def as_it_is(chat: Conversation, said: Sequence[Part]) -> tuple[Conversation, Sequence[Part]]:
    """Whoever is told of it is told of everything that was written up to now, in one message."""
    now = intercom_client().conversation(chat.id)
    return (now, words_of(now)) if now is not None else (chat, said)


def take_as_reaction(conversation_id: str, how: str, **said: object) -> None:
    """What follows news that somebody was told here may be a reaction to it."""
    if store.read(partial(reopened.was_told, conversation_id=conversation_id, at=now_ms())):
        run = f"{current_run()}/reaction"
        spawn([child(run, f"reaction.{how}", conversation_id=conversation_id, **said)])


def answers_news(conversation_id: str, message: Part) -> bool:
    """Was this said because we reopened the conversation and told them something?"""
    at = message.created_at * 1000 + 999  # Intercom counts whole seconds
    return store.read(partial(reopened.is_after_news, conversation_id=conversation_id, at=at))


def unheard(conversation_id: str, said: Sequence[Part]) -> Sequence[Part]:
    """What nobody has looked at yet; of a chat that is new to us, what was said lately."""
    last = store.read(partial(chats.heard, conversation_id=conversation_id))
    ids = [part.id for part in said]
    if last in ids:
        return said[ids.index(last) + 1 :]
    return [part for part in said if part.created_at >= now_ms() // 1000 - FIRST_LOOK]


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
    take_as_reaction(chat.id, "rated", rating=rating)
    reason = suggestion.badly_rated(rating, remark, words_of(chat))
    return suggestion.make(chat, reason) if reason else ignored(NOT_BAD, rating=rating)


@workflow
def repeated(conversation_id: str, contact_id: str) -> Outcome:
    """A wish was filed, and it is not the first of this customer about the same thing."""
    chat = intercom_client().conversation(conversation_id)
    tag, times = suggestion.repeats(contact_id)
    if chat is None:
        return ignored(GONE)
    reason = suggestion.often(tag, times, words_of(chat))
    return suggestion.make(chat, reason) if reason else ignored(FIRST, n=times)


@urgent
@asks(ESCALATE, did=did(DISMISSED))
def dismissed(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """An agent does not want to escalate this conversation."""
    name = colleagues.met(user_id).name or user_id
    place = posting.Place(channel, ts)
    store.write(partial(suggestions.dismiss, conversation_id=value, place=place, name=name))
    ours = store.read(partial(suggestions.keys, conversation_id=value))
    addressing.update_at(channel, ts, ours, partial(contact_texts.dismissed, name))
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
