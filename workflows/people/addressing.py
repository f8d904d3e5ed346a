"""Addressing: a message in Slack is in the language of whoever reads it, and stays in it when it is brought up to date.

    addressing.post(intent, partial(texts.card, escalation), since_ms=…)       # to one person: their own language
    addressing.update(["receipt:12"], partial(texts.receipt, escalation))      # in the language it was written in

A channel is written to in the company's language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from integrations.slack import is_person
from workflows.engine import posting
from workflows.engine.actions import Intent, Keep
from workflows.engine.posting import LANGUAGE, Message, Place
from workflows.engine.store import store
from workflows.language.text import speaking
from workflows.people import colleagues
from workflows.tables.runs import Action

#: A message's words, written down when it is known who reads them.
Words = Callable[[], Message]


def post(
    intent: Intent, words: Words, *, since_ms: int, thread: Place | None = None, also: Keep | None = None
) -> Place | None:
    """Post a message to a channel or a person once, as `posting.post` does, in the language read there."""
    language = _language_at(intent)
    if language:
        intent = replace(intent, facts=intent.facts | {LANGUAGE: language})
    return posting.post(intent, spoken(language, words), since_ms=since_ms, thread=thread, also=also)


def update(keys: Sequence[str], words: Words) -> None:
    """Let the messages that were posted under these keys say something else."""
    for place in dict.fromkeys(posting.where(keys)):
        posting.update(place, spoken(place.language, words))


def update_at(channel: str, ts: str, keys: Sequence[str], words: Words) -> None:
    """Let a message on which somebody pressed a button say something else; it is one of those under these keys."""
    pressed = Place(channel, ts)
    ours = (place for place in posting.where(keys) if (place.channel, place.ts) == (channel, ts))
    posting.update(pressed, spoken(next(ours, pressed).language, words))


def spoken(language: str, words: Words) -> Message:
    """The message in a language; "" for the company's."""
    with speaking(language):
        return words()


def _language_at(intent: Intent) -> str:
    """What the reader has set in Slack, or had when the first attempt was made; "" for a channel."""
    if not is_person(intent.target):
        return ""
    begun = store.read(lambda session: session.get(Action, intent.key))
    before = str(begun.facts.get(LANGUAGE, "")) if begun else ""
    return before or colleagues.spoken(colleagues.met(intent.target).locale)
