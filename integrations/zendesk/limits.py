"""How often Zendesk may be asked: an account's calls a minute, and those of its exports and its search besides.

All of a company's integrations share both, and exports are ten a minute: whoever needs the next one waits in a run that
is put off, not in a thread.  https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from integrations.contract import RateLimited
from integrations.pace import PATIENCE, Pace

MINUTE = 60.0
#: Calls a minute: of the 200 of the smallest plan, which are not ours alone; and of the 10 exports.
CALLS, EXPORTS, SEARCHES = 60, 9, 30
#: Where less than one of so many is left, the rest is for others.
LAST_TENTH = 10


class MinutePace(Pace):
    """A budget for a minute. Where it is used up, RateLimited says for how long: nobody sleeps through it."""

    def __init__(self, calls: int, *, name: str = "", clock: Callable[[], float] = time.time) -> None:
        super().__init__(calls, MINUTE, name=name, clock=clock)

    def wait(self) -> None:
        """Return as soon as one more call fits, if that is soon."""
        while (delay := self._take()) > 0:
            if delay > PATIENCE:
                raise RateLimited("waiting for the next minute of Zendesk's rate limit", delay)
            time.sleep(min(delay, 1.0))


class AccountPace(MinutePace):
    """All calls to an account. Exports and searches have budgets of their own within it."""

    def __init__(self, *, name: str = "zendesk", clock: Callable[[], float] = time.time) -> None:
        super().__init__(CALLS, name=name, clock=clock)
        self._endpoints = {
            "/incremental/": EndpointPace(self, EXPORTS, name=f"{name}:exports" if name else "", clock=clock),
            "/search": EndpointPace(self, SEARCHES, name=f"{name}:search" if name else "", clock=clock),
        }

    def of(self, method: str, path: str) -> Pace:
        """The pace of a call: of exports, of searches, or of everything else."""
        return next((pace for part, pace in self._endpoints.items() if part in path), self)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Where little is left of the account's minute, leave it to others until the next."""
        limit, left = (_whole(headers, name) for name in ("x-rate-limit", "x-rate-limit-remaining"))
        if limit and left is not None and left * LAST_TENTH < limit:
            self.close(min(_whole(headers, "ratelimit-reset") or MINUTE, MINUTE))

    def refused(self, headers: Mapping[str, str], seconds: float) -> None:
        """429: without `Retry-After`, a minute."""
        self.close(seconds if "retry-after" in headers else MINUTE)


class EndpointPace(MinutePace):
    """Calls that Zendesk counts apart, while the account has room."""

    def __init__(self, account: AccountPace, calls: int, *, name: str, clock: Callable[[], float]) -> None:
        super().__init__(calls, name=name, clock=clock)
        self._account = account

    def wait(self) -> None:
        """Return as soon as both may be called."""
        super().wait()
        self._account.wait()

    def heed(self, headers: Mapping[str, str]) -> None:
        """What an answer says of the account holds for all."""
        self._account.heed(headers)

    def refused(self, headers: Mapping[str, str], seconds: float) -> None:
        """429 here: unless the account has room, it holds for all of it."""
        self.close(seconds if "retry-after" in headers else MINUTE)
        if not _whole(headers, "x-rate-limit-remaining"):
            self._account.refused(headers, seconds)


def _whole(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
