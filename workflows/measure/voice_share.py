"""Voice share: whoever asked what customers say lets all of a channel read the answer, once.

a button below the answer ─► shared ─► one message in the channel; each customer's words in it are known to be there
something was erased ─► reshow ─► the message without it

One answer to one person is shared once in a channel, however often the button is pressed. It is read anew, as it may
stand there: whoever reads along in a channel decides whose names do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from sqlmodel import Session

from integrations.slack import blocks
from integrations.slack.blocks import clean, escape
from workflows.engine import posting
from workflows.engine.actions import Done, Intent, happened, is_over
from workflows.engine.durable import urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.posting import Message
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.language.text import _
from workflows.language.wording import say
from workflows.measure import now_texts, voice, voice_texts
from workflows.measure.now import Now, struggles
from workflows.measure.voice import Voice
from workflows.measure.voice_texts import PARTED
from workflows.people import addressing, colleagues
from workflows.people.asked import asks
from workflows.people.may import READ
from workflows.people.person import Person, somebody
from workflows.search import search
from workflows.tables.runs import Action
from workflows.wish.shown import QUOTE

SHARED = "{name} shared an answer about customers."
QUOTED = "A customer's words were quoted in an answer that {name} shared in Slack."
NO_ANSWER = "The button does not say which answer to share."
ALREADY = "This answer was already shared here."
NOT_HERE = "Not shared: Yamabiko is not in this channel. Type /invite @yamabiko there, then press the button again."
SHOWN = "A shared answer was brought up to date."
#: What is quoted of whoever waits.
CHAT = "chat"
#: Digits of the moment at which an answer was given.
LONGEST_MOMENT = 15


@dataclass(frozen=True)
class Answered:
    """An answer that somebody got: when, and about which words ("" for what customers struggle with)."""

    at: int
    words: str

    @classmethod
    def read(cls, value: str) -> Answered | None:
        """As the button's value says it; None where it says none."""
        at, parted, words = value.partition(PARTED)
        is_moment = at.isascii() and at.isdecimal() and len(at) <= LONGEST_MOMENT
        is_asked = words == clean(words).strip() and not search.problem(words)
        return cls(int(at), words) if parted and is_moment and is_asked else None

    def key(self, channel: str, person: str) -> str:
        """Under which it is shared there, for ever."""
        return f"voice:{channel}:{person}:{self.at}:{sha256(self.words.encode()).hexdigest()[:12]}"


def is_here(channel: str, *, soon: bool = False) -> bool:
    """May we write into this channel? Direct messages with us have no members, and others we do not see."""
    slack = vendors.slack
    if slack is None:
        return True  # then it says so itself that nothing is posted
    found = slack.channel(channel, soon=soon) if channel else None
    return found is not None and (found.is_member or channel.startswith("D"))


@urgent
@asks(READ)
def shared(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody shares an answer in the channel in which they asked."""
    answered, by = Answered.read(value), somebody(user_id)
    if answered is None or not channel:
        return ignored(NO_ANSWER)
    key = answered.key(channel, user_id)
    if is_over(key):
        posting.whisper(channel, user_id, say(colleagues.language_of(user_id), ALREADY))
        return ignored(ALREADY)
    if not is_here(channel):
        return ignored(NOT_HERE)
    _post(answered, key, channel, by)
    return done(SHARED, name=by.name)


def _post(answered: Answered, key: str, channel: str, by: Person) -> None:
    """What an earlier attempt chose to quote is quoted."""
    begun = store.read(lambda session: session.get(Action, key))
    found = _found(answered, begun.facts.get("quoted") if begun else None)
    facts: dict[str, Any] = {"name": by.name, "at": answered.at, "words": answered.words}
    facts["quoted"] = [each.key for each in _quoted(found)]
    intent = Intent("slack", "share", key, channel, SHARED, facts)
    words = partial(_words, found, channel, by.name)
    addressing.post(intent, words, since_ms=answered.at, also=partial(_remember, intent, found))


def _found(answered: Answered, quoted: Collection[Sequence[str]] | None) -> Voice | Now:
    """What was answered; the numbers are those of now for the weeks of then."""
    if answered.words:
        return store.read(partial(voice.about, typed=answered.words, now=answered.at, quoted=quoted))
    found = store.read(partial(struggles, now=answered.at))
    chosen = [row for row in found.waiting if quoted is None or [CHAT, row.id] in quoted]
    return replace(found, waiting=chosen)


class Quoted(NamedTuple):
    """Somebody's words in an answer: as what they are found again, and whose timelines say that they stand there."""

    key: list[str]
    conversation_id: str
    feedback_id: int | None = None


def _quoted(found: Voice | Now) -> list[Quoted]:
    if isinstance(found, Voice):
        return [Quoted(each.key, each.conversation_id, each.feedback_id) for each in found.quotes]
    return [Quoted([CHAT, row.id], row.id) for row in found.waiting]


def _words(found: Voice | Now, channel: str, name: str) -> Message:
    """The answer, and whose it was."""
    if isinstance(found, Voice):
        text, made = voice_texts.message(found, channel)
    else:
        text, made = now_texts.message(found, channel)
    return text, [*made, blocks.small(escape(_("Shared by {name}", name=name)))]


def _remember(intent: Intent, found: Voice | Now, session: Session, result: Done) -> None:
    """Whose words stand there, in the timelines of their conversations: what is erased there is erased here."""
    for number, quoted in enumerate(_quoted(found)):
        key, facts = f"{intent.key}{QUOTE}{number}", {"name": intent.facts["name"]}
        about: dict[str, Any] = {"conversation_id": quoted.conversation_id, "feedback_id": quoted.feedback_id}
        quoting = Intent("slack", "quote", key, intent.target, QUOTED, facts, is_dry=result.is_dry, **about)
        happened(session, quoting)


@workflow
def reshow(key: str) -> Outcome:
    """Something that a shared answer quotes was erased: it says what is left."""
    row = store.read(lambda session: session.get(Action, key))
    if row is not None and row.target:
        answered = Answered(int(row.facts["at"]), str(row.facts["words"]))
        found = _found(answered, row.facts.get("quoted", ()))
        addressing.update([key], partial(_words, found, row.target, str(row.facts["name"])))
    return done(SHOWN)
