"""What Chatwork's webhooks say, and how they prove that they are Chatwork's. Pure.

Nobody acts on any of them yet: each is kept as ignored, without what was said in it. Chatwork sends nothing again,
whatever we answer, and stops sending where too much is refused. https://developer.chatwork.com/docs/webhook
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from integrations import untrusted
from integrations.contract import Answer, BadSignature, Delivery, Headers

NAME = "chatwork"
MAX_BODY = 1024 * 1024
#: Every body bears its time.
REPEATS_AFTER: int | None = None

SIGNATURE = "x-chatworkwebhooksignature"
#: The topics that name a message.
ABOUT_MESSAGES = ("message_created", "message_updated", "mention_to_me")


def key_of(token: str) -> bytes:
    """The key that a webhook's token stands for: it is base64. Raises ValueError for what is none."""
    try:
        key = base64.b64decode(token, validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("must be the webhook's token as Chatwork shows it, in base64")
    return key


def sign(token: str, body: bytes) -> str:
    """What stands in the header beside this body."""
    return base64.b64encode(hmac.digest(key_of(token), body, "sha256")).decode()


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless the token of one of our webhooks signed these bytes. No time is signed apart."""
    given = headers.get(SIGNATURE)
    if given is None:
        raise BadSignature(f"{SIGNATURE} is missing")
    expected = [sign(secret, body) for secret in secrets if secret]
    if not any([hmac.compare_digest(ours.encode(), given.encode()) for ours in expected]):
        raise BadSignature(f"{SIGNATURE} does not match")


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """There is none; 200 for HEAD and GET shows people that the address is right."""
    return Answer() if method in ("HEAD", "GET") else None


def parse(headers: Headers, body: bytes) -> Delivery:
    """Say what a verified webhook is about. Raises Malformed, naming the field.

    No delivery has an id: one is the same message in the same state.
    """
    root = untrusted.load(body)
    topic, event = root["webhook_event_type"].text(), root["webhook_event"]
    if topic not in ABOUT_MESSAGES:
        return Delivery(NAME, hashlib.sha256(body).hexdigest()[:24], topic)
    message, state = event["message_id"].text(), event["update_time"].number(or_=0)
    return Delivery(NAME, f"{topic}/{message}/{state}", topic)
