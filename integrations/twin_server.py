"""Where twins are served: a small ASGI application, and a server that runs in a thread.

server = serve({"intercom": twin}); server.url      # http://127.0.0.1:NNNN, each twin under its name
server.stop()
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn

from integrations.twin import Ask, Fault, Said, Twin

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
        if twin.delay:
            await asyncio.sleep(twin.delay)
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
    usual = {"content-type": "application/json; charset=utf-8", "date": formatdate(usegmt=True)}
    said_too = {key.lower(): value for key, value in said.headers.items()}
    headers = usual | {"content-length": str(len(content))} | said_too
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
    """An ASGI application on a loopback port, run by a thread until `stop`; with `config`, served as that says."""

    def __init__(self, app: Any, port: int = 0, config: uvicorn.Config | None = None) -> None:
        self.app = app
        config = config or uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="serving", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"port {port} cannot be used")
            time.sleep(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._server.server_state.connections)

    def stop(self) -> None:
        """Stop serving and wait for the thread."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)


def serve(twins: Mapping[str, Twin], port: int = 0) -> Serving:
    """Serve twins from a thread of this process, each at `<url>/<name>`. A twin may have a clock of its own: `Date` is
    the twin's to say.
    """
    app = TwinApp(twins)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False, date_header=False)
    return Serving(app, port, config)
