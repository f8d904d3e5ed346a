"""A vendor that answers nobody keeps nobody waiting, and is asked again by one caller at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from integrations import breaker
from integrations.breaker import FIRST_REST, LONGEST_REST, MISSED, Breaker
from integrations.contract import RateLimited


class Hands:
    """A clock that is set by hand."""

    now = 1000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    hands = Hands()
    monkeypatch.setattr(breaker, "time", hands)
    return hands


def miss(ours: Breaker, times: int = 1) -> None:
    """So many calls without an answer."""
    for _ in range(times):
        with pytest.raises(httpx.ReadTimeout), ours.calling():
            raise httpx.ReadTimeout("")


def answer(ours: Breaker) -> None:
    """A call with an answer."""
    with ours.calling():
        pass


def refused(ours: Breaker) -> float:
    """A call that is not made; after how many seconds it may be tried again."""
    with pytest.raises(RateLimited) as wait, ours.calling():
        pytest.fail("it was called")
    assert wait.value.retry_after is not None
    return wait.value.retry_after


@pytest.mark.fault("F34")
def test_after_some_calls_without_an_answer_nobody_calls(clock: Hands) -> None:
    ours = Breaker("Intercom")
    miss(ours, MISSED)
    assert refused(ours) == FIRST_REST


def test_answers_in_between_keep_it_closed(clock: Hands) -> None:
    ours = Breaker("Intercom")
    for _ in range(5):
        miss(ours, MISSED - 1)
        answer(ours)


def test_what_is_our_own_mistake_is_no_silence_of_theirs(clock: Hands) -> None:
    ours = Breaker("Intercom")
    for _ in range(2 * MISSED):
        with pytest.raises(ValueError), ours.calling():
            raise ValueError
    answer(ours)


@pytest.mark.fault("F34")
def test_when_the_rest_is_over_one_finds_out_and_the_others_wait(clock: Hands) -> None:
    ours = Breaker("Intercom")
    miss(ours, MISSED)
    clock.now += FIRST_REST
    with ours.calling():
        assert refused(ours) > 0
    answer(ours)
    answer(ours)


def test_each_rest_is_twice_as_long_up_to_two_minutes(clock: Hands) -> None:
    ours = Breaker("Intercom")
    miss(ours, MISSED)
    rests = []
    for _ in range(4):
        rests.append(refused(ours))
        clock.now += rests[-1]
        miss(ours)
    assert rests == [FIRST_REST, 2 * FIRST_REST, LONGEST_REST, LONGEST_REST]


def test_once_it_answered_everything_begins_anew(clock: Hands) -> None:
    ours = Breaker("Intercom")
    miss(ours, MISSED)
    clock.now += FIRST_REST
    miss(ours)
    clock.now += 2 * FIRST_REST
    answer(ours)
    miss(ours, MISSED)
    assert refused(ours) == FIRST_REST


def test_a_try_that_breaks_off_for_our_own_reasons_lets_the_next_one_try(clock: Hands) -> None:
    ours = Breaker("Intercom")
    miss(ours, MISSED)
    clock.now += FIRST_REST
    with pytest.raises(ValueError), ours.calling():
        raise ValueError
    answer(ours)


@pytest.mark.fault("F47")
def test_many_calls_that_hang_at_the_same_time_open_it_once(clock: Hands) -> None:
    ours, together = Breaker("Intercom"), threading.Barrier(20)

    def hang() -> None:
        with pytest.raises(httpx.ReadTimeout), ours.calling():
            together.wait(10)
            raise httpx.ReadTimeout("")

    threads = [threading.Thread(target=hang) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert refused(ours) == FIRST_REST
