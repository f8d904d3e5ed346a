"""Relay: a chat is one thread in Slack. Its first message says where it stands; what is said follows below, in order.

    follow ─► bring_up_to_date ─┬─► the first message: whose it is, what they ask, who waits, who has it, buttons
                                ├─► what was said since, one by one; what gathered meanwhile, in one message
                                └─► what was taken back, or reads otherwise by now, is changed where it stands

The same stands in the window channel, to read along, without buttons. Nothing here reads what colleagues write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlmodel import Session, col, update

from integrations.contract import Trouble
from workflows.engine import posting
from workflows.engine.actions import Done, Intent
from workflows.engine.durable import current_run
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.posting import Place
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.enquiry import board, know_how_like, load, texts, thread, threads
from workflows.enquiry.thread import Thread
from workflows.rules import rules
from workflows.tables.customer import Message
from workflows.tables.enquiry import Enquiry
from workflows.tables.runs import Action

OFF = "Saved. No channel for conversations is set in the rules."
ANOTHERS = "Another run is posting this conversation, and will post this too."
PAST = "Not posted: imported from the past."
QUIET = "Not posted: the customer has not written lately."
SHOWN = "The thread in Slack is up to date."
BEGAN = "Started a thread in Slack."
READ_ALONG = "Posted for reading along."
SAID = "Posted what was said in the thread."
#: So many messages stand below each other; more of them are told in one.
APART = 3
#: The names under which a thread's messages are known, in its own channel and in the window.
MAIN, WINDOW = "relay", "window"


def bring_up_to_date(conversation_id: str, channel: str = "") -> Outcome:
    """Let the thread say what was said, if it is this run's turn; whoever's turn it is does this as well.

    `channel`: where it begins, if it has not begun.
    """
    if not rules.enquiry.channel:
        return ignored(OFF)
    run = current_run()
    while enquiry := store.write(partial(threads.take_turn, conversation_id=conversation_id, run=run)):
        why = _why_not(enquiry)
        if not why:
            _show(_with_offers(store.read(partial(thread.read, enquiry=enquiry))), enquiry.channel or channel)
        if store.write(partial(threads.end_turn, conversation_id=conversation_id, run=run)):
            return ignored(why) if why else done(SHOWN)
    return ignored(ANOTHERS)


def _why_not(enquiry: Enquiry) -> str:
    """Why it is not shown. A thread begins with something that a customer says, not with what we do in an old chat."""
    if enquiry.thread:
        return ""
    if enquiry.is_past:
        return PAST
    is_news = enquiry.waiting_since is not None or now_ms() - enquiry.heard_at < DAY_MS
    return "" if is_news else QUIET


def _with_offers(chat: Thread) -> Thread:
    """As long as it waits: what was answered to a similar question; and, if nobody has it, to whom it may be given."""
    is_waiting = chat.enquiry.state in (board.WAITING, board.ANSWERING)
    text = chat.opening.text if chat.opening else ""
    offered = know_how_like.offered(text) if is_waiting and text else ()
    return replace(chat, offered=offered, next_up=_next_up() if chat.enquiry.state == board.WAITING else "")


def _next_up() -> str:
    """Who on shift may be given it; "" where Intercom does not say who there is."""
    try:
        return load.said(rules.language, now_ms())
    except Trouble:
        return ""


def _show(chat: Thread, channel: str) -> None:
    """The first message, then what is below it, in each of the channels."""
    first = _begin(chat, channel) if not chat.enquiry.thread else _renew(chat)
    if first is None:
        return  # Slack is off, or the channel is gone: the run log says so
    along = _read_along(chat) if rules.enquiry.window else None
    _below(chat, {MAIN: first} | ({WINDOW: along} if along else {}))


# -- the first message ------------------------------------------------------------------------------


def _begin(chat: Thread, channel: str) -> Place | None:
    message = texts.first(channel, chat, buttons=True)
    intent = _intent(chat, "thread", f"thread:{chat.id}", channel, BEGAN, shown=texts.digest_of(message))

    def also(session: Session, posted: Done) -> None:
        shown = threads.stands(session, chat.id, intent)
        threads.begins(session, chat.id, channel=channel, ref=posted.ref, shown=shown)

    return posting.post(intent, message, since_ms=chat.since, also=also)


def _renew(chat: Thread) -> Place | None:
    """It stands there, and says what is so by now."""
    place = posting.place_of(chat.enquiry.thread)
    message = texts.first(chat.enquiry.channel, chat, buttons=True)
    digest = texts.digest_of(message)
    if place is not None and digest != chat.enquiry.shown:
        posting.update(place, message)
        store.later(partial(threads.shows, conversation_id=chat.id, shown=digest))
    return place


def _read_along(chat: Thread) -> Place | None:
    """The same in the window, where nobody can do anything about it."""
    key, channel = f"{WINDOW}:{chat.id}", rules.enquiry.window
    message = texts.first(channel, chat, buttons=False)
    intent = _intent(chat, WINDOW, key, channel, READ_ALONG, shown=texts.digest_of(message))
    for place in posting.where([key]):
        if not store.read(partial(threads.is_shown, intent=intent)):
            posting.update(place, message)
            store.later(partial(threads.shows_now, intent=intent))
        return place

    def also(session: Session, posted: Done) -> None:
        threads.stands(session, chat.id, intent)

    return posting.post(intent, message, since_ms=chat.since, also=also)


# -- what was said ----------------------------------------------------------------------------------


def _below(chat: Thread, places: dict[str, Place]) -> None:
    """What is new, then what reads otherwise than it stands there."""
    for some in _portions(chat):
        stands = [_post(chat, name, place, some) for name, place in places.items()]
        if stands[0] is not None:
            store.later(partial(_told, chat, some))
    for message in chat.said:
        if message.relayed and message.relayed != digest_of(message):
            _change(chat, message, places)


def _portions(chat: Thread) -> list[Sequence[Message]]:
    """What is new: one by one, or all of it in one, where more came together than one would read.

    What an earlier attempt began to tell, it tells as it began, whatever was said or erased since.
    """
    rows = {each.part_id: each for each in chat.said}
    begun = store.read(partial(threads.under_way, conversation_id=chat.id, verb=f"slack.{MAIN}"))
    portions: list[Sequence[Message]] = [[rows[part] for part in parts if part in rows] for parts in begun]
    portions = [some for some in portions if any(not each.relayed for each in some)]
    taken = {each.id for some in portions for each in some}
    new = [each for each in chat.said if not each.relayed and each.id not in taken and (each.text or each.attachments)]
    portions += [new] if len(new) > APART else [[each] for each in new]
    return sorted(portions, key=lambda some: (some[0].said_at, some[0].id))


def _post(chat: Thread, name: str, place: Place, some: Sequence[Message]) -> Place | None:
    message = texts.said(place.channel, some, chat.name)
    return posting.post(_saying(chat, name, place.channel, some), message, since_ms=some[0].said_at, thread=place)


def _saying(chat: Thread, name: str, channel: str, some: Sequence[Message]) -> Intent:
    facts = {"parts": [each.part_id for each in some], "shown": [digest_of(each) for each in some]}
    return _intent(chat, name, _key(name, chat, some[0]), channel, SAID, **facts)


def _told(chat: Thread, some: Sequence[Message], session: Session) -> None:
    """It stands there as it read when it was begun; where that is not as it reads now, it is changed in a moment."""
    begun, now = session.get(Action, _key(MAIN, chat, some[0])), {each.part_id: digest_of(each) for each in some}
    facts = begun.facts if begun else {}
    shown = now | dict(zip(facts.get("parts", ()), facts.get("shown", ()), strict=False))
    _mark({each.id: shown[each.part_id] for each in some}, session)
    if any(shown[part] != digest for part, digest in now.items()):
        threads.once_more(session, chat.id)


def _change(chat: Thread, message: Message, places: dict[str, Place]) -> None:
    """It stands alone, or among those that were told together: then all of them are written anew."""
    rows = {each.part_id: each for each in chat.said}
    for name, place in places.items():
        for key, parts in store.read(partial(threads.told, conversation_id=chat.id, verb=f"slack.{name}")):
            if message.part_id in parts:
                some = [rows[part] for part in parts if part in rows]
                for stands in posting.where([key]):
                    posting.update(stands, texts.said(place.channel, some, chat.name))
    store.later(partial(_mark, {message.id: digest_of(message)}))


def _mark(shown: dict[str, str], session: Session) -> None:
    for id, digest in shown.items():
        session.exec(update(Message).where(col(Message.id) == id).values(relayed=digest))


def digest_of(message: Message) -> str:
    """Tells whether a message says or brings something else than before."""
    return texts.digest_of((message.text, message.attachments) if message.attachments else message.text)


def _key(name: str, chat: Thread, message: Message) -> str:
    return f"{name}:{chat.id}/{message.part_id}"


def _intent(chat: Thread, verb: str, key: str, channel: str, sentence: str, **facts: Any) -> Intent:
    return Intent("slack", verb, key, channel, sentence, facts, conversation_id=chat.id, url=chat.url)
