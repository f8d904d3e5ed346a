"""The account's limits, by the twin's clock. https://developer.zendesk.com/api-reference/introduction/rate-limits/"""

from __future__ import annotations

from collections import deque

from integrations.twin import Said

EXPORT = {
    "error": "APIRateLimitExceeded",
    "description": "Number of allowed incremental export API requests per minute exceeded",
}
ACCOUNT = "Number of allowed API requests per minute exceeded"


class Counter:
    """So many calls within any minute, None: any number."""

    def __init__(self, allowed: int | None) -> None:
        self.allowed = allowed
        self._made: deque[float] = deque()

    def is_too_much(self, now: float) -> bool:
        """Count one more call, unless it is one too many."""
        self._forget(now)
        if self.allowed is not None and len(self._made) >= self.allowed:
            return True
        self._made.append(now)
        return False

    def left(self, now: float) -> int:
        """How many more there may be at the moment."""
        self._forget(now)
        return max(0, (self.allowed or 0) - len(self._made))

    def resets(self, now: float) -> int:
        """In how many seconds there may be more."""
        return int(self._made[0] + 60 - now) + 1 if self._made else 60

    def _forget(self, now: float) -> None:
        while self._made and self._made[0] <= now - 60:
            self._made.popleft()


def of_account(seconds: int) -> Said:
    """The account's 429 is a word, and no JSON."""
    return Said(429, ACCOUNT, {"Retry-After": str(seconds), "Content-Type": "text/plain"})


def of_exports(seconds: int) -> Said:
    """The 429 of all exports together, while the account has room."""
    return Said(429, EXPORT, {"Retry-After": str(seconds)})
