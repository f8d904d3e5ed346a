"""The door alone: the application, its inbox and a database; no twins, no engine, and no HTTP client that tidies up.

    async with Door(database_url) as door:
        body = sample("jira")
        assert (await door.post("jira", signed("jira", body), body)).status == 200
        assert [row.state for row in door.deliveries()] == ["open"]

Requests are handed to `httpx.ASGITransport` as the test makes them, in the event loop of the test: headers may be
repeated or hold any byte, a body may come in pieces, and `Answer.pulled` says how many bytes of it were asked for.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import Session, SQLModel, col, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.inbox import KEPT, Inbox
from app.settings import settings_of
from integrations.chatwork.twin import token_from
from integrations.deploy.twin import secret_from
from tests.ready import Ready, serving
from workflows.engine.store import store
from workflows.tables.runs import Delivery, Run

PAYLOADS = Path(__file__).parent / "payloads"
ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1:8000"
SECRET, OLD_SECRET = "the-secret-of-today", "the-secret-of-yesterday"
WORKSPACES = {"intercom": "yb12cd34", "slack": "T0YAMABIKO"}
FORM = "application/x-www-form-urlencoded"

#: A request that is accepted, per source.
SAMPLES = {
    "intercom": "conversation_part.tag.created",
    "productboard": "note.created",
    "jira": "jira_issue_updated__done",
    "slack": "message",
    "deploy": "release.available",
    "zendesk": "ticket.created",
    "counts": "counts",
    "chatwork": "message_created",
}
#: The header that proves where a request comes from, and where the proof starts in it.
PROOFS = {
    "intercom": ("x-hub-signature", "sha1="),
    "productboard": ("authorization", ""),
    "jira": ("x-hub-signature", "sha256="),
    "slack": ("x-slack-signature", "v0="),
    "deploy": ("webhook-signature", "v1,"),
    "counts": ("webhook-signature", "v1,"),
    "zendesk": ("x-zendesk-webhook-signature", ""),
    "chatwork": ("x-chatworkwebhooksignature", ""),
}

#: Where those that sign a moment say it.
STAMPS = {"slack": "x-slack-request-timestamp", "zendesk": "x-zendesk-webhook-signature-timestamp"}

#: Those that sign as Standard Webhooks says.
STANDARD = ("deploy", "counts")

RawHeaders = list[tuple[bytes, bytes]]


#: The sources on whose samples nobody acts, so that nothing is kept of them.
UNHEARD = ("slack", "chatwork")


def kept_of(source: str, body: bytes) -> bytes:
    """What is kept of a source's sample."""
    return b"" if source in UNHEARD else kept(source, body)


def sample(source: str, name: str = "") -> bytes:
    """The bytes of a captured payload; by default one that is accepted."""
    return (PAYLOADS / source / f"{name or SAMPLES[source]}.json").read_bytes()


def payload(source: str, name: str = "") -> dict[str, Any]:
    """A captured payload, to be changed before it is sent."""
    value: dict[str, Any] = json.loads(sample(source, name))
    return value


def encoded(value: object) -> bytes:
    """JSON as vendors send it."""
    return json.dumps(value, ensure_ascii=False).encode()


def kept(source: str, body: bytes) -> bytes:
    """What of a body is put on disk: no key that lets somebody in."""
    return KEPT[source](body) if source in KEPT else body


def signed(source: str, body: bytes, secret: str = SECRET, *, at: float | None = None) -> dict[str, str]:
    """The headers with which a source sends this body."""
    moment = int(time.time() if at is None else at)
    stamp = f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}" if source == "zendesk" else str(moment)
    name, prefix = PROOFS[source]
    more = {STAMPS[source]: stamp} if source in STAMPS else {}
    if source in STANDARD:
        more = {"webhook-id": _id_of(body), "webhook-timestamp": stamp}
    return {"content-type": "application/json", name: prefix + _proof(source, body, secret, stamp), **more}


def _proof(source: str, body: bytes, secret: str, stamp: str) -> str:
    key = secret.encode()
    match source:
        case "productboard":
            return secret
        case "intercom":
            return hmac.new(key, body, hashlib.sha1).hexdigest()
        case "jira":
            return hmac.new(key, body, hashlib.sha256).hexdigest()
        case "slack":
            return hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        case "zendesk":
            return base64.b64encode(hmac.digest(key, stamp.encode() + body, "sha256")).decode()
        case "deploy" | "counts":
            said = f"{_id_of(body)}.{stamp}.".encode() + body
            return base64.b64encode(hmac.digest(hashlib.sha256(key).digest(), said, "sha256")).decode()
        case "chatwork":
            return base64.b64encode(hmac.digest(hashlib.sha256(key).digest(), body, "sha256")).decode()
    raise AssertionError(f"say here how {source} signs")


def _id_of(body: bytes) -> str:
    """The id under which a deployment sends this body, again and again."""
    return f"msg_{hashlib.sha256(body).hexdigest()[:24]}"


def given(source: str, secret: str) -> str:
    """A secret, or two of them separated by a comma, as this source's setting holds it."""
    made = {**dict.fromkeys(STANDARD, secret_from), "chatwork": token_from}.get(source)
    return ",".join(made(each.strip()) for each in secret.split(",") if each.strip()) if made else secret


def raw(headers: dict[str, str] | RawHeaders) -> RawHeaders:
    """Headers as they travel."""
    if isinstance(headers, dict):
        return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return headers


@dataclass(frozen=True)
class Answer:
    """What came back, and how many bytes of the request's body had been asked for by then."""

    status: int
    body: bytes
    headers: httpx.Headers
    pulled: int


class Door:
    """The application at a fresh database, with a secret for every source, and nothing behind it."""

    def __init__(self, database_url: str, **others: object) -> None:
        self.settings = settings_of(_env_file=None, **(_settings(database_url) | others))
        self.runtime = Ready(self.settings)

    async def __aenter__(self) -> Door:
        self.runtime.start()
        self.app = serving(self.settings)
        self.app.state.inbox, self.app.state.ready = Inbox(self.runtime.store), True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.runtime.stop()

    # -- receive ------------------------------------------------------------

    async def post(
        self, source: str, headers: dict[str, str] | RawHeaders, body: bytes | Sequence[bytes], path: str = ""
    ) -> Answer:
        """One webhook of a source; a body in pieces comes without a content length."""
        return await self.speak("POST", path or path_of(source), headers, body)

    async def send(self, source: str, body: bytes, **more: str) -> Answer:
        """A correctly signed webhook, with more headers, or other ones."""
        headers = signed(source, body) | {name.replace("_", "-"): value for name, value in more.items()}
        return await self.post(source, headers, body)

    async def ask(self, method: str, path: str, client: str = "127.0.0.1") -> Answer:
        """A request without a body."""
        return await self.speak(method, path, [], b"", client)

    async def hang_up(self, source: str, headers: dict[str, str] | RawHeaders, pieces: Sequence[bytes]) -> None:
        """Send the beginning of a body, and go."""
        await self.speak("POST", path_of(source), headers, pieces, stays=False)

    async def together(self, requests: Iterable[tuple[str, dict[str, str], bytes]]) -> list[int]:
        """Many webhooks (source, headers, body) at the same moment; returns the statuses."""
        answers = await asyncio.gather(*(self.post(*request) for request in requests))
        return [answer.status for answer in answers]

    async def speak(
        self,
        method: str,
        target: str,
        headers: dict[str, str] | RawHeaders,
        body: bytes | Sequence[bytes],
        client: str = "203.0.113.9",
        *,
        stays: bool = True,
    ) -> Answer:
        """One request; who does not stay is gone before the end of the body."""
        pieces = [body] if isinstance(body, bytes) else list(body)
        spoken = [(b"host", HOST.encode()), *raw(headers)]
        if isinstance(body, bytes) and body and b"content-length" not in dict(spoken):
            spoken.append((b"content-length", str(len(body)).encode()))
        line = _Line(self.app, stays)
        request = httpx.Request(method, f"http://{HOST}{target}", headers=spoken, stream=_Pieces(pieces))
        async with httpx.ASGITransport(line, client=(client, 40000)) as transport:
            response = await transport.handle_async_request(request)
        return Answer(response.status_code, line.said, response.headers, line.pulled)

    # -- then ---------------------------------------------------------------

    def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        return _all(Delivery, Delivery.received_at)

    def runs(self) -> list[Run]:
        """Every run, oldest first."""
        return _all(Run, Run.created_at)

    def turns(self) -> list[str]:
        """The runs that the engine has been given, by its own names for them."""
        table = "workflow_status" if self.settings.is_sqlite else "dbos.workflow_status"
        statement = sa.text(f"SELECT workflow_uuid FROM {table} ORDER BY 1")
        return list(store.read(lambda session: session.connection().execute(statement).scalars().all()))

    def rows(self) -> tuple[int, int, int]:
        """How many deliveries, runs and turns there are: what a refusal must not change."""
        return len(self.deliveries()), len(self.runs()), len(self.turns())

    async def metric(self, name: str, **labels: str) -> float:
        """What /metrics says to a local reader; 0.0 for what it does not mention."""
        said = (await self.ask("GET", "/metrics")).body.decode()
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in said.splitlines():
            described, _, value = line.rpartition(" ")
            title, _, labelled = described.rstrip("}").partition("{")
            if title == name and wanted <= set(labelled.split(",")):
                return float(value)
        return 0.0


def path_of(source: str) -> str:
    """Where a source knocks."""
    return "/slack/events" if source == "slack" else f"/webhooks/{source}"


class _Pieces(httpx.AsyncByteStream):
    """A body as it is handed over, piece by piece. As a stream of ours it comes without headers of httpx's."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


class _Line:
    """What one request passes on its way into the application, and its answer on its way out.

    It counts how much of the body is asked for, cuts off who does not stay, and hears what is said even to a HEAD.
    """

    def __init__(self, app: ASGIApp, stays: bool) -> None:
        self._app, self._stays = app, stays
        self.pulled, self.said = 0, b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def ask() -> Message:
            message = await receive()
            if not self._stays and not message.get("more_body"):
                return {"type": "http.disconnect"}
            self.pulled += len(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            self.said += message.get("body", b"")
            await send(message)

        await self._app(scope, ask, tell)


def _settings(database_url: str) -> dict[str, object]:
    secret = SecretStr(SECRET)
    return {
        "database_url": database_url,
        "ssl_cert_file": "",
        "yamabiko_config": ROOT / "yamabiko.example.toml",
        "intercom_client_secret": secret,
        "intercom_app_id": WORKSPACES["intercom"],
        "productboard_webhook_authorization": secret,
        "jira_webhook_secret": secret,
        "slack_signing_secret": secret,
        "deploy_webhook_secret": SecretStr(given("deploy", SECRET)),
        "chatwork_api_token": secret,
        "chatwork_webhook_tokens": SecretStr(given("chatwork", SECRET)),
        "slack_team_id": WORKSPACES["slack"],
        "zendesk_webhook_secret": secret,
        "counts_webhook_secret": SecretStr(given("counts", SECRET)),
    }


def _all(table: type[Any], by: Any) -> list[Any]:
    def work(session: Session) -> list[SQLModel]:
        return list(session.exec(select(table).order_by(col(by), col(table.id))))

    return store.read(work)
