"""Zendesk's API below the verbs: a token for each call, its refusals understood, its pages followed.

https://developer.zendesk.com/api-reference/introduction/introduction/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from integrations.contract import Malformed, Permanent, Unwelcome
from integrations.http import Http, Reply
from integrations.pace import Pace
from integrations.untrusted import Node
from integrations.zendesk.limits import AccountPace
from integrations.zendesk.models import rows
from integrations.zendesk.signing_in import SignIn

#: A thousand tickets with all that was written in them are some megabytes.
LARGEST_ANSWER = 32 * 1024 * 1024
#: A page has at most 100 rows, so this is far more than any list that we ask for.
MOST_PAGES = 100
_CODE = re.compile(r"[A-Za-z_]{1,60}")


class Api:
    """Reads `/api/v2` of one account. Thread-safe."""

    def __init__(self, base_url: str, client_id: str, client_secret: str, pace: Pace | None, deadline: float) -> None:
        self._http = Http(
            "Zendesk",
            base_url,
            {"Accept": "application/json"},
            pace or AccountPace(),
            deadline=deadline,
            largest=LARGEST_ANSWER,
        )
        self._sign_in = SignIn(self._http, client_id, client_secret)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None, expect: Collection[int] = ()) -> Reply:
        """What is at `/api/v2` + `path`. A token that is refused is replaced once. Raises Trouble."""
        address = f"/api/v2{path}"
        for _ in range(2):
            token = self._sign_in.token()
            mine = {"Authorization": f"Bearer {token}"}
            reply = self._http.call("GET", address, params=params, expect=(401, 403, 404, *expect), headers=mine)
            if reply.status != 401:
                return _judged(reply, address)
            self._sign_in.forget(token)
        raise Unwelcome("Zendesk refuses our sign-in: check the OAuth client in Admin Center, and whose it is")

    def pages(self, path: str, name: str, params: Mapping[str, Any]) -> Iterator[Node]:
        """The rows of a list, page by page. Raises Permanent for pages without an end."""
        after, seen = "", set[str]()
        for _ in range(MOST_PAGES):
            page = Node(self.get(path, {**params, "page[size]": 100, "page[after]": after or None}).json, "")
            yield from rows(page, name)
            after = page["meta"]["after_cursor"].text(or_="") if page["meta"]["has_more"] else ""
            if not after:
                return
            if after in seen:
                raise Permanent(f"Zendesk's pages of {path} go round in a circle")
            seen.add(after)
        raise Permanent(f"Zendesk has more than {MOST_PAGES} pages of {path}")


def _judged(reply: Reply, address: str) -> Reply:
    if reply.status == 403:
        raise Unwelcome("Zendesk does not let us read this: an admin has to have created the OAuth client")
    if reply.status == 404:
        code = code_of(reply.json)
        if not code:  # a page for people: nobody has this subdomain
            raise Permanent("No Zendesk account answers at this address. Check ZENDESK_SUBDOMAIN.")
        raise Permanent(f"Zendesk answered 404 to GET {address} ({code})")
    return reply


def code_of(body: Any) -> str:
    """What Zendesk calls an error, "" where it does not say: `error` may be a name, or an object with a title. Never
    its description: that may quote.
    """
    root = Node(body, "")
    for node in (root["error"], root["error"]["title"], *_errors(root)):
        try:
            found = node.text(or_="")
        except Malformed:
            continue
        if _CODE.fullmatch(found):
            return found
    return ""


def _errors(root: Node) -> list[Node]:
    """The other form of an error: `{"errors": [{"code": …}]}`."""
    try:
        return [each["code"] for each in root["errors"].items()]
    except Malformed:
        return []


@contextmanager
def reading() -> Iterator[None]:
    """Turn an answer that is not what the reference says into Permanent: the API has changed."""
    try:
        yield
    except Malformed as error:
        raise Permanent(f"Zendesk's answer cannot be read ({error})") from None
