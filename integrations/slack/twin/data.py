"""What the Slack twin remembers: people, channels and messages, in the shapes of Slack's Web API."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

#: The prefix of the scopes of each kind of conversation, e.g. `groups:history`.
PUBLIC, PRIVATE, DIRECT = "channels", "groups", "im"


class Refusal(Exception):
    """Slack says no: an error code, and what stands beside it in the answer."""

    def __init__(self, error: str, status: int = 200, headers: Mapping[str, str] | None = None, **beside: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **beside}
        self.status, self.headers = status, headers or {}


@dataclass
class Person:
    """A member of the workspace, or a bot."""

    id: str
    name: str
    email: str = ""
    locale: str = "ja-JP"
    tz: str = "Asia/Tokyo"
    deleted: bool = False
    is_bot: bool = False
    #: A guest of several channels, or of a single one; and the workspace of somebody from another company.
    is_guest: bool = False
    is_single_channel_guest: bool = False
    team_id: str = ""
    updated: int = 0

    def seen(self, team_id: str, with_locale: bool) -> Json:
        """The user object. https://docs.slack.dev/reference/objects/user-object"""
        names = dict.fromkeys(
            ("real_name", "real_name_normalized", "display_name", "display_name_normalized"), self.name
        )
        blank = dict.fromkeys(("title", "phone", "skype", "status_text", "status_emoji", "avatar_hash"), "")
        team_id = self.team_id or team_id
        profile = names | blank | {"team": team_id, "email": self.email}
        user = {"id": self.id, "team_id": team_id, "name": self.id.lower(), "real_name": self.name, "tz": self.tz}
        flags = {"deleted": self.deleted, "is_bot": self.is_bot, "is_app_user": False, "updated": self.updated}
        flags |= {"is_restricted": self.is_guest, "is_ultra_restricted": self.is_single_channel_guest}
        flags |= {"is_email_confirmed": bool(self.email)} if not self.is_bot else {}
        return user | flags | {"profile": profile} | ({"locale": self.locale} if with_locale else {})


@dataclass
class Channel:
    """A public or private channel, or the direct messages with a person (`kind`)."""

    id: str
    name: str
    kind: str = PUBLIC
    members: list[str] = field(default_factory=list)
    archived: bool = False
    #: With another company, by Slack Connect.
    shared: bool = False
    created: int = 0
    #: By ts, oldest first, replies included; each as the Web API shows it.
    messages: dict[str, Json] = field(default_factory=dict)

    def seen(self, bot: str) -> Json:
        """The conversation object. https://docs.slack.dev/reference/objects/conversation-object"""
        if self.kind == DIRECT:
            person = next(member for member in self.members if member != bot)
            return {"id": self.id, "created": self.created, "is_im": True, "user": person, "is_archived": self.archived}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == PUBLIC,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == PRIVATE,
            "is_archived": self.archived,
            "is_general": False,
            "is_shared": self.shared,
            "is_ext_shared": self.shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "is_member": bot in self.members,
            "created": self.created,
            "creator": self.members[0] if self.members else bot,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    def thread(self, ts: str) -> list[Json]:
        """A message and the replies to it, oldest first."""
        return [message for message in self.messages.values() if ts in (message["ts"], message.get("thread_ts"))]

    def roots(self) -> list[Json]:
        """What the channel's history shows: everything but replies."""
        return [
            message for message in self.messages.values() if message.get("thread_ts", message["ts"]) == message["ts"]
        ]

    def add(self, message: Json) -> None:
        """Put a message at the end; a reply makes its parent the root of a thread."""
        self.messages[message["ts"]] = message
        parent = self.messages.get(message.get("thread_ts", ""))
        if parent is not None and parent is not message:
            message["parent_user_id"] = parent["user"]
            self._count_reply(parent, message)

    def _count_reply(self, parent: Json, reply: Json) -> None:
        repliers = parent.get("reply_users", [])
        parent["reply_users"] = [*repliers, *({reply["user"]} - set(repliers))]
        parent["reply_users_count"] = len(parent["reply_users"])
        parent["reply_count"] = parent.get("reply_count", 0) + 1
        parent |= {"thread_ts": parent["ts"], "latest_reply": reply["ts"], "subscribed": False}


class Stamps:
    """The workspace's clock: every `ts` is unique and larger than all before. Kept in microseconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._last = clock, 0

    def next(self) -> str:
        """The ts of something that happens now."""
        self._last = max(self._last + 1, int(self._clock() * 1_000_000))
        return f"{self._last // 1_000_000:010d}.{self._last % 1_000_000:06d}"


def with_emoji(value: Any) -> Any:
    """Blocks, views or options as Slack gives them back: every plain text says whether `:smile:` is a picture."""
    if isinstance(value, list):
        return [with_emoji(part) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {name: with_emoji(part) for name, part in value.items()}
    return kept | {"emoji": kept.get("emoji", True)} if kept.get("type") == "plain_text" else kept


def micros(ts: str) -> int | None:
    """A ts, or any number of seconds, in microseconds; None where it is neither."""
    match = re.fullmatch(r"([0-9]{1,11})(?:\.([0-9]{1,6})[0-9]*)?", ts)
    return int(match[1]) * 1_000_000 + int((match[2] or "").ljust(6, "0")) if match else None


def page(items: Sequence[Json], key: str, limit: int, cursor: str) -> tuple[list[Json], str]:
    """A page of `items` and the cursor of the next one ("" at the end).

    https://docs.slack.dev/apis/web-api/pagination
    """
    start = 0
    if cursor:
        keys = [_cursor(item[key]) for item in items]
        if cursor not in keys:
            raise Refusal("invalid_cursor")
        start = keys.index(cursor)
    following = items[start + limit : start + limit + 1]
    return list(items[start : start + limit]), _cursor(following[0][key]) if following else ""


def _cursor(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()
