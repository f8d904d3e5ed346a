"""What Productboard's webhooks say, and whether they come from Productboard. Pure.

A notification is a hint, not a message: it names an entity and the attributes that changed, never
their values. It carries no id and no time of its own, and two changes of the same kind have equal
bodies. Its links are URLs of v1, which v2 has replaced: we take the id out and follow none.
https://developer.productboard.com/reference/createwebhook
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations import untrusted
from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed

NAME = "productboard"
MAX_BODY = 5 * 1024 * 1024
#: Its bodies carry neither an id nor a time.
REPEATS_AFTER: int | None = 60

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_VALIDATION_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,256}")


@dataclass(frozen=True)
class NoteChanged(Event):
    """A note was created, or something about it changed (`note.created`, `note.updated`)."""

    note_id: str


@dataclass(frozen=True)
class NoteLinked(Event):
    """Somebody linked a note to a feature (`insight.created`)."""

    note_id: str
    feature_id: str


@dataclass(frozen=True)
class NoteUnlinked(Event):
    """Somebody took the link between a note and a feature away (`insight.deleted`)."""

    note_id: str
    feature_id: str


@dataclass(frozen=True)
class FeatureChanged(Event):
    """Some attributes of a feature changed, e.g. ("status",)."""

    feature_id: str
    attributes: tuple[str, ...]


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless `Authorization` is one of `secrets`, each a whole header value.

    Productboard signs neither the body nor a time; it repeats the value that was given for
    `notification.headers.authorization` when the webhook was created.
    """
    given = headers.get("authorization")
    if given is None:
        raise BadSignature("Authorization is missing")
    matches = [hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets if secret]
    if not any(matches):
        raise BadSignature("Authorization is not the value agreed upon")


def parse(headers: Headers, body: bytes) -> Delivery:
    """Say what a verified notification means. Raises Malformed, naming the field.

    `Delivery.id` is the digest of the body, for want of anything better: it is equal for a retry
    *and* for a later change of the same kind. Whoever accepts deliveries has to tell the two apart,
    for instance by the time that has passed (Productboard retries for a little over two days).
    """
    data = untrusted.load(body)["data"]
    topic = data["eventType"].text()
    read = _READERS.get(topic)
    digest = hashlib.sha256(body).hexdigest()[:24]
    return Delivery(NAME, digest, topic, read(data) if read else None)


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """Answer the test whether we are there: HEAD, or GET with a `validationToken` to be echoed."""
    if method == "HEAD":
        return Answer()
    if method != "GET" or "validationToken" not in query:
        return None
    token = query["validationToken"]
    # The caller has proven nothing yet, so only what cannot be markup is sent back.
    return Answer(body=token.encode()) if _VALIDATION_TOKEN.fullmatch(token) else Answer(400)


_READERS: dict[str, Callable[[untrusted.Node], Event]] = {
    "note.created": lambda data: NoteChanged(_id(data["id"])),
    "note.updated": lambda data: NoteChanged(_id(data["id"])),
    "insight.created": lambda data: NoteLinked(*_note_and_feature(data["links"])),
    "insight.deleted": lambda data: NoteUnlinked(*_note_and_feature(data["links"])),
    "feature.updated": lambda data: FeatureChanged(_id(data["id"]), _attributes(data)),
}


def _note_and_feature(links: untrusted.Node) -> tuple[str, str]:
    return _id_in_link(links["note"]), _id_in_link(links["feature"])


def _attributes(data: untrusted.Node) -> tuple[str, ...]:
    return tuple(name.text() for name in data["updatedAttributes"].items())


def _id(node: untrusted.Node) -> str:
    return _checked(node, node.text())


def _id_in_link(node: untrusted.Node) -> str:
    """The last part of e.g. `https://api.productboard.com/notes/<id>`."""
    try:
        path = urlsplit(node.text()).path
    except ValueError:
        raise Malformed(node.path, "is not a URL") from None
    return _checked(node, path.rstrip("/").rpartition("/")[2])


def _checked(node: untrusted.Node, text: str) -> str:
    """Ids end up in the paths of URLs that we call, so nothing else may pass for one."""
    if not _ID.fullmatch(text):
        raise Malformed(node.path, "has no id")
    return text
