"""Staying inside a rate limit: bursts wait for the next window, and a 429 is obeyed by everybody."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import pace as module
from integrations.contract import RateLimited
from integrations.jira.connection import SitePace
from integrations.pace import LONGEST_WAIT, SHORTEST_WAIT, Pace, Share, asked_wait


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_795_226_640.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module.time, "sleep", clock.sleep)
    return clock


def begun(pace: Pace, clock: Clock, calls: int) -> list[float]:
    """When each of so many calls could begin, in seconds from now."""
    start, moments = clock.now, []
    for _ in range(calls):
        pace.wait()
        moments.append(round(clock.now - start, 1))
    return moments


# -- 429 ------------------------------------------------------------------------------------------


def test_nobody_calls_while_the_vendor_wants_quiet(clock: Clock) -> None:
    pace = Pace(100, 10.0, clock=clock)
    pace.close(3.0)
    pace.close(1.0)  # a shorter wait does not take back a longer one
    assert begun(pace, clock, 2) == [3.0, 3.0]


def test_a_long_quiet_is_not_slept_through(clock: Clock) -> None:
    pace = Pace(100, 10.0, clock=clock)
    pace.close(60.0)
    with pytest.raises(RateLimited) as told:
        pace.wait()
    assert told.value.retry_after == pytest.approx(60.0)
    clock.now += 60.0
    pace.wait()


# -- windows --------------------------------------------------------------------------------------


def test_a_burst_is_spread_over_windows(clock: Clock) -> None:
    moments = begun(Pace(3, 10.0, clock=clock), clock, 8)
    assert moments == [0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 20.0, 20.0]


def test_what_others_have_used_up_is_not_used_twice(clock: Clock) -> None:
    """Two processes share one budget: each answer says how much of it is left."""
    pace = Pace(100, 10.0, clock=clock)
    pace.wait()
    pace.heed({"x-ratelimit-remaining": "1", "x-ratelimit-limit": "100", "x-ratelimit-reset": str(clock.now + 4)})
    assert begun(pace, clock, 3) == [0.0, 4.0, 4.0]


def test_an_answer_that_arrives_late_gives_nothing_back(clock: Clock) -> None:
    pace = Pace(100, 10.0, clock=clock)
    reset = str(clock.now + 4)
    pace.heed({"x-ratelimit-remaining": "1", "x-ratelimit-reset": reset})
    pace.heed({"x-ratelimit-remaining": "50", "x-ratelimit-reset": reset})
    pace.heed({"x-ratelimit-remaining": "50", "x-ratelimit-reset": str(clock.now - 6)})
    assert begun(pace, clock, 2) == [0.0, 4.0]


def test_a_limit_that_changed_is_followed(clock: Clock) -> None:
    pace = Pace(100, 10.0, clock=clock)
    pace.heed({"x-ratelimit-remaining": "1", "x-ratelimit-limit": "2", "x-ratelimit-reset": str(clock.now + 5)})
    assert begun(pace, clock, 4) == [0.0, 5.0, 5.0, 15.0]


#: Jira counts each endpoint for itself, and may count the points of an hour.
OF_AN_ENDPOINT = [
    {"x-ratelimit-limit": "200", "x-ratelimit-remaining": "199"},
    {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0"},
    {"x-ratelimit-limit": "100000", "x-ratelimit-remaining": "99990"},
]


@pytest.mark.parametrize("headers", OF_AN_ENDPOINT)
def test_what_jira_says_of_one_endpoint_changes_nothing_for_the_site(clock: Clock, headers: Mapping[str, str]) -> None:
    pace = SitePace(2, 1.0, clock=clock)
    pace.heed({**headers, "x-ratelimit-reset": str(clock.now + 1)})
    assert begun(pace, clock, 5) == [0.0, 0.0, 1.0, 1.0, 2.0]


@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-per-issue-on-write"])
def test_when_one_endpoint_or_issue_of_jiras_has_had_enough_the_others_are_called(clock: Clock, reason: str) -> None:
    pace = SitePace(2, 1.0, clock=clock)
    pace.refused({"ratelimit-reason": reason}, 600.0)
    assert begun(pace, clock, 2) == [0.0, 0.0]


COMMENT, OTHER_COMMENT = "/rest/api/3/issue/KNDE-1/comment", "/rest/api/3/issue/10002/comment"


def refused_for(pace: Pace) -> float | None:
    """For how long nobody is to call."""
    with pytest.raises(RateLimited) as wait:
        pace.wait()
    return wait.value.retry_after


def test_an_endpoint_of_jiras_that_has_had_enough_is_not_called_for_any_issue(clock: Clock) -> None:
    site = SitePace(2, 1.0, clock=clock)
    site.of("POST", COMMENT).refused({"ratelimit-reason": "jira-burst-based"}, 600.0)
    assert refused_for(site.of("POST", OTHER_COMMENT)) == pytest.approx(600.0)
    assert begun(site.of("GET", COMMENT), clock, 2) == [0.0, 0.0]


def test_jiras_headers_make_an_endpoint_slower_and_never_faster(clock: Clock) -> None:
    site = SitePace(2, 1.0, clock=clock)
    pace = site.of("GET", COMMENT)
    pace.heed({"x-ratelimit-limit": "500", "x-ratelimit-remaining": "499", "x-ratelimit-reset": str(clock.now + 1)})
    assert begun(pace, clock, 3) == [0.0, 0.0, 1.0]
    pace.heed({"x-ratelimit-limit": "150", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(clock.now + 4)})
    assert begun(site.of("GET", OTHER_COMMENT), clock, 1) == [4.0]


def test_a_quota_of_jiras_is_about_the_whole_site_whichever_endpoint_meets_it(clock: Clock) -> None:
    site = SitePace(2, 1.0, clock=clock)
    site.of("GET", COMMENT).refused({"ratelimit-reason": "jira-quota-tenant-based"}, 600.0)
    assert refused_for(site.of("POST", OTHER_COMMENT)) == pytest.approx(600.0)


@pytest.mark.parametrize("headers", [{"ratelimit-reason": "jira-quota-tenant-based"}, {}])
def test_when_the_site_has_had_enough_nobody_is_called(clock: Clock, headers: Mapping[str, str]) -> None:
    pace = SitePace(2, 1.0, clock=clock)
    pace.refused(headers, 600.0)
    with pytest.raises(RateLimited):
        pace.wait()


NONSENSE: list[Mapping[str, str]] = [
    {},
    {"x-ratelimit-remaining": "many"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1e12"},
    {"x-ratelimit-remaining": "5", "x-ratelimit-limit": "²", "x-ratelimit-reset": "nan"},
    {"x-ratelimit-remaining": "5", "x-ratelimit-limit": "-1", "x-ratelimit-reset": "inf"},
]


@pytest.mark.parametrize("headers", NONSENSE)
def test_nonsense_in_the_headers_changes_nothing(clock: Clock, headers: Mapping[str, str]) -> None:
    pace = Pace(2, 10.0, clock=clock)
    pace.wait()
    pace.heed(headers)
    assert begun(pace, clock, 2) == [0.0, 10.0]


@pytest.mark.fault("F47")
def test_threads_together_keep_to_the_budget(clock: Clock) -> None:
    lock, moments = threading.Lock(), []
    pace = Pace(10, 10.0, clock=clock)

    def call() -> None:
        for _ in range(10):
            pace.wait()
            with lock:
                moments.append(clock.now)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    windows = [int((moment - min(moments)) // 10) for moment in moments]
    assert len(moments) == 50
    assert max(windows.count(window) for window in set(windows)) <= 10 + 4  # a thread may be late to say so


# -- how long a vendor asks us to wait ------------------------------------------------------------

NOW = 1_795_226_640.0
ASKED: list[tuple[Mapping[str, str], float]] = [
    ({}, 1.0),
    ({"retry-after": "7"}, 7.0),
    ({"retry-after": "2.5"}, 2.5),
    ({"retry-after": "0"}, 1.0),
    ({"retry-after": "-5"}, 1.0),
    ({"retry-after": "1e9"}, 900.0),
    ({"retry-after": "inf"}, 900.0),
    ({"retry-after": "nan"}, 1.0),
    ({"retry-after": "soon"}, 1.0),
    ({"retry-after": ""}, 1.0),
    ({"retry-after": "Sat, 21 Nov 2026 02:04:30 GMT"}, 30.0),
    ({"retry-after": "Sat, 21 Nov 2026 02:00:00 GMT"}, 1.0),
    ({"retry-after": "Sat, 21 Nov 2099 02:40:00 GMT"}, 900.0),
    ({"retry-after": "Sat, 99 Nov 2026 99:99:99 GMT"}, 1.0),
    ({"x-ratelimit-reset": str(NOW + 12)}, 12.0),
    ({"x-ratelimit-reset": "2026-11-21T02:04:20Z"}, 20.0),
    ({"x-ratelimit-reset": "2026-11-21T11:04:20+09:00"}, 20.0),
    ({"x-ratelimit-reset": "2026-11-21T02:04:20"}, 20.0),
    ({"x-ratelimit-reset": "whenever"}, 1.0),
    ({"retry-after": "soon", "x-ratelimit-reset": str(NOW + 12)}, 12.0),
    ({"retry-after": "7", "x-ratelimit-reset": str(NOW + 12)}, 7.0),
]


@pytest.mark.fault("F33")
@pytest.mark.parametrize(("headers", "seconds"), ASKED)
def test_every_way_of_asking_for_a_wait(headers: Mapping[str, str], seconds: float) -> None:
    assert asked_wait(headers, NOW) == pytest.approx(seconds)


@pytest.mark.fault("F33")
@given(st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset"]), st.text() | st.floats().map(str)))
def test_whatever_is_asked_the_wait_is_bearable(headers: dict[str, str]) -> None:
    assert SHORTEST_WAIT <= asked_wait(headers, NOW) <= LONGEST_WAIT


# -- a share of it --------------------------------------------------------------------------------


def test_a_share_is_never_more_than_that_within_any_window(clock: Clock) -> None:
    share = Share(Pace(100, 10.0, clock=clock), 20, 10.0)
    moments = begun(share, clock, 7)
    clock.now += 6.0
    moments += [moment + 6.0 for moment in begun(share, clock, 43)]
    assert moments[:20] == [0.0] * 7 + [6.0] * 13
    assert max(sum(begin <= at < begin + 9.99 for at in moments) for begin in moments) == 20


def test_a_share_of_what_is_used_up_waits_with_everybody(clock: Clock) -> None:
    whole = Pace(10, 10.0, clock=clock)
    share = Share(whole, 5, 10.0)
    for _ in range(8):
        whole.wait()
    assert begun(share, clock, 3) == [0.0, 0.0, 10.0]
    share.close(3.0)
    assert begun(whole, clock, 1) == [3.0]


def test_a_share_hears_what_the_vendor_says(clock: Clock) -> None:
    whole = Pace(10, 10.0, clock=clock)
    share = Share(whole, 5, 10.0)
    share.wait()
    reset = str(clock.now + 4)
    share.heed({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
    assert begun(whole, clock, 1) == [4.0]
