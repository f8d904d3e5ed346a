"""The lane: who computes holds a place, who waits does not, and the door goes first, but not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from workflows.engine.lane import Lane


@contextmanager
def somebody_computes(lane: Lane) -> Iterator[None]:
    """Another thread holds a place for the block."""
    inside, leave = threading.Event(), threading.Event()

    def compute() -> None:
        with lane.place():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=compute)
    thread.start()
    assert inside.wait(10)
    try:
        yield
    finally:
        leave.set()
        thread.join(10)


def enters(lane: Lane, within: float) -> bool:
    """Does one more thread get a place in this time?"""
    got = threading.Event()

    def enter() -> None:
        with lane.place():
            got.set()

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    return got.wait(within)


def test_only_so_many_compute_at_a_time() -> None:
    lane = Lane(2)
    with somebody_computes(lane):
        assert enters(lane, 10)
        with lane.place():
            assert not enters(lane, 0.05)
    assert enters(lane, 10)


def test_who_waits_lets_another_compute() -> None:
    lane = Lane(1)
    with lane.place():
        with lane.waiting():
            assert enters(lane, 10)
        assert not enters(lane, 0.05)


def test_a_failure_gives_the_place_back() -> None:
    lane = Lane(1)
    with pytest.raises(ValueError), lane.place():
        raise ValueError
    with pytest.raises(ValueError), lane.place(), lane.waiting():
        raise ValueError
    assert enters(lane, 10)


def test_who_holds_no_place_may_wait_all_the_same() -> None:
    lane = Lane(1)
    with lane.waiting(), somebody_computes(lane):
        assert not enters(lane, 0.05)


def test_a_closed_lane_opens_again_by_itself() -> None:
    lane = Lane(1)
    lane.close(0.2)
    assert not enters(lane, 0.05)
    assert enters(lane, 10)


def test_nobody_is_kept_out_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.engine.lane.LONGEST_PAUSE", 0.1)
    lane, began = Lane(1), time.monotonic()
    lane.close(3600)
    assert enters(lane, 10)
    assert time.monotonic() - began >= 0.1
