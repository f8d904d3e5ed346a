"""A stand-in for Chatwork: API v2 as far as it is asked, signed webhooks, and the people in its rooms.

    twin = ChatworkTwin(token="t", webhook_token=token_from("words")); twin.add_room(93207172, "お客様の声")
    twin.add_member(93207172, 2861671, "佐藤"); twin.say(93207172, 2861671, "対応中です"); twin.texts(93207172)

Not here: tasks, OAuth, downloads, rooms that are made over the API, what a free plan hides. Webhooks bear their
signature in the header only, and go on being sent whatever is answered.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from integrations.chatwork.events import SIGNATURE, sign
from integrations.chatwork.twin.api import Api
from integrations.chatwork.twin.data import Account, Message, Room


def token_from(words: str) -> str:
    """A webhook's token as Chatwork shows it; the same for the same words."""
    return base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()


class ChatworkTwin(Api):
    """See the module. `webhook_url` stands for a webhook of every room, and for one of the account's mentions."""

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook with this body."""
        return {SIGNATURE: sign(self.webhook_token, body), "user-agent": "ChatWork-Webhook/1.0.0"}

    # -- what people do -----------------------------------------------------

    def add_room(self, id: int, name: str, role: str = "member") -> None:
        """Somebody lets the account into a room."""
        with self.lock:
            self.rooms[id] = Room(id, name, role, {self.me.id: self.me})

    def add_member(self, room: int, account: int, name: str, organization: int = 101) -> None:
        """Somebody comes into a room."""
        with self.lock:
            self.rooms[room].members[account] = Account(account, name, organization)

    def set_role(self, room: int, role: str) -> None:
        """Somebody changes what the account may do: admin, member, readonly."""
        with self.lock:
            self.rooms[room].role = role

    def put_out(self, room: int) -> None:
        """Somebody takes the account out of a room."""
        with self.lock:
            del self.rooms[room]

    def say(self, room: int, account: int, text: str) -> str:
        """Somebody writes in a room; the message's id."""
        with self.lock:
            return self._add(self.rooms[room], self.rooms[room].members[account], text).id

    def change(self, room: int, message: str, text: str) -> None:
        """Somebody changes what they wrote."""
        with self.lock:
            found = self._message(self.rooms[room], message)
            found.body, found.update_time = text, int(self.clock())
            self._announce(self.rooms[room], found, "message_updated")

    # -- what is seen -------------------------------------------------------

    def texts(self, room: int) -> list[str]:
        """What stands in a room, in Chatwork's notation, oldest first."""
        with self.lock:
            return [message.body for message in self.rooms[room].messages]

    def notified(self, room: int) -> list[set[int]]:
        """Whom each message in a room notified."""
        with self.lock:
            return [set(message.notified) for message in self.rooms[room].messages]

    # -- webhooks -----------------------------------------------------------

    def _announce(self, room: Room, message: Message, topic: str) -> None:
        times = {"send_time": message.send_time, "update_time": message.update_time}
        told = {"message_id": message.id, "room_id": room.id, "body": message.body} | times
        self._tell(topic, told | {"account_id": message.account.id})
        if topic == "message_created" and self.me.id in message.notified:
            mention = told | {"from_account_id": message.account.id, "to_account_id": self.me.id}
            self._tell("mention_to_me", mention)

    def _tell(self, topic: str, event: dict[str, Any]) -> None:
        frame = {"webhook_setting_id": "12345", "webhook_event_type": topic, "webhook_event_time": int(self.clock())}
        self.send(frame | {"webhook_event": event})
