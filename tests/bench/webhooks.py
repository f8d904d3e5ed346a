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
#: What else an app may be sent, and nobody acts on.
OTHERS = QUIET = ("ticket.created", "ping")


class Mailbag:
    """Deliveries of one workspace. `first` is the id of the first conversation, and makes all ids new."""

    def __init__(self, host: str, path: str, secret: str, app_id: str, first: int) -> None:
        self._host, self._path, self._secret, self._first = host, path, secret.encode(), first
        self._bodies = {topic: _captured(topic, app_id) for topic in (TAGGED, *OTHERS)}

    def tags(self, count: int) -> Iterator[bytes]:
        """So many tagged messages, each in a conversation of its own: every one starts a run."""
        for number in range(count):
            yield self._request(TAGGED, number)

    def mixed(self, count: int) -> Iterator[bytes]:
        """A day's mix: one delivery in ten starts a run."""
        for number in range(count):
            yield self._request(OTHERS[number % len(OTHERS)] if number % 10 else TAGGED, number)

    def other(self, number: int) -> bytes:
        """One that nobody acts on."""
        return self._request(QUIET[number % len(QUIET)], number)

    def _request(self, topic: str, number: int) -> bytes:
        body = self._bodies[topic].replace(b"$CHAT", b"%d" % (self._first + number))
        signature = hmac.new(self._secret, body, hashlib.sha1).hexdigest()
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"User-Agent: intercom-parrot-service-client/1.0\r\nAccept: application/json\r\n"
            f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            f"X-Hub-Signature: sha1={signature}\r\n\r\n"
        )
        return head.encode() + body


#: What a customer writes, so that a body has the usual few kilobytes.
LONG = "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。" * 15


def _captured(topic: str, app_id: str) -> bytes:
    """A captured body with gaps for what is new in each delivery."""
    said: dict[str, Any] = json.loads((PAYLOADS / f"{topic}.json").read_text(encoding="utf-8"))
    item = said["data"]["item"]
    chat = item.get("conversation", item)
    if "source" in chat:
        chat["source"]["body"] = LONG
    said["app_id"], said["id"] = app_id, "notif_$CHAT"
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return text.replace(f'"{chat.get("id")}"', '"$CHAT"').encode()
