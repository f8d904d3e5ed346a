"""What we ask of Slack, as verbs. Sync and thread-safe; answers are the values of `models.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.contract import Permanent
from integrations.http import DEADLINE
from integrations.pace import Pace
from integrations.slack.api import Api
from integrations.slack.blocks import EMPTY, MESSAGE_TEXT, Block, cut, fit
from integrations.slack.models import Identity, Posted, User
from integrations.slack.spacing import Spacing
from integrations.untrusted import Node

#: Slack itself; a twin has an address of its own.
BASE_URL = "https://slack.com/api/"

#: Our mark on the metadata of a message. https://docs.slack.dev/messaging/message-metadata
EVENT_TYPE = "yamabiko"
#: Seconds between two messages to one channel. https://docs.slack.dev/apis/web-api/rate-limits
MESSAGE_SPACING = 1.0
#: How far `find` looks back: messages in a page, and pages.
PAGE, PAGES = 200, 10


class SlackClient:
    """Slack as a bot sees it.

    Every verb may raise Transient, RateLimited and Permanent (the message names Slack's error code);
    `post` may raise Unsure, after which `find` tells whether the message arrived. `deadline` is in
    seconds; `pace`, where given, is one budget for all methods instead of one for each.
    """

    def __init__(self, base_url: str, bot_token: str, *, pace: Pace | None = None, deadline: float = DEADLINE) -> None:
        self._api = Api(base_url, bot_token, pace=pace, deadline=deadline)
        self._spacing = Spacing(MESSAGE_SPACING)

    def close(self) -> None:
        """Nothing is kept open between two calls; here because every client has it."""

    # -- messages -----------------------------------------------------------

    def post(self, channel: str, text: str, blocks: Sequence[Block], *, marker: str, thread_ts: str = "") -> Posted:
        """Post a message (or a reply to the message `thread_ts`) that `find` can find by its marker.

        `text` is what notifications and screen readers say: mrkdwn, cut at 4000 characters. Links are
        not unfolded. `channel` is an id; a person's id means the direct messages with them.
        Waits until a second has passed since the last message to this channel.
        """
        self._spacing.wait(channel)
        message = _message(channel, text, blocks) | {
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": marker}},
        }
        if thread_ts:
            message["thread_ts"] = thread_ts
        return self._api.call("chat.postMessage", message, Posted.read, safe=False)

    def find(self, channel: str, marker: str, *, oldest: float, thread_ts: str = "") -> Posted | None:
        """The message that was posted with `marker` since `oldest` (Unix seconds), or None.

        Looks into the thread `thread_ts` where one is given; replies are not part of a channel's history.
        `channel` is a channel's id: for direct messages ask `direct` first. Raises Permanent where
        more than 2000 messages would have to be read.
        """
        arguments = {"channel": channel, "oldest": f"{oldest:.6f}", "limit": PAGE, "include_all_metadata": True}
        if thread_ts:
            arguments["ts"] = thread_ts
        method = "conversations.replies" if thread_ts else "conversations.history"
        for _ in range(PAGES):
            found, cursor = self._page(method, arguments, marker)
            if found or not cursor:
                return Posted(channel, found) if found else None
            arguments["cursor"] = cursor
        raise Permanent(f"the marker is not among the first {PAGE * PAGES} messages that {method} shows")

    def _page(self, method: str, arguments: dict[str, Any], marker: str) -> tuple[str, str]:
        def read(said: Node) -> tuple[str, str]:
            hits = (message["ts"].text() for message in said["messages"].items() if _marker(message) == marker)
            return next(hits, ""), said["response_metadata"]["next_cursor"].text(or_="")

        # a thread that was deleted holds no messages
        return self._api.call(method, arguments, read, refusals={"thread_not_found": ("", "")})

    def update(self, channel: str, ts: str, text: str, blocks: Sequence[Block]) -> bool:
        """Replace text and blocks of our own message; False if it is gone. The marker stays."""
        arguments = _message(channel, text, blocks) | {"ts": ts}
        return self._api.call("chat.update", arguments, _yes, refusals={"message_not_found": False})

    def permalink(self, channel: str, ts: str) -> str:
        """The address at which people open a message."""
        arguments = {"channel": channel, "message_ts": ts}
        return self._api.call("chat.getPermalink", arguments, lambda said: said["permalink"].text())

    # -- people and channels ------------------------------------------------

    def direct(self, user_id: str) -> str:
        """The id of the channel that holds the direct messages with a person, opened if need be."""
        arguments = {"users": user_id}
        return self._api.call("conversations.open", arguments, lambda said: said["channel"]["id"].text())

    def lookup(self, email: str) -> str | None:
        """The id of the person with this address; None for strangers and for people who have left."""
        return self._api.call("users.lookupByEmail", {"email": email}, _user_id, refusals={"users_not_found": None})

    def user(self, user_id: str) -> User:
        """Who somebody is."""
        return self._api.call("users.info", {"user": user_id, "include_locale": True}, User.read)

    def whoami(self) -> Identity:
        """Whose token this is, and what it may do."""
        return self._api.call("auth.test", {}, Identity.read)

    def channel_exists(self, channel: str) -> bool:
        """Is this the id of a channel that we can see and that is not archived?

        A private channel that the bot was not invited to looks like one that does not exist.
        """
        refusals = {"channel_not_found": False}
        return self._api.call("conversations.info", {"channel": channel}, _is_open, refusals=refusals)


def _message(channel: str, text: str, blocks: Sequence[Block]) -> dict[str, Any]:
    # `parse`: chat.update would otherwise make links and mentions of what only looks like them.
    # `link_names` is never sent, for the same reason.
    wording = cut(text, MESSAGE_TEXT).strip() or EMPTY
    return {"channel": channel, "text": wording, "blocks": fit(blocks), "parse": "none"}


def _marker(message: Node) -> str:
    """The marker of one of our messages; other apps' metadata may have any shape."""
    metadata = message["metadata"]
    if metadata["event_type"].text(or_="") != EVENT_TYPE:
        return ""
    return metadata["event_payload"]["key"].text(or_="")


def _user_id(said: Node) -> str | None:
    return said["user"]["id"].text()


def _is_open(said: Node) -> bool:
    return bool(said["channel"]["id"]) and not said["channel"]["is_archived"]


def _yes(said: Node) -> bool:
    return True
