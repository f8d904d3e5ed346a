"""The ground all twins stand on: a stateful stand-in for a vendor that speaks its HTTP API.

A twin keeps a log of the *effects* it received, sends its webhooks really signed, and fails on
request. `make demo`, the tests and the benchmarks use the same twins over real sockets:

    twin = IntercomTwin(secret="…"); server = serve({"intercom": twin}); server.url  # http://127.0.0.1:NNNN
    twin.fail("POST /conversations/{id}/reply", Fault("429", headers={"Retry-After": "2"}))
    twin.webhook_url = "http://127.0.0.1:8000/webhooks/intercom"; twin.tag("c1", "p2", "要望")
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import uvicorn


@dataclass(frozen=True)
class Ask:
    """A request as a twin sees it. `path` is unquoted and starts after the twin's prefix."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    host: str = ""

    def arg(self, name: str, default: str | None = None) -> str | None:
        """The first query argument of this name."""
        return next((value for key, value in self.query if key == name), default)

    def json(self) -> Any:
        """The body as JSON; None where it is empty. Raises ValueError where it is not JSON."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Said:
    """A twin's answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The body as bytes: JSON unless it already is bytes or text."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next call of a route.

    `kind` is a status ("429", "500", "503") | "hang" (no answer for `seconds`) | "reset" (applied, then the
    connection drops) | "lost" (dropped before it is applied) | "truncated" (applied, half of the JSON) |
    "html" (applied, then 200 with a web page) | "late" (applied, answered after `seconds`) |
    "late-500" (applied, then a 500).
    """

    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30.0


@dataclass(frozen=True)
class Effect:
    """Something a client changed at the vendor: `verb` and `target` in the vendor's words."""

    verb: str
    target: str
    facts: Mapping[str, Any]
    at: float


Handler = Callable[..., Said]
_route_of = "_twin_route"


def route(pattern: str) -> Callable[[Handler], Handler]:
    """Mark a method as the answer to e.g. `GET /conversations/{id}`; {names} become text arguments."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _route_of, pattern)
        return handler

    return mark


class Twin:
    """A vendor's stand-in. Subclasses add state, routes (see `route`), people's verbs and `signed`."""

    NAME = ""

    def __init__(self, *, seed: int = 0) -> None:
        self.effects: list[Effect] = []
        self.calls: list[tuple[str, int]] = []
        self.webhook_url: str | None = None
        #: Webhooks wait here while held, in the order they happened (tests reorder and drop them).
        self.held: list[tuple[dict[str, str], bytes]] | None = None
        #: The share of webhooks that never arrive, 0.0 … 1.0; drawn from `seed`.
        self.loss = 0.0
        self.watchers: list[Callable[[Ask, Said], None]] = []
        self.lock = threading.RLock()
        self._random = random.Random(seed)
        self._faults: dict[str, deque[Fault]] = {}
        self._outbox = _Outbox(self.NAME)
        self._routes = [
            (pattern, _compile(pattern), getattr(self, name))
            for name in dir(type(self))
            if (pattern := getattr(getattr(type(self), name), _route_of, None))
        ]
        self._routes.sort(key=lambda entry: entry[0].count("{"))

    # -- what subclasses say ------------------------------------------------

    def guard(self, ask: Ask) -> Said | None:
        """Refuse a request before it reaches its route (authentication, rate limit)."""
        return None

    def unknown(self, ask: Ask) -> Said:
        """The vendor's answer to a path it does not have."""
        return Said(404, {"error": "not found"})

    def stamp(self, ask: Ask, said: Said) -> Said:
        """Add what the vendor puts on every answer (rate limit headers)."""
        return said

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook with this body, signature included."""
        raise NotImplementedError

    # -- what tests and demos say -------------------------------------------

    def fail(self, pattern: str, *faults: Fault) -> None:
        """Let the next calls of a route fail, one fault each."""
        with self.lock:
            self._faults.setdefault(pattern, deque()).extend(faults)

    def mend(self) -> None:
        """Forget all faults that have not happened yet."""
        with self.lock:
            self._faults.clear()

    def did(self, verb: str, target: str | None = None) -> list[Effect]:
        """The effects of this verb (upon this target), oldest first."""
        with self.lock:
            return [e for e in self.effects if e.verb == verb and target in (None, e.target)]

    def idle(self) -> bool:
        """Have all webhooks been sent (or lost)?"""
        return self._outbox.idle()

    # -- what routes and people's verbs use ---------------------------------

    def note_effect(self, verb: str, target: str, **facts: Any) -> None:
        """Write a change into the log of effects."""
        self.effects.append(Effect(verb, target, facts, time.time()))

    def send(self, payload: Mapping[str, Any], **extra_headers: str) -> None:
        """Send a webhook, signed, from a thread of its own; see `held` and `loss`."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"} | self.signed(body) | extra_headers
        if self.held is not None:
            self.held.append((headers, body))
        else:
            self.post(headers, body)

    def post(self, headers: Mapping[str, str], body: bytes) -> None:
        """Put one signed webhook on its way, unless it is one of those that get lost."""
        if self.webhook_url is not None and self._random.random() >= self.loss:
            self._outbox.put(self.webhook_url, headers, body)

    # -- serving ------------------------------------------------------------

    def answer(self, ask: Ask) -> tuple[Said, Fault | None]:
        """Answer one request; the fault, if any, is carried out by the server."""
        with self.lock:
            pattern, handler, names = self._find(ask)
            fault = self._next_fault(pattern)
            if fault and (fault.kind.isdigit() or fault.kind == "lost"):
                said = Said(int(fault.kind) if fault.kind.isdigit() else 0, self.broken(fault.kind), fault.headers)
            else:
                said = self.guard(ask) or (handler(ask, **names) if handler else self.unknown(ask))
            said = self.stamp(ask, said)
            self.calls.append((pattern, said.status))
        for watch in self.watchers:
            watch(ask, said)
        return said, fault

    def broken(self, status: str) -> Any:
        """The body of an injected error, in the vendor's form."""
        return {"error": status}

    def _find(self, ask: Ask) -> tuple[str, Handler | None, dict[str, str]]:
        line = f"{ask.method} {ask.path}"
        for pattern, compiled, handler in self._routes:
            if match := compiled.fullmatch(line):
                return pattern, handler, match.groupdict()
        return line, None, {}

    def _next_fault(self, pattern: str) -> Fault | None:
        waiting = self._faults.get(pattern) or self._faults.get("*")
        return waiting.popleft() if waiting else None


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))


class _Outbox:
    """Sends webhooks in order from one thread, retrying once as vendors do, but sooner."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: deque[tuple[str, Mapping[str, str], bytes]] = deque()
        self._wake = threading.Condition()
        self._busy = False
        self._thread: threading.Thread | None = None

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        with self._wake:
            self._waiting.append((url, headers, body))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"{self._name}-webhooks", daemon=True)
                self._thread.start()
            self._wake.notify()

    def idle(self) -> bool:
        with self._wake:
            return not self._waiting and not self._busy

    def _work(self) -> None:
        with httpx.Client(timeout=10, trust_env=False) as client:
            while True:
                with self._wake:
                    self._busy = False
                    while not self._waiting:
                        self._wake.wait()
                    url, headers, body = self._waiting.popleft()
                    self._busy = True
                self._deliver(client, url, headers, body)

    def _deliver(self, client: httpx.Client, url: str, headers: Mapping[str, str], body: bytes) -> None:
        for pause in (0.5, 0.0):
            try:
                if client.post(url, headers=dict(headers), content=body).status_code < 300:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(pause)


# -- a small ASGI application and the server it runs in -----------------------------------------

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class TwinApp:
    """Serves several twins, each under `/<name>`, and `/_twin/…` to steer them from another process.

    `GET /_twin/<name>/effects` lists the effects; `POST /_twin/<name>/play` calls a person's verb
    (`{"verb": "tag", "arguments": {...}}`); `POST /_twin/<name>/fail` takes
    `{"route": "...", "faults": [{"kind": "429"}]}`.
    """

    def __init__(self, twins: Mapping[str, Twin]) -> None:
        self.twins = twins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = await _body(receive)
        if scope["path"].startswith("/_twin/"):
            await _reply(send, self._steer(scope, body))
            return
        prefix, _, rest = scope["path"].lstrip("/").partition("/")
        twin = self.twins.get(prefix)
        if twin is None:
            await _reply(send, Said(404, {"error": f"no twin named {prefix}"}))
            return
        said, fault = twin.answer(_ask(scope, "/" + rest, body))
        await _perform(send, said, fault)

    def _steer(self, scope: Scope, body: bytes) -> Said:
        _, _, name, verb = (scope["path"] + "/").rstrip("/").split("/", 3)
        twin = self.twins[name]
        if verb == "effects":
            return Said(200, [asdict(effect) for effect in list(twin.effects)])
        told = json.loads(body or b"{}")
        if verb == "fail":
            twin.fail(told["route"], *(Fault(**fault) for fault in told["faults"]))
            return Said(204)
        if told["verb"].startswith("_"):
            return Said(404)
        return Said(200, {"result": getattr(twin, told["verb"])(**told.get("arguments", {}))})


def _ask(scope: Scope, path: str, body: bytes) -> Ask:
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    query = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    return Ask(scope["method"], unquote(path), query, headers, body, headers.get("host", ""))


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _perform(send: Send, said: Said, fault: Fault | None) -> None:
    kind = fault.kind if fault else ""
    if fault and kind in ("hang", "late"):
        await asyncio.sleep(fault.seconds)
    if kind in ("lost", "reset"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]})
        raise ConnectionResetError  # the server drops the connection in the middle of the answer
    if kind == "truncated":
        content = said.content()
        said = Said(said.status, content[: max(1, len(content) // 2)], said.headers)
    elif kind == "html":
        said = Said(200, b"<html><body>Welcome</body></html>")
    elif kind == "late-500":
        said = Said(500, b"{}")
    await _reply(send, said)


async def _reply(send: Send, said: Said) -> None:
    content = said.content()
    headers = {"content-type": "application/json; charset=utf-8", "content-length": str(len(content))} | {
        key.lower(): value for key, value in said.headers.items()
    }
    raw = [(key.encode(), value.encode()) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": said.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


class Serving:
    """An ASGI application on a loopback port, run by a thread until `stop`."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self.app = app
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="serving", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"port {port} cannot be used")
            time.sleep(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop serving and wait for the thread."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)


def serve(twins: Mapping[str, Twin], port: int = 0) -> Serving:
    """Serve twins from a thread of this process, each at `<url>/<name>`."""
    return Serving(TwinApp(twins), port)
