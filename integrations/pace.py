"""Staying inside a vendor's rate limit instead of running into it.

Vendors that count in windows tell in every answer how much of the window is left. `Pace` follows
these headers and lets calls wait for the next window once this one is used up, so a burst of a
thousand calls meets no 429. When a 429 comes all the same, everybody waits as long as it asks.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from integrations.contract import RateLimited
from integrations.waiting import Lock

#: What we accept as a wait, in seconds: vendors also send 0, -5 and 1e9.
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 900.0
#: A wait in seconds that is worth sleeping through in the thread; longer ones are re-scheduled durably.
PATIENCE = 5.0


class Pace:
    """One vendor's budget of calls, shared by all threads of a process.

    `window` is the vendor's window in seconds, `calls` what it allows in one; headers correct both
    (several processes share one budget this way). `spare` calls of a window are left unused.
    """

    def __init__(
        self,
        calls: int,
        window: float,
        *,
        spare: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._window, self._spare, self._clock = window, spare, clock
        self._calls = self._left = calls
        self._reset, self._guessed = 0.0, True
        self._closed_until = 0.0
        self._lock = Lock("a vendor's pace")

    def wait(self) -> None:
        """Return as soon as one more call fits into the budget.

        Raises RateLimited while a 429 keeps us out for longer than is worth sleeping.
        """
        while (delay := self._take()) > 0:
            time.sleep(min(delay, 1.0))

    def _shut(self, now: float) -> float:
        """Seconds until the vendor wants to hear from us again."""
        delay = self._closed_until - now
        if delay > PATIENCE:
            raise RateLimited("waiting for the rate limit that the vendor announced", delay)
        return delay

    def _take(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                return self._shut(now)
            if now >= self._reset:
                self._reset, self._guessed = now + self._window, True
                self._left = self._calls
            if self._left > self._spare:
                self._left -= 1
                return 0.0
            return self._reset - now + 0.001

    def heed(self, headers: Mapping[str, str]) -> None:
        """Correct the budget by an answer's `X-RateLimit-*` headers (Reset in Unix seconds)."""
        try:
            left = int(headers["x-ratelimit-remaining"])
            reset = float(headers.get("x-ratelimit-reset", self._reset))
        except (KeyError, ValueError):
            return
        with self._lock:
            limit = _number(headers.get("x-ratelimit-limit"), self._calls)
            self._left += limit - self._calls
            self._calls = limit
            now = self._clock()
            if now < reset <= now + 2 * self._window:
                self._believe(left, reset)

    def _believe(self, left: int, reset: float) -> None:
        """Take over what the vendor says of the window: we know what is under way, it knows what others use."""
        if reset == self._reset or self._guessed:
            self._left = min(self._left, left)
        elif reset > self._reset:
            self._left = left
        else:
            return  # an answer from the window before
        self._reset, self._guessed = reset, False

    def refused(self, headers: Mapping[str, str], seconds: float) -> None:
        """The vendor said 429, and not to call for so long; `headers` may say what it counts."""
        self.close(seconds)

    def close(self, seconds: float) -> None:
        """Let nobody call for a while."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else otherwise


def asked_wait(headers: Mapping[str, str], now: float) -> float:
    """How many seconds a 429 or 503 asks us to wait, from `Retry-After` (seconds or HTTP date) or
    `X-RateLimit-Reset` (Unix seconds or ISO 8601); clamped to 1 s … 15 min; 1 s where it says nothing.
    """
    for read in (_seconds, _http_date, _reset):
        wait = read(headers, now)
        if wait is not None:
            return min(max(SHORTEST_WAIT, wait), LONGEST_WAIT)  # in this order NaN is the shortest wait
    return SHORTEST_WAIT


def _seconds(headers: Mapping[str, str], now: float) -> float | None:
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _http_date(headers: Mapping[str, str], now: float) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(headers["retry-after"]).timestamp() - now
    except (KeyError, ValueError, TypeError):
        return None


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    text = headers.get("x-ratelimit-reset", "")
    try:
        return float(text) - now
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
