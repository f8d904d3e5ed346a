"""Productboard's REST API v2 below the verbs: its two forms of error, its pages, its two kinds of 404.

https://developer.productboard.com/reference/getting-started
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from integrations.contract import Malformed, Permanent, Trouble, Unwelcome
from integrations.http import Http, Reply
from integrations.pace import Pace
from integrations.productboard.models import read_cursor
from integrations.untrusted import Node

#: 50 requests in a second for each access token. https://developer.productboard.com/reference/rate-limits
RATE, WINDOW = 50, 1.0
#: A page holds about 100 items, so this is far more than any list that we ask for.
MOST_PAGES = 200

#: The gateway refuses tokens in words of its own, before the API gives codes; matched on their start.
_GATEWAY = {
    "Unauthorized": "it is missing",
    "Bad token": "it is not a whole access token",
    "No credentials found": "no workspace has issued it, or it was revoked",
}


class Api:
    """Calls `/v2` of one workspace. Thread-safe."""

    def __init__(self, base_url: str, token: str, pace: Pace | None, deadline: float) -> None:
        # Stripped, because a line break after a pasted token would be no header at all.
        headers = {"Authorization": f"Bearer {token.strip()}".strip(), "Accept": "application/json"}
        self._http = Http(
            "Productboard", base_url, headers, pace or Pace(RATE, WINDOW, name="productboard"), deadline=deadline
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        expect: Collection[int] = (),
        safe: bool | None = None,
        reads: bool = False,
    ) -> Reply:
        """Call `/v2` + `path`; see `Http.call`. A refused token raises Unwelcome with the reason."""
        how: dict[str, Any] = {"expect": (401, *expect), "safe": safe, "reads": reads}
        reply = self._http.call(method, f"/v2{path}", json=json, params=params, **how)
        if reply.status == 401:
            raise Unwelcome(f"Productboard does not accept the access token ({_why_unauthorized(reply.json)})")
        return reply

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Node | None:
        """What is at a path; None if it is not there (any more)."""
        reply = self.call("GET", path, params=params, expect=(404,))
        return None if is_gone(reply, path) else Node(reply.json, "")

    def pages(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Iterator[Node]:
        """All items of a list or a search, page by page. Raises Permanent for pages without an end."""
        cursor, seen = "", set[str]()
        for _ in range(MOST_PAGES):
            query = {**(params or {}), "pageCursor": cursor or None}
            page = Node(self.call(method, path, json=json, params=query, reads=True).json, "")
            yield from page["data"].items()
            cursor = read_cursor(page)
            if not cursor:
                return
            if cursor in seen:
                raise Permanent(f"Productboard's pages of {path} go round in a circle")
            seen.add(cursor)
        raise Permanent(f"Productboard has more than {MOST_PAGES} pages of {path}")


def in_path(part: str) -> str:
    """A part of a path, whatever characters it holds."""
    return quote(part, safe="")


def is_gone(reply: Reply, path: str) -> bool:
    """Does a 404 speak of the thing asked for? A 404 for a route that does not exist raises Permanent:
    it means a wrong base URL or a changed API, and must not be taken for "that note is gone".
    """
    if reply.status != 404:
        return False
    if "resource.notFound" not in codes(reply.json):
        raise Permanent(f"Productboard answered 404 to {path} ({', '.join(codes(reply.json)) or 'no error code'})")
    return True


def codes(body: Any) -> list[str]:
    """The codes of an error in the API's own form, `{"errors": [{"code": ...}]}`."""
    try:
        return [error["code"].text()[:60] for error in Node(body, "")["errors"].items()]
    except Malformed:
        return []


def _why_unauthorized(body: Any) -> str:
    """Our words for the gateway's `{"message": ...}`, else the API's codes. Never the message: it may quote."""
    try:
        message = Node(body, "")["message"].text(or_="")
    except Malformed:
        message = ""
    words = [ours for theirs, ours in _GATEWAY.items() if message.startswith(theirs)]
    return ", ".join(words or codes(body)) or "no reason given"


@contextmanager
def reading(otherwise: type[Trouble]) -> Iterator[None]:
    """Turn an answer that is not what the specification says into trouble of the given kind.

    `Permanent` for reads: the API has changed. `Unsure` for writes: it was carried out, but as what?
    """
    try:
        yield
    except Malformed as error:
        raise otherwise(f"Productboard's answer cannot be read ({error})") from None
