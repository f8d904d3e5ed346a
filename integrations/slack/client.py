"""What we ask of Slack, as verbs. Sync and thread-safe; answers are the values of `models.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.http import DEADLINE
from integrations.pace import Pace
from integrations.slack.api import Api
from integrations.slack.blocks import EMPTY, MESSAGE_TEXT, Block, cut, fit
from integrations.slack.files import Files
from integrations.slack.history import EVENT_TYPE, History, marked, with_file
from integrations.slack.hooks import Hooks
from integrations.slack.models import Channel, Identity, Posted, User, View
from integrations.spacing import Spacing
from integrations.untrusted import Node

#: Slack itself; a twin has an address of its own.
BASE_URL = "https://slack.com/api/"

#: Seconds between two messages to one channel. https://docs.slack.dev/apis/web-api/rate-limits
MESSAGE_SPACING = 1.0
#: Seconds for what has to be done before Slack gives up waiting for our own answer, after three.
PROMPT = 2.0
#: Members in a page.
PAGE = 200
#: A channel in which nothing can be changed any more.
SHUT = ("channel_not_found", "is_archived", "edit_window_closed")
#: How the ids of people begin, and what Slack says of a message to somebody who has left.
PEOPLE = ("U", "W")
LEFT = ("user_not_found", "user_disabled", "channel_not_found", "account_inactive")
#: What `users.info` says of an id that is nobody's, or nobody's whom we may see.
STRANGERS = ("user_not_found", "user_not_visible")
#: A trigger is good for three seconds and one modal. The method reference and the guide spell these differently.
SPENT_TRIGGERS = (
    *("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"),
    *("trigger_expired", "trigger_exchanged"),
)
NOT_THERE = ("user_not_in_channel", "channel_not_found", "not_in_channel")
NOT_RUNNING = ("function_execution_not_found", "execution_not_in_running_state")


class SlackClient:
    """Slack as a bot sees it.

    Every verb may raise Transient, RateLimited and Permanent (the message names Slack's error code).
    Those that cannot be repeated may raise Unsure: `post` and `upload`, after which `find` and `find_file` tell whether
    it arrived, and `whisper`, `open_view` and `update_view` with a hash, after which nothing tells.
    `team_id` is the workspace; `deadline` is in seconds; `pace`, where given, is one budget for all methods instead of
    one for each.
    """

    def __init__(
        self,
        base_url: str,
        bot_token: str,
        *,
        team_id: str = "",
        pace: Pace | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self.team_id = team_id
        self._api = Api(base_url, bot_token, pace=pace, deadline=deadline)
        self._prompt = Api(base_url, bot_token, pace=pace, deadline=min(deadline, PROMPT), attempts=1)
        self._files = Files(self._api, base_url, deadline=deadline)
        self._history = History(self._api)
        self._hooks = Hooks(base_url, deadline)
        self._spacing = Spacing(MESSAGE_SPACING, name="slack")

    def close(self) -> None:
        """Close all connections."""
        self._files.close()
        self._api.close()
        self._prompt.close()
        self._hooks.close()

    # -- messages -----------------------------------------------------------

    def post(
        self, channel: str, text: str, blocks: Sequence[Block], *, marker: str, thread_ts: str = ""
    ) -> Posted | None:
        """Post a message (or a reply to the message `thread_ts`) that `find` can find by its marker.

        `text` is what notifications and screen readers say: mrkdwn, cut at 4000 characters. Links are
        not unfolded. `channel` is an id; a person's id means the direct messages with them.
        Waits until a second has passed since the last message to this channel. None where the person is not here
        (any more).
        """
        self._spacing.wait(channel)
        message = _message(channel, text, blocks) | {
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": marker}},
        }
        if thread_ts:
            message["thread_ts"] = thread_ts
        left = dict.fromkeys(LEFT) if channel.startswith(PEOPLE) else {}
        return self._api.call("chat.postMessage", message, _posted, refusals=left, safe=False)

    def find(self, channel: str, marker: str, *, oldest: float, thread_ts: str = "") -> Posted | None:
        """The message that was posted with `marker` since `oldest` (Unix seconds), or None.

        Looks into the thread `thread_ts` where one is given; replies are not part of a channel's history.
        `channel` is a channel's id: for direct messages ask `direct` first. Raises Permanent where
        more than 2000 messages would have to be read.
        """
        ts = self._history.search(channel, marked(marker), oldest, thread_ts)
        return Posted(channel, ts) if ts else None

    # -- pictures -----------------------------------------------------------

    def upload(self, channel: str, name: str, png: bytes, title: str, thread_ts: str = "") -> str:
        """Post a picture (or a reply with one to the message `thread_ts`); the file's id. Raises PictureRefused, too.

        `name` is the file's, and no other file has it: by it `find_file` finds this one again. `title` is plain text,
        and what screen readers say. `channel` is a channel's id: for direct messages ask `direct` first.
        Waits as `post` does. Slack posts it in its own time: when this returns, the message may not be there yet.
        """
        self._spacing.wait(channel)
        return self._files.upload(channel, name, png, title, thread_ts)

    def find_file(self, channel: str, name: str, *, oldest: float, thread_ts: str = "") -> str | None:
        """The id of the file of this name that was posted here since `oldest` (Unix seconds), or None; as `find`.

        It is looked for among the messages, which needs no right to read files. Slack shares an uploaded file a while
        after it said so: one look in vain proves nothing. https://github.com/slackapi/python-slack-sdk/issues/1277
        """
        return self._history.search(channel, with_file(name), oldest, thread_ts) or None

    # -- messages that stand ------------------------------------------------

    def update(self, channel: str, ts: str, text: str, blocks: Sequence[Block]) -> bool:
        """Replace text and blocks of our own message; False if it is gone. The marker stays."""
        arguments = _message(channel, text, blocks) | {"ts": ts}
        return self._api.call("chat.update", arguments, _yes, refusals=_all_false(("message_not_found", *SHUT)))

    def permalink(self, channel: str, ts: str) -> str:
        """The address at which people open a message."""
        arguments = {"channel": channel, "message_ts": ts}
        return self._api.call("chat.getPermalink", arguments, lambda said: said["permalink"].text())

    def whisper(self, channel: str, user: str, text: str, blocks: Sequence[Block] = (), *, thread_ts: str = "") -> bool:
        """Show a message to one person in a channel, or in a thread of it; False where one of us is not in it.

        Slack keeps no such message: it cannot be found, updated or read later. `text` is mrkdwn.
        """
        arguments = _message(channel, text, blocks) | {"user": user} | ({"thread_ts": thread_ts} if thread_ts else {})
        return self._api.call("chat.postEphemeral", arguments, _yes, refusals=_all_false(NOT_THERE), safe=False)

    def respond(self, address: str, text: str, blocks: Sequence[Block] = ()) -> bool:
        """Show whoever typed a command the answer to it, after it was acknowledged; False where that is too late.

        `address` is the command's `response_url`. It works where the bot is not, and needs no token.
        """
        return self._hooks.say(address, cut(text, MESSAGE_TEXT).strip() or EMPTY, fit(blocks))

    # -- modals and steps ---------------------------------------------------

    def open_view(self, trigger_id: str, view: Block) -> View | None:
        """Open a modal for whoever caused the trigger; None where its three seconds are over or it was used."""
        arguments = {"trigger_id": trigger_id, "view": view}
        # a second attempt after a lost answer would find the trigger used, whether or not a modal is open
        refusals = dict.fromkeys(SPENT_TRIGGERS)
        return self._prompt.call("views.open", arguments, _view, refusals=refusals, safe=False)

    def update_view(self, view_id: str, view: Block, hash: str = "") -> bool:
        """Replace an open modal; False if it is closed, or no longer in the state that `hash` stands for."""
        arguments = {"view_id": view_id, "view": view} | ({"hash": hash} if hash else {})
        # as above: after a lost answer the hash would be that of our own change
        refusals = _all_false(("hash_conflict", "not_found"))
        return self._api.call("views.update", arguments, _yes, refusals=refusals, safe=not hash)

    def complete_step(self, execution_id: str, outputs: Mapping[str, str]) -> bool:
        """Let a workflow go on; False where its step is not waiting (any more)."""
        arguments = {"function_execution_id": execution_id, "outputs": dict(outputs)}
        return self._api.call("functions.completeSuccess", arguments, _yes, refusals=_all_false(NOT_RUNNING))

    def fail_step(self, execution_id: str, error: str) -> bool:
        """Let a workflow end with a sentence for the person who started it; False where its step is not waiting."""
        arguments = {"function_execution_id": execution_id, "error": error}
        return self._api.call("functions.completeError", arguments, _yes, refusals=_all_false(NOT_RUNNING))

    # -- people and channels ------------------------------------------------

    def direct(self, user_id: str) -> str:
        """The id of the channel that holds the direct messages with a person, opened if need be."""
        arguments = {"users": user_id}
        return self._api.call("conversations.open", arguments, lambda said: said["channel"]["id"].text())

    def lookup(self, email: str) -> str | None:
        """The id of the person with this address; None for strangers and for people who have left."""
        return self._api.call("users.lookupByEmail", {"email": email}, _user_id, refusals={"users_not_found": None})

    def user(self, user_id: str, *, soon: bool = False) -> User | None:
        """Who somebody is, also once they have left (`deleted`); None for an id that is nobody's here.

        `soon`: somebody waits for the answer, so there is one attempt, of at most two seconds.
        """
        arguments = {"user": user_id, "include_locale": True}
        api = self._prompt if soon else self._api
        return api.call("users.info", arguments, _user, refusals=dict.fromkeys(STRANGERS))

    def whoami(self) -> Identity:
        """Whose token this is, and what it may do."""
        return self._api.call("auth.test", {}, Identity.read)

    def channel(self, channel: str, *, soon: bool = False) -> Channel | None:
        """A channel that we can see and that is not archived, by its id; None where there is none.

        A private channel that the bot was not invited to looks like one that does not exist. `soon`: as for `user`.
        """
        api = self._prompt if soon else self._api
        return api.call("conversations.info", {"channel": channel}, _channel, refusals={"channel_not_found": None})

    def members(self, channel: str, most: int) -> tuple[str, ...] | None:
        """The ids of everybody in a channel, apps among them; None where these are more than `most`, or it is none."""
        arguments, found = {"channel": channel, "limit": PAGE}, list[str]()
        while len(found) <= most:
            page = self._api.call(
                "conversations.members", arguments, _members, refusals={"channel_not_found": (["?"] * (most + 1), "")}
            )
            found += page[0]
            if not page[1]:
                break
            arguments["cursor"] = page[1]
        return tuple(found) if len(found) <= most else None


def _message(channel: str, text: str, blocks: Sequence[Block]) -> dict[str, Any]:
    # `parse`: chat.update would otherwise make links and mentions of what only looks like them.
    # `link_names` is never sent, for the same reason.
    wording = cut(text, MESSAGE_TEXT).strip() or EMPTY
    return {"channel": channel, "text": wording, "blocks": fit(blocks), "parse": "none"}


def _posted(said: Node) -> Posted | None:
    return Posted.read(said)


def _user(said: Node) -> User | None:
    return User.read(said)


def _user_id(said: Node) -> str | None:
    return said["user"]["id"].text()


def _view(said: Node) -> View | None:
    return View.read(said)


def _all_false(codes: Sequence[str]) -> dict[str, bool]:
    return dict.fromkeys(codes, False)


def _channel(said: Node) -> Channel | None:
    return None if said["channel"]["is_archived"] else Channel.read(said)


def _members(said: Node) -> tuple[list[str], str]:
    next_cursor = said["response_metadata"]["next_cursor"].text(or_="")
    return [member.text() for member in said["members"].items()], next_cursor


def _yes(said: Node) -> bool:
    return True
