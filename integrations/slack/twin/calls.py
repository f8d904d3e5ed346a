"""How a call of the Web API comes in: methods of the twin, and the arguments they read."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from integrations.slack.twin.data import Json, Refusal, micros
from integrations.twin import Ask, Said, route

LARGEST_METADATA = 8000


class Scoped(Protocol):
    """A twin that knows what the app was granted."""

    def need_scope(self, scope: str) -> None:
        """Raise Refusal unless the app was granted this scope ("" needs nothing)."""


TwinT = TypeVar("TwinT", bound=Scoped)


def method(name: str, scope: str = "", *, takes_json: bool = False) -> Callable[..., Callable[..., Said]]:
    """Mark a method of the twin as a method of the Web API; it returns what stands beside `"ok": true`."""

    def mark(handler: Callable[[TwinT, Arguments], Json]) -> Callable[[TwinT, Ask], Said]:
        @functools.wraps(handler)
        def answer(twin: TwinT, ask: Ask) -> Said:
            try:
                twin.need_scope(scope)
                return Said(200, {"ok": True} | handler(twin, Arguments(ask, takes_json)))
            except Refusal as refusal:
                headers = {"x-slack-failure": refusal.body["error"], **refusal.headers}
                return Said(refusal.status, refusal.body, headers)

        return route(f"POST /api/{name}")(answer)

    return mark


class Arguments:
    """The arguments of one call, wherever they stood: query string, form, or JSON where the method takes it."""

    def __init__(self, ask: Ask, takes_json: bool) -> None:
        kind = ask.headers.get("content-type", "").partition(";")[0]
        self._given: dict[str, Any] = dict(ask.query)
        if kind == "application/json":
            self._given |= _json_object(ask) if takes_json else {}
        elif ask.body:
            self._given |= dict(parse_qsl(ask.body.decode(), keep_blank_values=True))

    def text(self, name: str, default: str = "") -> str:
        """An argument as text."""
        value = self._given.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """An argument that must be there."""
        if not (value := self.text(name)):
            raise Refusal("invalid_arguments", **explained([f"[ERROR] missing required field: {name}"]))
        return value

    def flag(self, name: str) -> bool:
        """A truth value; slack_sdk sends `1` in forms."""
        return self.text(name).lower() in ("1", "true")

    def limit(self) -> int:
        """The wanted size of a page."""
        text = self.text("limit", "100")
        return min(max(int(text), 1), 999) if text.isascii() and text.isdigit() else 100

    def data(self, name: str, error: str) -> Any:
        """A structured argument; in a form it is JSON text. Refuses with `error` what is not JSON."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refusal(error) from None

    def metadata(self) -> Json | None:
        """https://docs.slack.dev/messaging/message-metadata"""
        metadata = self.data("metadata", "invalid_metadata_format")
        if not metadata:
            return None
        named = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
        if not named or not isinstance(metadata.get("event_payload"), dict):
            raise Refusal("invalid_metadata_format")
        if len(json.dumps(metadata)) > LARGEST_METADATA:
            raise Refusal("metadata_too_large")
        return dict(metadata)

    def spans(self, message: Json) -> bool:
        """Is a message between `oldest` and `latest`, both excluded unless `inclusive`?"""
        at = micros(message["ts"]) or 0
        lowest, highest = micros(self.text("oldest", "0")), micros(self.text("latest", "9999999999"))
        if lowest is None:
            raise Refusal("invalid_ts_oldest")
        if highest is None:
            raise Refusal("invalid_ts_latest")
        return lowest < at < highest or (self.flag("inclusive") and at in (lowest, highest))


def _json_object(ask: Ask) -> Json:
    try:
        value = ask.json() or {}
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return value


def explained(lines: list[str]) -> Json:
    """Where Slack explains a refusal."""
    return {"response_metadata": {"messages": lines}}
