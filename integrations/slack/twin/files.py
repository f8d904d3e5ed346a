"""Files as Slack takes them: an address for so many bytes, the bytes, and the word that shares them.

https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations.slack.twin.calls import Arguments, method
from integrations.slack.twin.data import Channel, Json, Refusal
from integrations.slack.twin.hooks import Hooks
from integrations.slack.twin.workspace import BOT_USER
from integrations.twin import Ask, Said, route

UPLOADS, LARGEST, LONGEST_ALT = "/upload/v1/", 1024 * 1024 * 1024, 1000


@dataclass
class Ticket:
    """A file to be: its id and name, and how many bytes were announced. `content` are those that came."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    is_complete: bool = False


class Files(Hooks):
    """What the app uploads."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._tickets: dict[str, Ticket] = {}
        #: Does Slack share what is complete at once? Where not, `share_files` does.
        self.shares_at_once = True
        self._unshared: list[Callable[[], None]] = []

    def guard(self, ask: Ask) -> Said | None:
        """Whoever knows an address may send bytes to it."""
        return None if ask.path.startswith(UPLOADS) else super().guard(ask)

    def stamp(self, ask: Ask, said: Said) -> Said:
        """Only the Web API tells scopes."""
        return said if ask.path.startswith(UPLOADS) else super().stamp(ask, said)

    def share_files(self) -> None:
        """The files that are complete have been looked at, and appear where they were shared."""
        with self.lock:
            for share in self._unshared:
                share()
            self._unshared.clear()

    def file_content(self, id: str) -> bytes | None:
        """What is in a file that is complete; None for no such file. For a page that shows it."""
        with self.lock:
            return next((each.content for each in self._tickets.values() if each.id == id and each.is_complete), None)

    @method("files.getUploadURLExternal", "files:write")
    def _upload_address(self, given: Arguments) -> Json:
        length = given.text("length")
        if not length.isascii() or not length.isdigit() or int(length) == 0:
            raise Refusal("missing_argument")
        if int(length) > LARGEST:
            raise Refusal("file_upload_size_restricted")
        if len(given.text("alt_txt")) > LONGEST_ALT:
            raise Refusal("alt_txt_too_large")
        code = self.uuid().replace("-", "")
        ticket = Ticket(f"F0{code[:9].upper()}", given.need("filename"), int(length))
        self._tickets[code] = ticket
        return {"upload_url": f"{self._address}{UPLOADS}{code}", "file_id": ticket.id}

    @route(f"POST {UPLOADS}{{code}}")
    def _upload(self, ask: Ask, code: str) -> Said:
        ticket = self._tickets.get(code)
        if ticket is None or ticket.content is not None:
            return Said(404, "no such upload")
        if len(ask.body) != ticket.length:
            return Said(400, f"{ticket.length} bytes were announced")
        ticket.content = ask.body
        return Said(200, f"OK - {len(ask.body)}", {"content-type": "text/plain"})

    @method("files.completeUploadExternal", "files:write")
    def _complete_upload(self, given: Arguments) -> Json:
        listed = given.data("files", "invalid_arguments")
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed) or not listed:
            raise Refusal("invalid_arguments")
        named = [(self._arrived(each.get("id")), str(each.get("title") or "")) for each in listed]
        channel = self._shared_in(given.text("channel_id"))
        thread = given.text("thread_ts")
        if thread and channel is None:
            raise Refusal("invalid_channel")
        for ticket, title in named:
            ticket.is_complete = True
            if channel is not None:
                self._share(channel, ticket, title, thread)
        return {"files": [{"id": ticket.id, "title": title or ticket.name} for ticket, title in named]}

    def _arrived(self, id: object) -> Ticket:
        """A file whose bytes have come, and of which this was not said before."""
        for ticket in self._tickets.values():
            if ticket.id == id and ticket.content is not None and not ticket.is_complete:
                return ticket
        raise Refusal("file_not_found")

    def _shared_in(self, id: str) -> Channel | None:
        if not id:
            return None  # the file stays the app's own
        channel = self.channel(id)
        if BOT_USER not in channel.members:
            raise Refusal("not_in_channel")
        if channel.archived:
            raise Refusal("posting_to_channel_denied")
        return channel

    def _share(self, channel: Channel, ticket: Ticket, title: str, thread: str) -> None:
        content = ticket.content or b""
        file = {"id": ticket.id, "name": ticket.name, "title": title or ticket.name, "size": len(content)}
        facts = {"file": ticket.id, "name": ticket.name, "title": title, "thread_ts": thread}
        self.note_effect(
            "files.completeUploadExternal", channel.id, **facts, sha256=hashlib.sha256(content).hexdigest()
        )

        def appear() -> None:
            message = self.ours({"text": "", "files": [file]}) | ({"thread_ts": thread} if thread else {})
            channel.add(message)
            self.announce(channel, message)

        if self.shares_at_once:
            appear()
        else:
            self._unshared.append(appear)
