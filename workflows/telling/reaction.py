"""Reaction: what a customer does with what they were told.

    contact.wrote ─► wrote ─► their next message in that conversation thanks
    contact.rated ─► rated ─► they rated it
    upkeep ─► again        ─► they, or their company, asked for the same once more: whoever told them is warned

Only what comes within two weeks counts: see `reactions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col, select

from integrations.intercom import Conversation, Part
from workflows.engine import posting
from workflows.engine.actions import Intent, leave
from workflows.engine.durable import NewRun, child, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client, vendors
from workflows.meeting import digest
from workflows.people import addressing
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.runs import Run
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import reaction_texts, reactions, thanks
from workflows.telling.bring_back import living
from workflows.telling.reactions import AGAIN, RATED, SENTENCES, THANKS, WITHIN_MS, Pair
from workflows.wish.similar import like
from workflows.wish.wishes import code

NOBODY = "No reaction: nobody was notified in this conversation within the last two weeks."
NO_THANKS = "No reaction: the first message after the notification is not a thank-you."
NO_RATING = "No reaction: the conversation has no rating since the customer was notified."
ANOTHER = "{code} is about something else than what the customer was notified of."
KNOWN = "It is known already that {code} is the same again."
WARNED = "Warned {agent} that the customer asked again: {code}."
WARNED_CHANNEL = "Warned the support channel that the customer asked again: {code}."
#: So many of the most similar requests are looked through.
MOST = 50


@workflow
def wrote(conversation_id: str) -> Outcome:
    """A customer wrote where they were told something lately."""
    chat = living(intercom_client(), conversation_id)
    if chat is None:
        return ignored(NOBODY)
    at = max([now_ms(), *(part.created_at * 1000 for part in chat.parts)])
    told = store.read(partial(reactions.of_chat, conversation_id=conversation_id, at=at))
    if not told:
        return ignored(NOBODY)
    thanked = [(each, part) for each in told if (part := next_message(chat, each)) and thanks.is_thanks(part.text)]
    for each, part in thanked:
        store.write(partial(reactions.note, telling=each, reaction=THANKS, at=part.created_at * 1000))
    return done(SENTENCES[THANKS]) if thanked else ignored(NO_THANKS)


def next_message(chat: Conversation, telling: Telling) -> Part | None:
    """What the customer wrote first after they were told; None where that is nothing, or came too late."""
    ids, at = [part.id for part in chat.parts], telling.told_at or 0
    after = ids.index(telling.part_id) + 1 if telling.part_id in ids else 0
    later = (part for part in chat.parts[after:] if part.is_heard and part.created_at * 1000 >= at + (not after))
    return next((part for part in later if part.created_at * 1000 <= at + WITHIN_MS), None)


@workflow
def rated(conversation_id: str, rating: int) -> Outcome:
    """A customer rated a conversation in which they were told something lately."""
    chat = living(intercom_client(), conversation_id)
    given = (chat.rating if chat else 0) or rating
    at = (chat.rated_at if chat else 0) or now_ms() // 1000
    told = store.read(partial(reactions.of_chat, conversation_id=conversation_id, at=at * 1000 + 999))
    if not given or not told:
        return ignored(NO_RATING)
    for each in told:
        store.write(partial(reactions.note, telling=each, reaction=RATED, at=at * 1000, rating=given))
    return done(SENTENCES[RATED], n=given)


# -- the same again -------------------------------------------------------------------------------


def start_due() -> int:
    """Let everything be looked at that may be the same again, each once; returns how much that is."""
    return store.write(_start_due)


def _start_due(session: Session) -> int:
    runs = {run.id: run for run in map(_run_of, reactions.met_again(session))}
    known = set(session.exec(select(Run.id).where(col(Run.id).in_(runs)))) if runs else set()
    return start(session, [run for id, run in runs.items() if id not in known])


def _run_of(pair: Pair) -> NewRun:
    """Linked to the issue later than it was filed, it is looked at once more."""
    name = f"again:{pair.release_id}/{pair.conversation_id}/{pair.feedback_id}"
    return child(f"{name}/linked" if pair.is_linked else name, "reaction.again", **pair._asdict())


@dataclass(frozen=True)
class Return:
    """What a customer was told of, and what they asked for since."""

    telling: Telling
    before: list[Feedback]
    new: Feedback


@workflow
def again(release_id: str, conversation_id: str, feedback_id: int, is_linked: bool) -> Outcome:
    """Somebody who was told asked for something. If it is the same, it was not solved, and the agent has to know."""
    case = store.read(partial(_case, release_id, conversation_id, feedback_id))
    facts = {"code": code(case.new.id)}
    if not is_linked and not is_same(case):
        return ignored(ANOTHER, **facts)
    noted = partial(reactions.note, telling=case.telling, reaction=AGAIN, at=case.new.said_at, wish=feedback_id)
    store.write(noted)
    if store.read(partial(_answered_by, release_id, conversation_id)) != feedback_id:
        return ignored(KNOWN, **facts)
    return warn(case)


def is_same(case: Return) -> bool:
    """Is it one with what they had asked for, or similar enough to be taken for that?"""
    if any(reactions.is_same_matter(case.new, each) for each in case.before):
        return True
    ids = {each.merged_into or each.id for each in case.before}
    found = like(case.new.id or 0, most=MOST)
    return any(match.feedback_id in ids for match in found)


def warn(case: Return) -> Outcome:
    """Whoever took the request hears that it was not solved; the support channel where they are not in Slack."""
    wish = case.before[0] if case.before else case.new
    person = digest.takers([wish]).get(wish.taken_by_name, "")
    sentence = WARNED if person else WARNED_CHANNEL
    facts = {"agent": wish.taken_by_name, "code": code(case.new.id)}
    intent = Intent(
        "slack",
        "warn",
        key=f"again:{case.telling.release_id}:{case.telling.conversation_id}",
        target=person or rules.support_channel,
        sentence=sentence,
        facts=facts,
        feedback_id=wish.id,
        conversation_id=case.telling.conversation_id,
    )
    if not intent.target and vendors.is_on("slack"):
        leave(intent, posting.NO_CHANNEL)
        return ignored(posting.NO_CHANNEL)
    message = partial(reaction_texts.again, case.new, wish)
    posted = addressing.post(intent, message, since_ms=case.new.taken_at)
    return done(sentence, **facts) if posted else ignored(posting.NO_CHANNEL)


def _case(release_id: str, conversation_id: str, feedback_id: int, session: Session) -> Return:
    telling = session.get_one(Telling, (release_id, conversation_id))
    before = [copy_of(each) for each in reactions.told_about(session, telling)]
    return Return(copy_of(telling), before, copy_of(session.get_one(Feedback, feedback_id)))


def _answered_by(release_id: str, conversation_id: str, session: Session) -> int | None:
    return session.get_one(Telling, (release_id, conversation_id)).asked_again
