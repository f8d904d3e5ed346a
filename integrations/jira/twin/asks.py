"""Reading a request as Jira does, and refusing it in Jira's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from integrations.jira.twin.data import Json
from integrations.twin import Ask, Handler, Said

PROBLEM = {"Content-Type": "application/problem+json;charset=UTF-8"}


class Refused(Exception):
    """The request is not carried out; `said` is Jira's answer."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.status)
        self.said = said


def refuse(status: int, message: str = "", **fields: str) -> NoReturn:
    """Refuse with a message, or with one for each field."""
    raise Refused(Said(status, {"errorMessages": [message] if message else [], "errors": fields}))


def error(message: str) -> Json:
    """The body of almost all of Jira's errors."""
    return {"errorMessages": [message], "errors": {}}


def with_refusals(handler: Callable[..., Said]) -> Handler:
    """The handler, whose refusals are answers."""

    def answered(*given: Any, **names: str) -> Said:
        try:
            return handler(*given, **names)
        except Refused as refused:
            return refused.said

    return answered


def parsed(ask: Ask) -> Any:
    """The body as JSON, whatever it is."""
    try:
        return ask.json()
    except ValueError:
        message = "There was an error parsing JSON. Check that your request body is valid."
        raise Refused(Said(400, {"errorMessages": [message]})) from None


def json_body(ask: Ask, known: Iterable[str] | None = None) -> Json:
    """The body, an object; with nothing in it but what is `known`, where that is given."""
    given = parsed(ask)
    if not isinstance(given, dict) or (known is not None and set(given) - set(known)):
        refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return given


def api_of(ask: Ask) -> int:
    """The version of the API that was called; `latest` is 2."""
    return 2 if "/rest/api/2/" in ask.path or "/rest/api/latest/" in ask.path else 3


def listed(ask: Ask, name: str) -> list[str]:
    """A list in the query: repeated, separated by commas, or both."""
    return [part for key, value in ask.query if key == name for part in value.split(",") if part]


def number(ask: Ask, name: str, default: int) -> int:
    """A number in the query; Jira complains about others in its second format."""
    text = ask.arg(name)
    if text is not None and not text.isdigit():
        problem = {"type": "about:blank", "title": "Bad Request", "status": 400, "instance": ask.path}
        raise Refused(Said(400, problem | {"detail": f"Failed to convert '{name}' to a number."}, PROBLEM))
    return int(text) if text else default
