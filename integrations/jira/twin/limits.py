"""Jira's rate limits, as the simulated site keeps them.

https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import UTC, datetime

from integrations.twin import Said

#: Calls a second to one endpoint by one method; "PUT" and "DELETE" have half of that.
BURST = 100
#: Writes to one issue: so many in so many seconds.
PER_ISSUE = ((20, 2.0), (100, 30.0))


class RateLimits:
    """Counts calls and says which one is too many. `quota` is a site's calls per hour, 0 for none."""

    def __init__(self, *, burst: int = BURST, quota: int = 0) -> None:
        self._burst, self._quota = burst, quota
        self._seen: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def refusal(self, method: str, endpoint: str, issue: str, now: float) -> Said | None:
        """Jira's 429 for one call too many; `issue` is "" when the call is no write to one."""
        burst = self._burst if method in ("GET", "POST") else self._burst // 2
        rules = [("jira-burst-based", endpoint, burst, 1.0)]
        if self._quota:
            rules.append(("jira-quota-tenant-based", "", self._quota, 3600.0))
        if issue:
            rules += [("jira-per-issue-on-write", f"{issue} in {window}", calls, window) for calls, window in PER_ISSUE]
        for reason, key, calls, window in rules:
            wait = self._wait(reason, key, calls, window, now)
            if wait > 0:
                return self._too_many(reason, wait, now)
        for reason, key, _, _ in rules:
            self._seen[reason, key].append(now)
        return None

    def left(self, method: str, endpoint: str) -> tuple[int, int]:
        """The calls a second allowed to an endpoint, and how many of them are left."""
        burst = self._burst if method in ("GET", "POST") else self._burst // 2
        return burst, burst - len(self._seen["jira-burst-based", endpoint])

    def _wait(self, reason: str, key: str, calls: int, window: float, now: float) -> float:
        seen = self._seen[reason, key]
        while seen and seen[0] <= now - window:
            seen.popleft()
        return seen[0] + window - now if len(seen) >= calls else 0.0

    @staticmethod
    def _too_many(reason: str, wait: float, now: float) -> Said:
        seconds = int(wait) + 1
        reset = datetime.fromtimestamp(now + seconds, UTC)
        headers = {
            "Retry-After": str(seconds),
            "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%MZ}" if seconds > 60 else f"{reset:%Y-%m-%dT%H:%M:%SZ}",
            "RateLimit-Reason": reason,
        }
        return Said(429, {"errorMessages": ["Rate limit exceeded"], "errors": {}}, headers)
