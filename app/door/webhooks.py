"""The door: POST /webhooks/{source}, /slack/events and /intercom/canvas/*.

Read a bounded body, verify its signature, and only then parse it; accept it; answer 200 once it is on
disk. What each vendor expects as an answer: `integrations/<vendor>/README.md`. Forms and buttons of our Slack app are
answered by `app.door.slack`, the card in Intercom by `app.door.intercom_card`: there the answer is what people see.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route

from app.door import slack as slack_app
from app.door.inbox import Accepted, Inbox, Unavailable, record
from app.metrics import DELIVERIES, REFUSALS, SECONDS
from app.settings import Settings
from integrations import SOURCES, contract
from integrations.contract import BadSignature, Headers, Malformed, Source
from workflows.engine.rows import Values
from workflows.routes import acts_on
from workflows.tables.runs import DEAD, IGNORED

NOBODY_ACTS = "No handler for {topic}."
UNREADABLE = "{field}: {why}"


class Refusal(Exception):
    """An answer other than 200: a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


class Elsewhere(Exception):
    """The request is about a workspace that is not served here."""


async def webhook(request: Request) -> Response:
    """Accept one webhook of a source that is on; 404 for all others."""
    source = request.path_params["source"]
    return await receive("" if source == "slack" else source, request, _receive)


async def slack(request: Request) -> Response:
    """Accept whatever Slack sends: events, commands, interactivity."""
    return await receive("slack", request, _receive)


#: Starlette's routes, not FastAPI's: there are no parameters to validate, and that alone takes as long as accepting.
ROUTES: list[BaseRoute] = [
    Route("/webhooks/{source}", webhook, methods=["POST", "GET", "HEAD"]),
    Route("/slack/events", slack, methods=["POST", "GET", "HEAD"]),
]


Work = Callable[[str, Request], Awaitable[Response]]


async def receive(name: str, request: Request, work: Work) -> Response:
    """Answer one request at the door, whatever it is; `work` answers what is not refused."""
    began = time.perf_counter()
    label = name if name in SOURCES else "unknown"  # a path is a stranger's choice, and labels stay in memory
    try:
        return await work(name, request)
    except Refusal as refusal:
        REFUSALS.labels(label, str(refusal.status)).inc()
        headers = {"Retry-After": "5"} if refusal.status == 503 else {}
        return Response(refusal.sentence, refusal.status, headers, "text/plain; charset=utf-8")
    finally:
        SECONDS.labels(label).observe(time.perf_counter() - began)


async def _receive(name: str, request: Request) -> Response:
    settings: Settings = request.app.state.settings
    source = SOURCES.get(name)
    if source is None or not (secrets := settings.secrets(name)):
        raise Refusal(404, "There is nothing at this address.")
    headers = Headers(request.headers.raw)
    if request.method != "POST":
        return _shake_hands(source, request)
    body = await bounded(request, source.MAX_BODY)
    try:
        source.verify(headers, body, secrets, time.time())
        if (answer := source.handshake("POST", dict(request.query_params), body)) is not None:
            return Response(answer.body, answer.status, {"X-Content-Type-Options": "nosniff"}, answer.media_type)
        accepted = read(source, headers, body, settings.workspace(name))
    except Elsewhere:
        return _not_ours(name, headers)
    except BadSignature:
        raise Refusal(401, "The signature does not fit: check the secret on both sides.") from None
    if name == "slack" and _is_interactive(headers) and accepted.row["state"] != DEAD:
        return await _interact(request, accepted, body)
    await accept(request, accepted)
    return Response(status_code=200)


def _not_ours(name: str, headers: Headers) -> Response:
    """Another workspace's: nothing is kept, and an event that is refused would only be sent again. Whoever sent a
    form is a person, and has to see that it was not taken."""
    if name == "slack" and _is_interactive(headers):
        raise Refusal(403, "This workspace is not served here.")
    DELIVERIES.labels(name, "elsewhere").inc()
    return Response(status_code=200, headers={"X-Slack-No-Retry": "1"} if name == "slack" else {})


def _is_interactive(headers: Headers) -> bool:
    return (headers.get("content-type") or "").startswith("application/x-www-form-urlencoded")


async def _interact(request: Request, accepted: Accepted, body: bytes) -> Response:
    """Let our Slack app answer. What changes something is on disk before it does."""
    loop = asyncio.get_running_loop()

    def keep() -> None:
        asyncio.run_coroutine_threadsafe(accept(request, accepted), loop).result()

    desk = slack_app.Desk(accepted.event, keep)
    content_type = {"content-type": request.headers["content-type"]}
    status, said, headers = await run_in_threadpool(slack_app.answer, request.app.state.slack, body, content_type, desk)
    if status >= 500:
        raise Refusal(503, "This could not be done: try again.")
    if status >= 400:
        raise Refusal(400, "This request lacks something, or holds something else in its place.")
    return Response(said, status, headers, background=BackgroundTask(slack_app.catch_up, desk))


def _shake_hands(source: Source, request: Request) -> Response:
    answer = source.handshake(request.method, dict(request.query_params), b"")
    if answer is None:
        raise Refusal(405, "Only POST is answered here.")
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(answer.body, answer.status, headers, answer.media_type)


async def bounded(request: Request, largest: int) -> bytes:
    """The raw body, given up as soon as it is larger than the vendor may send; compressed ones are not inflated."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "Send the body uncompressed.")
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and float(declared) > largest:  # int() refuses 5,000 digits
        raise Refusal(413, f"The body is larger than {largest} bytes.")
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > largest:
                raise Refusal(413, f"The body is larger than {largest} bytes.")
            parts.append(part)
    except ClientDisconnect:
        raise Refusal(400, "The body came to no end.") from None
    return b"".join(parts)


async def accept(request: Request, accepted: Accepted) -> None:
    """Put a delivery on disk. Raises Refusal where that takes too long."""
    inbox: Inbox = request.app.state.inbox
    try:
        new = await inbox.accept(accepted)
    except Unavailable:
        raise Refusal(503, "The delivery could not be stored: send it again.") from None
    DELIVERIES.labels(accepted.row["source"], accepted.row["state"] if new else "seen").inc()


def read(source: Source, headers: Headers, body: bytes, workspace: str) -> Accepted:
    """What a verified request means for us. Raises Elsewhere for another workspace's."""
    content_type = headers.get("content-type") or ""
    try:
        delivery = source.parse(headers, body)
    except Malformed as error:
        facts = {"field": error.field, "why": error.why}
        return Accepted(_dead(source.NAME, body, content_type, facts), None)
    if workspace and delivery.workspace and delivery.workspace != workspace:
        raise Elsewhere
    return _meant(delivery, body, content_type)


def _meant(delivery: contract.Delivery, body: bytes, content_type: str) -> Accepted:
    """What somebody acts on is open; the rest ends as ignored, at once."""
    row = record(delivery.source, delivery.id, delivery.topic, body, content_type)
    if acts_on(delivery.event):
        return Accepted(row, delivery.event)
    return Accepted(row | {"state": IGNORED, "reason": NOBODY_ACTS, "facts": {"topic": delivery.topic}}, delivery.event)


def _dead(source: str, body: bytes, content_type: str, facts: dict[str, str]) -> Values:
    id = "unreadable-" + hashlib.sha256(body).hexdigest()[:24]
    return record(source, id, "unreadable", body, content_type, DEAD, UNREADABLE, **facts)
