"""Looking for our own messages in a channel, or in a thread of it, before one is posted again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.contract import Permanent
from integrations.slack.api import Api
from integrations.untrusted import Node

#: Our mark on the metadata of a message. https://docs.slack.dev/messaging/message-metadata
EVENT_TYPE = "yamabiko"
#: How far a search looks back: messages in a page, and pages.
PAGE, PAGES = 200, 10

#: What is wanted of a message, as text; "" of one that is not the right one.
Pick = Callable[[Node], str]


class History:
    """What was said in Slack. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def search(self, channel: str, pick: Pick, oldest: float, thread_ts: str) -> str:
        """What `pick` makes of the first message of which it makes anything; "" where there is none.

        Raises Permanent where more messages would have to be read than is reasonable.
        """
        arguments = {"channel": channel, "oldest": f"{oldest:.6f}", "limit": PAGE, "include_all_metadata": True}
        if thread_ts:
            arguments["ts"] = thread_ts
        method = "conversations.replies" if thread_ts else "conversations.history"
        for _ in range(PAGES):
            found, cursor = self._page(method, arguments, pick)
            if found or not cursor:
                return found
            arguments["cursor"] = cursor
        raise Permanent(f"the marker is not among the first {PAGE * PAGES} messages that {method} shows")

    def _page(self, method: str, arguments: dict[str, Any], pick: Pick) -> tuple[str, str]:
        def read(said: Node) -> tuple[str, str]:
            hits = filter(None, map(pick, said["messages"].items()))
            return next(hits, ""), said["response_metadata"]["next_cursor"].text(or_="")

        # a thread that was deleted holds no messages
        return self._api.call(method, arguments, read, refusals={"thread_not_found": ("", "")})


def marked(marker: str) -> Pick:
    """The `ts` of the message that was posted with this marker."""
    return lambda message: message["ts"].text() if _marker(message) == marker else ""


def _marker(message: Node) -> str:
    """The marker of one of our messages; other apps' metadata may have any shape."""
    metadata = message["metadata"]
    if metadata["event_type"].text(or_="") != EVENT_TYPE:
        return ""
    return metadata["event_payload"]["key"].text(or_="")


def with_file(name: str) -> Pick:
    """The id of the file of this name, of the message that holds it."""

    def pick(message: Node) -> str:
        files = message["files"].items() if message["files"] else ()
        return next((file["id"].text() for file in files if file["name"].text(or_="") == name), "")

    return pick
