"""The twin's own clock: it runs with ours until it is set, and then stands until it is moved."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """`at`: Unix seconds at which it stands; None: it runs."""

    def __init__(self, at: float | None = None) -> None:
        self._at, self._ahead = at, 0.0

    def now(self) -> float:
        """The time, in Unix seconds."""
        return (time.time() if self._at is None else self._at) + self._ahead

    def move(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._ahead += seconds

    def date(self) -> str:
        """The time as HTTP writes it."""
        return formatdate(self.now(), usegmt=True)


def iso(at: float) -> str:
    """A moment as Zendesk writes it: UTC, whole seconds."""
    return f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%dT%H:%M:%SZ}"
