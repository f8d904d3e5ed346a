"""The workspace behind the Slack twin: who and what is there, what people do, what the app hears of it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from integrations.slack.events import NAME, sign
from integrations.slack.twin.data import DIRECT, PRIVATE, PUBLIC, Channel, Json, Person, Refusal, Stamps
from integrations.twin import Ask, Fault, Said, Twin

#: What the app's manifest asks for.
SCOPES = (
    *("channels:history", "channels:read", "chat:write", "commands", "files:write", "groups:history"),
    *("groups:read", "im:history", "im:write", "users:read", "users:read.email"),
)
#: The events that the app's manifest subscribes to.
EVENTS = ("function_executed",)
BOT_USER, BOT, APP = "U0YAMABIKO", "B0YAMABIKO", "A0YAMABIKO"
TEAM, DOMAIN = "山びこ商会", "yamabiko-shokai"
URL = f"https://{DOMAIN}.slack.com/"
INJECTED = {"429": "ratelimited", "500": "internal_error", "503": "service_unavailable"}


class Workspace(Twin):
    """One workspace with one installed app.

    `scopes` is what the app was granted, `events` what it subscribed to; `per_channel` is Slack's limit of one
    message per second and channel, in seconds (0: no limit).
    """

    NAME = NAME

    def __init__(
        self,
        *,
        signing_secret: str,
        token: str,
        team_id: str,
        seed: int = 0,
        scopes: tuple[str, ...] = SCOPES,
        events: tuple[str, ...] = EVENTS,
        per_channel: float = 0.0,
    ) -> None:
        super().__init__(seed=seed)
        self.team_id, self.scopes, self.events, self.per_channel = team_id, scopes, events, per_channel
        self._signing_secret, self._token = signing_secret, token
        self.stamps = Stamps()
        #: Counts the seconds of triggers, tokens and deadlines; tests let it run ahead.
        self.clock: Callable[[], float] = time.monotonic
        self._events = seed  # a database that has seen another twin's events does not take ours for them
        self._posted_at: dict[str, float] = {}
        self.channels: dict[str, Channel] = {}
        #: What the app told one person only (`to`), oldest first.
        self.whispers: list[Json] = []
        self.people: dict[str, Person] = {BOT_USER: Person(BOT_USER, "yamabiko", is_bot=True)}

    # -- what the base asks -------------------------------------------------

    def answer(self, ask: Ask) -> tuple[Said, Fault | None]:
        """Slack treats GET and POST alike."""
        return super().answer(replace(ask, method="POST"))

    def guard(self, ask: Ask) -> Said | None:
        """A missing or wrong token is a refusal with status 200."""
        given = ask.headers.get("authorization", "").removeprefix("Bearer ")
        if given == self._token:
            return None
        error = "invalid_auth" if given else "not_authed"
        return Said(200, {"ok": False, "error": error}, {"x-slack-failure": error})

    def unknown(self, ask: Ask) -> Said:
        """There is no such method."""
        error = {"ok": False, "error": "unknown_method", "req_method": ask.path.removeprefix("/api/")}
        return Said(200, error, {"x-slack-failure": "unknown_method"})

    def stamp(self, ask: Ask, said: Said) -> Said:
        """Every answer to a known token tells its scopes."""
        known = self.guard(ask) is None
        return replace(said, headers={**said.headers, "x-oauth-scopes": ",".join(self.scopes)}) if known else said

    def broken(self, status: str) -> Any:
        """Slack's words for an injected error."""
        return {"ok": False, "error": INJECTED.get(status, "fatal_error")}

    def signed(self, body: bytes) -> dict[str, str]:
        """The signature's two headers. https://docs.slack.dev/authentication/verifying-requests-from-slack"""
        stamp = str(int(time.time()))
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": sign(self._signing_secret, stamp, body)}

    # -- people's verbs -----------------------------------------------------

    def add_channel(self, id: str, name: str, private: bool = False, member: bool = True) -> None:
        """Create a channel; the bot is invited unless `member` is false."""
        with self.lock:
            kind, members = PRIVATE if private else PUBLIC, [BOT_USER] if member else []
            self.channels[id] = Channel(id, name, kind, members, created=int(time.time()))

    def add_user(self, id: str, name: str, email: str, locale: str = "ja-JP") -> None:
        """Somebody joins the workspace."""
        with self.lock:
            self.people[id] = Person(id, name, email, locale, updated=int(time.time()))

    def deactivate(self, id: str) -> None:
        """Somebody leaves the company."""
        with self.lock:
            self.people[id].deleted = True

    def estrange(self, id: str, **flags: Any) -> None:
        """Somebody is made a guest (`is_guest=True`), or turns out to be of another workspace (`team_id=…`)."""
        with self.lock:
            self.people[id] = replace(self.people[id], **flags)

    def join(self, channel: str, user: str) -> None:
        """Somebody joins a channel."""
        with self.lock:
            members = self.channels[channel].members
            members += [self.people[user].id] if user not in members else []

    def archive(self, channel: str) -> None:
        """Nobody can write to the channel any more."""
        with self.lock:
            self.channels[channel].archived = True

    def remove_bot(self, channel: str) -> None:
        """Somebody removes the app from the channel."""
        with self.lock:
            self.channels[channel].members.remove(BOT_USER)

    def say(self, channel: str, user: str, text: str, thread_ts: str = "") -> str:
        """Somebody writes a message (or a reply); returns its ts. The app hears of it where it is a member."""
        with self.lock:
            place, person = self.channels[channel], self.people[user]
            place.members += [user] if user not in place.members else []
            ts = self.stamps.next()
            message = {"type": "message", "ts": ts, "user": person.id, "text": text, "team": self.team_id}
            message |= {"client_msg_id": self.uuid()} | ({"thread_ts": thread_ts} if thread_ts else {})
            place.add(message)
            self.announce(place, message)
            return ts

    def messages(self, channel: str) -> list[Json]:
        """All messages of a channel, oldest first, with the writers' names: for a page that shows them.

        Direct messages are in the channel "D" + the person's id without its first letter.
        """
        with self.lock:
            if channel not in self.channels and f"U{channel[1:]}" in self.people:
                return []  # direct messages that nobody has opened yet
            return [self._on_page(message) for message in self.channels[channel].messages.values()]

    def whispers_to(self, user: str) -> list[Json]:
        """What the app told this person only, oldest first, each with its `channel`: for a page that shows them."""
        with self.lock:
            heard = [message for message in self.whispers if message["to"] == user]
            return [self._on_page(message) | {"channel": message["channel"]} for message in heard]

    def event(self, payload: Mapping[str, Any]) -> None:
        """Send an inner event in the wrapper of the Events API. https://docs.slack.dev/apis/events-api"""
        with self.lock:
            self._events += 1
            bot = {"enterprise_id": None, "team_id": self.team_id, "user_id": BOT_USER, "is_bot": True}
            wrapper = {
                "type": "event_callback",
                "team_id": self.team_id,
                "api_app_id": APP,
                "event": dict(payload),
                "event_id": f"Ev{self._events:010d}",
                "event_time": int(time.time()),
                "authorizations": [bot | {"is_enterprise_install": False}],
                "is_ext_shared_channel": False,
            }
            self.send(wrapper)

    def send_form(self, payload: Mapping[str, Any]) -> None:
        """Send, signed, a slash command (the fields, if there is a `command`) or an interaction (as `payload=`)."""
        fields = payload if "command" in payload else {"payload": json.dumps(payload, ensure_ascii=False)}
        body = urlencode(fields).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | self.signed(body)
        with self.lock:
            if self.held is not None:
                self.held.append((headers, body))
            else:
                self.post(headers, body)

    def _on_page(self, message: Json) -> Json:
        wanted = ("ts", "user", "text", "blocks", "thread_ts", "reactions", "metadata", "files")
        shown = {name: message[name] for name in wanted if name in message}
        return shown | {"name": self.people[message["user"]].name, "edited": "edited" in message}

    # -- what the app hears -------------------------------------------------

    def announce(self, channel: Channel, message: Json) -> None:
        """A new message: an app that asked for it hears what is said where it is a member, its own words included."""
        if BOT_USER not in channel.members or channel.kind == DIRECT:
            return
        event = without_metadata(message) | {"channel": channel.id, "event_ts": message["ts"]}
        if _topic(channel) in self.events:
            self.event(event | {"channel_type": "group" if channel.kind == PRIVATE else "channel"})
        if "app_mention" in self.events and f"<@{BOT_USER}>" in message["text"]:
            self.event(event | {"type": "app_mention"})

    def announce_change(self, channel: Channel, subtype: str, **about: Any) -> None:
        """A message was changed or deleted."""
        if _topic(channel) in self.events:
            ts = self.stamps.next()
            where = {"channel": channel.id, "hidden": True, "ts": ts, "event_ts": ts}
            self.event({"type": "message", "subtype": subtype} | where | about)

    # -- rules that many methods share --------------------------------------

    def need_scope(self, scope: str) -> None:
        """Refuse what the app was not granted."""
        if scope and scope not in self.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(self.scopes))

    def channel(self, id: str) -> Channel:
        """A conversation that the app can see."""
        channel = self.channels.get(id)
        if channel is None or (channel.kind != PUBLIC and BOT_USER not in channel.members):
            raise Refusal("channel_not_found")
        return channel

    def addressed(self, name: str) -> Channel:
        """Where a new message goes: `chat.postMessage` also takes a channel's name and a person's id."""
        if name in self.people:
            return self.direct(name)[0]
        by_name = (channel.id for channel in self.channels.values() if channel.name == name.removeprefix("#"))
        return self.channel(name if name in self.channels else next(by_name, name))

    def writable(self, channel: Channel) -> Channel:
        """A conversation that the app may write to."""
        if channel.archived:
            raise Refusal("is_archived")
        if BOT_USER not in channel.members and "chat:write.public" not in self.scopes:
            raise Refusal("not_in_channel")
        return channel

    def readable(self, id: str) -> Channel:
        """A conversation whose messages the app may read."""
        channel = self.channel(id)
        self.need_scope(f"{channel.kind}:history")
        if BOT_USER not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def one_per_second(self, channel: Channel) -> None:
        """https://docs.slack.dev/apis/web-api/rate-limits"""
        now = self.clock()
        if now - self._posted_at.get(channel.id, -self.per_channel) < self.per_channel:
            raise Refusal("ratelimited", 429, {"Retry-After": "1"})
        self._posted_at[channel.id] = now

    def direct(self, user: str) -> tuple[Channel, bool]:
        """The direct messages with a person, and whether they are new."""
        if self.person(user).deleted:
            raise Refusal("user_disabled")
        id = f"D{user[1:]}"
        is_new = id not in self.channels
        return self.channels.setdefault(id, Channel(id, user, DIRECT, [BOT_USER, user])), is_new

    def person(self, id: str) -> Person:
        """Somebody in the workspace."""
        if id not in self.people:
            raise Refusal("user_not_found")
        return self.people[id]

    def message(self, channel: Channel, ts: str) -> Json:
        """A message in a conversation."""
        if ts not in channel.messages:
            raise Refusal("message_not_found")
        return channel.messages[ts]

    def own_message(self, channel: Channel, ts: str, refusal: str) -> Json:
        """A message that the app itself wrote; anybody else's is refused with `refusal`."""
        message = self.message(channel, ts)
        if message["user"] != BOT_USER:
            raise Refusal(refusal)
        return message

    def uuid(self) -> str:
        """A random id, the same ones for the same seed."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def without_metadata(message: Json) -> Json:
    """A message as everybody sees it."""
    return {name: value for name, value in message.items() if name != "metadata"}


def _topic(channel: Channel) -> str:
    """By which event messages of a channel are told; "" for direct ones."""
    return {PUBLIC: "message.channels", PRIVATE: "message.groups"}.get(channel.kind, "")
