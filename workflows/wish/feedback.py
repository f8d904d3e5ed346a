"""Feedback: a tag on a customer's message becomes a record, a Productboard note and a word to the agent.

    intercom.ConversationTagged ─► file ─┬─► one record per tagged message
                                         ├─► its note in Productboard, in the customer's name
                                         ├─► an internal note: "filed", with the links
                                         └─► context.ask: the agent is asked for the background

The conversation is read as it is now, so one run files everything that is tagged in it: in the customer's own words,
also where the tag is on our answer to them or on a picture, and for whoever of them said it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session

from integrations.intercom import Conversation, IntercomClient, Tag
from workflows.customer import heard, lookup, snooze
from workflows.customer.lookup import Requester, remember
from workflows.customer.note import note_once
from workflows.engine import dry_run
from workflows.engine.actions import Done, Intent, happened, is_over, was_dry
from workflows.engine.durable import child, current_run, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.language.wording import full_date
from workflows.people import agents
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables import wish as tables_wish
from workflows.wish import beginning, corrections, productboard_note, reopened, texts, wishes
from workflows.wish.beginning import is_since
from workflows.wish.connect import adopt
from workflows.wish.tagged import Tagged, tagged_messages

#: Seconds by which Intercom's clock and ours may differ. It counts whole seconds, and two tags may share one.
CLOCKS_DIFFER = 5
NO_MEANING = "Not filed: no rule for these tags: {tags}."
GONE = "The conversation no longer exists in Intercom."
TOO_OLD = "Its tags were added before {day}, when filing began."
UNTAGGED = "No message in this conversation has a tag from the rules anymore."
SILENT = "Not filed yet: the customer has not written anything in this conversation."


@workflow
def file(conversation_id: str, tags: Sequence[str], part_id: str, chosen: Sequence[str] = ()) -> Outcome:
    """File everything that is tagged in a conversation, each message once; those `chosen`, however old their tags."""
    if tags and not any(rules.kind_of(tag) for tag in tags):
        return ignored(NO_MEANING, tags=", ".join(tags))
    intercom, looked_at = intercom_client(), now_ms() // 1000
    conversation = intercom.conversation(conversation_id)
    if conversation is None:
        return ignored(GONE)
    ask_about_untagged(conversation)
    meant = list(tagged_messages(conversation, tags, part_id))
    beginning_at = beginning.moment()
    since = [wish for wish in meant if wish.message.id in chosen or is_since(wish.message, wish.put, beginning_at)]
    tagged = [wish for wish in since if not wish.words.author.is_inside]
    if not tagged:
        return nothing_filed(meant, since, beginning_at)
    requesters = whose(intercom, conversation, tagged)
    filed = [take(conversation, *each) for each in zip(tagged, requesters, strict=True)]
    count_again(filed, tagged)
    adopt(conversation.id, [wish.id for wish in filed if wish.id is not None])
    told = [each for each in zip(filed, requesters, tagged, strict=True) if not is_left_dry(each[0], each[2].put)]
    silent = is_said([feedback for feedback, *_ in told], conversation)
    nap = snooze.Nap() if silent else snooze.plan(sleeping(conversation), conversation)
    for feedback, requester, _tagged in told:
        say_it_was_filed(feedback, productboard_note.write(feedback, requester))
    snooze.back_to(nap, sleeping(conversation), conversation, intercom)
    for requester in dict.fromkeys(requesters):
        watch_repeats(conversation.id, requester)
    ask_for_background(filed)
    seen_up_to = min(conversation.updated_at, looked_at - CLOCKS_DIFFER)
    store.later(lambda session: wishes.filed_up_to(session, conversation.id, seen_up_to))
    return done("Filed: {feedback}.", feedback=", ".join(wishes.code(wish.id) for wish in filed))


def nothing_filed(meant: Sequence[Tagged], since: Sequence[Tagged], beginning_at: int) -> Outcome:
    """Why no wish comes of the tags: nobody has said anything yet, they are of a time before us, or there are none."""
    if since:
        return ignored(SILENT)
    return ignored(TOO_OLD, day=full_date(rules.language, beginning_at)) if meant else ignored(UNTAGGED)


@workflow
def meet(conversation_id: str, change: str, delivery: str = "") -> Outcome:
    """Keep who talks to us, so that pages can show the chat before anything is filed from it."""
    intercom = intercom_client()
    conversation = heard.conversation(intercom, conversation_id, delivery)
    if conversation is None:
        return ignored(GONE)
    heard.requester(intercom, conversation)
    about = {"conversation_id": conversation_id, "change": change, "delivery": delivery}
    spawn([child(f"{current_run()}/contact", "contact.wrote", **about)])
    return done("Saved the customer and their company.")


def watch_repeats(conversation_id: str, requester: Requester) -> None:
    """Somebody may have to know that a customer comes about the same thing for the n-th time."""
    if store.read(partial(reopened.is_after_news, conversation_id=conversation_id, at=now_ms())):
        return
    since = now_ms() - rules.suggest_days * DAY_MS
    _tag, times = store.read(partial(wishes.most_repeated, contact_id=requester.contact_id, since=since))
    if 0 < rules.suggest_contacts <= times:
        id = f"contact:{conversation_id}/repeated/{times}"
        spawn([child(id, "contact.repeated", conversation_id=conversation_id, contact_id=requester.contact_id)])


def ask_for_background(filed: Sequence[tables_wish.Feedback]) -> None:
    """Each agent is asked once for what the quote does not say; the record stands without it."""
    takers = {wish.taken_by for wish in filed}
    taken = [[wish.id for wish in filed if wish.taken_by == taker] for taker in sorted(takers)]
    spawn([child(f"ask:{'-'.join(map(str, ids))}", "context.ask", feedback_ids=ids) for ids in taken])


def ask_about_untagged(conversation: Conversation) -> None:
    """Intercom tells nobody that a tag was taken off; whoever reads the conversation next sees it."""
    tags = {tag.name.casefold() for tag in conversation.tags}
    filed = store.read(partial(wishes.of_conversations, conversation_ids=[conversation.id]))
    bare = [wish.id for wish in filed if wish.withdrawn_at is None and wish.tag and wish.tag.casefold() not in tags]
    spawn([child(f"untagged:{id}", "corrected.untagged", feedback_id=id) for id in bare])


def whose(intercom: IntercomClient, conversation: Conversation, tagged: Sequence[Tagged]) -> list[Requester]:
    """Who wished for each: whoever said it, if they are in the conversation; else the one with whom it began."""
    first, others = remember(intercom, conversation), conversation.contact_ids[1:]
    speaking = {wish.words.author.id for wish in tagged if wish.words.author.id in others}
    found = {id: lookup.speaker(intercom, conversation, id) for id in sorted(speaking)}
    return [found.get(wish.words.author.id, first) for wish in tagged]


def count_again(filed: Sequence[tables_wish.Feedback], tagged: Sequence[Tagged]) -> None:
    """Whoever tags anew what was withdrawn means that it is a wish after all."""
    for wish, put in ((wish, tag.put) for wish, tag in zip(filed, tagged, strict=True)):
        if wish.id is not None and wish.withdrawn_at is not None and (put.applied_at or 0) * 1000 > wish.withdrawn_at:
            agent = agents.named(put.applied_by)
            corrections.restore(wish.id, by=Person(put.applied_by, agent.name if agent else put.applied_by))


def take(conversation: Conversation, wish: Tagged, requester: Requester) -> tables_wish.Feedback:
    """The record of a wish, made by the first who comes."""
    agent = agents.named(wish.put.applied_by)
    new = {
        "conversation_id": conversation.id,
        "part_id": wish.words.id,
        "kind": wish.kind,
        "tag": wish.put.name,
        "quote": wish.words.text,
        "contact_id": requester.contact_id or None,
        "company_id": requester.company_id or None,
        "taken_by": wish.put.applied_by,
        "taken_by_name": agent.name if agent else "",
        "said_at": (wish.words.created_at or conversation.created_at) * 1000,
        "taken_at": now_ms(),
    }

    def work(session: Session) -> tables_wish.Feedback:
        feedback = wishes.take(session, new, tagged=wish.message.id)
        happened(session, _taken(feedback, conversation))
        return feedback

    return store.write(work)


def _taken(feedback: tables_wish.Feedback, conversation: Conversation) -> Intent:
    return Intent(
        "intercom",
        "tag",
        key=f"taken:{feedback.mark}",
        target=conversation.id,
        sentence="{agent} filed this with the “{tag}” tag ({kind}).",
        facts={"agent": feedback.taken_by_name or feedback.taken_by, "kind": feedback.kind, "tag": feedback.tag},
        feedback_id=feedback.id,
        conversation_id=conversation.id,
        url=conversation.url,
    )


def say_it_was_filed(feedback: tables_wish.Feedback, note: Done) -> None:
    """Tell the agents in the conversation that it was filed, and where."""
    intent = Intent(
        "intercom",
        "note",
        key=f"filed:{feedback.mark}",
        target=feedback.conversation_id,
        sentence="Added an internal note to the conversation: filed.",
        feedback_id=feedback.id,
        conversation_id=feedback.conversation_id,
    )
    note_once(intent, feedback.conversation_id, lambda ref: texts.filed_note(feedback, note.url, ref))


def is_left_dry(feedback: tables_wish.Feedback, put: Tag) -> bool:
    """Was it filed in a dry run that is over, and not tagged anew since? Then whatever is read here is no news."""
    is_anew = (put.applied_at or 0) * 1000 > feedback.taken_at
    return not is_anew and not dry_run.is_on() and was_dry(f"note:{feedback.mark}")


def is_said(filed: Sequence[tables_wish.Feedback], conversation: Conversation) -> bool:
    """Has everything been said in this conversation, so that nothing will wake it?"""
    return conversation.state == "snoozed" and all(is_over(f"filed:{feedback.mark}") for feedback in filed)


def sleeping(conversation: Conversation) -> Intent:
    """The write that puts the conversation back to sleep, where our notes wake it."""
    return Intent(
        "intercom",
        "snooze",
        key=f"asleep:{current_run()}",
        target=conversation.id,
        sentence="",
        conversation_id=conversation.id,
    )
