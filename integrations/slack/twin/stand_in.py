"""A stand-in for Slack: a small workspace that speaks the Web API and sends signed requests.

    twin = SlackTwin(signing_secret="…", token="xoxb-…", team_id="T0YAMABIKO")
    twin.add_channel("C0SUPPORT1", "support"); twin.add_user("U0SATOMI01", "佐藤", "sato@example.co.jp")
    twin.say("C0SUPPORT1", "U0SATOMI01", "お客様から要望です")      # a signed `message` event
    twin.use_shortcut("U0SATOMI01", "escalate").view              # a signed interaction; the form it opened

Its API is served at `/api/`: for the client, `base_url` is `<server>/slack/api/`. Slack's own
methods take arguments as JSON, form or query string, by GET or POST; so do these. Faults are set for
`POST /api/<method>`. The errors are those of https://docs.slack.dev/reference/methods.

    data       people, channels, messages, paging      calls     arguments, refusals
    workspace  what people say, what the app hears     people    what people do with the app
    messages   what the app writes                     hooks     response_url
    modals     views.*: triggers, stacks, hashes       door      one request, three seconds
    steps      custom steps of workflows               files     pictures: address, bytes, shared
    blocks, elements, views, check                     what Slack refuses
"""

from __future__ import annotations

import time

from integrations.slack.twin.calls import Arguments, method
from integrations.slack.twin.data import DIRECT, PRIVATE, PUBLIC, Channel, Json, Refusal, page
from integrations.slack.twin.files import Files
from integrations.slack.twin.people import People
from integrations.slack.twin.steps import Steps
from integrations.slack.twin.workspace import BOT, BOT_USER, TEAM, URL, without_metadata

LONGEST_UPDATE = 4000


class SlackTwin(People, Steps, Files):
    """Slack's Web API, as far as the service uses it."""

    # -- chat.* -------------------------------------------------------------

    @method("chat.postMessage", "chat:write", takes_json=True)
    def _post_message(self, given: Arguments) -> Json:
        channel = self.writable(self.addressed(given.need("channel")))
        message = self._composed(given, channel)
        metadata = given.metadata()
        message |= {"metadata": metadata} if metadata else {}
        self.one_per_second(channel)
        channel.add(message)
        self.note_effect("chat.postMessage", channel.id, **_facts(message))
        self.announce(channel, message)
        return _posted(channel, message)

    @method("chat.update", "chat:write", takes_json=True)
    def _update(self, given: Arguments) -> Json:
        channel = self.channel(given.need("channel"))
        message = self.own_message(channel, given.need("ts"), "cant_update_message")
        if len(given.text("text")) > LONGEST_UPDATE:
            raise Refusal("msg_too_long")
        content, metadata, before = self.content(given), given.metadata(), dict(message)
        # blocks that are not sent again are dropped; metadata stays unless it is replaced
        message.pop("blocks", None)
        message |= content | {"edited": {"user": BOT_USER, "ts": self.stamps.next()}}
        message |= {"metadata": metadata} if metadata else {}
        self.note_effect("chat.update", channel.id, **_facts(message))
        self.announce_change(channel, "message_changed", message=message, previous_message=before)
        return _posted(channel, message) | {"text": message["text"]}

    @method("chat.postEphemeral", "chat:write", takes_json=True)
    def _post_ephemeral(self, given: Arguments) -> Json:
        channel, user = self.writable(self.channel(given.need("channel"))), given.need("user")
        if user not in channel.members:
            raise Refusal("user_not_in_channel")
        message = self._composed(given, channel)
        self.whisper(channel.id, user, message)
        self.note_effect("chat.postEphemeral", channel.id, user=user, **_facts(message))
        return {"message_ts": message["ts"]}

    @method("chat.delete", "chat:write", takes_json=True)
    def _delete(self, given: Arguments) -> Json:
        channel = self.channel(given.need("channel"))
        message = self.own_message(channel, given.need("ts"), "cant_delete_message")
        self.note_effect("chat.delete", channel.id, ts=message["ts"])
        self.forget(channel.id, message)
        return {"channel": channel.id, "ts": message["ts"]}

    @method("chat.getPermalink")
    def _get_permalink(self, given: Arguments) -> Json:
        channel = self.channel(given.need("channel"))
        message = self.message(channel, given.need("message_ts"))
        address = f"{URL}archives/{channel.id}/p{message['ts'].replace('.', '')}"
        thread = message.get("thread_ts", message["ts"])
        if thread != message["ts"]:
            address += f"?thread_ts={thread}&cid={channel.id}"
        return {"channel": channel.id, "permalink": address}

    @method("reactions.add", "reactions:write", takes_json=True)
    def _add_reaction(self, given: Arguments) -> Json:
        channel = self.channel(given.need("channel"))
        message, name = self.message(channel, given.need("timestamp")), given.need("name")
        reactions = message.setdefault("reactions", [])
        reaction = next((one for one in reactions if one["name"] == name), None)
        if reaction and BOT_USER in reaction["users"]:
            raise Refusal("already_reacted")
        if not reaction:
            reactions.append(reaction := {"name": name, "users": [], "count": 0})
        reaction["users"].append(BOT_USER)
        reaction["count"] += 1
        self.note_effect("reactions.add", channel.id, ts=message["ts"], name=name)
        return {}

    # -- conversations.* ----------------------------------------------------

    @method("conversations.history")
    def _history(self, given: Arguments) -> Json:
        channel = self.readable(given.need("channel"))
        messages = [message for message in reversed(channel.roots()) if given.spans(message)]
        shown, cursor = page(messages, "ts", given.limit(), given.text("cursor"))
        counts = {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
        return self._shown(shown, cursor, given) | counts

    @method("conversations.replies")
    def _replies(self, given: Arguments) -> Json:
        channel, root = self.readable(given.need("channel")), given.need("ts")
        if root not in channel.messages:
            raise Refusal("thread_not_found")
        thread = [message for message in channel.thread(root) if message["ts"] == root or given.spans(message)]
        shown, cursor = page(thread, "ts", given.limit(), given.text("cursor"))
        return self._shown(shown, cursor, given)

    @method("conversations.info")
    def _info(self, given: Arguments) -> Json:
        channel = self.channel(given.need("channel"))
        self.need_scope(f"{channel.kind}:read")
        return {"channel": channel.seen(BOT_USER)}

    @method("conversations.open", "im:write", takes_json=True)
    def _open(self, given: Arguments) -> Json:
        names = [name for name in given.text("users").split(",") if name]
        if not names:
            raise Refusal("users_list_not_supplied")
        if len(names) > 1:
            raise Refusal("invalid_user_combination")  # group messages are not modelled
        channel, is_new = self.direct(names[0])
        if is_new:
            self.note_effect("conversations.open", channel.id, user=names[0])
        return {"channel": {"id": channel.id}} | ({} if is_new else {"no_op": True, "already_open": True})

    @method("conversations.list", "channels:read")
    def _list(self, given: Arguments) -> Json:
        kinds = {"public_channel": PUBLIC, "private_channel": PRIVATE, "im": DIRECT}
        wanted = given.text("types", "public_channel").split(",")
        if not set(wanted) <= set(kinds):
            raise Refusal("invalid_types")
        found = [channel for channel in self.channels.values() if channel.kind in {kinds[name] for name in wanted}]
        seen = [channel.seen(BOT_USER) for channel in found if channel.kind == PUBLIC or BOT_USER in channel.members]
        if given.flag("exclude_archived"):
            seen = [channel for channel in seen if not channel["is_archived"]]
        shown, cursor = page(seen, "id", given.limit(), given.text("cursor"))
        return {"channels": shown} | _next(cursor)

    @method("conversations.members")
    def _members(self, given: Arguments) -> Json:
        channel = self.channel(given.need("channel"))
        self.need_scope(f"{channel.kind}:read")
        members = [{"id": member} for member in channel.members]
        shown, cursor = page(members, "id", given.limit(), given.text("cursor"))
        return {"members": [member["id"] for member in shown]} | _next(cursor)

    # -- users.*, auth.test -------------------------------------------------

    @method("users.info", "users:read")
    def _user_info(self, given: Arguments) -> Json:
        return {"user": self.person(given.need("user")).seen(self.team_id, given.flag("include_locale"))}

    @method("users.list", "users:read")
    def _users(self, given: Arguments) -> Json:
        seen = [person.seen(self.team_id, given.flag("include_locale")) for person in self.people.values()]
        shown, cursor = page(seen, "id", given.limit(), given.text("cursor"))
        return {"members": shown, "cache_ts": int(time.time())} | _next(cursor)

    @method("users.lookupByEmail", "users:read.email")
    def _lookup(self, given: Arguments) -> Json:
        email = given.need("email").lower()
        for person in self.people.values():
            if person.email.lower() == email and not person.deleted:
                return {"user": person.seen(self.team_id, with_locale=False)}
        raise Refusal("users_not_found")

    @method("auth.test", takes_json=True)
    def _auth_test(self, given: Arguments) -> Json:
        names = {"url": URL, "team": TEAM, "user": self.people[BOT_USER].name}
        ids = {"team_id": self.team_id, "user_id": BOT_USER, "bot_id": BOT}
        return names | ids | {"is_enterprise_install": False}

    # -- messages -----------------------------------------------------------

    def _composed(self, given: Arguments, channel: Channel) -> Json:
        """A message of ours as Slack keeps it, but not yet in the channel."""
        message = self.ours(self.content(given))
        if root := given.text("thread_ts"):
            if channel.messages.get(root, {"thread_ts": ""}).get("thread_ts", root) != root:
                raise Refusal("cannot_reply_to_message")  # there is no such message, or it is a reply itself
            message["thread_ts"] = root
        return message

    def _shown(self, messages: list[Json], cursor: str, given: Arguments) -> Json:
        with_metadata = given.flag("include_all_metadata")
        shown = [dict(message) if with_metadata else without_metadata(message) for message in messages]
        return {"messages": shown, "has_more": bool(cursor)} | (_next(cursor) if cursor else {})


def _posted(channel: Channel, message: Json) -> Json:
    return {"channel": channel.id, "ts": message["ts"], "message": without_metadata(message)}


def _facts(message: Json) -> Json:
    """What the log of effects keeps of a message."""
    marker = message.get("metadata", {}).get("event_payload", {}).get("key", "")
    facts = {"ts": message["ts"], "text": message["text"], "blocks": message.get("blocks", [])}
    return facts | {"thread_ts": message.get("thread_ts", ""), "marker": marker}


def _next(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}
