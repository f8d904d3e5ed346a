"""A thread that waits for a vendor says so, whichever way it waits: else three slow vendors would stop everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import pytest

from integrations import waiting
from integrations.contract import Trouble
from integrations.http import Http
from integrations.jira.connection import IssueWrites
from integrations.pace import Pace
from integrations.slack import SlackClient
from integrations.spacing import Spacing

#: Nobody listens there.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def waits() -> Iterator[list[str]]:
    """When a thread began and ended to wait."""
    seen: list[str] = []

    @contextmanager
    def enter() -> Iterator[None]:
        seen.append("begins")
        try:
            yield
        finally:
            seen.append("ends")

    waiting.bind(enter)
    yield seen
    waiting.bind(nullcontext)


def spaced() -> None:
    spacing = Spacing(0.01)
    spacing.wait("C1")
    spacing.wait("C1")


WAYS: dict[str, Callable[[], object]] = {
    "http": lambda: Http("Kanade", NOWHERE, {}, Pace(1000, 1.0), deadline=0.3).call("GET", "/notes"),
    "slack": lambda: SlackClient(f"{NOWHERE}/api/", "xoxb-1", deadline=0.3).whoami(),
    "a channel's turn": spaced,
    "an issue's turn": lambda: IssueWrites().wait("10001"),
}


def with_a_lock() -> None:
    with waiting.Lock("the answers"), waiting.waiting():
        pass


def with_a_transaction() -> None:
    with waiting.holding("a transaction"), waiting.waiting():
        pass


@pytest.mark.parametrize("way", [with_a_lock, with_a_transaction])
def test_nobody_waits_with_something_in_hand_that_others_need(way: Callable[[], None]) -> None:
    with pytest.raises(waiting.HeldWhileWaiting):
        way()


def test_what_was_put_down_is_not_in_hand(waits: list[str]) -> None:
    with suppress(waiting.HeldWhileWaiting):
        with_a_lock()
    with waiting.waiting():
        pass
    assert waits == ["begins", "ends"]


@pytest.mark.parametrize("way", WAYS)
def test_who_waits_says_so(waits: list[str], way: str) -> None:
    with suppress(Trouble):  # that nobody is there is heard while waiting, too
        WAYS[way]()
    assert waits == ["begins", "ends"]
