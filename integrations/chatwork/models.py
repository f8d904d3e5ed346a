"""What Chatwork knows, in our words. Each `read` takes a part of an answer and raises Malformed.

Ids of messages have up to 19 digits and come as text: they are never made a number of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrations.contract import Malformed, Permanent
from integrations.untrusted import Node

#: Ids end up in paths.
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
#: Who may post in a room; a reader may not.
WRITERS = ("admin", "member")


class TooLarge(Permanent):
    """A file is larger than Chatwork takes."""


def id_in(node: Node) -> str:
    """An id as text. Raises Malformed for what is no digits."""
    id = node.text()
    if not _ID.fullmatch(id):
        raise Malformed(node.path, "is no id")
    return id


@dataclass(frozen=True)
class Me:
    """The account whose token we have: in whose name we post, and of which organization it is ("" for none)."""

    account: str
    name: str
    organization: str

    @classmethod
    def read(cls, said: Node) -> Me:
        """From the answer of `GET /me`."""
        return cls(id_in(said["account_id"]), said["name"].text(or_=""), said["organization_id"].text(or_=""))


@dataclass(frozen=True)
class Room:
    """A room that we are in. `role` is ours: admin, member or readonly."""

    id: str
    name: str
    kind: str
    role: str

    @property
    def is_writable(self) -> bool:
        """May we post there?"""
        return self.role in WRITERS

    @classmethod
    def read(cls, said: Node) -> Room:
        """From an entry of `GET /rooms`."""
        return cls(id_in(said["room_id"]), said["name"].text(or_=""), said["type"].text(or_=""), said["role"].text())


@dataclass(frozen=True)
class Member:
    """Somebody in a room, and of which organization they are ("" for none)."""

    account: str
    name: str
    organization: str

    @classmethod
    def read(cls, said: Node) -> Member:
        """From an entry of `GET /rooms/{id}/members`."""
        return cls(id_in(said["account_id"]), said["name"].text(or_=""), said["organization_id"].text(or_=""))


@dataclass(frozen=True)
class Message:
    """A message as it stands in a room: whose it is, what it says in Chatwork's notation, and since when (Unix s)."""

    id: str
    account: str
    body: str
    sent_at: int

    @classmethod
    def read(cls, said: Node) -> Message:
        """From an entry of `GET /rooms/{id}/messages`."""
        return cls(
            id_in(said["message_id"]),
            id_in(said["account"]["account_id"]),
            said["body"].text(or_=""),
            said["send_time"].number(),
        )


@dataclass(frozen=True)
class File:
    """A file in a room: its number, its name, and since when it is there (Unix s)."""

    id: str
    name: str
    sent_at: int

    @classmethod
    def read(cls, said: Node) -> File:
        """From an entry of `GET /rooms/{id}/files`."""
        return cls(id_in(said["file_id"]), said["filename"].text(or_=""), said["upload_time"].number())
