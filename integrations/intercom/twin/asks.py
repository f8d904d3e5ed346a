"""Reading a request as Intercom does, and refusing it with Intercom's errors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

from integrations.intercom.twin.data import Json
from integrations.twin import Ask, Handler, Said, route


class Refusal(Exception):
    """A request that Intercom refuses: status, code and message (and headers)."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


class Refuses(Protocol):
    """A twin that words its refusals."""

    def error(self, code: str, message: str) -> Json:
        """An error list with one error."""


def api(pattern: str) -> Callable[[Callable[..., Any]], Handler]:
    """Mark a method as a route: what it returns is the body of a 200, a Refusal becomes an error list."""

    def mark(handler: Callable[..., Any]) -> Handler:
        @functools.wraps(handler)
        def answer(twin: Refuses, ask: Ask, **names: str) -> Said:
            try:
                return Said(200, handler(twin, ask, **names))
            except Refusal as refusal:
                return Said(refusal.status, twin.error(refusal.code, refusal.message), refusal.headers)

        return route(pattern)(answer)

    return mark


def json_body(ask: Ask) -> Json:
    """The body of a request: an object."""
    try:
        said = ask.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Refusal(400, "bad_request", "bad 'Content-Type' header or body")
    return said


def one_of(said: Json, key: str, *allowed: str) -> str:
    """A value that has to be one of these."""
    if said.get(key) not in allowed:
        raise Refusal(400, "parameter_invalid", f"{key} must be one of {', '.join(allowed)}")
    return str(said[key])


def text(said: Json, key: str) -> str:
    """A text that may not be missing or blank."""
    if not isinstance(said.get(key), str) or not said[key].strip():
        raise Refusal(400, "parameter_not_found", f"{key} not specified")
    return str(said[key])


def options(said: Json) -> None:
    """What the customer may press to answer: each has its text and an id. Raises Refusal."""
    found = said.get("reply_options")
    if not isinstance(found, list) or not found:
        raise Refusal(400, "parameter_not_found", "reply_options not specified")
    if not all(isinstance(one, dict) and one.get("text") and one.get("uuid") for one in found):
        raise Refusal(400, "parameter_invalid", "reply_options need a text and a uuid each")
