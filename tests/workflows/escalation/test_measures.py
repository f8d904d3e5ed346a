"""Measures of escalations, against the same figures counted one by one; what is open is never left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.escalation import measures
from workflows.escalation.measures import Case, Opinion
from workflows.rules.calendar import Calendar

MINUTE, DAY = 60_000, 24 * 3600 * 1000
#: 2025-12-26 (a Friday), 09:00 in Tokyo: a lunch break, a weekend and the turn of the year lie ahead.
BEGAN = int(datetime(2025, 12, 26, 0, 0, tzinfo=UTC).timestamp() * 1000)
CALENDAR = Calendar.of(
    country="JP",
    hours={day: ["9:00-12:00", "13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    closed=["12-29..01-03"],
)
TARGETS = {"now": 15, "today": 120, "week": 960}
NOW = BEGAN + 14 * DAY
#: How many steps of ten seconds were open before each moment, until a day after the last.
OPEN = [0, *accumulate(CALENDAR.is_open(at) for at in range(BEGAN, NOW + DAY, 10_000))]


def counted(since: int, until: int) -> int:
    """Business minutes, one step of ten seconds after the other, rounded up."""
    steps = OPEN[(until - BEGAN) // 10_000] - OPEN[(since - BEGAN) // 10_000]
    return -(-steps // 6)


moments = st.integers(0, 14 * DAY // 10_000).map(lambda steps: BEGAN + steps * 10_000)
spans = st.tuples(moments, moments).map(sorted)
cases = st.builds(
    lambda urgency, span, is_taken, climbed: Case(urgency, span[0], span[1] if is_taken else None, climbed),
    st.sampled_from(tuple(TARGETS)),
    st.one_of(spans, moments.flatmap(lambda at: st.integers(0, 90).map(lambda m: [at, at + m * 10_000]))),
    st.booleans(),
    st.integers(0, 2),
)


# -- acknowledging --------------------------------------------------------------------------------


@given(st.tuples(moments, st.integers(0, 200)))
def test_a_minute_that_has_begun_counts(span: tuple[int, int]) -> None:
    since, steps = span
    until = since + steps * 60_000 + 10_000
    assert measures.business_minutes(CALENDAR, since, until) == counted(since, until)


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (1, 1), (60, 1), (61, 2), (15 * 60, 15), (15 * 60 + 1, 16), (3 * 3600 + 1800, 180)]
)
def test_the_edges_of_a_minute(seconds: int, minutes: int) -> None:
    assert measures.business_minutes(CALENDAR, BEGAN, BEGAN + seconds * 1000) == minutes


def test_the_clock_stands_still_over_the_turn_of_the_year() -> None:
    friday_evening, monday = BEGAN + 9 * 3600_000, BEGAN + 10 * DAY
    assert measures.business_minutes(CALENDAR, friday_evening, monday) == 0


@given(st.lists(cases, max_size=4))
def test_every_case_is_in_one_bucket(found: list[Case]) -> None:
    buckets = measures.buckets(found, CALENDAR, NOW)
    assert sum(each.taken + each.running for each in buckets) == len(found)
    below = -1
    for bucket in buckets:
        end = bucket.minutes if bucket.minutes is not None else 10**9
        clocks = [(counted(case.raised_at, case.acknowledged_at or NOW), case.acknowledged_at) for case in found]
        assert bucket.taken == sum(below < clock <= end and at is not None for clock, at in clocks)
        assert bucket.running == sum(below < clock <= end and at is None for clock, at in clocks)
        below = end


@given(st.lists(cases, max_size=4))
def test_each_urgency_against_its_target(found: list[Case]) -> None:
    for group in measures.groups(found, CALENDAR, TARGETS, NOW):
        mine = [case for case in found if case.urgency == group.urgency]
        clocks = [(counted(case.raised_at, case.acknowledged_at or NOW), case.acknowledged_at) for case in mine]
        within = sum(clock <= group.target and at is not None for clock, at in clocks)
        assert (group.within, group.late) == (within, sum(clock > group.target for clock, _ in clocks))
        assert group.total == len(mine) == group.decided + group.open
        assert group.climbed == sum(case.climbed > 0 for case in mine)


@given(st.lists(st.integers(0, 50)), st.integers(0, 10), st.sampled_from([0.5, 0.9]))
def test_by_when_a_share_was_taken(times: list[int], running: int, share: float) -> None:
    everything = sorted([*map(float, times), *[float("inf")] * running])
    found = measures.by_when(sorted(times), len(everything), share)
    enough = [time for time in everything if sum(other <= time for other in everything) >= share * len(everything)]
    assert (float("inf") if found is None else found) == (min(enough) if enough else float("inf"))


def test_nobody_has_taken_it_and_it_counts() -> None:
    old, fresh = Case("now", BEGAN, None), Case("now", NOW - MINUTE, None)
    [now, *_] = measures.groups([old, fresh], CALENDAR, TARGETS, NOW)
    assert (now.total, now.within, now.late, now.open, now.half) == (2, 0, 1, 1, None)


# -- judging --------------------------------------------------------------------------------------

DAYS = st.integers(0, 500)
FIRST = date(2026, 1, 5)


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


opinions = st.builds(
    lambda id, company, phase, risk, day: Opinion(id, company, phase, risk, on(day)),
    st.integers(1, 3),
    st.sampled_from(["", "a", "b", "c"]),
    st.sampled_from(["ack", "done"]),
    st.sampled_from(["none", "low", "medium", "high"]),
    DAYS,
)


@given(st.lists(opinions, max_size=12), st.dictionaries(st.sampled_from("abc"), DAYS), DAYS)
def test_what_became_of_each_judgement(found: list[Opinion], left: dict[str, int], known: int) -> None:
    left_on = {company: on(day) for company, day in left.items()}
    result = measures.outcomes(found, left_on, on(known))
    assert [each.risk for each in result] == ["none", "low", "medium", "high"]
    for each in result:
        n = hits = running = already = 0
        for opinion in (one for one in found if one.risk == each.risk and one.company_id):
            day = (opinion.judged_on - FIRST).days
            gone = left.get(opinion.company_id)
            if gone is not None and gone < day:
                continue
            has_left = gone is not None and gone <= day + 180
            if day + 180 < known:
                n, hits = n + 1, hits + has_left
            else:
                running, already = running + 1, already + has_left
        assert (each.n, each.left, each.open, each.open_left) == (n, hits, running, already)
        assert each.share == (hits / n if n else None)


def test_without_an_import_everything_is_open() -> None:
    [_, _, _, high] = measures.outcomes([Opinion(1, "a", "ack", "high", on(-1000))], {}, None)
    assert (high.n, high.open) == (0, 1)


def test_those_who_left_early_do_not_count_before_those_who_stayed() -> None:
    [_, _, _, high] = measures.outcomes([Opinion(1, "a", "ack", "high", FIRST)], {"a": FIRST}, on(180))
    assert (high.n, high.left, high.open, high.open_left) == (0, 0, 1, 1)
    [_, _, _, high] = measures.outcomes([Opinion(1, "a", "ack", "high", FIRST)], {"a": FIRST}, on(181))
    assert (high.n, high.left, high.open) == (1, 1, 0)


def test_the_first_on_acknowledging_and_the_last() -> None:
    said = [
        Opinion(1, "a", "ack", "low", on(1)),
        Opinion(1, "a", "ack", "high", on(2)),
        Opinion(1, "a", "done", "none", on(3)),
    ]
    judged = [(1, "ack", "low"), (1, "ack", "high"), (1, "done", "none"), (2, "done", "medium")]
    said = [Opinion(id, "a", phase, risk, FIRST) for id, phase, risk in judged]
    assert [each.risk for each in measures.first_of(said)] == ["low"]
    assert [each.risk for each in measures.last_of(said)] == ["none", "medium"]


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_what_its_definition_says(seen: tuple[int, int]) -> None:
    hits, n = seen
    low, high = measures.wilson(hits, n)
    share = hits / n
    assert 0 <= low <= share + 1e-9 and share - 1e-9 <= high <= 1
    for end in (low, high):
        deviation = abs(share - end)
        assert deviation <= measures.Z * (end * (1 - end) / n) ** 0.5 + 1e-6  # Wilson: where this becomes equal
    if 0 < hits < n:
        assert abs((share - low) - measures.Z * (low * (1 - low) / n) ** 0.5) < 1e-6


def test_a_known_interval() -> None:
    low, high = measures.wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert measures.wilson(0, 0) == (0.0, 1.0)
