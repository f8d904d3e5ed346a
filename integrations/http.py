"""The one way to call a vendor over HTTP: time-outs, rate limits, short retries, errors drawn as a tree.

    reply = Http("Intercom", "https://api.intercom.io", headers, pace).call("GET", "/conversations/1", expect=(404,))

A status of 2xx, or one named in `expect`, is a value. Everything else raises (see `contract.py`):
a call that the vendor certainly did not carry out is `Transient`, a write that it may have carried
out is `Unsure`, one that it will always refuse is `Permanent`. `safe` calls (reads, and writes that
say a state rather than add something) may be repeated freely, so they are never `Unsure`.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from integrations import fence, hands_off, network
from integrations.breaker import Breaker
from integrations.bulkhead import Bulkhead
from integrations.contract import Permanent, RateLimited, Transient, Unsure, Unwelcome
from integrations.pace import PATIENCE, Pace, Share, asked_wait
from integrations.waiting import waiting

T = TypeVar("T")

#: Seconds until a call is given up, connecting apart; and the largest answer read, in bytes.
DEADLINE, CONNECT_DEADLINE, LARGEST_ANSWER = 20.0, 5.0, 8 * 1024 * 1024
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64)
#: So often a call is tried, the last time no later than so many seconds after the first; `quiet_seconds` counts on it.
ATTEMPTS, LAST_ATTEMPT = 3, 20.0


def proxy_for(url: str) -> str | None:
    """The proxy that HTTPS_PROXY names for an address, unless NO_PROXY does. It tunnels, and so sees no token of ours;
    what is not https stays on this machine (`vendor.web_address`) and never goes there.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or proxy_bypass(parts.hostname or ""):
        return None
    return getproxies_environment().get("https")


@dataclass(frozen=True)
class Answer:
    """What came over the wire: status, headers in lower case, and the body as it is."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Wire:
    """A vendor's address, and the sockets to it. Thread-safe; keeps connections open; never follows redirects.

    `transport` stands in for the network.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        auth: tuple[str, str] | None = None,
        deadline: float = DEADLINE,
        largest: int = LARGEST_ANSWER,
        limits: httpx.Limits = LIMITS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.vendor = vendor
        self._deadline, self._largest = deadline, largest
        self._bulkhead, self._breaker = Bulkhead(vendor), Breaker(vendor)
        self._client = httpx.Client(
            base_url=base_url,
            headers=dict(headers),
            auth=auth,
            timeout=httpx.Timeout(deadline, connect=min(CONNECT_DEADLINE, deadline)),
            transport=transport or network.transport(network.trust(), limits, proxy_for(base_url)),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, method: str, path: str, *, safe: bool, reads: bool = False, what: str = "", **body: Any) -> Answer:
        """One request, once. `what` was asked for, in words; `body` as httpx takes it. What neither `reads` nor is a
        GET is not sent in a dry run.

        Raises Transient where it certainly did not arrive or may be repeated (`safe`), else Unsure, Permanent where
        it can never be sent, and RateLimited while the vendor answers nobody, or many wait for its answer already.
        """
        if not reads and method != "GET":
            hands_off.refuse(self.vendor, f"{method} {path}", body)
        try:
            with self._bulkhead.place(), self._breaker.calling():
                return self._exchange(method, path, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Transient(f"{self.vendor} cannot be reached ({type(error).__name__})") from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Permanent(f"{self.vendor}'s address or token cannot be sent ({type(error).__name__})") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise _doubt(safe, f"{self.vendor} did not answer{what} ({type(error).__name__})") from None

    def _exchange(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """The deadline holds for all of it, not for each piece; frozen behind the fence one wakes too late to send."""
        ends = time.monotonic() + self._deadline
        fence.pass_through()
        with network.over_by(ends), self._client.stream(method, path, **body) as response:
            content = b""
            for piece in response.iter_bytes():
                content += piece
                if len(content) > self._largest or time.monotonic() > ends:
                    raise TimeoutError("too large or too slow")
            return Answer(response.status_code, dict(response.headers), content)


@dataclass(frozen=True)
class Reply:
    """A vendor's answer: status, parsed JSON (None if the body is empty) and headers in lower case."""

    status: int
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Http:
    """A vendor's HTTP API that speaks JSON and answers with statuses."""

    def __init__(
        self,
        vendor: str,
        base_url: str,
        headers: Mapping[str, str],
        pace: Pace,
        *,
        auth: tuple[str, str] | None = None,
        deadline: float = DEADLINE,
        largest: int = LARGEST_ANSWER,
        bars_us: Callable[[Answer], bool] = lambda _: False,
    ) -> None:
        """`bars_us`: is this 403 about our token, rather than about what was asked for?"""
        self.vendor = vendor
        self._pace, self._bars_us = pace, bars_us
        self._wire = Wire(vendor, base_url, headers, auth=auth, deadline=deadline, largest=largest)

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def sharing(self, calls: int, window: float) -> Http:
        """The same over the same connections, whose calls wait until they are no more than so many within a window."""
        other = copy.copy(self)
        other._pace = Share(self._pace, calls, window)
        return other

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        expect: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        reads: bool = False,
    ) -> Reply:
        """Call the vendor, waiting for the rate limit and retrying briefly where that cannot do harm.

        `params` with None as value are left out. `headers` are sent besides those of every call. `safe` defaults to
        True for what reads: GET, and what says so.
        """
        harmless = reads or method == "GET" if safe is None else safe
        asked: dict[str, Any] = {"params": {key: value for key, value in (params or {}).items() if value is not None}}
        asked |= {} if json is None else {"json": json}
        asked |= {"headers": dict(headers)} if headers else {}
        with waiting():
            return patiently(lambda: self._once(method, path, asked | {"reads": reads}, expect, harmless))

    def _once(self, method: str, path: str, asked: Mapping[str, Any], expect: Collection[int], safe: bool) -> Reply:
        pace = self._pace.of(method, path)
        pace.wait()
        answer = self._wire.ask(method, path, safe=safe, **asked)
        pace.heed(answer.headers)
        if answer.status == 429:
            wait = asked_wait(answer.headers, time.time())
            pace.refused(answer.headers, wait)
            raise RateLimited(f"{self.vendor} answered 429 to {method} {path}", wait)
        return self._judge(method, path, answer, expect, safe)

    def _judge(self, method: str, path: str, answer: Answer, expect: Collection[int], safe: bool) -> Reply:
        status, headers, content = answer.status, answer.headers, answer.content
        said = f"{self.vendor} answered {status} to {method} {path}"
        if 200 <= status < 300 or status in expect:
            return Reply(status, self._decode(said, answer, safe), headers)
        if status == 503 and "retry-after" in headers:
            raise Transient(said, asked_wait(headers, time.time())) if safe else Unsure(said)
        if status >= 500 or status == 408:
            raise _doubt(safe, said)
        self._decode(said, answer, safe)  # a refusal that was cut short may be somebody's between us and the vendor
        is_about_us = status == 401 or (status == 403 and self._bars_us(answer))
        raise (Unwelcome if is_about_us else Permanent)(said + reason(content))

    def _decode(self, said: str, answer: Answer, safe: bool) -> Any:
        """The JSON in an answer; None in a refusal that is a page or a plain word."""
        if not answer.content or answer.status == 204:
            return None
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            if answer.status >= 400 and not answer.content.lstrip().startswith((b"{", b"[")):
                return None
            raise _doubt(safe, f"{said} with a broken body") from None


def patiently(once: Callable[[], T], attempts: int | None = None) -> T:
    """Try a call, and again a little later where that is worth it: at most `ATTEMPTS` times, or so many."""
    value: T = Retrying(
        retry=retry_if_exception(_worth_waiting),
        stop=stop_after_attempt(attempts or ATTEMPTS) | stop_before_delay(LAST_ATTEMPT),
        wait=lambda state: _pause(state),
        retry_error_callback=_give_up,
    )(once)
    return value


def _doubt(safe: bool, message: str) -> Transient | Unsure:
    return Transient(message) if safe else Unsure(message)


def reason(content: bytes) -> str:
    """The error codes in a vendor's refusal, as ' (code, code)'; never its free text: that may quote customers."""
    text = ", ".join(sorted(codes_in(content)))
    return f" ({text})" if text else ""


def codes_in(content: bytes) -> set[str]:
    """The error codes in a vendor's refusal."""
    try:
        errors = json.loads(content).get("errors") or []
        codes = errors if isinstance(errors, dict) else [error.get("code", "") for error in errors]
        return {str(code)[:60] for code in codes if code}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return set()


def _worth_waiting(error: BaseException) -> bool:
    return isinstance(error, Transient) and (error.retry_after is None or error.retry_after <= PATIENCE)


def _pause(state: RetryCallState) -> float:
    """Wait as long as the vendor asked; where it did not ask, a little, longer each time."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Transient) and error.retry_after is not None:
        return error.retry_after
    return float(wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.2)(state))


def _give_up(state: RetryCallState) -> Any:
    assert state.outcome is not None
    return state.outcome.result()
