"""What Chatwork's stand-in keeps, how requests come in, and how many of them it takes."""

from __future__ import annotations

import email.policy
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

from integrations.twin import Ask, Said

Json = dict[str, Any]

CALLS, WINDOW = 300, 300.0
POSTS, POST_WINDOW = 10, 10.0
PAGE, LARGEST_FILE, LONGEST_TEXT = 100, 5 * 1024 * 1024, 65_535
PER_ROOM = "Rate limit for message posting per room exceeded."


class Refusal(Exception):
    """An answer that is none of 2xx."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(status, error)
        self.said = Said(status, {"errors": [error]})


@dataclass
class Account:
    """Somebody, and their organization."""

    id: int
    name: str
    organization: int = 101

    def as_json(self) -> Json:
        return {"account_id": self.id, "name": self.name, "avatar_image_url": f"https://chatwork.example/{self.id}.png"}


@dataclass
class Message:
    """A message, and whom it notified."""

    id: str
    account: Account
    body: str
    send_time: int
    update_time: int = 0
    notified: frozenset[int] = frozenset()

    def as_json(self) -> Json:
        told = {"message_id": self.id, "account": self.account.as_json(), "body": self.body}
        return told | {"send_time": self.send_time, "update_time": self.update_time}


@dataclass
class File:
    """A file, and the message that says that it is there."""

    id: int
    account: Account
    name: str
    content: bytes
    message: Message

    def as_json(self) -> Json:
        told = {"file_id": self.id, "account": self.account.as_json(), "message_id": self.message.id}
        return told | {
            "filename": self.name,
            "filesize": len(self.content),
            "upload_time": self.message.send_time,
        }


@dataclass
class Room:
    """A room; `role` is that of the account whose token it is: admin, member or readonly."""

    id: int
    name: str
    role: str = "member"
    members: dict[int, Account] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    #: What the token has fetched.
    fetched: set[str] = field(default_factory=set)

    def as_json(self) -> Json:
        counts = dict.fromkeys(("unread_num", "mention_num", "mytask_num", "task_num"), 0)
        told = {"room_id": self.id, "name": self.name, "type": "group", "role": self.role, "sticky": False}
        return (
            told
            | counts
            | {
                "message_num": len(self.messages),
                "file_num": len(self.files),
                "icon_path": "https://chatwork.example/room.png",
                "last_update_time": self.messages[-1].send_time if self.messages else 0,
            }
        )


class Limit:
    """At most so many within a window that begins with the first of them."""

    def __init__(self, most: int, window: float) -> None:
        self.most, self.window = most, window
        self._at: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Is there one more?"""
        while self._at and self._at[0] <= now - self.window:
            self._at.popleft()
        if len(self._at) >= self.most:
            return False
        self._at.append(now)
        return True

    def headers(self, now: float) -> dict[str, str]:
        """What is left of it, on every answer."""
        reset = int((self._at[0] if self._at else now) + self.window) + 1
        left = max(0, self.most - len(self._at))
        names = ("limit", "remaining", "reset")
        return {f"x-ratelimit-{name}": str(n) for name, n in zip(names, (self.most, left, reset), strict=True)}


def form_of(ask: Ask) -> Mapping[str, str]:
    """The fields of a form; none in a body of another kind. The query is not looked at."""
    if ask.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return {}
    return dict(parse_qsl(ask.body.decode(), keep_blank_values=True))


def upload_in(ask: Ask) -> tuple[str, bytes, str]:
    """The file's name, its content and the text beside it, of a multipart form. Raises Refusal."""
    head = f"content-type: {ask.headers.get('content-type', '')}\r\n\r\n".encode()
    name, content, text = "", None, ""
    for part in message_from_bytes(head + ask.body, policy=email.policy.HTTP).iter_parts():
        given = part.get_payload(decode=True)
        assert isinstance(given, bytes)
        if part.get_param("name", header="content-disposition") == "file":
            name, content = part.get_filename() or "", given
        else:
            text = given.decode()
    if content is None:
        raise Refusal(400, "Parameter 'file' is required")
    if len(content) > LARGEST_FILE:
        raise Refusal(413, "The file is too large")
    return name, content, text
