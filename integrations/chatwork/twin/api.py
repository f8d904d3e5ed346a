"""The part of API v2 that is spoken here. As at the vendor, only forms are read, and 204 stands for an empty list."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from typing import Any

from integrations.chatwork.twin.data import (
    CALLS,
    LONGEST_TEXT,
    PAGE,
    PER_ROOM,
    POST_WINDOW,
    POSTS,
    WINDOW,
    Account,
    File,
    Json,
    Limit,
    Message,
    Refusal,
    Room,
    form_of,
    upload_in,
)
from integrations.chatwork.twin.notified import notified
from integrations.twin import Ask, Said, Twin, route

NOT_FOUND = "Not Found"
NOT_IN_IT = "You don't have permission to post in this room"


def answers(pattern: str) -> Callable[..., Callable[..., Said]]:
    """Mark a method as the answer to a request; it returns what the answer says."""

    def mark(handler: Callable[..., Json | list[Json]]) -> Callable[..., Said]:
        @functools.wraps(handler)
        def answer(twin: Api, ask: Ask, **names: str) -> Said:
            try:
                said = handler(twin, ask, **names)
            except Refusal as refusal:
                return refusal.said
            return Said(204) if said == [] else Said(200, said)

        return route(pattern)(answer)

    return mark


class Api(Twin):
    """The routes, and what they stand on. Everything is asked with one account's token."""

    NAME = "chatwork"
    RESENDS = False

    def __init__(self, *, token: str, webhook_token: str, seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.token, self.webhook_token = token, webhook_token
        self.me = Account(2_739_132, "やまびこ")
        self.rooms: dict[int, Room] = {}
        #: The organization's administrator forbids the API.
        self.forbidden = False
        #: Longer texts than these are too long; Chatwork does not say whether its limit is one of characters or bytes.
        self.longest, self.longest_in_bytes = LONGEST_TEXT, 4 * LONGEST_TEXT
        self.clock: Callable[[], float] = time.time
        self._all, self._in_rooms = Limit(CALLS, WINDOW), dict[int, Limit]()
        self._next = 1_928_374_655_918_000_000 + seed % 1_000_000_000
        self._next_file = 7_654_321

    # -- how requests are met ---------------------------------------------------------------------

    def guard(self, ask: Ask) -> Said | None:
        given = ask.headers.get("x-chatworktoken") or ask.headers.get("authorization", "").removeprefix("Bearer ")
        if given != self.token:
            return Refusal(401, "Invalid API token").said
        if self.forbidden:
            return Refusal(403, "The administrator of your organization does not allow the API").said
        return None if self._all.take(self.clock()) else Refusal(429, "Rate limit exceeded").said

    def stamp(self, ask: Ask, said: Said) -> Said:
        return Said(said.status, said.body, self._all.headers(self.clock()) | dict(said.headers))

    def unknown(self, ask: Ask) -> Said:
        return Refusal(404, NOT_FOUND).said

    def broken(self, status: str) -> Any:
        return {"errors": [PER_ROOM if status == "429" else "Something went wrong"]}

    # -- who and where ----------------------------------------------------------------------------

    @answers("GET /v2/me")
    def _get_me(self, ask: Ask) -> Json:
        texts = (
            *("chatwork_id", "department", "title", "url", "introduction", "mail", "tel_organization"),
            *("tel_extension", "tel_mobile", "skype", "facebook", "twitter"),
        )
        told = self.me.as_json() | {"room_id": 93_207_000, "organization_id": self.me.organization}
        more = {"organization_name": "かなで株式会社", "login_mail": "yamabiko@kanade.example"}
        return told | more | dict.fromkeys(texts, "")

    @answers("GET /v2/rooms")
    def _get_rooms(self, ask: Ask) -> list[Json]:
        return [room.as_json() for room in self.rooms.values()]

    @answers("GET /v2/rooms/{room}")
    def _get_room(self, ask: Ask, room: str) -> Json:
        return self._room(room).as_json() | {"description": ""}

    @answers("GET /v2/rooms/{room}/members")
    def _get_members(self, ask: Ask, room: str) -> list[Json]:
        found = self._room(room)
        roles = {self.me.id: found.role}
        more = {"chatwork_id": "", "organization_name": "", "department": ""}
        return [
            each.as_json() | more | {"role": roles.get(each.id, "member"), "organization_id": each.organization}
            for each in found.members.values()
        ]

    # -- messages ---------------------------------------------------------------------------------

    @answers("GET /v2/rooms/{room}/messages")
    def _get_messages(self, ask: Ask, room: str) -> list[Json]:
        found = self._room(room)
        newest = found.messages[-PAGE:]
        shown = newest if ask.arg("force") == "1" else [each for each in newest if each.id not in found.fetched]
        found.fetched |= {each.id for each in newest}
        return [each.as_json() for each in shown]

    @answers("GET /v2/rooms/{room}/messages/{message}")
    def _get_message(self, ask: Ask, room: str, message: str) -> Json:
        return self._message(self._room(room), message).as_json()

    @answers("POST /v2/rooms/{room}/messages")
    def _post_message(self, ask: Ask, room: str) -> Json:
        found, body = self._for_a_post(room), self._text(form_of(ask).get("body", ""))
        message = self._add(found, self.me, body)
        self.note_effect("post", room, message=message.id, body=body, notified=sorted(message.notified))
        return {"message_id": message.id}

    @answers("PUT /v2/rooms/{room}/messages/{message}")
    def _put_message(self, ask: Ask, room: str, message: str) -> Json:
        found = self._own(self._room(room), message)
        found.body, found.update_time = self._text(form_of(ask).get("body", "")), int(self.clock())
        self.note_effect("edit", room, message=message, body=found.body)
        return {"message_id": message}

    @answers("DELETE /v2/rooms/{room}/messages/{message}")
    def _delete_message(self, ask: Ask, room: str, message: str) -> Json:
        self._room(room).messages.remove(self._own(self._room(room), message))
        self.note_effect("delete", room, message=message)
        return {"message_id": message}

    # -- files ------------------------------------------------------------------------------------

    @answers("GET /v2/rooms/{room}/files")
    def _get_files(self, ask: Ask, room: str) -> list[Json]:
        whose = ask.arg("account_id")
        files = [each for each in self._room(room).files if whose in (None, str(each.account.id))]
        return [each.as_json() for each in files[-PAGE:]]

    @answers("GET /v2/rooms/{room}/files/{file}")
    def _get_file(self, ask: Ask, room: str, file: str) -> Json:
        found = next((each for each in self._room(room).files if str(each.id) == file), None)
        if found is None:
            raise Refusal(404, NOT_FOUND)
        return found.as_json()

    @answers("POST /v2/rooms/{room}/files")
    def _post_file(self, ask: Ask, room: str) -> Json:
        found, (name, content, text) = self._for_a_post(room), upload_in(ask)
        self._next_file += 1
        said = f"[download:{self._next_file}]{name} ({len(content) / 1024:.1f} KB)[/download]"
        frame = f"[info][title][dtext:file_uploaded][/title]{text}{said}[/info]"
        found.files.append(File(self._next_file, self.me, name, content, self._add(found, self.me, frame)))
        digest = hashlib.sha256(content).hexdigest()
        self.note_effect("upload", room, file=name, message=text, sha256=digest)
        return {"file_id": self._next_file}

    # -- what these stand on ----------------------------------------------------------------------

    def _room(self, id: str) -> Room:
        room = self.rooms.get(int(id)) if id.isdigit() else None
        if room is None:
            raise Refusal(404, NOT_FOUND)
        return room

    def _for_a_post(self, id: str) -> Room:
        room = self._room(id)
        if room.role == "readonly":
            raise Refusal(403, NOT_IN_IT)
        if not self._in_rooms.setdefault(room.id, Limit(POSTS, POST_WINDOW)).take(self.clock()):
            raise Refusal(429, PER_ROOM)
        return room

    def _text(self, body: str) -> str:
        if not body:
            raise Refusal(400, "Parameter 'body' is required")
        if len(body) > self.longest or len(body.encode()) > self.longest_in_bytes:
            raise Refusal(400, "Parameter 'body' is too long")
        return body

    def _message(self, room: Room, id: str) -> Message:
        found = next((each for each in room.messages if each.id == id), None)
        if found is None:
            raise Refusal(404, NOT_FOUND)
        return found

    def _own(self, room: Room, id: str) -> Message:
        found = self._message(room, id)
        if found.account is not self.me:
            raise Refusal(403, "You don't have permission to change this message")
        return found

    def _add(self, room: Room, account: Account, body: str) -> Message:
        self._next += 1
        others = [each for each in room.members if each != account.id]
        told = frozenset(notified(body, others))
        message = Message(str(self._next), account, body, int(self.clock()), notified=told)
        room.messages.append(message)
        self._announce(room, message, "message_created")
        return message

    def _announce(self, room: Room, message: Message, topic: str) -> None:
        raise NotImplementedError
