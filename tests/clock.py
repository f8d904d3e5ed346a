"""Waiting without waiting: while a `Clock` is in force, the clients' pauses pass at once and their rate limits
see a clock that has moved on by as much.

    clock = Clock(); clock.rule(vendors); …; clock.end()
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import tenacity.nap

from integrations import breaker, pace
from integrations.pace import Pace
from integrations.zendesk import limits
from workflows.engine import store
from workflows.engine.vendors import Vendors

#: Where the company of the tests works.
TOKYO = ZoneInfo("Asia/Tokyo")


class Clock:
    """Time that passes when somebody waits, besides the real one. Stands in for the module `time`."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._instead: list[tuple[Any, Any]] = []

    def time(self) -> float:
        """Unix seconds, as the waiting have seen them pass."""
        return time.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let time pass, at once."""
        self.ahead += seconds

    def until(self, moment: float) -> None:
        """Let as much time pass as there really is until then."""
        self.sleep(max(0.0, moment - time.time()))

    def rule(self, vendors: Vendors) -> None:
        """Let these clients, and the pauses between attempts, live by this clock."""
        self._instead = [(module, module.time) for module in (pace, limits, breaker, tenacity.nap)]
        for module, _ in self._instead:
            module.time = self
        for budget in _budgets(vendors):
            budget._clock = self.time
        for client in (vendors.slack, vendors.chatwork):
            if client is not None:
                client._spacing._clock, client._spacing._sleep = self.time, self.sleep

    def end(self) -> None:
        """Give the real time back."""
        for module, original in self._instead:
            module.time = original


def _budgets(vendors: Vendors) -> Iterator[Pace]:
    if vendors.intercom is not None:
        yield vendors.intercom._http._pace
    if vendors.productboard is not None:
        yield vendors.productboard._api._http._pace
    if vendors.jira is not None:
        yield vendors.jira._jira._http._pace
    if vendors.zendesk is not None:
        account = vendors.zendesk._api._http._pace
        yield account
        yield from getattr(account, "_endpoints", {}).values()
    if vendors.chatwork is not None:
        yield vendors.chatwork._api._pace
    if vendors.slack is not None:
        for api in (vendors.slack._api, vendors.slack._prompt):
            yield from api._paces.values()


class Hands:
    """The service's own clock, set by hand: stands in for the module `time` in `engine.store` until `release`."""

    def __init__(self) -> None:
        self._now = time.time()
        store.time = self  # type: ignore[assignment]

    def time(self) -> float:
        """Unix seconds."""
        return self._now

    def set(self, moment: str) -> None:
        """Set the clock: "2026-05-01 17:50", in Tokyo."""
        self._now = datetime.fromisoformat(moment).replace(tzinfo=TOKYO).timestamp()

    def go_on(self, seconds: float) -> None:
        """Let so much time pass."""
        self._now += seconds

    @property
    def shown(self) -> str:
        """What the clock shows, in Tokyo."""
        return shown(int(self._now * 1000))

    @staticmethod
    def release() -> None:
        """Give the real time back."""
        store.time = time  # type: ignore[assignment]


def shown(at_ms: int | None) -> str:
    """A moment as people in Tokyo say it; "" for none."""
    return f"{datetime.fromtimestamp(at_ms / 1000, TOKYO):%Y-%m-%d %H:%M}" if at_ms is not None else ""
