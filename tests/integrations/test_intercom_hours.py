"""Intercom's office hours: what is none is refused, and every minute of a week is open or closed as Intercom says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Malformed, Permanent
from integrations.intercom import OtherDay, hours
from integrations.twin import Fault
from integrations.untrusted import Node
from tests.integrations.intercom_spec import Server, World

WEEK = 7 * 24 * 60
NINE_TO_FIVE = {"start_minute": 540, "end_minute": 1020}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.serving.stop()


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with closing(World(server)) as world:
        yield world


def schedule(**said: Any) -> Node:
    one = {"id": "1", "name": "Support", "time_zone_name": "Asia/Tokyo", "time_intervals": [NINE_TO_FIVE], **said}
    return Node({"data": [one]}, "")


def other_day(**said: Any) -> Node:
    one = {"exception_date": "2026-12-25", "exception_type": "closed", "time_intervals": None, **said}
    return Node({"data": [one]}, "")


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"), [(540, 540), (600, 540), (-1, 60), (0, WEEK + 1), (WEEK, WEEK + 60), ("9:00", 600), (None, 600)]
)
def test_an_interval_lies_within_the_week(start: Any, end: Any) -> None:
    with pytest.raises(Malformed, match=r"data\[0\]\.time_intervals\[0\]"):
        hours.schedules(schedule(time_intervals=[{"start_minute": start, "end_minute": end}]))


@pytest.mark.parametrize("said", [{"id": None}, {"time_zone_name": ""}, {"time_intervals": "always"}])
def test_hours_without_a_name_or_a_zone_are_none(said: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        hours.schedules(schedule(**said))


@pytest.mark.parametrize("day", ["", "25.12.2026", "2026-02-29", "1926-12-25", "2226-12-25", 13, None])
def test_a_day_is_a_date_of_our_time(day: Any) -> None:
    with pytest.raises(Malformed, match="exception_date"):
        hours.days(other_day(exception_date=day))


def test_a_day_has_no_more_than_24_hours() -> None:
    spans = [{"start_minute": 540, "end_minute": 1441}]
    with pytest.raises(Malformed, match="time_intervals"):
        hours.days(other_day(exception_type="custom_hours", time_intervals=spans))


def test_a_token_without_the_permission_is_told_so(world: World) -> None:
    world.twin.fail("GET /office_hours_schedules", Fault("403"))
    with pytest.raises(Permanent, match="403"):
        world.client.office_hours()


# -- what is read ---------------------------------------------------------------------------------


def test_hours_and_the_days_that_differ(world: World) -> None:
    twin = world.twin
    twin.add_office_hours("123", "Support", "America/New_York", (540, 1020), (1980, 2460))
    twin.add_other_day("123", "2026-12-25", name="Christmas Day", yearly=True)
    twin.add_other_day("123", "2026-12-24", (540, 780))
    twin.add_office_hours("124", "Nights", "Europe/London")
    support, nights = world.client.office_hours()
    assert (support.id, support.name, support.zone) == ("123", "Support", "America/New_York")
    assert support.week == (((540, 1020),), ((540, 1020),), (), (), (), (), ())
    eve = OtherDay(date(2026, 12, 24), ((540, 780),), False)
    assert support.days == (eve, OtherDay(date(2026, 12, 25), (), True, "Christmas Day"))
    assert nights.week == (((0, 1440),),) * 7 and nights.days == ()
    assert world.violations == []
    listed = "GET /office_hours_schedules"
    assert world.operations == {listed, f"{listed}/{{office_hours_schedule_id}}/office_hours_exceptions"}


def test_a_night_is_two_intervals() -> None:
    [night] = hours.schedules(schedule(time_intervals=[{"start_minute": 1320, "end_minute": 1440 + 360}]))
    assert night.week[:3] == (((1320, 1440),), ((0, 360),), ())


def test_open_all_the_time_is_open_all_the_time() -> None:
    [always] = hours.schedules(schedule(twenty_four_seven=True, time_intervals=None))
    [said] = hours.schedules(schedule(time_intervals=[{"start_minute": 0, "end_minute": WEEK - 1}]))
    assert always.week == said.week == (((0, 1440),),) * 7


@given(st.lists(st.tuples(st.integers(0, WEEK - 2), st.integers(1, 3000)), max_size=12))
def test_every_minute_of_the_week_is_as_intercom_says(given: list[tuple[int, int]]) -> None:
    spans = [(start, min(start + length, WEEK)) for start, length in given]
    said = [{"start_minute": start, "end_minute": end} for start, end in spans]
    [one] = hours.schedules(schedule(time_intervals=said))
    opened = {minute for start, end in spans for minute in range(start, WEEK if end == WEEK - 1 else end)}
    assert {n * 1440 + minute for n, day in enumerate(one.week) for a, b in day for minute in range(a, b)} == opened
    assert all(end < later for day in one.week for (_, end), (later, _) in pairwise(day))
