"""One call of Chatwork's API, its failures drawn as the tree of `contract.py`.

The status says what became of a call; an error's text is English, changes, and is not kept. What is sent is a form:
since July 2025 neither JSON nor the query of a POST is read. https://developer.chatwork.com/docs/endpoints
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from integrations import untrusted
from integrations.contract import Malformed, Permanent, RateLimited, Transient, Trouble, Unsure, Unwelcome
from integrations.http import Answer, Wire, patiently
from integrations.pace import Pace
from integrations.untrusted import Node
from integrations.waiting import waiting

T = TypeVar("T")

#: What Chatwork grants: so many calls within so many seconds.
CALLS, WINDOW = 300, 300.0
#: Seconds after too many posts in one room: the headers of that answer are about the other limit.
ROOM_WAIT = 10.0
#: Seconds after too many calls, where the answer does not say when there are more; and at most.
USUAL_WAIT, LONGEST_WAIT = 60.0, 300.0
#: Only these words tell the one limit from the other.
OF_THE_ROOM = b"per room"
#: What nobody may be refused whose token is good: a 403 here is about all of us.
OURS = ("/me", "/rooms")
WHERE = {403: "the account may not do this there", 404: "it is not there, or the account is not in the room"}


class Api:
    """Chatwork's API with one token. Thread-safe. `deadline` bounds each call, in seconds."""

    def __init__(self, base_url: str, token: str, *, pace: Pace | None, deadline: float) -> None:
        self._wire = Wire("Chatwork", base_url, {"x-chatworktoken": token}, deadline=deadline)
        self._pace = pace or Pace(CALLS, WINDOW, name="chatwork")

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def call(
        self,
        method: str,
        path: str,
        read: Callable[[Node], T],
        *,
        expect: Mapping[int, T] | None = None,
        safe: bool = True,
        **asked: Any,
    ) -> T:
        """Call Chatwork, waiting for its rate limit and retrying briefly where that can do no harm.

        `read` makes our value of the answer, a list under `rows`; `expect` are statuses that are values too; `asked` is
        what httpx takes (`params` to read, `data` and `files` to write). Not `safe` are calls that add something.
        Raises Transient, RateLimited, Unsure (only if not safe), Permanent and Unwelcome.
        """
        with waiting():
            return patiently(lambda: self._once(method, path, read, expect or {}, safe, asked))

    def _once(
        self,
        method: str,
        path: str,
        read: Callable[[Node], T],
        expect: Mapping[int, T],
        safe: bool,
        asked: Mapping[str, Any],
    ) -> T:
        self._pace.wait()
        answer = self._wire.ask(method, path, safe=safe, **asked)
        self._pace.heed(answer.headers)
        if answer.status in expect:
            return expect[answer.status]
        said = f"Chatwork answered {answer.status} to {method} {path}"
        if not 200 <= answer.status < 300:
            raise self._judge(answer, said, path, safe)
        try:
            return read(_node(answer))
        except Malformed as error:
            raise _doubt(safe, f"{said}, which cannot be read ({error.field})") from None

    def _judge(self, answer: Answer, said: str, path: str, safe: bool) -> Trouble:
        """What an answer means that is none of 2xx."""
        status = answer.status
        if status == 429:
            if OF_THE_ROOM in answer.content:
                return RateLimited(f"{said}: too many posts in this room", ROOM_WAIT)
            wait = _wait(answer.headers)
            self._pace.close(wait)
            return RateLimited(said, wait)
        if status >= 500 or status == 408:
            return _doubt(safe, said)
        if status == 401 or (status == 403 and path in OURS):
            return Unwelcome(said)
        return Permanent(f"{said}: {WHERE[status]}" if status in WHERE else said)


def rows(said: Node) -> list[Node]:
    """The entries of a list that was the answer; none where there was nothing to list."""
    return list(said["rows"].items())


def _node(answer: Answer) -> Node:
    """What an answer says. An empty list has no body at all (204). Raises Malformed."""
    if answer.status == 204 or not answer.content:
        return Node({}, "")
    return untrusted.load(b'{"rows":%b}' % answer.content if answer.content.lstrip()[:1] == b"[" else answer.content)


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds until there are more calls, by the vendor's own clock: that of this machine may differ."""
    try:
        reset = float(headers["x-ratelimit-reset"])
        now = _date(headers.get("date", ""))
    except (KeyError, ValueError):
        return USUAL_WAIT
    return min(max(1.0, reset - now), LONGEST_WAIT)


def _date(text: str) -> float:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return time.time()


def _doubt(safe: bool, message: str) -> Transient | Unsure:
    return Transient(message) if safe else Unsure(message)
