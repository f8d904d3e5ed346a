"""Intercom's webhooks as they come over the wire: captured bodies under new ids, really signed, ready to be written."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent.parent / "payloads" / "intercom"
TAGGED = "conversation_part.tag.created"
#: What else a support team's day sends, and nobody acts on.
OTHERS = (
    "conversation.admin.assigned",
    "conversation.user.replied",
    "conversation.admin.noted",
    "conversation.admin.closed",
    "conversation.admin.opened",
    "conversation.admin.assigned",
    "conversation.user.replied",
    "conversation.rating.added",
    "ping",
)


class Mailbag:
    """Deliveries of one workspace. `first` is the id of the first conversation, and makes all ids new."""

    def __init__(self, port: int, secret: str, app_id: str, first: int) -> None:
        self._port, self._secret, self._first = port, secret.encode(), first
        self._bodies = {topic: _captured(topic, app_id) for topic in (TAGGED, *OTHERS)}

    def tags(self, count: int) -> Iterator[bytes]:
        """So many tagged messages, each in a conversation of its own: every one starts a run."""
        for number in range(count):
            yield self._request(TAGGED, number)

    def mixed(self, count: int) -> Iterator[bytes]:
        """A day's mix: one delivery in ten starts a run."""
        for number in range(count):
            yield self._request(OTHERS[number % 10 - 1] if number % 10 else TAGGED, number)

    def _request(self, topic: str, number: int) -> bytes:
        body = self._bodies[topic].replace(b"$CHAT", b"%d" % (self._first + number))
        signature = hmac.new(self._secret, body, hashlib.sha1).hexdigest()
        head = (
            f"POST /webhooks/intercom HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"User-Agent: intercom-parrot-service-client/1.0\r\nAccept: application/json\r\n"
            f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            f"X-Hub-Signature: sha1={signature}\r\n\r\n"
        )
        return head.encode() + body


def _captured(topic: str, app_id: str) -> bytes:
    """A captured body with gaps for what is new in each delivery."""
    text = (PAYLOADS / f"{topic}.json").read_text(encoding="utf-8")
    said: dict[str, Any] = json.loads(text)
    item = said["data"]["item"]
    chat = item.get("conversation", item).get("id")
    for old, new in ((said["app_id"], app_id), (said["id"], "notif_$CHAT"), (chat, "$CHAT")):
        text = text.replace(f'"{old}"', f'"{new}"')
    return text.encode()
