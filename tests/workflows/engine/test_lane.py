"""The lane: who computes holds a place, who waits does not, and the door goes first, but not for ever."""

from __future__ import annotations

import time

import pytest

from tests.crowd import comes_in, somebody
from workflows.engine.lane import Lane


def test_only_so_many_compute_at_a_time() -> None:
    lane = Lane(2)
    with somebody(lane.place):
        assert comes_in(lane.place)
        with lane.place():
            assert not comes_in(lane.place, 0.05)
    assert comes_in(lane.place)


def test_who_waits_lets_another_compute() -> None:
    lane = Lane(1)
    with lane.place():
        with lane.waiting():
            assert comes_in(lane.place)
        assert not comes_in(lane.place, 0.05)


def test_a_failure_gives_the_place_back() -> None:
    lane = Lane(1)
    with pytest.raises(ValueError), lane.place():
        raise ValueError
    with pytest.raises(ValueError), lane.place(), lane.waiting():
        raise ValueError
    assert comes_in(lane.place)


def test_who_holds_no_place_may_wait_all_the_same() -> None:
    lane = Lane(1)
    with lane.waiting(), somebody(lane.place):
        assert not comes_in(lane.place, 0.05)


def test_a_closed_lane_opens_again_by_itself() -> None:
    lane, began = Lane(1), time.monotonic()
    lane.close(0.1)
    assert comes_in(lane.place)
    assert time.monotonic() - began >= 0.1


@pytest.mark.fault("F61")
def test_nobody_is_kept_out_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.engine.lane.LONGEST_PAUSE", 0.1)
    lane, began = Lane(1), time.monotonic()
    lane.close(3600)
    assert comes_in(lane.place)
    assert time.monotonic() - began >= 0.1
