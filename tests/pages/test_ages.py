"""Ages: whatever is of one day is as many days old, all day long and on every list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random, randrange
from zoneinfo import ZoneInfo

import pytest

from tests.clock import Hands
from tests.pages.reading import flat, get
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.language import wording
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.tables.wish import Feedback


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
def test_an_age_is_the_difference_of_two_dates(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setattr(rules, "calendar", Calendar.of(zone, hours={"mon": ("9:00-18:00",)}))
    seed = randrange(1 << 32)
    dice = Random(seed)
    for _ in range(300):
        first = date(2026, 1, 1) + timedelta(days=dice.randrange(400))
        later = first + timedelta(days=dice.randrange(90))
        since, until = (_moment(day, dice, zone) for day in (first, later))
        days = (later - first).days
        assert rules.calendar.days(since, until) == days, f"seed {seed}"
        if days > 1:
            assert wording.age("en", until, since) == f"{days} days", f"seed {seed}"


def _moment(day: date, dice: Random, zone: str) -> int:
    clock = time(dice.randrange(4, 24), dice.randrange(60))
    return int(datetime.combine(day, clock, ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("asked", "read", "said"),
    [
        ("2026-06-01 23:50", "2026-06-02 09:00", "9時間"),
        ("2026-06-01 09:00", "2026-06-02 09:00", "1日"),
        ("2026-06-01 23:50", "2026-06-03 09:00", "2日"),
        ("2026-06-01 23:50", "2026-06-03 23:55", "2日"),
    ],
)
def test_less_than_a_whole_day_is_said_in_hours(asked: str, read: str, said: str) -> None:
    since, until = (int(datetime.fromisoformat(f"{each}+09:00").timestamp() * 1000) for each in (asked, read))
    assert wording.age("ja", until, since) == said


@pytest.mark.parametrize("clock", ["00:10", "23:50"])
def test_every_list_says_the_same_of_a_request_all_day_long(sqlite_world: World, clock: str) -> None:
    wish = sqlite_world.wish(0).id or 0
    asked = int(datetime.fromisoformat("2027-03-01T12:00+09:00").timestamp() * 1000)
    store.write(lambda session: setattr(session.get_one(Feedback, wish), "said_at", asked))
    hands = Hands()
    hands.set(f"2027-03-15 {clock}")
    try:
        assert now_ms() > asked
        said = {
            flat(each) for path in ("/wishes", "/triage") for each in get(sqlite_world, path).all("span", class_="age")
        }
        assert said == {"14日"}
        assert f"FB-{wish}" in get(sqlite_world, "/wishes?age=14").text
        row = sqlite_world.request("GET", "/wishes.csv").content.decode("utf-8-sig").splitlines()[1]
        assert ",14," in row
    finally:
        hands.release()
