"""One call of Slack's Web API, its failures drawn as the tree of `contract.py`.

Slack answers 200 to nearly everything and says `"ok": false, "error": "<code>"` where it refuses; only
rate limits are a 429. It goes over the same sockets as every other vendor: no redirect takes our token along, and
neither a large answer nor a slow one is waited for without end. https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from integrations.contract import Malformed, Permanent, RateLimited, Transient, Trouble, Unsure, Unwelcome
from integrations.http import ATTEMPTS, Answer, Wire, patiently
from integrations.pace import Pace, asked_wait
from integrations.untrusted import Node
from integrations.waiting import waiting

T = TypeVar("T")

#: Calls per minute that Slack grants a workspace for each method we use: Tiers 3 and 4; the others have
#: no published number. https://docs.slack.dev/apis/web-api/rate-limits
BUDGET = {
    "auth.test": 100,
    "chat.getPermalink": 100,
    "chat.postEphemeral": 100,
    "chat.postMessage": 300,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.members": 100,
    "conversations.open": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "functions.completeError": 50,
    "functions.completeSuccess": 50,
    "users.info": 100,
    "users.lookupByEmail": 50,
    "views.open": 100,
    "views.update": 100,
}
#: Those that read JSON; the others read forms only, and in these a structure is JSON text.
TAKES_JSON = {"chat.postEphemeral", "chat.postMessage", "chat.update", "views.open", "views.update"}
#: Those that change nothing; and answers to whoever pressed something, who has to learn that nothing is written.
READS = {
    *("auth.test", "chat.getPermalink", "conversations.history", "conversations.info", "conversations.open"),
    *("conversations.members", "conversations.replies", "users.info", "users.lookupByEmail"),
}
ANSWERS = {"chat.postEphemeral", "functions.completeError", "functions.completeSuccess", "views.open", "views.update"}
#: A connection that the other side closes just now leaves a call in doubt, and a form is opened once: each call has one
#: of its own.
ANEW = httpx.Limits(max_connections=64, max_keepalive_connections=0)
#: Slack's words for "it was us, not you".
FAILURES = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "file_update_failed")
UNWELCOME = ("invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive")
#: … and where our app may write nothing at all any more. A channel that it is not in, or another scope, is about a part
#: only: the rest has to go on, for instance an escalation's way to the next person.
WRITING = "chat:write"
LIMITS = ("ratelimited", "rate_limited")
_CODE = re.compile(r"[a-z][a-z0-9_.:]{0,79}")


class Api:
    """Slack's Web API with one token. Thread-safe. `deadline` bounds each call, in seconds."""

    def __init__(
        self, base_url: str, token: str, *, pace: Pace | None, deadline: float, attempts: int = ATTEMPTS
    ) -> None:
        self._attempts = attempts
        headers = {"authorization": f"Bearer {token}"}
        self._wire = Wire("Slack", base_url, headers, deadline=deadline, limits=ANEW)
        self._paces = {method: pace or Pace(calls, 60.0, name=f"slack:{method}") for method, calls in BUDGET.items()}

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def call(
        self,
        method: str,
        arguments: Mapping[str, Any],
        read: Callable[[Node], T],
        *,
        refusals: Mapping[str, T] | None = None,
        safe: bool = True,
    ) -> T:
        """Call a method of `BUDGET`, waiting for rate limits and retrying briefly where that can do no harm.

        `read` makes our value of the answer (its headers, in lower case, stand under `headers`);
        `refusals` are the error codes that are values too. Not `safe` are calls that add something.
        Raises Transient, RateLimited, Unsure (only if not safe) and Permanent.
        """
        with waiting():
            return patiently(lambda: self._once(method, arguments, read, refusals or {}, safe), self._attempts)

    def _once(
        self,
        method: str,
        arguments: Mapping[str, Any],
        read: Callable[[Node], T],
        refusals: Mapping[str, T],
        safe: bool,
    ) -> T:
        self._paces[method].wait()
        reads = method in READS | ANSWERS
        answer = self._wire.ask("POST", method, safe=safe, reads=reads, what=f" {method}", **_body(method, arguments))
        said = _parsed(answer)
        code = _code(said)
        if code in refusals:
            return refusals[code]
        if answer.status != 200 or said.get("ok") is not True:
            raise self._judge(method, answer, said, safe)
        try:
            return read(Node({**said, "headers": answer.headers}, ""))
        except Malformed as error:
            raise _doubt(safe, f"Slack's answer to {method} cannot be read ({error.field})") from None

    def _judge(self, method: str, answer: Answer, answered: Mapping[str, Any], safe: bool) -> Trouble:
        """What an answer other than `"ok": true` means."""
        status, code = answer.status, _code(answered)
        said = f"Slack answered {code or status} to {method}"
        if status == 429 or code in LIMITS:
            wait = asked_wait(answer.headers, time.time())
            self._paces[method].close(wait)
            return RateLimited(said, wait)
        if status == 503 and safe and "retry-after" in answer.headers:
            return Transient(said, asked_wait(answer.headers, time.time()))
        if status >= 500 or status == 408 or code in FAILURES or (status == 200 and not code):
            return _doubt(safe, said)
        needed = str(answered.get("needed") or "")[:80]
        said = f"{said}: it needs the scope {needed}" if code == "missing_scope" else said
        may_not_write = code == "missing_scope" and needed == WRITING
        return Unwelcome(said) if code in UNWELCOME or may_not_write else Permanent(said)


def _body(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in arguments.items() if value is not None}
    if method in TAKES_JSON:
        return {"json": given}
    return {"data": {name: _in_a_form(value) for name, value in given.items()}}


def _in_a_form(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _parsed(answer: Answer) -> Mapping[str, Any]:
    """The object in an answer; an empty one where there is none."""
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _code(said: Mapping[str, Any]) -> str:
    """Slack's error code; "" where the answer holds none."""
    code = said.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _doubt(safe: bool, message: str) -> Transient | Unsure:
    return Transient(message) if safe else Unsure(message)
