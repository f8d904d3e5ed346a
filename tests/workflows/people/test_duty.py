"""Who is on shift, who is asked, and the hours in which nobody is there: as the clock on the wall shows."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.operate import duty as said
from workflows.people import duty
from workflows.people.duty import Gap
from workflows.rules import rules
from workflows.rules.calendar import MINUTE_MS, Calendar
from workflows.rules.calendar_words import WEEKDAYS

OFFICE = {day: ["9:00-12:00", "13:00-18:00"] for day in WEEKDAYS[:5]}
COMPANY = Calendar.of(country="JP", hours=OFFICE, closed=["12-29..01-03"])
EARLY = Calendar.of(country="JP", hours={day: ["9:00-13:00"] for day in WEEKDAYS[:5]})
LATE = Calendar.of(country="JP", hours={day: ["14:00-18:00"] for day in WEEKDAYS[:5]})
SATO, SUZUKI, MAIL = "U0SATO", "U0SUZUKI", "mori@kanade.example"
#: A Monday like any other.
DAY = date(2026, 11, 30)


def ms(text: str, zone: str = "Asia/Tokyo") -> int:
    """A moment as a wall clock shows it: 2026-11-30 17:50."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def shown(gaps: list[Gap]) -> list[str]:
    """Gaps as the company's wall clock shows them."""
    return [f"{COMPANY.local(gap.start_ms):%m-%d %H:%M}-{COMPANY.local(gap.end_ms):%H:%M}" for gap in gaps]


@pytest.fixture(autouse=True)
def shifts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A company with two who know bills, one in the morning and one in the afternoon."""
    monkeypatch.setattr(rules, "calendar", COMPANY)
    monkeypatch.setattr(rules, "colleagues", {"sato@kanade.example": SATO})
    monkeypatch.setattr(rules, "calendars", {"sato@kanade.example": EARLY, SUZUKI.casefold(): LATE})
    monkeypatch.setattr(rules, "skills", {"billing": ("Sato@kanade.example", SUZUKI)})
    return monkeypatch


# -- nobody ---------------------------------------------------------------------------------------


def test_where_nobody_is_named_nobody_is_on_shift_and_nothing_is_a_gap(shifts: pytest.MonkeyPatch) -> None:
    shifts.setattr(rules, "skills", {})
    shifts.setattr(rules, "calendars", {})
    assert duty.on_duty(ms("2026-11-30 10:00")) == []
    assert (duty.gaps(DAY, 14), list(said.findings())) == ([], [])


def test_a_skill_that_the_rules_do_not_know_is_nobodys() -> None:
    assert duty.with_skill("api", ms("2026-11-30 10:00")) == []


def test_whoever_asks_is_not_asked() -> None:
    assert duty.with_skill("billing", ms("2026-11-30 10:00"), but="SATO@kanade.example") == [SUZUKI]
    assert duty.on_shift("billing", ms("2026-11-30 10:00"), but=SATO) == []


# -- on shift -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "people"),
    [
        ("2026-11-30 08:59", []),
        ("2026-11-30 09:00", [SATO]),
        ("2026-11-30 12:30", [SATO]),
        ("2026-11-30 13:00", []),
        ("2026-11-30 14:00", [SUZUKI]),
        ("2026-11-30 18:00", []),
        ("2026-11-28 10:00", []),
        ("2026-11-03 10:00", []),
    ],
)
def test_lunch_evenings_weekends_and_holidays_are_nobodys(at: str, people: list[str]) -> None:
    """The third of November is a holiday."""
    assert duty.on_duty(ms(at)) == people


def test_each_person_is_named_once_however_the_rules_name_them(shifts: pytest.MonkeyPatch) -> None:
    shifts.setattr(rules, "skills", {"billing": (SATO, "sato@kanade.example"), "api": (MAIL.upper(), SATO)})
    assert duty.agents() == [SATO, MAIL, SUZUKI]
    assert duty.on_duty(ms("2026-11-30 10:00"), ["sato@kanade.example", SATO, MAIL]) == [SATO, MAIL]


def test_the_clock_of_their_own_wall_counts(shifts: pytest.MonkeyPatch) -> None:
    london = Calendar.of(zone="Europe/London", hours={day: ["9:00-17:00"] for day in WEEKDAYS[:5]})
    shifts.setattr(rules, "calendars", {SUZUKI.casefold(): london})
    assert SUZUKI not in duty.on_duty(ms("2026-11-30 10:00"))
    assert SUZUKI in duty.on_duty(ms("2026-11-30 10:00", "Europe/London"))


def test_an_own_day_comes_before_the_weekday(shifts: pytest.MonkeyPatch) -> None:
    own = Calendar.of(hours=OFFICE, closed=["2026-11-30"], opened=["2026-11-28"])
    shifts.setattr(rules, "calendars", {SATO.casefold(): own})
    assert SATO not in duty.on_duty(ms("2026-11-30 10:00"))
    assert SATO in duty.on_duty(ms("2026-11-28 10:00"))


def test_those_on_shift_are_asked_and_everybody_where_none_is() -> None:
    assert duty.with_skill("billing", ms("2026-11-30 10:00")) == [SATO]
    assert duty.on_shift("billing", ms("2026-11-30 13:30")) == []
    assert duty.with_skill("billing", ms("2026-11-30 13:30")) == [SATO, SUZUKI]


# -- gaps -----------------------------------------------------------------------------------------


def test_hours_of_the_company_without_anybody_are_gaps() -> None:
    """The company's own lunch is none, and neither is a weekend."""
    assert shown(duty.gaps(DAY, 2)) == ["11-30 13:00-14:00", "12-01 13:00-14:00"]
    assert duty.gaps(date(2026, 11, 28), 2) == []


def test_a_holiday_of_all_agents_is_a_gap_and_one_of_the_company_is_none(shifts: pytest.MonkeyPatch) -> None:
    away = Calendar.of(country="JP", hours=OFFICE, closed=["2026-12-02"])
    shifts.setattr(rules, "skills", {})
    shifts.setattr(rules, "calendars", {SATO.casefold(): away})
    assert shown(duty.gaps(DAY, 5)) == ["12-02 09:00-12:00", "12-02 13:00-18:00"]
    assert duty.gaps(date(2026, 12, 29), 6) == []


def test_whoever_has_no_hours_of_their_own_works_when_the_company_does(shifts: pytest.MonkeyPatch) -> None:
    shifts.setattr(rules, "skills", {"billing": (MAIL,)})
    assert duty.gaps(DAY, 14) == []
    assert [(found.ok, str(found)) for found in said.findings()] == [
        (True, "Shifts: somebody is on shift at all business hours of the next 14 days.")
    ]


def test_check_names_the_gaps_that_are_to_come(shifts: pytest.MonkeyPatch) -> None:
    shifts.setattr(said, "now_ms", lambda: ms("2026-11-30 15:00"))
    [found] = said.findings()
    assert found.ok is None
    assert "Tue 1 Dec 13:00-14:00, Wed 2 Dec 13:00-14:00" in str(found) and "30 Nov" not in str(found)
    assert "and 4 more" in str(found) and "[calendar.people]" in str(found)


TIMES = ("0:00-6:30", "7:15-9:45", "10:00-12:00", "13:00-17:50", "18:00-24:00")
ZONES = ("Asia/Tokyo", "Europe/London", "America/New_York")
CALENDARS = st.builds(
    lambda zone, days: Calendar.of(zone=zone, hours=days | {"wed": ["10:00-11:00"]}),
    st.sampled_from(ZONES),
    st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(st.sampled_from(TIMES), unique=True), max_size=7),
)


@given(everybody=CALENDARS, some=st.lists(CALENDARS, min_size=1, max_size=3))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gaps_are_what_counting_every_five_minutes_gives(
    shifts: pytest.MonkeyPatch, everybody: Calendar, some: list[Calendar]
) -> None:
    shifts.setattr(rules, "calendar", everybody)
    shifts.setattr(rules, "skills", {})
    shifts.setattr(rules, "calendars", {f"u{number}00": each for number, each in enumerate(some)})
    first = date(2026, 10, 24)  # the clocks in London change on the next day
    gaps = duty.gaps(first, 3)
    for at in range(everybody.moment(first), everybody.moment(date(2026, 10, 27)), 5 * MINUTE_MS):
        bare = everybody.is_open(at) and not any(each.is_open(at) for each in some)
        assert bare == any(gap.start_ms <= at < gap.end_ms for gap in gaps), at
