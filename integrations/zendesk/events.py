"""What Zendesk's webhooks say, and whether they come from Zendesk. Pure.

They come seconds after something happened, and are never the count: some are lost, and a bot's tickets may send none.
Only webhooks that are connected to Zendesk events are read; what one connected to a trigger says is whatever an admin
typed. https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from integrations import untrusted
from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed
from integrations.untrusted import Node
from integrations.zendesk import models, moments
from integrations.zendesk.channels import channel_of

NAME = "zendesk"
MAX_BODY = 2 * 1024 * 1024
#: Each event has an id of its own.
REPEATS_AFTER: int | None = None

SIGNATURE, STAMP = "x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"
#: Zendesk signs test deliveries of webhooks that are not saved yet with this. Everybody knows it: it proves nothing.
PUBLIC_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
#: Seconds by which the time of a delivery may differ from ours.
TOLERANCE = 300
PREFIX = "zen:event-type:"

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_ID = re.compile(r"[0-9]{1,18}")
#: What happened, by its topic: in a word that is kept.
CHANGES = {
    "ticket.created": "created",
    "ticket.marked_as_spam": "spam",
    "ticket.soft_deleted": "deleted",
    "ticket.merged": "merged",
}


@dataclass(frozen=True)
class TicketChanged(Event):
    """A ticket was `change`: "created", "spam", "deleted" or "merged". Moments are Unix seconds, ids "" for unknown.

    Whether it counts is said by the export, which knows what came of it meanwhile; until then these facts do.
    """

    ticket_id: str
    change: str
    created_at: int
    at: int
    channel: str
    status: str
    requester_id: str
    submitter_id: str
    organization_id: str
    brand_id: str
    tags: tuple[str, ...]


def sign(secret: str, stamp: str, body: bytes) -> str:
    """What Zendesk puts into its header. The secret looks like base64 and is used as it is written."""
    return base64.b64encode(hmac.digest(secret.encode(), stamp.encode() + body, "sha256")).decode()


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless one of `secrets` signed this body, within five minutes from `now`."""
    stamp, given = (_header(headers, name) for name in (STAMP, SIGNATURE))
    at = moments.seconds_of(stamp) if _STAMP.fullmatch(stamp) else None
    if at is None:
        raise BadSignature(f"{STAMP} is not a time such as 2026-11-20T05:01:14Z")
    if abs(now - at) > TOLERANCE:
        raise BadSignature(f"{STAMP} is stale")
    expected = [sign(secret, stamp, body) for secret in secrets if secret and secret != PUBLIC_SECRET]
    if not any([hmac.compare_digest(ours.encode(), given.encode()) for ours in expected]):
        raise BadSignature(f"{SIGNATURE} does not match")


def _header(headers: Headers, name: str) -> str:
    value = headers.get(name)
    if value is None:
        raise BadSignature(f"{name} is missing")
    return value


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """There is none; 200 for HEAD and GET shows people that the address is right."""
    return Answer() if method in ("HEAD", "GET") else None


def parse(headers: Headers, body: bytes) -> Delivery:
    """Say what a verified delivery means. Raises Malformed, naming the field."""
    root = untrusted.load(body)
    topic, id = root["type"].text().removeprefix(PREFIX), root["id"].text()
    return Delivery(NAME, id, topic, _changed(root, CHANGES[topic]) if topic in CHANGES else None)


def _changed(root: Node, change: str) -> Event:
    detail = root["detail"]
    return TicketChanged(
        ticket_id=_ticket(detail["id"]),
        change=change,
        created_at=moments.moment(detail["created_at"]),
        at=moments.moment(root["time"]),
        channel=channel_of(detail["via"]["channel"].text(or_="")),
        status=detail["status"].text(or_="").casefold(),
        requester_id=_person(detail["requester_id"]),
        submitter_id=_person(detail["submitter_id"]),
        organization_id=_person(detail["organization_id"]),
        brand_id=_person(detail["brand_id"]),
        tags=models.read_tags(detail["tags"]),
    )


def _ticket(node: Node) -> str:
    """Ids are text here, and numbers in the API; they end up in addresses, so nothing else may pass for one."""
    text = node.text()
    if not _ID.fullmatch(text):
        raise Malformed(node.path, "is not the number of a ticket")
    return text


def _person(node: Node) -> str:
    """The id of somebody or something; "" for none, which is written as null, as nothing and as "0"."""
    text = node.text(or_="")
    return text if _ID.fullmatch(text) and int(text) else ""
