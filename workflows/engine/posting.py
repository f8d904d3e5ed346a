"""Messages in Slack that are posted once, found again, and brought up to date where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from integrations.slack import Posted, SlackClient, is_person
from integrations.slack.blocks import Block
from workflows.engine import dry_run, restored
from workflows.engine.actions import Done, Intent, Keep, act
from workflows.engine.durable import current_run
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.tables.runs import Action

#: Seconds by which Slack's clock and ours may differ.
CLOCKS_DIFFER = 300

#: The rules name no channel to post to.
NO_CHANNEL = "Not sent: no support channel is set in the rules."

#: What is said of a message that stands in Slack and would say something else by now.
UPDATED = "Updated a message in Slack."

#: The fact of a message that says in which language it was written to one person.
LANGUAGE = "language"

Message = tuple[str, list[Block]]


@dataclass(frozen=True)
class Place:
    """Where a message stands; `language` is the one in which it was written to one person, "" in a channel."""

    channel: str
    ts: str
    language: str = ""

    @property
    def is_dry(self) -> bool:
        """Is it a message that was never posted, but in a dry run?"""
        return dry_run.is_reference(self.channel)


def post(
    intent: Intent, message: Message, *, since_ms: int, thread: Place | None = None, also: Keep | None = None
) -> Place | None:
    """Post a message to `intent.target` (a channel, or a person) once; None where Slack is off or the person has left.

    `since_ms`: it was certainly not posted before, as far as this database knows. With a `thread`, it is a reply there.
    """

    if thread is not None and thread.is_dry:
        intent = replace(intent, is_dry=True)  # there is no message below which it could stand

    def call() -> Done:
        return _done(_slack().post(intent.target, *message, marker=intent.ref, thread_ts=thread.ts if thread else ""))

    def look() -> Done | None:
        return find(intent, since_ms=since_ms, thread=thread)

    return place_of(act(intent, call, look, also).ref)


def find(intent: Intent, *, since_ms: int, thread: Place | None = None) -> Done | None:
    """The message that an earlier attempt left in Slack; None if there is none."""
    channel = thread.channel if thread else channel_of(intent.target)
    oldest = restored.since(since_ms) / 1000 - CLOCKS_DIFFER
    found = _slack().find(channel, intent.ref, oldest=oldest, thread_ts=thread.ts if thread else "")
    return _done(found) if found else None


def where(keys: Sequence[str]) -> list[Place]:
    """Where the messages stand that were posted under these keys; in a dry run, those as well that would have been."""
    rows = store.read(lambda session: [session.get(Action, key) for key in keys])
    places = [place_of(row.ref, row.facts.get(LANGUAGE, "")) for row in rows if row is not None]
    return [place for place in places if place is not None and (dry_run.is_on() or not place.is_dry)]


def update(place: Place, message: Message) -> bool:
    """Let a message say something else; False if it is gone, or Slack is off."""
    if vendors.slack is None or place.is_dry:
        return place.is_dry
    if dry_run.is_on():
        act(_updating(place), lambda: Done(str(_slack().update(place.channel, place.ts, *message))))
        return True
    return vendors.slack.update(place.channel, place.ts, *message)


def _updating(place: Place) -> Intent:
    return Intent("slack", "update", f"update:{place.channel}/{place.ts}:{current_run()}", place.channel, UPDATED)


def whisper(channel: str, person: str, text: str, thread: str = "") -> bool:
    """Say something that only one person sees, in a channel or a thread of it; False where that is not possible."""
    slack = vendors.slack
    return bool(channel) and slack is not None and slack.whisper(channel, person, text, thread_ts=thread)


def _slack() -> SlackClient:
    assert vendors.slack is not None  # `act` does not call when it is off
    return vendors.slack


def channel_of(target: str) -> str:
    """The id of a channel; of a person, that of the direct messages with them."""
    return _slack().direct(target) if is_person(target) else target


def _done(posted: Posted | None) -> Done:
    return Done(f"{posted.channel}/{posted.ts}") if posted else Done()


def place_of(ref: str, language: str = "") -> Place | None:
    """Where the message stands that an action's reference names, or would stand; None if it names none."""
    if dry_run.is_reference(ref):
        return Place(ref, "", language)
    channel, slash, ts = ref.partition("/")
    return Place(channel, ts, language) if slash else None
