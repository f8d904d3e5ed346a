"""Slack's requests as they come, signed, and their variants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlmodel import select

from app.demo.company import TEAM_ID
from tests.door import FORM, ROOT, signed
from tests.world import World
from workflows.engine.store import store
from workflows.tables.escalation import Escalation

Json = dict[str, Any]
OURS = ROOT / "tests" / "payloads" / "slack"


#: Stands for a number of five thousand digits.
DIGITS = "five thousand digits"
INTERACTIONS = ("shortcut", "message_action", "block_actions", "block_suggestion", "view_submission", "view_closed")


def read(path: Path) -> Json:
    """A payload, as if it came from our workspace."""
    value: Json = json.loads(path.read_text(encoding="utf-8"))
    _move(value)
    return value


#: Who sends our payloads: nobody here, so an agent of ours does it instead.
SENDERS = ("U0SATOMI01", "U0TANAKA02")


def _move(value: Any) -> None:
    """Let everything in a payload be in our workspace, and come from somebody in it."""
    if isinstance(value, dict):
        value |= {name: "U0TANAKA" for name in ("id", "user_id") if value.get(name) in SENDERS}
        value |= {name: TEAM_ID for name in ("team_id", "app_installed_team_id") if value.get(name)}
        if isinstance(team := value.get("team"), dict) and "id" in team:
            team["id"] = TEAM_ID
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _move(part)


def is_interaction(payload: Json) -> bool:
    """Does it come as a form?"""
    return payload.get("type") in INTERACTIONS or "command" in payload or "ssl_check" in payload


def body_of(payload: Json) -> bytes:
    """A payload as it travels: an event as JSON, a command as fields, an interaction as one field."""
    if not is_interaction(payload):
        return written(payload).encode()
    fields = payload if "command" in payload or "ssl_check" in payload else {"payload": written(payload)}
    return urlencode(fields, errors="surrogatepass").encode()


def written(payload: Json) -> str:
    """As JSON; Python itself does not write numbers of five thousand digits."""
    return json.dumps(payload).replace(f'"{DIGITS}"', "9" * 5000)


class Slack:
    """Slack, as far as requests go."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def send(self, payload: Json) -> httpx.Response:
        """Send it as Slack would."""
        return await self.raw(body_of(payload), form=is_interaction(payload))

    async def raw(self, body: bytes, *, form: bool, secret: str = "", at: float | None = None) -> httpx.Response:
        """Send a body, signed."""
        headers = signed("slack", body, secret or self.world.stage.secret, at=at)
        return await self.world.apost("slack", headers | {"content-type": FORM if form else "application/json"}, body)

    def changed(self) -> tuple[int, int, int]:
        """What must stay as it is: escalations, messages, opened forms."""
        rows = store.read(lambda session: len(session.exec(select(Escalation.id)).all()))
        return rows, len(self.world.slack.did("chat.postMessage")), len(self.world.slack.did("views.open"))


# -- signed and hostile ---------------------------------------------------------------------------

#: What may stand where a text belongs.
STRANGE: dict[str, Any] = {
    "nothing": None,
    "a number": 7,
    "five thousand digits": DIGITS,
    "a list": [[]],
    "an object": {"a": {}},
    "half a character": "\ud800",
    "a null byte": "a\0b",
    "very long": "あ" * 100_000,
    "markup": "<!channel> *x* `y` \u202e",
}


def variants(payload: Json, part: str) -> Iterator[tuple[str, Json]]:
    """The payload without a part, and with something strange in its place."""
    *path, name = part.split(".")
    for what, value in [("missing", ...), *STRANGE.items()]:
        changed = deepcopy(payload)
        holder = changed
        for step in path:
            holder = holder[step]
        assert name in holder, part
        if value is ...:
            del holder[name]
        else:
            holder[name] = value
        yield what, changed
