"""Questions to colleagues at Slack's door: the forms in which somebody asks, answers, or marks what was answered."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from app.door.slack_desk import Desk, open_view, said, user_of
from integrations.slack import ButtonPressed
from integrations.slack.blocks import Block
from workflows.customer import fields
from workflows.engine.store import now_ms, store
from workflows.enquiry import asking_forms, asks
from workflows.enquiry.asks import Spot
from workflows.language.wording import say
from workflows.people import colleagues

NO_QUESTION = "No question was asked here. Ask with the button in the first message of a conversation's thread."
NO_AUTHOR = "This was not written by a colleague. Choose the message with the answer."
#: What Slack writes into a text for a person, a channel or an address: what it stands for, and what people read.
_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def open_asking(event: ButtonPressed, body: dict[str, Any], desk: Desk) -> None:
    """The button in a chat's thread: whom to ask, and what."""
    open_view(body, lambda language: asking_forms.asking(language, event.value, event.user_id, now_ms()))


def open_answering(event: ButtonPressed, body: dict[str, Any], desk: Desk) -> None:
    """The button below a question in direct messages: what is written now is the answer."""
    ask = store.read(partial(asks.numbered, number=event.value))
    if ask is not None:
        spot = Spot(event.channel, event.ts, event.user_id)
        open_view(body, lambda language: asking_forms.marking(language, [ask], spot, ask.answer))


def open_marking(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """The shortcut on a message: it is the answer to a question of its thread."""
    author = "" if said(body, "message", "bot_id") else said(body, "message", "user")
    thread = said(body, "message", "thread_ts") or said(body, "message_ts")
    spot = Spot(said(body, "channel", "id"), thread, author)
    found = store.read(partial(asks.at, spot=spot, person=user_of(body))) if author else []
    text = readable(said(body, "message", "text"))
    if found:
        open_view(body, lambda language: asking_forms.marking(language, found, spot, text))
    else:
        open_view(body, lambda language: _none(language, is_written=bool(author)))
    ack()


def _none(language: str, *, is_written: bool) -> Block:
    why = say(language, NO_QUESTION if is_written else NO_AUTHOR)
    return fields.notice(language, "Answer to a question", why)


def readable(text: str) -> str:
    """A message as people read it: names for people, addresses for links, and no escapes."""
    plain = _MARKUP.sub(_spoken, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(markup: re.Match[str]) -> str:
    sign, target, label = markup.group(1), markup.group(2), markup.group(3) or ""
    if sign == "@":
        known = colleagues.recall(target)
        return f"@{label or (known.name if known else '') or target}"
    if sign == "#":
        return f"#{label or target}"
    is_named = target.startswith("http") and label and label not in target
    return f"{label} {target}" if is_named else label or target
