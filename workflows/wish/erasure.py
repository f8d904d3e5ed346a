"""Erasure: what a customer takes back is gone: from our rows, from search, and from Productboard.

    intercom part.redacted ─► redacted ─────────┐
    intercom conversation.deleted ─► deleted ───┤
    intercom contact.deleted ─► person_deleted ─┼─► carry ─┬─► every row that holds their words
    an operator, a page or a command ─► asked ──┘          ├─► what search knows of it
                                                           ├─► their wishes' notes in Productboard
                                                           └─► the messages in Slack that are kept up to date

Whoever read the words before may write them down later, and Slack tells of a changed message what it said before. So it
ends only once nothing is under way and all of it was looked through again. Until then no sentence says that the words
are gone. Each step may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import partial

from sqlmodel import Session, col, select

from integrations.contract import Permanent, Transient
from integrations.intercom import Conversation
from workflows.customer import erasing, erasures, lookup, reach
from workflows.customer.erasures import CHAT, PERSON
from workflows.customer.reach import NONE, Reach, Subject
from workflows.engine.actions import ACTED, Intent, Patience, happened
from workflows.engine.attempts import attempt_all
from workflows.engine.durable import child, current_run, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client, title_of
from workflows.language.text import _
from workflows.rules import current, rules
from workflows.search import indexing
from workflows.tables.enquiry import Enquiry
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.tables.wish import Feedback
from workflows.wish import asked as wish_asked
from workflows.wish import issues, productboard_note, shown, wishes

ERASED = "Erased the customer's content here and in Productboard."
COPIED = "Erased the customer's content here. Copies in {places} must be deleted there."
NOTHING = "Everything redacted in this conversation has already been erased."
STRANGER = "Nothing is stored about this person."
STILL_THERE = "This person still exists in Intercom, so nothing was erased."
IS_BUSY = "Related work is still in progress. It will be checked again afterwards."
ONCE_MORE = "It will be checked once more shortly, because webhooks may still bring some content in."
BUSY_SECONDS = 5.0
LATE = "Erased late arrivals: {n} texts."
NOTHING_LATE = "There were no late arrivals."
#: The verb of the sentence in the timeline that says so.
SAID = "us.erase"
#: The stories below do not wait for each other.
ALIKE = tuple(
    f"{room}.{story}" for room in ("erasure", "history") for story in ("redacted", "deleted", "asked", "again")
)
#: Where messages are kept up to date, and so say what is left.
UPDATED = frozenset(("slack", "chatwork"))
#: What we wrote at vendors that may quote a customer, beside messages; Productboard's notes are rewritten.
COPIES = ("intercom.note", "jira.create", f"jira.{issues.SHOWN}")


@workflow
def redacted(conversation_id: str, change: str) -> Outcome:
    """Somebody deleted what a message said; where the whole conversation is gone by now, so is all of it."""
    chat = intercom_client().conversation(conversation_id)
    if chat is None:
        return deleted(conversation_id)
    known = store.read(partial(_erased_parts, conversation_id))
    parts = tuple(part for part in redacted_in(chat) if part not in known)
    if not parts:
        if store.read(partial(lookup.tells_news, conversation=chat)):  # the webhook that told of it was lost
            follow = {"conversation_id": conversation_id, "change": change}
            spawn([child(f"{current_run()}/follow", "enquiries.follow", **follow)])
        lookup.listen(chat)
        return ignored(NOTHING)
    lookup.remember(intercom_client(), chat)
    return carry(Subject(CHAT, conversation_id, parts))


@workflow
def deleted(conversation_id: str) -> Outcome:
    """A conversation is gone for good: nothing that was said in it is kept."""
    store.write(lambda session: erasures.begin(session, CHAT, [conversation_id], "intercom"))
    return carry(Subject(CHAT, conversation_id), gone={"intercom"})


@workflow
def person_deleted(contact_id: str) -> Outcome:
    """A person is gone for good: all of theirs is erased here, as if an operator had asked for it."""
    if not store.read(partial(erasures.is_known, kind=PERSON, id=contact_id)):
        return ignored(STRANGER)
    if intercom_client().contact(contact_id) is not None:
        return ignored(STILL_THERE)
    return asked(PERSON, contact_id, "intercom")


@workflow
def asked(kind: str, id: str, by: str) -> Outcome:
    """Somebody asks for a conversation, or for all of a person, to be erased; the vendor may still have it."""
    whom = Subject(kind, id)
    store.write(partial(_begin, whom, by))
    return carry(whom, left={"intercom"})


@workflow
def again(kind: str, id: str) -> Outcome:
    """Webhooks that were late brought words along after everything had been looked through."""
    count = erasing.erase(reach.of(Subject(kind, id)))
    return done(LATE, n=count) if count else ignored(NOTHING_LATE)


def _begin(whom: Subject, by: str, session: Session) -> None:
    erasures.begin(session, whom.kind, [whom.id], by)
    if whom.kind == PERSON:
        erasures.begin(session, CHAT, reach.rows(session, whom).chats, by)


def redacted_in(chat: Conversation) -> tuple[str, ...]:
    """The parts that say nothing any more; the opening message goes by two names."""
    opening = ("", chat.source.id) if chat.source.redacted else ()
    return (*opening, *(part.id for part in chat.parts if part.redacted))


def _erased_parts(conversation_id: str, session: Session) -> set[str]:
    """The parts of a conversation of which the timeline says that they are erased."""
    said = select(Action.facts).where(Action.conversation_id == conversation_id, Action.verb == SAID)
    return {part for facts in session.exec(said) for part in facts.get("parts", ())}


def carry(whom: Subject, *, left: Set[str] = NONE, gone: Set[str] = NONE) -> Outcome:
    """Erase all of it, wherever that is possible, and say at last what became of it.

    `left` and `gone`: vendors that have it still whatever we wrote there, and that have none of it any more.
    """
    found = reach.of(whom)
    is_busy = store.read(lambda session: reach.at_work(session, found, current_run(), ALIKE))
    erasing.erase(found)
    _let_search_forget(found)
    if current.dry_run() and store.read(partial(_copies, found)) & UPDATED:
        raise Permanent(productboard_note.DRY_ERASE)
    is_shown = not _show(found)
    if is_busy:
        raise Transient(IS_BUSY, BUSY_SECONDS)
    locked = _take_back_notes(found)
    if not is_shown:
        raise Transient(ONCE_MORE, Patience.seconds)
    in_productboard = {"productboard"} if locked or _is_known_there(whom, found) else NONE
    vendors = (left | in_productboard | store.read(partial(_copies, found))) - gone
    places = ", ".join(map(title_of, sorted(vendors)))
    store.write(partial(_say, whom, found, places))
    store.forget_the_past()
    return done(COPIED, places=places) if places else done(ERASED)


def _let_search_forget(found: Reach) -> None:
    for chats in reach.portions(found.chats):
        store.write(partial(indexing.reread, chats=chats))
    for ids in reach.portions(found.wishes):
        store.write(partial(indexing.reread, wishes=ids))
    for ids in reach.portions(found.escalations):
        store.write(partial(indexing.reread, escalations=ids))


def _take_back_notes(found: Reach) -> list[Feedback]:
    """Productboard's notes, each whatever becomes of the others; returns the wishes whose note is locked."""
    locked: list[Feedback] = []

    def take_back(wish: Feedback) -> None:
        if not productboard_note.erase(wish, _(erasing.SAYS)):
            locked.append(wish)

    rows = store.read(partial(wishes.of_ids, ids=sorted(found.wishes)))
    trouble = attempt_all(*(partial(take_back, wish) for wish in rows))
    if trouble is not None:
        raise trouble
    return locked


def _show(found: Reach) -> int:
    """Messages in Slack and Chatwork that are kept up to date say what is left; how many of these runs are new."""
    me = current_run()
    shows = [child(f"{me}/show/E-{id}", "escalation.show", escalation_id=id) for id in sorted(found.escalations)]
    in_rooms = store.read(partial(_in_rooms, found))
    shows += [child(f"{me}/show/room/E-{id}", "in_chatwork.show", escalation_id=id) for id in in_rooms]
    quoting = store.read(partial(shown.quoting, wishes=found.wishes))
    named = sorted(found.wishes | quoting)
    shows += [child(f"{me}/show/{wishes.code(id)}", "context.reshow", feedback_id=id) for id in named]
    threaded = store.read(partial(_threaded, found))
    shows += [child(f"{me}/show/chat-{id}", "enquiries.refresh", conversation_id=id) for id in threaded]
    answers = store.read(partial(shown.answers, actions=found.actions))
    shows += [child(f"{me}/show/{key}", "voice_share.reshow", key=key) for key in sorted(answers)]
    days = store.read(partial(_decided_on, found))
    return spawn(shows + [child(f"{me}/show/{day}", "minutes.show", day=day) for day in days])


def _in_rooms(found: Reach, session: Session) -> list[int]:
    """The escalations that stand in a room in Chatwork, or may."""
    posted = select(Action.escalation_id).where(Action.verb == "chatwork.post")
    some = (posted.where(col(Action.escalation_id).in_(ids)) for ids in reach.portions(found.escalations))
    return sorted({id for query in some for id in session.exec(query) if id is not None})


def _threaded(found: Reach, session: Session) -> list[str]:
    """The chats that stand in a thread."""
    rows = (Enquiry.conversation_id, Enquiry.thread)
    some = (select(*rows).where(col(Enquiry.conversation_id).in_(ids)) for ids in reach.portions(found.chats))
    return sorted(id for query in some for id, thread in session.exec(query) if thread)


def _decided_on(found: Reach, session: Session) -> list[str]:
    """The days of which a message in Slack may quote one of these wishes."""
    decided = select(Decision.decided_at).where(col(Decision.feedback_id).in_(sorted(found.wishes)))
    return sorted({rules.calendar.local(at).date().isoformat() for at in session.exec(decided)})


def _is_known_there(whom: Subject, found: Reach) -> bool:
    """Does Productboard know the person by name, because we made them known?"""
    return whom.kind == PERSON and any(
        wish.note_id for wish in store.read(partial(wishes.of_ids, ids=sorted(found.wishes)))
    )


def _copies(found: Reach, session: Session) -> set[str]:
    """The vendors at which something was written that may quote the words."""
    verbs: set[str] = set()
    for some in reach.portions(found.actions):
        written = select(Action.verb).where(col(Action.key).in_(some), Action.state == ACTED)
        verbs |= set(session.exec(written.distinct()))
    return {
        verb.partition(".")[0] for verb in verbs if verb.startswith(("slack.", "chatwork.", "mail.")) or verb in COPIES
    }


def _say(whom: Subject, found: Reach, places: str, session: Session) -> None:
    """All is done: each timeline says so, in the commit that ends it."""
    if not whom.parts:
        erasures.end(session, whom.kind, [whom.id])
    if whom.kind == PERSON:
        erasures.end(session, CHAT, found.chats)
    wish_asked.ask_no_more(session, found.whole)
    for intent in _sayings(whom, found, places):
        happened(session, intent)


def _sayings(whom: Subject, found: Reach, places: str) -> Sequence[Intent]:
    sentence = COPIED if places else ERASED
    facts = ({"places": places} if places else {}) | ({"parts": list(whom.parts)} if whom.parts else {})
    say = partial(Intent, "us", "erase", sentence=sentence, facts=facts)
    key = f"erased:{current_run()}"
    return [
        *(say(key=f"{key}:{id}", target=id, conversation_id=id) for id in sorted(found.chats)),
        *(say(key=f"{key}:FB-{id}", target=wishes.code(id), feedback_id=id) for id in sorted(found.wishes)),
        *(say(key=f"{key}:E-{id}", target=f"E-{id}", escalation_id=id) for id in sorted(found.escalations)),
    ]
