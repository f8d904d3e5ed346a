"""Pictures on their way to Slack: a ticket, the bytes to the address that it names, and the word that shares them.

Nobody sees a file before that word is said, so only this one must not be said twice.
https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from integrations import hands_off
from integrations.contract import Permanent, RateLimited, Transient
from integrations.http import Wire
from integrations.pace import asked_wait
from integrations.slack.api import ANEW, Api
from integrations.slack.blocks import cut
from integrations.untrusted import Node
from integrations.waiting import waiting

Read = Callable[[Node], tuple[str, str]]
#: In the place of a file's id: it was refused.
REFUSED = "refused"
#: Bytes of the largest picture that we send: it is held in memory, and shown within a message.
LARGEST_FILE = 5 * 1024 * 1024
#: Characters of a title, which is also what is read out instead of the picture; Slack takes a thousand.
TITLE = 250
#: What Slack says where the workspace takes no such file, no more files, or none from us.
UNWANTED = (
    *("file_type_not_allowed", "file_upload_size_restricted", "file_uploads_disabled", "storage_limit_reached"),
    *("file_uploads_except_images_disabled", "missing_scope"),
)
OCTETS = {"content-type": "application/octet-stream"}


class PictureRefused(Permanent):
    """This workspace takes no such picture from us; `code` is Slack's word for why. Messages are another matter."""

    @property
    def code(self) -> str:
        """Slack's error code."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"Slack answered {self.code} to a picture"


class Files:
    """Hands over files. Thread-safe. `base_url` is the API's; `deadline` bounds each call, in seconds."""

    def __init__(self, api: Api, base_url: str, *, deadline: float) -> None:
        self._api, self._home = api, _origin(base_url)
        self._wire = Wire("Slack's files", base_url, {}, deadline=deadline, limits=ANEW)

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def upload(self, channel: str, name: str, png: bytes, title: str, thread_ts: str) -> str:
        """See `SlackClient.upload`."""
        hands_off.refuse("Slack", "POST files.completeUploadExternal", {"title": title, "file": name})
        if len(png) > LARGEST_FILE:
            raise PictureRefused("file_upload_size_restricted")
        title = cut(title, TITLE)
        file, address = self._ticket(name, len(png), title)
        with waiting():
            self._send(address, png)
        shared = {"channel_id": channel, "files": [{"id": file, "title": title}]}
        shared |= {"thread_ts": thread_ts} if thread_ts else {}
        self._call("files.completeUploadExternal", shared, lambda _: ("", ""), safe=False)
        return file

    def _ticket(self, name: str, length: int, title: str) -> tuple[str, str]:
        """The id of a file to be, and where its bytes go. One that is not used becomes no file."""
        asked = {"filename": name, "length": length} | ({"alt_txt": title} if title else {})
        return self._call("files.getUploadURLExternal", asked, _ticket, safe=True)

    def _call(self, method: str, asked: dict[str, Any], read: Read, *, safe: bool) -> tuple[str, str]:
        refusals = {code: (REFUSED, code) for code in UNWANTED}
        said = self._api.call(method, asked, read, refusals=refusals, safe=safe)
        if said[0] == REFUSED:
            raise PictureRefused(said[1])
        return said

    def _send(self, address: str, png: bytes) -> None:
        """The bytes, without our token. An address is good for one attempt: after trouble there is another ticket.

        Raises Transient, RateLimited and Permanent.
        """
        origin = _origin(address)
        if origin[0] != "https" and origin != self._home:
            raise Permanent(f"Slack names an address for files that is {origin[0][:20]!r}, not https")
        answer = self._wire.ask("POST", address, safe=True, what=" to a picture", content=png, headers=OCTETS)
        said = f"Slack answered {answer.status} to the bytes of a picture"
        if answer.status == 429:
            raise RateLimited(said, asked_wait(answer.headers, time.time()))
        if answer.status >= 500 or answer.status == 408:
            raise Transient(said)
        if answer.status != 200:
            raise Permanent(said)


def _ticket(said: Node) -> tuple[str, str]:
    return said["file_id"].text(), said["upload_url"].text()


def _origin(address: str) -> tuple[str, str]:
    """Scheme and server: a twin is where its API is, and not encrypted. Both "" for what is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
