"""What a quarter hour is like: days of a Japanese month, and nights in which clocks change."""

from __future__ import annotations

from datetime import date

import pytest

from tests.workflows.measure.companies import CALENDAR
from workflows.measure import seasons as s
from workflows.measure.seasons import Seasons
from workflows.rules.calendar import Calendar


def of(day: date, many: int = 96) -> Seasons:
    return Seasons.of(CALENDAR.moment(day), many, CALENDAR)


@pytest.mark.parametrize(
    ("day", "kind", "position"),
    [
        (date(2026, 4, 29), s.HOLIDAY, s.PLAIN),
        (date(2026, 5, 2), s.SATURDAY, s.PLAIN),
        (date(2026, 5, 3), s.SUNDAY, s.PLAIN),
        (date(2026, 12, 31), s.YEAR_END, s.PLAIN),
        (date(2027, 1, 2), s.YEAR_END, s.PLAIN),
        (date(2026, 4, 1), s.WORKDAY, s.FIRST),
        (date(2026, 4, 10), s.WORKDAY, s.FIFTHS),
        (date(2026, 4, 24), s.WORKDAY, s.FIFTHS),  # the 25th is a Saturday
        (date(2026, 4, 23), s.WORKDAY, s.PLAIN),
        (date(2026, 4, 28), s.WORKDAY, s.NEAR_END),
        (date(2026, 4, 30), s.WORKDAY, s.LAST),
        (date(2026, 5, 7), s.WORKDAY, s.AFTER),
        (date(2026, 5, 11), s.WORKDAY, s.PLAIN),  # after a weekend only
    ],
)
def test_a_day_is_of_a_kind_and_somewhere_in_the_month(day: date, kind: int, position: int) -> None:
    found = of(day)
    assert set(found.kind.tolist()) == {kind} and set(found.position.tolist()) == {position}
    assert set(found.weekday.tolist()) == {day.weekday()} and set(found.day.tolist()) == {day.toordinal()}
    assert found.slot.tolist() == list(range(96))


def test_hours_are_the_companys() -> None:
    found = of(date(2026, 4, 23))
    assert [slot for slot in range(96) if found.is_open[slot]] == [*range(36, 48), *range(52, 72)]
    assert not of(date(2026, 4, 29)).is_open.any()


def test_of_nothing_there_is_nothing() -> None:
    assert len(of(date(2026, 4, 23), 0).day) == 0


@pytest.mark.parametrize(("day", "many"), [(date(2026, 10, 25), 100), (date(2026, 3, 29), 92)])
def test_a_night_in_which_clocks_change_has_more_quarter_hours_or_fewer(day: date, many: int) -> None:
    berlin = Calendar.of("Europe/Berlin", hours={"mon": ["9:00-17:00"]})
    found = Seasons.of(berlin.moment(day), many + 1, berlin)
    assert found.day.tolist() == [day.toordinal()] * many + [day.toordinal() + 1]
    assert found.slot[0] == 0 and found.slot[-2:].tolist() == [95, 0]
