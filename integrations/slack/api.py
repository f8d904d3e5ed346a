"""One call of Slack's Web API through slack_sdk, its failures drawn as the tree of `contract.py`.

Slack answers 200 to nearly everything and says `"ok": false, "error": "<code>"` where it refuses; only
rate limits are a 429. https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import errno
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from integrations.contract import Malformed, Permanent, RateLimited, Transient, Trouble, Unsure
from integrations.http import ATTEMPTS, LAST_ATTEMPT
from integrations.pace import PATIENCE, Pace, asked_wait
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
    "conversations.open": 50,
    "conversations.replies": 50,
    "functions.completeError": 50,
    "functions.completeSuccess": 50,
    "users.info": 100,
    "users.lookupByEmail": 50,
    "views.open": 100,
    "views.update": 100,
}
#: Slack's words for "it was us, not you".
FAILURES = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
LIMITS = ("ratelimited", "rate_limited")
_CODE = re.compile(r"[a-z][a-z0-9_.:]{0,79}")
#: What goes wrong between two machines, and while slack_sdk reads an answer that is not what Slack sends.
_NO_ANSWER = (OSError, HTTPException, ValueError, LookupError, AttributeError, RecursionError)
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH)


def _mute() -> logging.Logger:
    """A logger that swallows everything: slack_sdk logs request and answer bodies, and those quote customers."""
    return logging.Logger("slack_sdk, muted", logging.CRITICAL + 1)


class Api:
    """Slack's Web API with one token. Thread-safe. `deadline` bounds each wait for the network, in seconds."""

    def __init__(
        self, base_url: str, token: str, *, pace: Pace | None, deadline: float, attempts: int = ATTEMPTS
    ) -> None:
        self._attempts = attempts
        # no retry_handlers: slack_sdk would repeat a message whose answer was lost
        self._web = WebClient(token, base_url, retry_handlers=[], logger=_mute())
        self._web.timeout = deadline  # type: ignore[assignment]  # declared int, but urllib takes fractions
        self._web.proxy = None  # leaves proxies to urllib, which unlike slack_sdk heeds NO_PROXY, as `http.proxy_for`
        self._paces = {method: pace or Pace(calls, 60.0) for method, calls in BUDGET.items()}

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
        patiently = Retrying(
            retry=retry_if_exception(_worth_waiting),
            stop=stop_after_attempt(self._attempts) | stop_before_delay(LAST_ATTEMPT),
            wait=_pause,
            reraise=True,
        )
        with waiting():
            value: T = patiently(self._once, method, arguments, read, refusals or {}, safe)
        return value

    def _once(
        self,
        method: str,
        arguments: Mapping[str, Any],
        read: Callable[[Node], T],
        refusals: Mapping[str, T],
        safe: bool,
    ) -> T:
        self._paces[method].wait()
        try:
            said = self._exchange(method, arguments)
        except SlackApiError as error:
            if (code := _code(error)) in refusals:
                return refusals[code]
            raise self._judge(method, error, safe) from None
        except _NO_ANSWER as error:
            raise _lost(safe, method, error) from None
        try:
            return read(said)
        except Malformed as error:
            raise _doubt(safe, f"Slack's answer to {method} cannot be read ({error.field})") from None

    def _exchange(self, method: str, arguments: Mapping[str, Any]) -> Node:
        answer = getattr(self._web, method.replace(".", "_"))(**arguments)
        return Node({**answer.data, "headers": _lower(answer.headers)}, "")

    def _judge(self, method: str, error: SlackApiError, safe: bool) -> Trouble:
        """What an answer other than `"ok": true` means."""
        status, code, headers = error.response.status_code, _code(error), _lower(error.response.headers)
        said = f"Slack answered {code or status} to {method}"
        if status == 429 or code in LIMITS:
            wait = asked_wait(headers, time.time())
            self._paces[method].close(wait)
            return RateLimited(said, wait)
        if status == 503 and safe and "retry-after" in headers:
            return Transient(said, asked_wait(headers, time.time()))
        if status >= 500 or status == 408 or code in FAILURES or (status == 200 and not code):
            return _doubt(safe, said)
        needed = str(error.response.get("needed") or "")[:80]
        return Permanent(f"{said}: it needs the scope {needed}" if code == "missing_scope" else said)


def _code(error: SlackApiError) -> str:
    """Slack's error code; "" where the answer holds none (slack_sdk then puts a piece of the body there)."""
    data = error.response.data
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _doubt(safe: bool, message: str) -> Transient | Unsure:
    return Transient(message) if safe else Unsure(message)


def _lost(safe: bool, method: str, error: BaseException) -> Transient | Unsure:
    """No answer: harmless where we know that Slack never heard us."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(error, URLError) and _never_connected(cause):
        return Transient(f"Slack cannot be reached ({type(cause).__name__})")
    return _doubt(safe, f"Slack did not answer {method} properly ({type(cause).__name__})")


def _never_connected(cause: object) -> bool:
    refused = isinstance(cause, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError))
    return refused or (isinstance(cause, OSError) and cause.errno in _UNREACHABLE)


def _worth_waiting(error: BaseException) -> bool:
    return isinstance(error, Transient) and (error.retry_after or 0.0) <= PATIENCE


def _pause(state: RetryCallState) -> float:
    """Seconds until the next attempt: what Slack asked for, else a little, longer each time."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Transient) and error.retry_after is not None:
        return error.retry_after
    return float(wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.2)(state))
