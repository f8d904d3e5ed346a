"""Messages in Chatwork that are posted once, found again, and brought up to date where they stand.

    parts = notation.message("お客様の声 日報", blocks, link, more=…)       # `link`: our page for this message alone
    place = post(Intent("chatwork", "post", "digest:2026-11-20", room, TOLD, …), parts, link, since_ms=…)

Chatwork keeps nothing beside a message's text, so what it is found by stands in it: `link`, the address of our own page
for whatever it tells of. It has to be another one for each message, and the same again for each attempt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from integrations.chatwork import ChatworkClient, Notation, TooLarge, message_url, notation
from workflows.engine import dry_run, restored
from workflows.engine.actions import Done, Intent, Keep, act, leave
from workflows.engine.durable import current_run
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.tables.runs import Action

#: Seconds by which Chatwork's clock and ours may differ.
CLOCKS_DIFFER = 300

#: What is said of the further parts of a long message, of a message that says something else by now, and of a picture.
CONTINUED = "Posted part {n} of {of} of a message in Chatwork."
UPDATED = "Updated a message in Chatwork."
PICTURE_TOO_LARGE = "Not posted: the picture is too large for Chatwork."


@dataclass(frozen=True)
class Place:
    """Where a message stands: its room, and its id there."""

    room: str
    message: str

    @property
    def is_dry(self) -> bool:
        """Is it a message that was never posted, but in a dry run?"""
        return dry_run.is_reference(self.room)


def post(
    intent: Intent, parts: Sequence[Notation], link: str, *, since_ms: int, also: Keep | None = None
) -> Place | None:
    """Post a message to the room `intent.target` once; where its first part stands, None where Chatwork is off.

    `parts` are what `notation.message` made for this `link`; they go in their order, each once. `since_ms`: it was
    certainly not posted before, as far as this database knows. `also` writes down more in the commit that says that the
    first part stands. Raises ValueError, before anything is posted, where a part cannot be found again.

    Raises what the client raises. Permanent, where it was in doubt and there are a hundred newer messages in the room:
    it is not posted again, and a person has to look.
    """
    markers = [notation.marker(link, number) for number in range(1, len(parts) + 1)]
    if not parts or not all(map(notation.carries, parts, markers)):
        raise ValueError("a part of a message does not carry its link")
    first = _post(intent, parts[0], markers[0], since_ms, also)
    for number in range(2, len(parts) + 1):
        further = _further(intent, number, len(parts))
        _post(replace(further, is_dry=intent.is_dry or first.is_dry), parts[number - 1], markers[number - 1], since_ms)
    return place_of(first.ref)


def post_picture(intent: Intent, name: str, png: bytes, text: Notation, *, since_ms: int) -> bool:
    """Post a picture with a line of text to the room `intent.target` once; False where it was left undone.

    `name` is the file's, of ASCII: by it the picture is found again, so no other picture has it. One that is too large
    is left undone with a sentence that says so; whoever posts one has posted the text before.
    """

    def call() -> Done:
        return _done(intent.target, _chatwork().upload(intent.target, name, png, text))

    def look() -> Done | None:
        found = _chatwork().find_file(intent.target, name, oldest=_oldest(since_ms))
        return _done(intent.target, found) if found else None

    try:
        return bool(act(intent, call, look).ref)
    except TooLarge:
        leave(intent, PICTURE_TOO_LARGE)
        return False


def where(key: str) -> Place | None:
    """Where the message stands that was posted under this key; in a dry run, also where it would have been posted."""
    row = store.read(lambda session: session.get(Action, key))
    place = place_of(row.ref) if row is not None else None
    return None if place is not None and place.is_dry and not dry_run.is_on() else place


def update(place: Place, body: Notation) -> bool:
    """Let a message say something else; False if it is gone, or Chatwork is off. Nobody is notified.

    It may be repeated. Only a message of one part is brought up to date; it goes on carrying its link.
    """
    if vendors.chatwork is None or place.is_dry:
        return place.is_dry
    if dry_run.is_on():
        act(_updating(place), lambda: Done(str(_chatwork().edit(place.room, place.message, body))))
        return True
    return vendors.chatwork.edit(place.room, place.message, body)


def place_of(ref: str) -> Place | None:
    """Where the message stands that an action's reference names, or would stand; None if it names none."""
    if dry_run.is_reference(ref):
        return Place(ref, "")
    room, slash, message = ref.partition("/")
    return Place(room, message) if slash else None


def _post(intent: Intent, body: Notation, marker: str, since_ms: int, also: Keep | None = None) -> Done:
    room = intent.target

    def call() -> Done:
        return _posted(room, _chatwork().post(room, body))

    def look() -> Done | None:
        found = _chatwork().find(room, marker, oldest=_oldest(since_ms))
        return _posted(room, found) if found else None

    return act(intent, call, look, also)


def _further(intent: Intent, number: int, of: int) -> Intent:
    """The write of one more part; a story's own facts are about the message, and said with its first part."""
    return replace(intent, key=f"{intent.key}/{number}", sentence=CONTINUED, facts={"n": str(number), "of": str(of)})


def _oldest(since_ms: int) -> float:
    return restored.since(since_ms) / 1000 - CLOCKS_DIFFER


def _posted(room: str, message: str) -> Done:
    return Done(f"{room}/{message}", message_url(room, message))


def _done(room: str, file: str) -> Done:
    return Done(f"{room}/{file}")


def _updating(place: Place) -> Intent:
    return Intent("chatwork", "update", f"update:{place.room}/{place.message}:{current_run()}", place.room, UPDATED)


def _chatwork() -> ChatworkClient:
    assert vendors.chatwork is not None  # `act` does not call when it is off
    return vendors.chatwork
