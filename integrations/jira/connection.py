"""How we speak with Jira: one call at a time, its odd refusals understood, writes to an issue spaced.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from integrations.contract import Malformed, Permanent, Trouble, Unwelcome
from integrations.http import Answer, Http, Reply
from integrations.pace import Pace, asked_wait
from integrations.untrusted import Node
from integrations.waiting import Lock, waiting

API = "/rest/api/3"
#: Calls a second, in all: Jira allows 100 to most endpoints, and half of that leaves room for others.
CALLS = 50
#: What a 429 may be about besides the whole site: one endpoint, one issue.
BURST = "jira-burst-based"
OF_ONE = (BURST, "jira-per-issue-on-write")
#: What ids and keys have in a path, and so many endpoints or issues are remembered.
DIGITS, REMEMBERED = set("0123456789"), 1000


class Connection:
    """One Jira site, seen by one account, as paths and JSON. Thread-safe."""

    def __init__(self, base_url: str, email: str, api_token: str, pace: Pace | None, deadline: float) -> None:
        self._http = Http(
            "Jira",
            base_url.rstrip("/"),
            {"Accept": "application/json"},
            pace or SitePace(CALLS, 1.0, name="jira"),
            auth=(email, api_token),
            deadline=deadline,
            bars_us=_bars_us,
        )
        self._writes = IssueWrites()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def call(self, method: str, path: str, **how: Any) -> Reply:
        """Call an operation of the API; `how` as in `Http.call`.

        Jira may treat a wrong or expired token as a stranger and answer 200 with nothing in it; only
        a header tells. Raises Unwelcome then.
        """
        reply = self._http.call(method, API + path, **how)
        reasons = {reason.strip() for reason in reply.headers.get("x-seraph-loginreason", "").split(",")}
        if reasons & {"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"}:
            raise Unwelcome(
                "Jira does not accept the API token. Check whether it has expired or belongs to another account."
            )
        return reply

    def write(self, issue_id: str, what: str, body: Any, *, safe: bool) -> Reply:
        """Post something to an issue, no faster than Jira allows. 404 is a value."""
        self._writes.wait(issue_id)
        return self.call("POST", issue_path(issue_id, what), json=body, expect=(404,), safe=safe)


class SitePace(Pace):
    """The pace of all calls to a site. What Jira's answers say is about one endpoint, or the points of an hour, so it
    neither quickens nor slows the others; and where one endpoint or issue has had enough, only its own calls wait.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    """

    def __init__(self, calls: int, window: float, *, name: str = "", clock: Callable[[], float] = time.time) -> None:
        super().__init__(calls, window, name=name, clock=clock)
        self._endpoints: OrderedDict[str, EndpointPace] = OrderedDict()

    def of(self, method: str, path: str) -> EndpointPace:
        """The pace of an endpoint: one method of one path, whichever issue or project it is about."""
        endpoint = " ".join((method, *("*" if set(part) & DIGITS else part for part in path.split("/"))))
        with self._lock:
            pace = self._endpoints.pop(endpoint, None) or EndpointPace(self)
            self._endpoints[endpoint] = pace
            if len(self._endpoints) > REMEMBERED:
                self._endpoints.popitem(last=False)
            return pace

    def heed(self, headers: Mapping[str, str]) -> None:
        """Nothing in them is about the site."""

    def refused(self, headers: Mapping[str, str], seconds: float) -> None:
        """Let nobody call for a while, unless this call alone was too many."""
        if headers.get("ratelimit-reason") not in OF_ONE:
            self.close(seconds)


class EndpointPace(Pace):
    """The pace of one endpoint within a site's. What Jira says of it only ever makes it slower."""

    def __init__(self, site: SitePace) -> None:
        super().__init__(CALLS, 1.0, clock=lambda: site._clock())
        self._site = site

    def wait(self) -> None:
        """Return as soon as both the endpoint and the site may be called."""
        super().wait()
        self._site.wait()

    def heed(self, headers: Mapping[str, str]) -> None:
        """Where nothing is left, wait until there is more; how much is left at other times is no reason to hurry."""
        if headers.get("x-ratelimit-remaining") == "0":
            self.close(asked_wait(headers, self._clock()))

    def refused(self, headers: Mapping[str, str], seconds: float) -> None:
        """A burst was too much for this endpoint alone."""
        if headers.get("ratelimit-reason") == BURST:
            self.close(seconds)
        else:
            self._site.refused(headers, seconds)


class IssueWrites:
    """Spaces the writes to each issue: Jira allows 20 in 2 s and 100 in 30 s.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    """

    #: Keeps both limits wherever the windows begin: never more than 12 in any 2 s, 96 in any 30 s.
    CALLS, WINDOW = 6, 2.0

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._paces: OrderedDict[str, Pace] = OrderedDict()
        self._lock = Lock("the turns at an issue")

    def wait(self, issue_id: str) -> None:
        """Return as soon as one more write to this issue is allowed."""
        with self._lock:
            pace = self._paces.pop(issue_id, None) or self._pace(issue_id)
            self._paces[issue_id] = pace
            if len(self._paces) > REMEMBERED:
                self._paces.popitem(last=False)
        with waiting():
            pace.wait()

    def _pace(self, issue_id: str) -> Pace:
        return Pace(self.CALLS, self.WINDOW, name=f"jira:{issue_id}", clock=self._clock)


def _bars_us(answer: Answer) -> bool:
    """After wrong passwords Jira wants a captcha from the account, and refuses its token, too, until it has one."""
    return "x-authentication-denied-reason" in answer.headers


def issue_path(id_or_key: str, what: str = "") -> str:
    """The path of an issue, or of `what` belongs to it ("/comment")."""
    return f"/issue/{quote(id_or_key, safe='')}{what}"


def gone(reply: Reply) -> bool:
    """Is the issue missing? A 404 in words that are not Jira's means that we ask at the wrong address."""
    if reply.status != 404:
        return False
    if isinstance(reply.json, dict) and "errorMessages" in reply.json:
        return True
    raise Permanent("Jira was not found at this address. Check JIRA_BASE_URL.")


def rows(reply: Reply, name: str = "") -> list[Node]:
    """The list in an answer, or the list that it is. Raises Malformed where there is none: silence
    must not be taken for "nothing found".
    """
    held = reply.json
    if name:
        held = held.get(name) if isinstance(held, dict) else None
    if not isinstance(held, list):
        raise Malformed(name or "body", "is not a list")
    return list(Node({name or "body": held}, "")[name or "body"].items())


@contextmanager
def reading(trouble: Callable[[str], Trouble] = Permanent) -> Iterator[None]:
    """Turn an answer of an unexpected shape into `trouble`: Permanent, because repeating cures nothing.

    After a write that added something, say Unsure: it has been carried out.
    """
    try:
        yield
    except Malformed as fault:
        raise trouble(f"Jira's answer cannot be read: {fault}") from None
