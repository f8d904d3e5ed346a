"""The ground all twins stand on: a stateful stand-in for a vendor that speaks its HTTP API.

A twin keeps a log of the *effects* it received, sends its webhooks really signed, and fails on
request. `make demo`, the tests and the benchmarks use the same twins over real sockets:

    twin = IntercomTwin(secret="…"); server = serve({"intercom": twin}); server.url  # http://127.0.0.1:NNNN
    twin.fail("POST /conversations/{id}/reply", Fault("429", headers={"Retry-After": "2"}))
    twin.webhook_url = "http://127.0.0.1:8000/webhooks/intercom"; twin.tag("c1", "p2", "要望")
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx


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
    #: Is a webhook sent again that was not taken?
    RESENDS = True

    def __init__(self, *, seed: int = 0) -> None:
        self.effects: list[Effect] = []
        self.calls: list[tuple[str, int]] = []
        self.webhook_url: str | None = None
        #: Webhooks wait here while held, in the order they happened (tests reorder and drop them).
        self.held: list[tuple[dict[str, str], bytes]] | None = None
        #: Seconds until anything is answered. A twin that answers at once hides what goes wrong while a vendor is slow.
        self.delay = 0.0
        #: The share of webhooks that never arrive, 0.0 … 1.0; drawn from `seed`.
        self.loss = 0.0
        self.watchers: list[Callable[[Ask, Said], None]] = []
        self.lock = threading.RLock()
        self._random = random.Random(seed)
        self._faults: dict[str, deque[Fault]] = {}
        self._outbox = _Outbox(self.NAME, resends=self.RESENDS)
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
    """Sends webhooks in order from one thread, retrying once as most vendors do, but sooner."""

    def __init__(self, name: str, *, resends: bool) -> None:
        self._name, self._pauses = name, (0.5, 0.0) if resends else (0.0,)
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
        for pause in self._pauses:
            try:
                if client.post(url, headers=dict(headers), content=body).status_code < 300:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(pause)
