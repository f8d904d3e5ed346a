"""Business time: what nobody means is refused; the rest is what counting every minute on the wall clock gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS, country_of, days_of, exempt, hours_of, zone_of

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = {day: ["9:00-12:00", "13:00-18:00"] for day in WEEKDAYS[:5]}
JAPAN = Calendar.of(country="JP", hours=OFFICE, closed=["12-29..01-03"])
ALWAYS = {day: ["0:00-24:00"] for day in WEEKDAYS}


def ms(text: str, zone: str = "Asia/Tokyo") -> int:
    """A moment as a wall clock shows it: 2026-05-01 17:50."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def shown(at: int, zone: ZoneInfo = TOKYO) -> str:
    """What a wall clock shows at a moment."""
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M")


# -- what is refused ------------------------------------------------------------------------------

NO_DAYS = {
    "13-40": 'has "13-40", which is no day; write month and day (12-29)',
    "02-30": 'has "02-30", which is no day',
    "2026-02-29": 'has "2026-02-29", which is no day',
    "1999-12-31": 'has "1999-12-31", which is no day',
    "12-29..13-40": 'has "12-29..13-40", in which "13-40" is no day',
    "12-29...01-03": 'has "12-29...01-03", in which ".01-03" is no day',
    "12-29..": 'has "12-29..", in which "" is no day',
    "12/29": 'has "12/29", which is no day',
    "8-13": 'has "8-13", which is no day',
    "１２-２９": 'has "１２-２９", which is no day',
    "": 'has "", which is no day',
    "12-29..2027-01-03": 'has "12-29..2027-01-03", which has a year on one side only',
    "2026-12-29..01-03": 'has "2026-12-29..01-03", which has a year on one side only',
    "2026-08-15..2026-08-13": 'has "2026-08-15..2026-08-13", which ends before it begins',
}
NO_HOURS = {
    ("9-12",): 'has "9-12", which is no interval; write hours and minutes as in "9:00-12:00"',
    ("9:00",): 'has "9:00", which is no interval',
    ("9:00〜12:00",): 'has "9:00〜12:00", which is no interval',
    ("9:60-12:00",): 'has "9:60-12:00", which is no interval',
    ("9:00-24:01",): 'has "9:00-24:01", which is no interval',
    ("9:00-12:00-13:00",): 'has "9:00-12:00-13:00", which is no interval',
    ("",): 'has "", which is no interval',
    ("22:00-6:00",): 'has "22:00-6:00", which ends before it begins; a night is two intervals',
    ("9:00-9:00",): 'has "9:00-9:00", which ends before it begins',
    ("13:00-18:00", "9:00-13:30"): "has intervals that overlap",
}


def refusal(reader: Callable[[Any], object], given: object) -> str:
    """What is said about something in the rules."""
    with pytest.raises(ValueError) as mistake:
        reader(given)
    return str(mistake.value)


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert refusal(days_of, text).startswith(NO_DAYS[text])


@pytest.mark.parametrize("texts", NO_HOURS)
def test_what_are_no_hours_is_refused(texts: tuple[str, ...]) -> None:
    assert refusal(hours_of, texts).startswith(NO_HOURS[texts])


@pytest.mark.parametrize("name", ["", "Tokyo", "JST+9", "Asia", "../Asia/Tokyo", "/etc/localtime", "Asia/Tokyo\0"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    assert refusal(zone_of, name) == "is no time zone; write its name as in Asia/Tokyo"


@pytest.mark.parametrize("name", ["XX", "jp", "JPX", "Japan", "DE-XX", "JP-", "XNYS", " JP"])
def test_a_country_without_holidays_is_refused(name: str) -> None:
    assert refusal(country_of, name).startswith("is no country whose holidays are known; write its two letters (JP)")


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"hours": {"mon": []}},
        {"hours": {"mon": []}, "opened": ["2026-11-28"]},
        {"hours": OFFICE, "closed": ["01-01..12-31"]},
        {"hours": OFFICE, "closed": ["07-01..06-30"]},
        {"hours": OFFICE, "closed": ["01-01..12-31"], "opened": ["2026-11-28", "2030-01-01"]},
        {"hours": OFFICE, "closed": ["01-02..12-31"], "country": "JP"},
    ],
)
def test_a_calendar_that_never_opens_is_refused(words: dict[str, Any]) -> None:
    assert refusal(lambda given: Calendar.of(**given), words) == "never opens"


def test_a_calendar_that_opens_seldom_is_none_that_never_does() -> None:
    leap = Calendar.of(hours={"sat": ["9:00-12:00"]}, closed=["01-01..02-28", "03-01..12-31"])
    assert shown(leap.next_open(ms("2026-11-25 09:00"))) == "2048-02-29 09:00"


def test_business_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="does not run backwards"):
        JAPAN.add(ms("2026-05-01 10:00"), -1)
    assert JAPAN.minutes(ms("2026-05-01 11:00"), ms("2026-05-01 10:00")) == 0


@pytest.mark.parametrize("at", [-(10**12), ms("2200-01-02 09:00"), 10**15, 10**20])
def test_what_no_calendar_knows_is_refused(at: int) -> None:
    beyond = "outside of the calendar, which reaches from 1970-01-01 to 2199-12-31"
    for question in (JAPAN.is_open, JAPAN.next_open, JAPAN.end_of_day, lambda at: JAPAN.minutes(at, at + 1)):
        with pytest.raises(ValueError, match=beyond):
            question(at)


def test_time_ends_with_the_calendar() -> None:
    with pytest.raises(ValueError, match="outside of the calendar"):
        JAPAN.add(ms("2199-12-01 09:00"), 10**6)
    with pytest.raises(ValueError, match="outside of the calendar"):
        JAPAN.start_of(date(9999, 12, 31))


# -- Japan ----------------------------------------------------------------------------------------

#: The Cabinet Office's list, Sundays included.
HOLIDAYS = {
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
}
LISTED = {date.fromisoformat(f"{year}-{day}") for year, days in HOLIDAYS.items() for day in days.split()}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_japans_holidays_are_the_official_ones(year: int) -> None:
    calendar = Calendar.of(country="JP", hours=ALWAYS)
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert {day for day in days if calendar.is_closed(day)} == {day for day in LISTED if day.year == year}


#: From a moment, so many business minutes: the clock that somebody in Tokyo looks at.
LATER = {
    "lunch: before it": ("2026-11-25 11:50", 15, "2026-11-25 13:05"),
    "lunch: to its first minute": ("2026-11-25 11:45", 15, "2026-11-25 13:00"),
    "lunch: in it": ("2026-11-25 12:30", 0, "2026-11-25 13:00"),
    "lunch: over it": ("2026-11-25 09:00", 480, "2026-11-26 09:00"),
    "evening": ("2026-11-25 17:50", 15, "2026-11-26 09:05"),
    "night": ("2026-11-25 23:00", 30, "2026-11-26 09:30"),
    "early": ("2026-11-25 05:30", 0, "2026-11-25 09:00"),
    "weekend": ("2026-11-27 17:45", 30, "2026-11-30 09:15"),
    "one holiday": ("2026-11-20 17:30", 60, "2026-11-24 09:30"),
    "Golden Week: its first day": ("2026-04-28 18:00", 0, "2026-04-30 09:00"),
    "Golden Week: between": ("2026-04-30 17:30", 60, "2026-05-01 09:30"),
    "Golden Week: all of it": ("2026-05-01 17:50", 15, "2026-05-07 09:05"),
    "Golden Week: from within": ("2026-05-02 12:00", 480, "2026-05-08 09:00"),
    "Golden Week: the substitute": ("2026-05-06 10:00", 1, "2026-05-07 09:01"),
    "a week in September": ("2026-09-18 17:50", 20, "2026-09-24 09:10"),
    "the day between two holidays": ("2026-09-22 10:00", 0, "2026-09-24 09:00"),
    "year end: to the last minute": ("2026-12-28 17:45", 15, "2027-01-04 09:00"),
    "year end: over it": ("2026-12-28 17:45", 30, "2027-01-04 09:15"),
    "year end: from within": ("2026-12-31 23:59", 0, "2027-01-04 09:00"),
    "year end: two days": ("2026-12-28 09:00", 960, "2027-01-05 09:00"),
    "New Year": ("2027-01-01 00:00", 480, "2027-01-05 09:00"),
    "the substitute of an equinox": ("2027-03-19 17:59", 2, "2027-03-23 09:01"),
}


@pytest.mark.parametrize("what", LATER)
def test_so_many_business_minutes_later(what: str) -> None:
    since, minutes, until = LATER[what]
    assert shown(JAPAN.add(ms(since), minutes)) == until
    assert JAPAN.minutes(ms(since), ms(until)) == minutes


def test_an_interval_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    noon = ms("2026-11-25 12:00")
    assert JAPAN.is_open(ms("2026-11-25 09:00")) and JAPAN.is_open(noon - 1)
    assert not JAPAN.is_open(noon) and not JAPAN.is_open(ms("2026-11-25 09:00") - 1)
    assert JAPAN.next_open(noon - 1) == noon - 1
    assert JAPAN.add(noon - 1, 1) == ms("2026-11-25 13:01") - 1


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        ("2026-05-01", "2026-05-01 09:00"),
        ("2026-05-02", "2026-05-07 09:00"),
        ("2026-12-29", "2027-01-04 09:00"),
        ("2027-01-04", "2027-01-04 09:00"),
    ],
)
def test_a_promised_day_begins_when_somebody_is_there(day: str, opens: str) -> None:
    assert shown(JAPAN.start_of(date.fromisoformat(day))) == opens


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-05-01 08:00", "2026-05-01 18:00"),
        ("2026-05-01 12:30", "2026-05-01 18:00"),
        ("2026-05-01 17:59", "2026-05-01 18:00"),
        ("2026-05-01 18:00", "2026-05-07 18:00"),
        ("2026-05-04 10:00", "2026-05-07 18:00"),
    ],
)
def test_a_business_day_ends_in_the_evening_also_before_lunch(now: str, ends: str) -> None:
    assert shown(JAPAN.end_of_day(ms(now))) == ends


def test_a_business_day_has_eight_hours_here() -> None:
    assert JAPAN.day_minutes == 480


# -- own days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "opened", "day", "is_closed"),
    [
        ("12-29..01-03", "", "2026-12-28", False),
        ("12-29..01-03", "", "2026-12-29", True),
        ("12-29..01-03", "", "2031-01-03", True),
        ("12-29..01-03", "", "2028-01-04", False),
        ("06-01", "", "2026-06-01", True),
        ("06-01", "", "2027-06-01", True),
        ("2026-08-13..2026-08-14", "", "2026-08-14", True),
        ("2026-08-13..2026-08-14", "", "2027-08-13", False),
        ("2026-12-31..2027-01-04", "", "2027-01-04", True),
        ("02-29", "", "2028-02-29", True),
        ("02-29", "", "2028-03-01", False),
        ("12-29..01-03", "2026-12-29", "2026-12-29", False),
        ("12-29..01-03", "2026-12-29", "2026-12-30", True),
        ("", "2026-11-28", "2026-11-28", False),
        ("", "2026-11-23", "2026-11-23", False),
        ("", "2026-11-23", "2026-11-29", True),
    ],
)
def test_own_days(closed: str, opened: str, day: str, is_closed: bool) -> None:
    calendar = Calendar.of(country="JP", hours=OFFICE, closed=closed.split(), opened=opened.split())
    assert calendar.is_closed(date.fromisoformat(day)) is is_closed


def test_an_extra_day_has_the_hours_of_its_weekday_or_of_the_first_that_has_any() -> None:
    hours = {"tue": ["10:00-11:00"], "wed": ["12:00-13:00"]}
    calendar = Calendar.of(country="JP", hours=hours, opened=["2026-11-25", "2026-11-28", "2026-09-23"])
    assert shown(calendar.start_of(date(2026, 11, 28))) == "2026-11-28 10:00"  # a Saturday
    assert shown(calendar.start_of(date(2026, 9, 23))) == "2026-09-23 12:00"  # a holiday on a Wednesday


def test_the_first_exception_that_knows_a_day_decides() -> None:
    hours = (hours_of(["9:00-12:00"]),) * 7
    theirs, ours = exempt(["2026-11-28"], []), exempt([], ["2026-11-28"])
    assert Calendar(TOKYO, hours, "", (*theirs, *ours)).is_closed(date(2026, 11, 28))
    assert not Calendar(TOKYO, hours, "", (*ours, *theirs)).is_closed(date(2026, 11, 28))


def test_holidays_are_those_of_the_country_and_of_its_part() -> None:
    epiphany, observed = date(2027, 1, 6), date(2027, 12, 31)  # New Year 2028 is a Saturday
    assert Calendar.of("Europe/Berlin", "DE-BY", OFFICE).is_closed(epiphany)
    assert not Calendar.of("Europe/Berlin", "DE", OFFICE).is_closed(epiphany)
    assert Calendar.of("America/New_York", "US", OFFICE).is_closed(observed)
    assert not Calendar.of(hours=OFFICE).is_closed(date(2026, 11, 23))


def test_calendars_are_compared_by_what_they_say_and_not_by_what_they_were_asked() -> None:
    asked, fresh = (Calendar.of(country="JP", hours=OFFICE) for _ in range(2))
    asked.next_open(ms("2026-05-02 10:00"))
    assert asked == fresh and hash(asked) == hash(fresh)
    assert fresh != Calendar.of(country="JP", hours=OFFICE, closed=["05-01"])


# -- clocks that change ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours", "minutes"),
    [
        ("Europe/Berlin", "2026-03-29", "0:00-24:00", 23 * 60),
        ("Europe/Berlin", "2026-10-25", "0:00-24:00", 25 * 60),
        ("Europe/Berlin", "2026-10-26", "0:00-24:00", 24 * 60),
        ("Europe/Berlin", "2026-03-29", "9:00-18:00", 9 * 60),
        ("America/New_York", "2026-03-08", "2:15-2:45", 0),
        ("America/New_York", "2026-03-08", "2:30-4:00", 60),
        ("America/New_York", "2026-11-01", "1:30-2:30", 90),
        ("Australia/Lord_Howe", "2026-10-04", "0:00-24:00", 23 * 60 + 30),
        ("Africa/Cairo", "2026-04-24", "0:00-1:30", 30),
    ],
)
def test_hours_are_those_of_the_wall_clock(zone: str, day: str, hours: str, minutes: int) -> None:
    calendar = Calendar.of(zone, hours={day: [hours] for day in WEEKDAYS})
    assert calendar.minutes(ms(f"{day} 00:00", zone), ms(f"{day} 23:59", zone) + 60_000) == minutes
    assert calendar.is_closed(date.fromisoformat(day)) is (minutes == 0)


def test_a_day_that_was_left_out_has_no_hours() -> None:
    samoa = Calendar.of("Pacific/Apia", hours=ALWAYS)  # changed sides of the date line
    assert [samoa.is_closed(date(2011, 12, day)) for day in (29, 30, 31)] == [False, True, False]
    assert samoa.minutes(ms("2011-12-29 12:00", "Pacific/Apia"), ms("2011-12-31 12:00", "Pacific/Apia")) == 24 * 60


@pytest.mark.parametrize(
    ("zone", "saturday", "monday"),
    [
        ("Europe/Berlin", "2026-03-28 12:00", "2026-03-30 09:00"),
        ("Europe/Berlin", "2026-10-24 12:00", "2026-10-26 09:00"),
        ("America/New_York", "2026-03-07 12:00", "2026-03-09 09:00"),
        ("America/New_York", "2026-10-31 12:00", "2026-11-02 09:00"),
    ],
)
def test_monday_begins_at_nine_before_and_after_the_change(zone: str, saturday: str, monday: str) -> None:
    calendar = Calendar.of(zone, hours=OFFICE)
    assert shown(calendar.next_open(ms(saturday, zone)), ZoneInfo(zone)) == monday


# -- against counting minutes ---------------------------------------------------------------------

MINUTE = 60_000
#: Days around which clocks change somewhere, years end, or Japan rests.
CENTRES = ["2026-03-08", "2026-03-29", "2026-04-24", "2026-05-04", "2026-09-06", "2026-09-22", "2026-10-04"]
CENTRES += ["2026-10-25", "2026-11-01", "2026-12-31", "2027-01-02"]
ZONES = ["Asia/Tokyo", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo"]
ZONES += ["Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham"]
many = settings(max_examples=60, deadline=None, print_blob=True, database=None)


class Counted:
    """A calendar that knows nothing but how to look at the clock each minute."""

    def __init__(self, zone: str, hours: dict[str, list[str]], closed: set[date], opened: set[date]) -> None:
        self.zone, self.hours, self.closed, self.opened = ZoneInfo(zone), hours, closed, opened

    def is_open(self, at: int) -> bool:
        wall = datetime.fromtimestamp(at // 1000, self.zone)
        hours = self.hours.get(WEEKDAYS[wall.weekday()], [])
        if wall.date() in self.opened:
            hours = hours or next(self.hours[day] for day in WEEKDAYS if self.hours.get(day))
        elif wall.date() in self.closed:
            hours = []
        clock = wall.strftime("%H:%M")
        return any(start <= clock < end for start, end in (text.split("-") for text in hours))

    def minutes(self, start: int, end: int) -> int:
        return sum(self.is_open(at) for at in range(start, end, MINUTE))

    def add(self, at: int, minutes: int) -> int:
        while minutes or not self.is_open(at):
            minutes -= self.is_open(at)
            at += MINUTE
        return at


@st.composite
def hours(draw: st.DrawFn) -> dict[str, list[str]]:
    """Up to three intervals on some weekdays, by quarter hours."""
    week = {}
    for day in draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)):
        edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
        times = [f"{edge // 4:02}:{edge % 4 * 15:02}" for edge in edges]
        week[day] = [f"{start}-{end}" for start, end in zip(times[::2], times[1::2], strict=False)]
    return week


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, Counted, int]:
    """A calendar, the same one counted, and a moment near something odd."""
    zone, week, centre = draw(st.sampled_from(ZONES)), draw(hours()), date.fromisoformat(draw(st.sampled_from(CENTRES)))
    near = st.integers(-4, 4).map(lambda days: centre + timedelta(days=days))
    closed, opened = draw(st.sets(near, max_size=4)), draw(st.sets(near, max_size=2))
    country = draw(st.sampled_from(["", "JP"]))
    calendar = Calendar.of(zone, country, week, map(str, closed), map(str, opened))
    counted = Counted(zone, week, closed | (LISTED if country else set()), opened)
    start = ms(f"{centre} 00:00", zone) + draw(st.integers(-4 * 1440, 4 * 1440)) * MINUTE
    return calendar, counted, start


@many
@given(calendars(), st.integers(0, 8 * 1440))
def test_business_minutes_are_the_minutes_that_the_wall_clock_shows(
    drawn: tuple[Calendar, Counted, int], length: int
) -> None:
    calendar, counted, start = drawn
    assert calendar.minutes(start, start + length * MINUTE) == counted.minutes(start, start + length * MINUTE)


@many
@given(calendars(), st.integers(0, 150))
def test_so_many_minutes_later_is_where_counting_arrives(drawn: tuple[Calendar, Counted, int], minutes: int) -> None:
    calendar, counted, start = drawn
    assert calendar.add(start, minutes) == counted.add(start, minutes)
    assert calendar.is_open(start) is counted.is_open(start)


def test_counting_itself_knows_lunch_and_holidays() -> None:
    counted = Counted("Asia/Tokyo", {day: ["09:00-12:00", "13:00-18:00"] for day in WEEKDAYS[:5]}, LISTED, set())
    assert counted.add(ms("2026-05-01 17:50"), 15) == ms("2026-05-07 09:05")
    assert counted.minutes(ms("2026-11-25 00:00"), ms("2026-11-26 00:00")) == 480


@many
@given(calendars(), st.integers(0, 59_999), st.integers(0, 3000), st.integers(0, 3000))
def test_business_time_adds_up(drawn: tuple[Calendar, Counted, int], odd: int, some: int, more: int) -> None:
    calendar, _, start = drawn
    start += odd
    then = calendar.add(start, some)
    later = calendar.add(then, more)
    assert start <= then <= later
    assert calendar.is_open(then) and calendar.next_open(then) == then
    assert later == calendar.add(start, some + more)
    assert calendar.minutes(start, then) == some and calendar.minutes(start, later) == some + more
    assert then < calendar.end_of_day(then) == calendar.end_of_day(calendar.end_of_day(then) - 1)
    assert calendar.is_open(calendar.end_of_day(then) - 1)


# -- speed ----------------------------------------------------------------------------------------


def effort(start: int, end: int) -> float:
    """Seconds of computing, whatever else the machine does, in which the time between is counted there and back."""
    minutes, best = JAPAN.minutes(start, end), 60.0
    for _ in range(20):
        began = time.thread_time()
        assert JAPAN.add(start, minutes) == end and JAPAN.minutes(start, end) == minutes
        best = min(best, time.thread_time() - began)
    return best


def test_a_year_is_counted_with_less_effort_than_its_days_one_by_one() -> None:
    start = ms("2026-01-05 09:30")
    assert effort(start, ms("2027-01-04 10:00")) < 200 * effort(start, ms("2026-01-06 10:00"))
