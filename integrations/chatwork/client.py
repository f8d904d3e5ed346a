"""What we ask of Chatwork, as verbs. Sync and thread-safe; answers are the values of `models.py`.

Rooms, messages, files and accounts are named by their numbers, as text. A room's stands in its address, after `#!rid`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from integrations import hands_off
from integrations.chatwork.api import Api, rows
from integrations.chatwork.models import File, Me, Member, Message, Room, TooLarge, id_in
from integrations.chatwork.notation import Notation, carries
from integrations.contract import Permanent
from integrations.http import DEADLINE
from integrations.pace import Pace
from integrations.spacing import Spacing
from integrations.untrusted import Node

T = TypeVar("T")

#: Chatwork itself; a twin has an address of its own.
BASE_URL = "https://api.chatwork.com/v2"
#: Seconds between two posts in one room: ten within ten seconds are too many. Files count, as far as we know.
POST_SPACING = 1.2
#: So many of the newest Chatwork lists, and no others.
PAGE = 100
#: Bytes of a file.
LARGEST_FILE = 5 * 1024 * 1024
TOO_LARGE = "Chatwork takes no file of more than 5 MB"
SCROLLED_OFF = "Perhaps already posted: all messages that Chatwork still shows are newer. Check the room."
_ROOM = re.compile(r"[0-9]{1,20}", re.ASCII)


class ChatworkClient:
    """Chatwork as one account sees it.

    Every verb may raise Transient, RateLimited, Permanent and Unwelcome. `post` and `upload`, which cannot be repeated,
    may raise Unsure: then `find` and `find_file` tell whether it arrived. `deadline` is in seconds.
    """

    def __init__(self, base_url: str, token: str, *, pace: Pace | None = None, deadline: float = DEADLINE) -> None:
        self._api = Api(base_url, token, pace=pace, deadline=deadline)
        self._spacing = Spacing(POST_SPACING, name="chatwork")
        self._me: Me | None = None

    def close(self) -> None:
        """Close all connections."""
        self._api.close()

    # -- messages -----------------------------------------------------------

    def post(self, room: str, body: Notation) -> str:
        """Post a message; its id. Waits until its turn in this room."""
        path = f"{_room(room)}/messages"
        self._spacing.wait(room)
        return self._api.call("POST", path, _message_id, safe=False, data={"body": body})

    def find(self, room: str, marker: str, *, oldest: float) -> str | None:
        """The id of the message of ours that carries `marker`, or None.

        It was posted at `oldest` (Unix seconds) or later. Raises Permanent where it may have been, and there are so
        many newer ones that Chatwork does not show it any more.
        """
        path, me = f"{_room(room)}/messages", self.me().account

        def read(said: Node) -> tuple[list[Message], list[int]]:
            # of what others wrote nothing is looked at
            ours = [each for each in rows(said) if each["account"]["account_id"].text(or_="") == me]
            return [*map(Message.read, ours)], [each["send_time"].number(or_=0) for each in rows(said)]

        ours, sent_at = self._api.call("GET", path, read, params={"force": "1"})
        hit = next((message.id for message in ours if carries(message.body, marker)), None)
        if hit is None:
            _unless_scrolled_off(sent_at, oldest)
        return hit

    def edit(self, room: str, message: str, body: Notation) -> bool:
        """Let a message of ours say something else; False if it is gone. Nobody is notified."""
        path = f"{_room(room)}/messages/{message}"
        return self._api.call("PUT", path, lambda said: True, expect={404: False}, data={"body": body})

    # -- files --------------------------------------------------------------

    def upload(self, room: str, name: str, png: bytes, message: Notation) -> str:
        """Post a picture with a line of text; the file's id. Raises TooLarge, too.

        `name` is ASCII, and no other file has it: by it `find_file` finds this one again.
        """
        path = f"{_room(room)}/files"
        if len(png) > LARGEST_FILE:
            raise TooLarge(TOO_LARGE)
        self._spacing.wait(room)
        hands_off.refuse("Chatwork", f"POST {path}", {"message": message, "file": name})
        sent: dict[str, Any] = {"data": {"message": message}, "files": {"file": (name, png, "image/png")}}
        id = self._api.call("POST", path, _file_id, expect={413: ""}, safe=False, **sent)
        if not id:
            raise TooLarge(TOO_LARGE)
        return id

    def find_file(self, room: str, name: str, *, oldest: float) -> str | None:
        """The id of the file of this name that we have uploaded since `oldest` (Unix seconds), or None; as `find`."""
        path, asked = f"{_room(room)}/files", {"account_id": self.me().account}
        files = self._api.call("GET", path, _each(File.read), params=asked)
        hit = next((file.id for file in files if file.name == name), None)
        if hit is None:
            _unless_scrolled_off([file.sent_at for file in files], oldest)
        return hit

    # -- who and where ------------------------------------------------------

    def me(self) -> Me:
        """Whose token this is; asked once."""
        if self._me is None:
            self._me = self.whoami()
        return self._me

    def whoami(self) -> Me:
        """Whose token this is, asked now."""
        return self._api.call("GET", "/me", Me.read)

    def rooms(self) -> tuple[Room, ...]:
        """The rooms that the account is in."""
        return tuple(self._api.call("GET", "/rooms", _each(Room.read)))

    def members(self, room: str) -> tuple[Member, ...]:
        """Who is in a room."""
        return tuple(self._api.call("GET", f"{_room(room)}/members", _each(Member.read)))


def _room(room: str) -> str:
    """The path of a room. What is no number must not become a part of an address."""
    if not _ROOM.fullmatch(room):
        raise Permanent(f"{room[:40]!r} is not the number of a room in Chatwork")
    return f"/rooms/{room}"


def _unless_scrolled_off(shown: list[int], oldest: float) -> None:
    if len(shown) >= PAGE and min(shown) > oldest:
        raise Permanent(SCROLLED_OFF)


def _each(read: Callable[[Node], T]) -> Callable[[Node], list[T]]:
    return lambda said: [read(each) for each in rows(said)]


def _message_id(said: Node) -> str:
    return id_in(said["message_id"])


def _file_id(said: Node) -> str:
    return id_in(said["file_id"])
