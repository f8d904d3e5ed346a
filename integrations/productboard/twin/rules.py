"""How Productboard refuses a request: its error bodies, and the strict reading that leads to them.

https://developer.productboard.com/reference/createnote (its error answers)
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlencode

from integrations.twin import Ask, Said

Row = TypeVar("Row")

#: The address in every link. A client that follows links instead of lifting the cursor leaves the twin.
API = "https://api.productboard.com"

_WORD, _LABEL = r"[\w!#$%&'*+/=?^`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_WORD}(?:\.{_WORD})*@{_LABEL}(?:\.{_LABEL})*", re.ASCII)

_ERRORS = {
    "request.invalid": (400, "Request schema invalid"),
    "request.malformed": (400, "Request malformed"),
    "auth.accessDenied": (403, "Access denied"),
    "resource.notFound": (404, "Resource not found"),
    "route.notFound": (404, "Route not found"),
    "request.timeout": (408, "Request timeout"),
    "validation.failed": (422, "Validation failed"),
    "validation.forbidden": (422, "Validation forbidden"),
    "rate.limitExceeded": (429, "Rate limit exceeded"),
    "internal.serverError": (500, "Internal server error"),
}
#: The first code of each status, for injected errors.
CODES = {status: code for code, (status, _) in reversed(_ERRORS.items())}


class Refused(Exception):
    """The request is not allowed. `source` says where: `pointer="/data/type"` or `parameter="fields"`."""

    def __init__(self, code: str, detail: str, **source: str) -> None:
        super().__init__(code, detail, source)
        self.said = refusal(code, detail, **source)


def refusal(code: str, detail: str, **source: str) -> Said:
    """The answer for an error code."""
    status, title = _ERRORS[code]
    error: dict[str, Any] = {"code": code, "title": title, "detail": detail}
    return Said(status, {"id": f"req-{uuid.uuid4()}", "errors": [error | ({"source": source} if source else {})]})


class Part:
    """A part of a request's JSON and its pointer. What the specification does not allow is refused."""

    def __init__(self, value: Any, pointer: str = "") -> None:
        self.value = value
        self.pointer = pointer

    def __getitem__(self, key: str) -> Part:
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Part(value, f"{self.pointer}/{key}")

    def __bool__(self) -> bool:
        """Is it there at all?"""
        return self.value is not None

    def object(self, allowed: Collection[str] = ()) -> dict[str, Any]:
        """An object, with no other keys than those allowed if any are named."""
        value: dict[str, Any] = self._a(dict, "an object")
        if unknown := sorted(set(value) - set(allowed)) if allowed else []:
            raise Refused("request.invalid", "There is no such property.", pointer=f"{self.pointer}/{unknown[0]}")
        return value

    def items(self) -> Iterator[Part]:
        """The elements of an array; none if it is absent."""
        for number, value in enumerate(self._a(list, "an array") if self else []):
            yield Part(value, f"{self.pointer}/{number}")

    def several(self) -> Iterator[Part]:
        """The elements of an array, or the one thing that stands in its place."""
        if isinstance(self.value, list) or not self:
            yield from self.items()
        else:
            yield self

    def text(self, longest: int | None = None, among: Collection[str] = (), shortest: int = 0) -> str:
        """A text of so many characters, or one of a few words."""
        value: str = self._a(str, "a string")
        if longest is not None and not shortest <= len(value) <= longest:
            self.refuse(f"The value must have {shortest} to {longest} characters.")
        if among and value not in among:
            self.refuse(f"The value must be one of: {', '.join(among)}.")
        return value

    def email(self) -> str:
        """An e-mail address, as JSON Schema's `format: email` wants it: addresses with dots side by side are none."""
        if not _EMAIL.fullmatch(self.text()):
            raise Refused("validation.failed", "The value must be an e-mail address.", pointer=self.pointer)
        return self.text()

    def flag(self) -> bool:
        """A truth value."""
        value: bool = self._a(bool, "a boolean")
        return value

    def id(self) -> str:
        """A UUID."""
        return checked_id(self.text(), pointer=self.pointer)

    def refuse(self, detail: str) -> NoReturn:
        """Refuse the request because of this part."""
        raise Refused("request.invalid", detail, pointer=self.pointer)

    def _a(self, kind: type, name: str) -> Any:
        if not isinstance(self.value, kind):
            self.refuse(f"The value must be {name}." if self else "The property is required.")
        return self.value


def body(ask: Ask) -> Part:
    """The `data` of a request. Refuses what is not JSON, or not called JSON."""
    if ask.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused("request.malformed", "The Content-Type header must be 'application/json'.")
    try:
        data = Part(json.loads(ask.body))["data"]
    except ValueError:
        raise Refused("request.malformed", "The body is not JSON.") from None
    data.object()
    return data


def checked_id(text: str, **source: str) -> str:
    """A UUID as Productboard spells it."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Refused("request.invalid", "The value must be a UUID.", **source) from None


def moment(text: str | None, **source: str) -> datetime | None:
    """A moment in ISO 8601, with a zone."""
    try:
        found = datetime.fromisoformat(text) if text is not None else None
    except ValueError:
        raise Refused("request.invalid", "The value must be an ISO 8601 date-time.", **source) from None
    if found and not found.tzinfo:
        raise Refused("request.invalid", "The date-time must have a zone.", **source)
    return found


def query_flag(ask: Ask, name: str) -> bool | None:
    """A truth value among the query arguments, None if it is not there."""
    text = ask.arg(name)
    if text not in (None, "true", "false"):
        raise Refused("request.invalid", "The value must be true or false.", parameter=name)
    return None if text is None else text == "true"


def page(ask: Ask, rows: list[Row], size: int, show: Callable[[Row], Any]) -> Said:
    """One page of a list: `pageCursor` says from where, `links.next` where to go on."""
    start = _offset(ask.arg("pageCursor"))
    shown = [show(row) for row in rows[start : start + size]]
    return Said(200, {"data": shown, "links": links_next(ask, start + size, len(rows))})


def links_next(ask: Ask, end: int, total: int, path: str = "") -> dict[str, str | None]:
    """The `links` of a list of which `end` of `total` items have been shown."""
    if end >= total:
        return {"next": None}
    rest = [] if path else [(name, value) for name, value in ask.query if name != "pageCursor"]
    cursor = base64.urlsafe_b64encode(f"{end}".encode()).decode()
    return {"next": f"{API}{path or ask.path}?{urlencode([*rest, ('pageCursor', cursor)])}"}


def _offset(cursor: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor)) if cursor else 0
    except ValueError:
        raise Refused("request.invalid", "The cursor is not one of ours.", parameter="pageCursor") from None


def selected(names: list[str], fields: dict[str, Any], **source: str) -> dict[str, Any]:
    """The fields asked for; by default those that have a value, with `all` the empty ones as well.

    https://developer.productboard.com/v2.0.0/reference/response-field-control
    """
    if not names:
        return {name: value for name, value in fields.items() if value not in (None, "", [])}
    if names == ["all"]:
        return fields
    if unknown := [name for name in names if name not in fields]:
        raise Refused("request.invalid", f"There is no field '{unknown[0][:60]}'.", **source)
    return {name: fields[name] for name in names}


def asked_fields(ask: Ask) -> list[str]:
    """The `fields` of a query, in each of the spellings that the documentation uses."""
    texts = [value for name, value in ask.query if name in ("fields", "fields[]")]
    return [name for text in texts for name in text.split(",")]
