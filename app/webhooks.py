"""The door: POST /webhooks/{source} and /slack/events.

Read a bounded body, verify its signature, and only then parse it; accept it; answer 200 once it is on
disk. What each vendor expects as an answer: `integrations/<vendor>/README.md`.
"""

from __future__ import annotations

import hashlib
import time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.inbox import Accepted, Inbox, Unavailable, record, state_of
from app.metrics import DELIVERIES, REFUSALS, SECONDS
from app.settings import Settings
from integrations import SOURCES, contract
from integrations.contract import BadSignature, Headers, Malformed, Source
from workflows.records.tables import DEAD, Delivery
from workflows.routes import run_for

router = APIRouter()

NOBODY_ACTS = "Nobody acts on {topic}."
UNREADABLE = "{field}: {why}"


class Refusal(Exception):
    """An answer other than 200: a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


@router.api_route("/webhooks/{source}", methods=["POST", "GET", "HEAD"], include_in_schema=False)
async def webhook(source: str, request: Request) -> Response:
    """Accept one webhook of a source that is on; 404 for all others."""
    return await receive("" if source == "slack" else source, request)


@router.api_route("/slack/events", methods=["POST", "GET", "HEAD"], include_in_schema=False)
async def slack(request: Request) -> Response:
    """Accept whatever Slack sends: events, commands, interactivity."""
    return await receive("slack", request)


async def receive(name: str, request: Request) -> Response:
    """Answer one request at the door, whatever it is."""
    began = time.perf_counter()
    try:
        return await _receive(name, request)
    except Refusal as refusal:
        REFUSALS.labels(name or "unknown", str(refusal.status)).inc()
        headers = {"Retry-After": "5"} if refusal.status == 503 else {}
        return Response(refusal.sentence, refusal.status, headers, "text/plain; charset=utf-8")
    finally:
        SECONDS.labels(name or "unknown").observe(time.perf_counter() - began)


async def _receive(name: str, request: Request) -> Response:
    settings: Settings = request.app.state.settings
    source = SOURCES.get(name)
    if source is None or not (secrets := settings.secrets(name)):
        raise Refusal(404, "There is nothing at this address.")
    headers = Headers(request.headers.raw)
    if request.method != "POST":
        return _shake_hands(source, request)
    body = await _read(request, source.MAX_BODY)
    try:
        source.verify(headers, body, secrets, time.time())
        if (answer := source.handshake("POST", dict(request.query_params), body)) is not None:
            return Response(answer.body, answer.status, {"X-Content-Type-Options": "nosniff"}, answer.media_type)
        accepted = read(source, headers, body, settings.workspace(name))
    except BadSignature:
        raise Refusal(401, "The signature does not fit: check the secret on both sides.") from None
    return await _accept(request.app.state.inbox, accepted)


def _shake_hands(source: Source, request: Request) -> Response:
    answer = source.handshake(request.method, dict(request.query_params), b"")
    if answer is None:
        raise Refusal(405, "Only POST is answered here.")
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(answer.body, answer.status, headers, answer.media_type)


async def _read(request: Request, largest: int) -> bytes:
    """The raw body, given up as soon as it is larger than the vendor may send; compressed ones are not inflated."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "Send the body uncompressed.")
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > largest:
        raise Refusal(413, f"The body is larger than {largest} bytes.")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise Refusal(413, f"The body is larger than {largest} bytes.")
        parts.append(part)
    return b"".join(parts)


async def _accept(inbox: Inbox, accepted: Accepted) -> Response:
    try:
        new = await inbox.accept(accepted)
    except Unavailable:
        raise Refusal(503, "The delivery could not be stored: send it again.") from None
    DELIVERIES.labels(accepted.delivery.source, accepted.delivery.state if new else "seen").inc()
    return Response(status_code=200)


def read(source: Source, headers: Headers, body: bytes, workspace: str) -> Accepted:
    """What a verified request means for us. Raises Refusal for another workspace's."""
    content_type = headers.get("content-type") or ""
    try:
        delivery = source.parse(headers, body)
    except Malformed as error:
        facts = {"field": error.field, "why": error.why}
        return Accepted(_dead(source.NAME, body, content_type, facts), None)
    if workspace and delivery.workspace and delivery.workspace != workspace:
        raise Refusal(403, "This workspace is not served here.")
    return _meant(delivery, body, content_type)


def _meant(delivery: contract.Delivery, body: bytes, content_type: str) -> Accepted:
    row = record(delivery.source, delivery.id, delivery.topic, body, content_type, "")
    run = run_for(row.id, delivery.event) if delivery.event is not None else None
    row.state = state_of(run)
    if run is None:
        row.reason, row.facts = NOBODY_ACTS, {"topic": delivery.topic}
    return Accepted(row, run)


def _dead(source: str, body: bytes, content_type: str, facts: dict[str, str]) -> Delivery:
    id = "unreadable-" + hashlib.sha256(body).hexdigest()[:24]
    return record(source, id, "unreadable", body, content_type, DEAD, UNREADABLE, **facts)
