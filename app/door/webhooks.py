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
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from fastapi.responses import Response
from starlette.background import BackgroundTask
from starlette.routing import BaseRoute, Route

from app.door import slack as slack_app
from app.door.bodies import Refusal, bounded
from app.door.inbox import Accepted, Inbox, Unavailable, record
from app.metrics import DELIVERIES, REFUSALS, SECONDS
from app.settings import Settings
from integrations import SOURCES, contract
from integrations.contract import BadSignature, Headers, Malformed, Source
from integrations.slack import FormSubmitted
from workflows.engine.rows import Values
from workflows.routes import acts_on
from workflows.tables.runs import DEAD, IGNORED

NOBODY_ACTS = "No handler for {topic}."
UNREADABLE = "{field}: {why}"


#: Threads for what Slack waits for: what opens a form has to wait for Slack itself, and whoever sends one, looks at a
#: page, or only gets a form in their language after it was opened, does not wait with it.
OPENING, FORMS, AFTERWARDS = CapacityLimiter(40), CapacityLimiter(20), CapacityLimiter(8)


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
            return Response(answer.body, answer.status, media_type=answer.media_type)
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
    answer = partial(slack_app.answer, request.app.state.slack, body, content_type, desk)
    threads = FORMS if isinstance(accepted.event, FormSubmitted) else OPENING
    status, said, headers = await to_thread.run_sync(answer, limiter=threads)
    if status >= 500:
        raise Refusal(503, "This could not be done: try again.")
    if status >= 400:
        raise Refusal(400, "This request lacks something, or holds something else in its place.")
    return Response(said, status, headers, background=BackgroundTask(_catch_up, desk))


async def _catch_up(desk: slack_app.Desk) -> None:
    await to_thread.run_sync(slack_app.catch_up, desk, limiter=AFTERWARDS)


def _shake_hands(source: Source, request: Request) -> Response:
    answer = source.handshake(request.method, dict(request.query_params), b"")
    if answer is None:
        raise Refusal(405, "Only POST is answered here.")
    return Response(answer.body, answer.status, media_type=answer.media_type)


async def accept(request: Request, accepted: Accepted) -> None:
    """Put a delivery on disk. Raises Refusal where that takes too long."""
    inbox: Inbox = request.app.state.inbox
    try:
        new = await inbox.accept(accepted)
    except Unavailable:
        raise Refusal(503, "The delivery could not be stored: send it again.") from None
    DELIVERIES.labels(accepted.row["source"], accepted.row["state"] if new else "seen").inc()


def read(source: Source, headers: Headers, body: bytes, workspace: str) -> Accepted:
    """What a verified request means for us. Raises Elsewhere for another workspace's, and for one that names none."""
    content_type = headers.get("content-type") or ""
    try:
        delivery = source.parse(headers, body)
    except Malformed as error:
        facts = {"field": error.field, "why": error.why}
        return Accepted(_dead(source.NAME, body, content_type, facts), None)
    if workspace and delivery.workspace != workspace:
        raise Elsewhere
    return _meant(delivery, body, content_type)


def _meant(delivery: contract.Delivery, body: bytes, content_type: str) -> Accepted:
    """What somebody acts on is open. The rest ends as ignored, at once, and nobody needs what it said: a tool may be
    set to send every line that people write.
    """
    row = record(delivery.source, delivery.id, delivery.topic, body, content_type)
    if acts_on(delivery.event):
        return Accepted(row, delivery.event)
    ending = {"state": IGNORED, "reason": NOBODY_ACTS, "facts": {"topic": delivery.topic}, "body": b""}
    return Accepted(row | ending, delivery.event)


def _dead(source: str, body: bytes, content_type: str, facts: dict[str, str]) -> Values:
    id = "unreadable-" + hashlib.sha256(body).hexdigest()[:24]
    return record(source, id, "unreadable", body, content_type, DEAD, UNREADABLE, **facts)
