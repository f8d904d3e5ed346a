"""What Intercom's webhooks say: pure functions from headers and bytes to a `Delivery`.

https://developers.intercom.com/docs/references/preview/webhooks/webhook-models
https://developers.intercom.com/docs/webhooks/webhook-notifications

Webhooks are hints: bodies are HTML up to version 2.14 and plain text from 2.15, parts may be missing,
nothing is ordered. So an event carries the conversation's id and the reason to look at it, no more; a rating comes
along where it is said.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from integrations import untrusted
from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed
from integrations.intercom.reading import conversation_of
from integrations.untrusted import Node

NAME = "intercom"
#: A conversation with its parts; Intercom states no limit, captured bodies are below 100 kB.
MAX_BODY = 5 * 1024 * 1024
REPEATS_AFTER: int | None = None
#: Characters of a customer's remark that an event carries; all of it is in the conversation.
LONGEST_REMARK = 500

#: The topics after which a conversation has to be read again.
CHANGES = frozenset(
    {
        "conversation.user.created",
        "conversation.user.replied",
        "conversation.admin.replied",
        "conversation.admin.closed",
        "conversation.admin.opened",
        "conversation.admin.snoozed",
        "conversation.admin.unsnoozed",
        "conversation.admin.assigned",
        "conversation.admin.open.assigned",
        "conversation.admin.noted",
        "conversation_part.redacted",
    }
)


@dataclass(frozen=True)
class ConversationTagged(Event):
    """Somebody put tags on a conversation or on one of its parts.

    `tags` are names; () when an old payload does not say which. `part_id` is "" when it does not say where.
    Removing a tag is never announced: read the conversation before acting.
    """

    conversation_id: str
    tags: tuple[str, ...]
    part_id: str


@dataclass(frozen=True)
class ConversationDeleted(Event):
    """A conversation is gone for good; its content may not be kept."""

    conversation_id: str


@dataclass(frozen=True)
class ContactDeleted(Event):
    """A person outside the company is gone for good; nothing of them may be kept."""

    contact_id: str


@dataclass(frozen=True)
class TeammateRemoved(Event):
    """A teammate is gone from the workspace: nothing can be written in their name any more."""

    admin_id: str


@dataclass(frozen=True)
class ConversationChanged(Event):
    """Something was said in a conversation, or its state changed. `change` is one of `CHANGES`."""

    conversation_id: str
    change: str


@dataclass(frozen=True)
class ConversationStarted(ConversationChanged):
    """A customer began a conversation."""


@dataclass(frozen=True)
class CustomerReplied(ConversationChanged):
    """A customer wrote again."""


@dataclass(frozen=True)
class AgentReplied(ConversationChanged):
    """A teammate (or our own service) wrote to the customer."""


@dataclass(frozen=True)
class ConversationClosed(ConversationChanged):
    """A teammate closed a conversation, perhaps with a last word to the customer."""


@dataclass(frozen=True)
class PartRedacted(ConversationChanged):
    """Somebody deleted what a message said."""


@dataclass(frozen=True)
class ConversationRated(Event):
    """A customer rated a conversation, from 1 (terrible) to 5 (amazing); `remark` is what they said about it.

    Some webhooks say `{}`: then the rating is 0 here, and stands in the conversation.
    """

    conversation_id: str
    rating: int
    remark: str


_CHANGED: dict[str, type[ConversationChanged]] = {
    "conversation.user.created": ConversationStarted,
    "conversation.user.replied": CustomerReplied,
    "conversation.admin.replied": AgentReplied,
    "conversation.admin.closed": ConversationClosed,
    "conversation_part.redacted": PartRedacted,
}


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless one of the app's client secrets signed this body.

    `X-Hub-Signature: sha1=<hex>` is an HMAC-SHA1 over the raw body; Intercom signs no time, so `now` is unused.
    """
    claimed = claim(headers, "X-Hub-Signature")
    if not re.fullmatch(r"sha1=[0-9a-f]{40}", claimed):
        raise BadSignature("X-Hub-Signature is not sha1= and 40 hexadecimal digits")
    if not signed_by_one(secrets, body, "sha1", claimed.removeprefix("sha1=")):
        raise BadSignature("X-Hub-Signature does not match")


def claim(headers: Headers, name: str) -> str:
    """What a header claims. Raises BadSignature where it is missing."""
    claimed = headers.get(name)
    if claimed is None:
        raise BadSignature(f"{name} is missing")
    return claimed


def signed_by_one(secrets: Sequence[str], body: bytes, hash_name: str, claimed: str) -> bool:
    """Is this the body's HMAC with one of the secrets? Takes equally long whichever it is."""
    signatures = [hmac.new(secret.encode(), body, hash_name).hexdigest() for secret in secrets]
    return any([hmac.compare_digest(signature.encode(), claimed.encode()) for signature in signatures])


def parse(headers: Headers, body: bytes) -> Delivery:
    """The delivery in a verified body. Raises Malformed, naming the field."""
    said = untrusted.load(body)
    topic = said["topic"].text()
    return Delivery(
        source=NAME,
        id=said["id"].text(),
        topic=topic,
        event=_event(topic, said["data"]["item"]),
        workspace=said["app_id"].text(),
    )


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """Intercom sends HEAD when the address is saved; people try GET. Both are answered with 200."""
    return Answer(200) if method in ("HEAD", "GET") else None


def _event(topic: str, item: Node) -> Event | None:
    if topic == "conversation_part.tag.created":
        return ConversationTagged(conversation_of(item)["id"].text(), _tags(item), _part_id(item))
    if topic == "conversation.deleted":
        return ConversationDeleted(item["id"].text())
    if topic == "contact.deleted":
        return ContactDeleted(item["id"].text())
    if topic == "admin.removed_from_workspace":
        return TeammateRemoved(item["id"].text())
    if topic == "conversation.rating.added":
        return _rated(conversation_of(item))
    if topic in CHANGES:
        return _CHANGED.get(topic, ConversationChanged)(conversation_of(item)["id"].text(), topic)
    return None


def _rated(conversation: Node) -> ConversationRated:
    said = conversation["conversation_rating"]
    rating = said["rating"].number(or_=0)
    if not 0 <= rating <= 5:
        raise Malformed(said["rating"].path, "is not between 1 and 5")
    return ConversationRated(conversation["id"].text(), rating, said["remark"].text(or_="")[:LONGEST_REMARK])


def _tags(item: Node) -> tuple[str, ...]:
    new = [item["tag"]] if item["tag"] else item["tags_added"]["tags"].items()
    return tuple(tag["name"].text() for tag in new)


def _part_id(item: Node) -> str:
    """The tagged part, where exactly one came along (the opening message comes with its own id)."""
    parts = list(conversation_of(item)["conversation_parts"]["conversation_parts"].items())
    return parts[0]["id"].text(or_="") if len(parts) == 1 else ""
