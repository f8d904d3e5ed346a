"""What one person sees in Slack, read from the twin: who is there, where something is unread, a channel, a form.

Nothing here acts. `look` marks the channel on the screen as read, as looking at it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.demo.company import CHANNEL, CHANNELS, MEMBERS, Member
from app.demo.slack.blocks import Block, Choice, Form, blocks_of
from app.demo.slack.mrkdwn import Reader, plain, render
from app.demo.slack.seat import Seat
from app.demo.stage import Stage
from integrations.slack.twin import BOT_USER
from integrations.slack.twin.data import Json
from integrations.slack.twin.steps import COMPLETED, FAILED, RUNNING
from integrations.slack.twin.views import NEEDED
from workflows.language.wording import say

#: A channel shows so many messages with their threads, the newest.
MOST = 40
#: How Slack's states of a step are called on our pages.
STATES = {RUNNING: "open", COMPLETED: "done", FAILED: "dead"}
BY_ID = {member.id: member for member in MEMBERS}


@dataclass(frozen=True)
class Person:
    """Somebody whom one can be, and how much waits for them in their direct messages."""

    id: str
    name: str
    title: str
    unread: int


@dataclass(frozen=True)
class Place:
    """A channel, or one's own direct messages (`name` is "" then)."""

    id: str
    name: str
    unread: int = 0


@dataclass(frozen=True)
class Message:
    """A message as it is shown. `at` is the reader's clock; a whisper is seen by nobody else.

    `thread`: the message that it is a reply to, or itself; "" where nobody can reply.
    """

    ts: str
    who: str
    at: str
    blocks: Sequence[Block]
    thread: str = ""
    is_app: bool = False
    is_reply: bool = False
    is_edited: bool = False
    is_whisper: bool = False


@dataclass(frozen=True)
class Modal:
    """The form that is open. Its `key` changes with everything that it shows."""

    key: str
    title: str
    blocks: Sequence[Block]
    submit: str
    close: str
    error: str = ""


@dataclass(frozen=True)
class Step:
    """How a step of a workflow stands (open, done or dead), and what it handed back: a code, or what was wrong."""

    state: str
    said: str


@dataclass(frozen=True)
class Desk:
    """One person's Slack."""

    me: Member
    people: Sequence[Person]
    places: Sequence[Place]
    place: Place
    messages: Sequence[Message]
    modal: Modal | None
    seat: Seat
    step: Step | None = None


def direct(user: str) -> str:
    """Where somebody's direct messages with the app are."""
    return f"D{user[1:]}"


def chosen(me: str, place: str) -> tuple[Member, str]:
    """Who and where one is: the first of all for nobody we know, the support channel for no place of theirs."""
    member = BY_ID.get(me, MEMBERS[0])
    return member, place if place in (*CHANNELS, direct(member.id)) else CHANNEL


def look(stage: Stage, me: str, place: str) -> Desk:
    """What somebody sees now."""
    member, channel = chosen(me, place)
    seat, reader = stage.seat(member.id), reader_of(stage, member)
    said = heard(stage, member.id, channel)
    if said:
        seat.see(channel, max(message["ts"] for message in said))
    places = [
        Place(id, reader.names.get(id, "") if id[0] == "C" else "", _unread(stage, member.id, id))
        for id in (*CHANNELS, direct(member.id))
    ]
    here = next(each for each in places if each.id == channel)
    people = [
        Person(each.id, each.name, each.title, _unread(stage, each.id, direct(each.id)))
        for each in MEMBERS
        if not _has_left(stage, each.id)
    ]
    messages = [_message(each, reader) for each in in_threads(said)]
    return Desk(member, people, places, here, messages, modal_of(stage, member, reader), seat, step_of(stage, seat))


def reader_of(stage: Stage, member: Member) -> Reader:
    """How texts are shown to somebody."""
    twin = stage.slack
    with twin.lock:
        names = {person.id: person.name for person in twin.people.values()}
        names |= {channel.id: channel.name for channel in twin.channels.values() if channel.id[0] == "C"}
        known = twin.people[member.id]
        return Reader(names, known.locale, ZoneInfo(known.tz))


def heard(stage: Stage, user: str, channel: str) -> list[Json]:
    """What somebody sees in a channel, oldest first: what was said, and what was told to them only."""
    whispers = [
        message | {"whisper": True} for message in stage.slack.whispers_to(user) if message["channel"] == channel
    ]
    return sorted([*stage.slack.messages(channel), *whispers], key=lambda message: str(message["ts"]))


def in_threads(said: Sequence[Json]) -> list[Json]:
    """The newest messages, each followed by the replies to it."""
    roots = [message for message in said if not _is_reply(message)]
    shown = []
    for root in roots[-MOST:]:
        shown += [root, *(reply for reply in said if _is_reply(reply) and reply["thread_ts"] == root["ts"])]
    return shown


def _is_reply(message: Json) -> bool:
    return bool(message.get("thread_ts", message["ts"]) != message["ts"])


def _unread(stage: Stage, user: str, channel: str) -> int:
    since = stage.seat(user).read.get(channel, "")
    return sum(message["ts"] > since and message["user"] != user for message in heard(stage, user, channel))


def _has_left(stage: Stage, user: str) -> bool:
    with stage.slack.lock:
        return stage.slack.people[user].deleted


def _blocks(said: Json, reader: Reader) -> list[Block]:
    pictures = [
        Block("picture", [plain(str(file["title"]))], picture=f"/demo/slack/pictures/{file['id']}.png")
        for file in said.get("files", ())
    ]
    words = blocks_of(said.get("blocks", []), reader) or [Block("text", [render(said["text"], reader)])]
    return pictures if pictures and not said["text"] else [*words, *pictures]


def _message(said: Json, reader: Reader) -> Message:
    moment = datetime.fromtimestamp(float(said["ts"]), reader.zone)
    today = datetime.now(reader.zone).date()
    clock = f"{moment:%H:%M}" if reader.locale.startswith("ja") else f"{moment:%I:%M %p}".removeprefix("0")
    return Message(
        ts=said["ts"],
        who=said["name"],
        at=clock if moment.date() == today else f"{moment:%m/%d} {clock}",
        blocks=_blocks(said, reader),
        thread=str(said.get("thread_ts") or ("" if "whisper" in said else said["ts"])),
        is_app=said["user"] == BOT_USER,
        is_reply=_is_reply(said),
        is_edited=said["edited"],
        is_whisper="whisper" in said,
    )


def step_of(stage: Stage, seat: Seat) -> Step | None:
    """The step that they started last; None before they start one."""
    if not seat.steps:
        return None
    ran = stage.slack.step(seat.steps[-1])
    return Step(STATES[ran["state"]], ran["outputs"].get("escalation", "") or ran["error"])


def modal_of(stage: Stage, member: Member, reader: Reader) -> Modal | None:
    """The form that somebody has before them."""
    view, seat = stage.slack.view_of(member.id), stage.seat(member.id)
    if view is None:
        return None
    is_same = seat.view == view["id"]
    errors = {id: spoken(member, text) for id, text in seat.errors.items()} if is_same else {}
    form = Form(view["state"]["values"], errors, people_of(stage), seat.typed, seat.found)
    return Modal(
        key=f"{view['id']}-{view['hash']}",
        title=view["title"]["text"],
        blocks=blocks_of(view["blocks"], reader, form),
        submit=view["submit"]["text"] if view["submit"] else "",
        close=view["close"]["text"] if view["close"] else say(language_of(member), "Close"),
        error=seat.told if seat.failed else "",
    )


def spoken(member: Member, sentence: str) -> str:
    """What Slack itself says under a field, in somebody's language."""
    return say(language_of(member), "Please complete this required field.") if sentence == NEEDED else sentence


def language_of(member: Member) -> str:
    """Which of our languages somebody has set in Slack."""
    return "ja" if member.locale.startswith("ja") else "en"


def people_of(stage: Stage) -> list[Choice]:
    """Whom a form lets choose."""
    with stage.slack.lock:
        return [(one.id, one.name) for one in stage.slack.people.values() if not (one.deleted or one.is_bot)]
