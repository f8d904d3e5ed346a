"""The app's side in tests of the Slack twin: hears what people do, checks it, answers as it was told.

app = App(twin); app.on("shortcut", lambda payload: app.open_view(payload, form()))
twin.use_shortcut(SATO, "escalate"); app.heard[-1]["trigger_id"]
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from integrations import slack
from integrations.contract import Headers
from integrations.slack.twin import SCOPES, SlackTwin
from integrations.twin import Ask

SECRET, TOKEN, TEAM = "a signing secret", "xoxb-a-token-of-the-twin", "T0YAMABIKO"
SUPPORT, ESCALATIONS, SATO, TANAKA = "C0SUPPORT1", "C0ESCALATE", "U0SATOMI01", "U0TANAKA02"

Json = dict[str, Any]


def furnished() -> SlackTwin:
    """A workspace with two people, a public and a private channel."""
    twin = SlackTwin(signing_secret=SECRET, token=TOKEN, team_id=TEAM, scopes=(*SCOPES, "reactions:write"))
    twin.add_channel(SUPPORT, "support")
    twin.add_channel(ESCALATIONS, "escalations", private=True)
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    twin.add_user(TANAKA, "Sho Tanaka", "tanaka@example.co.jp", locale="en-US")
    return twin


class App:
    """An app that is connected to the twin. An answer is nothing (200), text, JSON, or status, headers and body."""

    def __init__(self, twin: SlackTwin) -> None:
        self.twin, self.heard = twin, list[Json]()
        self.ahead = 0.0
        self._answers: dict[str, Callable[[Json], Any]] = {}
        twin.sender = self.take
        began = time.monotonic()
        twin.clock = lambda: began + self.ahead

    def on(self, kind: str, answer: Callable[[Json], Any]) -> None:
        """Answer this kind of interaction, or this command, so."""
        self._answers[kind] = answer

    def wait(self, seconds: float) -> None:
        """Let time pass, at once."""
        self.ahead += seconds

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the door does with a request: verify, parse, answer."""
        raw = Headers([(name.encode(), value.encode()) for name, value in headers.items()])
        slack.verify(raw, body, [SECRET], time.time())
        slack.parse(raw, body)
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        payload = json.loads(fields["payload"]) if "payload" in fields else fields
        self.heard.append(payload)
        said = self._answers.get(payload.get("type") or payload["command"], lambda _: None)(payload)
        if isinstance(said, tuple):
            return said
        if isinstance(said, str):
            return 200, {"content-type": "text/plain; charset=utf-8"}, said.encode()
        if said is None:
            return 200, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(said, ensure_ascii=False).encode()

    def call(self, method: str, token: str = TOKEN, **arguments: Any) -> Json:
        """Call the Web API, from a place at which the twin is not locked."""
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json;charset=utf-8"}
        said, _ = self.twin.answer(Ask("POST", f"/api/{method}", [], headers, json.dumps(arguments).encode()))
        body: Json = said.body
        return body

    def error(self, method: str, **arguments: Any) -> str:
        """The code with which the Web API refuses a call."""
        said = self.call(method, **arguments)
        assert said["ok"] is False
        return str(said["error"])

    def open_view(self, payload: Json, view: Json) -> None:
        """Open a view for whoever sent this."""
        said = self.call("views.open", trigger_id=payload["trigger_id"], view=view)
        assert said["ok"], said

    def showing(self, view: Json) -> None:
        """From now on the shortcut opens this view; SATO uses it."""
        self.on("shortcut", lambda payload: self.open_view(payload, view))
        self.twin.use_shortcut(SATO, "escalate")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def option(value: str, text: str = "") -> Json:
    return {"text": plain(text or value), "value": value}


def field(block_id: str, element: Json, **others: Any) -> Json:
    """An input block."""
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **others}


def text(block_id: str, **others: Any) -> Json:
    """A field to write in."""
    return field(block_id, {"type": "plain_text_input", "action_id": block_id, **others})


def form(*blocks: Json, **others: Any) -> Json:
    """A modal with these fields, or with one for the gist."""
    frame = {"type": "modal", "callback_id": "escalate", "title": plain("エスカレーション")}
    return frame | {
        "submit": plain("依頼する"),
        "close": plain("やめる"),
        "blocks": list(blocks) or [text("gist")],
        **others,
    }


def company(**others: Any) -> Json:
    """A field whose options the app supplies."""
    return field("company", {"type": "external_select", "action_id": "company", "min_query_length": 1, **others})
