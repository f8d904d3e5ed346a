"""Calls that hang at a vendor hold some threads and no more: who would only hang beside them is told to come later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from integrations import bulkhead
from integrations.bulkhead import LATER, PLACES, Bulkhead
from integrations.contract import RateLimited


class Hands:
    """A clock that is set by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands()
    monkeypatch.setattr(bulkhead, "time", hands)
    return hands


class Calls:
    """Calls under way, each in a thread of its own, until the vendor answers it, or its deadline is over."""

    def __init__(self, ours: Bulkhead) -> None:
        self._ours, self._pool = ours, ThreadPoolExecutor(2 * PLACES)
        self._ends: list[tuple[threading.Event, list[BaseException], Future[None]]] = []

    def begin(self, calls: int) -> None:
        """Begin so many, and wait until they are under way."""
        under_way = threading.Semaphore(0)
        for _ in range(calls):
            over, error = threading.Event(), list[BaseException]()
            self._ends.append((over, error, self._pool.submit(self._call, under_way, over, error)))
        for _ in range(calls):
            assert under_way.acquire(timeout=60)

    def _call(self, under_way: threading.Semaphore, over: threading.Event, error: list[BaseException]) -> None:
        with self._ours.place():
            under_way.release()
            assert over.wait(60)
            if error:
                raise error[0]

    def end(self, error: BaseException | None = None) -> None:
        """The oldest of them has come to its end."""
        over, errors, call = self._ends.pop(0)
        errors += [error] if error else []
        over.set()
        assert call.exception(60) is error

    def close(self) -> None:
        while self._ends:
            self.end()
        self._pool.shutdown()


@pytest.fixture
def ours() -> Bulkhead:
    return Bulkhead("Intercom")


@pytest.fixture
def calls(ours: Bulkhead) -> Iterator[Calls]:
    calls = Calls(ours)
    yield calls
    calls.close()


def refused(ours: Bulkhead) -> float | None:
    """A call that is not made; after how many seconds it may be tried again."""
    with pytest.raises(RateLimited, match="Intercom is slow") as wait, ours.place():
        pytest.fail("it was called")
    return wait.value.retry_after


def test_who_would_only_hang_beside_the_others_comes_later(ours: Bulkhead, clock: Hands, calls: Calls) -> None:
    calls.begin(PLACES)
    clock.now += bulkhead.SLOW
    assert refused(ours) == LATER


def test_while_others_come_back_one_waits_for_a_place(ours: Bulkhead, calls: Calls) -> None:
    calls.begin(PLACES)
    for _ in range(3):
        next_one = threading.Thread(target=calls.begin, args=(1,))
        next_one.start()
        calls.end()
        next_one.join(60)
        assert not next_one.is_alive()


def test_a_deadline_that_is_over_is_no_answer_but_frees_a_place(ours: Bulkhead, clock: Hands, calls: Calls) -> None:
    calls.begin(PLACES)
    clock.now += bulkhead.SLOW
    calls.end(TimeoutError())
    calls.begin(1)
    clock.now += bulkhead.SLOW
    assert refused(ours) == LATER


def test_another_vendor_has_places_of_its_own(clock: Hands, calls: Calls) -> None:
    calls.begin(PLACES)
    clock.now += bulkhead.SLOW
    with Bulkhead("Jira").place():
        pass
