"""Staying inside a vendor's rate limit instead of running into it.

Vendors that count in windows tell in every answer how much of the window is left. `Pace` follows
these headers and lets calls wait for the next window once this one is used up, so a burst of a
thousand calls meets no 429. When a 429 comes all the same, everybody waits as long as it asks.
"""

from __future__ import annotations

import email.utils
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from integrations.contract import RateLimited
from integrations.shared import shared
from integrations.waiting import Lock
from integrations.window import Bunch, Window

#: What we accept as a wait, in seconds: vendors also send 0, -5 and 1e9.
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 900.0
#: A wait in seconds that is worth sleeping through in the thread; longer ones are re-scheduled durably.
PATIENCE = 5.0


class Pace:
    """One vendor's budget of calls, shared by all threads of a process, and under a `name` by all processes.

    `window` is the vendor's window in seconds, `calls` what it allows in one; headers correct both.

    Processes share a budget in small bunches of calls that are good until the window ends; whoever has none left takes
    the next one. So most calls ask nobody, whoever has work may have nearly all of the budget, and it holds while
    processes come and go. Shares by the number of those that live would cost less, but leave the vendor idle while one
    has much to do and the others nothing, and be too large for a moment whenever one comes.
    """

    def __init__(self, calls: int, window: float, *, name: str = "", clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        among = shared() if name else None
        self._bunch = Bunch(calls, window, name, among) if among else None
        self._window = self._bunch or Window(calls, window)
        self._closed_until = 0.0
        self._lock, self._asking = Lock("a vendor's pace"), Lock("the next bunch of a vendor's calls")

    def of(self, method: str, path: str) -> Pace:
        """The pace of one call, where the vendor counts its endpoints apart: else the same for all."""
        return self

    def wait(self) -> None:
        """Return as soon as one more call fits into the budget.

        Raises RateLimited while a 429 keeps us out for longer than is worth sleeping, and Transient where processes
        share the budget and cannot ask for it.
        """
        while (delay := self._take()) > 0:
            time.sleep(min(delay, 1.0))

    def _take(self) -> float:
        while (delay := self._try()) is None:
            self._ask_for_more()
        return delay

    def _try(self) -> float | None:
        with self._lock:
            now = self._clock()
            return self._shut(now) if now < self._closed_until else self._window.take(now)

    def _shut(self, now: float) -> float:
        """Seconds until the vendor wants to hear from us again."""
        delay = self._closed_until - now
        if delay > PATIENCE:
            raise RateLimited("waiting for the rate limit that the vendor announced", delay)
        return delay

    def _ask_for_more(self) -> None:
        """One thread asks for all that wait."""
        assert self._bunch is not None
        with self._asking:
            now = self._clock()
            if self._bunch.is_there(now):
                return
            grant = self._bunch.ask(now)
            with self._lock:
                now = self._clock()
                self._bunch.receive(now, grant)
                if not grant.calls and grant.ends_in > self._bunch.seconds:  # another process was told to be quiet
                    self._closed_until = max(self._closed_until, now + grant.ends_in)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Correct the budget by an answer's `X-RateLimit-*` headers (Reset in Unix seconds)."""
        try:
            left = int(headers["x-ratelimit-remaining"])
            reset = float(headers["x-ratelimit-reset"]) if "x-ratelimit-reset" in headers else None
        except (KeyError, ValueError):
            return
        with self._lock:
            self._window.heed(self._clock(), _number(headers.get("x-ratelimit-limit")), left, reset)

    def refused(self, headers: Mapping[str, str], seconds: float) -> None:
        """The vendor said 429, and not to call for so long; `headers` may say what it counts."""
        self.close(seconds)

    def close(self, seconds: float) -> None:
        """Let nobody call for a while."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)
        if self._bunch is not None:
            self._bunch.close(seconds)


class Share(Pace):
    """A part of a vendor's limit for work that has time: the others find the rest of it free whenever they come.

    At most `calls` of the `whole` pace within any `window` seconds, whenever the vendor's own windows begin.
    """

    def __init__(self, whole: Pace, calls: int, window: float) -> None:
        super().__init__(max(1, calls), window, clock=whole._clock)
        self._whole, self._seconds = whole, window
        self._made: deque[float] = deque(maxlen=max(1, calls))
        self._counting = Lock("a share of a vendor's pace")

    def wait(self) -> None:
        """Return as soon as one more call fits into the share, and into what all of us may do."""
        while (delay := self._book()) > 0:
            time.sleep(min(delay, 1.0))
        self._whole.wait()

    def _book(self) -> float:
        """0 for one call; else in how many seconds there may be one: when the oldest of so many is a window ago."""
        with self._counting:
            now = self._clock()
            delay = self._made[0] + self._seconds - now if len(self._made) == self._made.maxlen else 0.0
            if delay <= 0:
                self._made.append(now)
            return delay

    def heed(self, headers: Mapping[str, str]) -> None:
        """What an answer says of the budget holds for all of us."""
        self._whole.heed(headers)

    def close(self, seconds: float) -> None:
        """Let nobody call for a while."""
        self._whole.close(seconds)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


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
