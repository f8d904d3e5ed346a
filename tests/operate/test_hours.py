"""`python -m app import hours`: what it prints can be pasted into the rules file, and nothing is written by it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import __main__
from app.operate import hours
from integrations.twin import Fault
from tests.test_operators import _Nothing
from tests.world import World
from workflows.rules import company, rules
from workflows.rules.calendar import Calendar

MONDAY = ((540, 720), (780, 1080))
#: Weekdays from nine to six without the hour for lunch, as a Japanese office has it.
OFFICE = tuple((day * 1440 + start, day * 1440 + end) for day in range(5) for start, end in MONDAY)
ONE, MANY = ["import", "hours"], ["import", "hours", "--schedule"]


@pytest.fixture
def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The service, to which the command comes as a visitor."""
    world = World(sqlite_url)
    monkeypatch.setattr("app.operate.operators.load", lambda: world.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    with world.rules(calendar=Calendar.of(country="JP", hours=dict(OTHERS), closed=["12-29..01-03"]), calendars={}):
        yield world
    world.close()


OTHERS = {day: ["9:00-12:00", "13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def as_rules(printed: str, tmp_path: Path, **more: str) -> Any:
    """The rules of a file into which the lines were pasted."""
    path = tmp_path / "yamabiko.toml"
    others = {"tags": '"要望" = "wish"', **more}
    path.write_text(printed + "".join(f"\n[{name}]\n{text}\n" for name, text in others.items()))
    return company.load(path)


# -- what is refused ------------------------------------------------------------------------------


def test_without_intercom_there_are_none(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with world.without("intercom"):
        assert __main__.main(ONE) == 1
    assert capsys.readouterr().err == f"{hours.OFF}\n"


def test_a_workspace_without_office_hours_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(ONE) == 1
    said = capsys.readouterr()
    assert said.err == f"{hours.NO_HOURS}\n" and not said.out


def test_of_several_one_has_to_be_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.add_office_hours("1", "Support", "Asia/Tokyo", *OFFICE)
    world.intercom.add_office_hours("2", "Nights\x1b[2J\nDesk", "Asia/Tokyo", (0, 360))
    assert __main__.main(ONE) == 2
    said = capsys.readouterr().err
    assert "Support (1), Nights␛[2J Desk (2)" in said and said.count("\n") == 1
    assert __main__.main([*MANY, "Days"]) == 2
    assert "no office hours named “Days”" in capsys.readouterr().err
    for name in ("1", "Support"):
        assert __main__.main([*MANY, name]) == 0
        assert "“Support”" in capsys.readouterr().out


def test_they_are_for_the_company_or_a_person(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main([*ONE, "--for", "the night desk"]) == 2
    assert "--for must be an e-mail address or a Slack id" in capsys.readouterr().err


def test_a_token_that_may_not_read_them_is_told_what_it_lacks(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.fail("GET /office_hours_schedules", Fault("403"))
    assert __main__.main(ONE) == 1
    said = capsys.readouterr().err
    assert "403" in said and "read_write_office_hours" in said and "Traceback" not in said


def test_a_zone_that_nobody_knows_becomes_no_calendar(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.add_office_hours("1", "Support", "Eastern Time (US & Canada)", *OFFICE)
    assert __main__.main(ONE) == 1
    said = capsys.readouterr()
    assert "Eastern Time (US & Canada) is no time zone" in said.err and not said.out


# -- what is printed ------------------------------------------------------------------------------


def test_what_the_rules_say_already_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.add_office_hours("1", "Support", "Asia/Tokyo", *OFFICE)
    world.intercom.add_other_day("1", "2026-12-31")
    world.intercom.add_other_day("1", "2026-11-23", name="勤労感謝の日")
    assert __main__.main(ONE) == 0
    said = capsys.readouterr().out
    assert said.endswith(f"# {hours.SAME}\n") and hours.DIFFERS not in said


def test_other_hours_stand_beside_those_of_the_rules(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world.intercom.add_office_hours("1", "Support", "America/New_York", (540, 1020), (1440 * 4 + 1320, 1440 * 5 + 120))
    world.intercom.add_other_day("1", "2026-12-25", name='Christmas\n"Day"', yearly=True)
    world.intercom.add_other_day("1", "2026-12-24", (540, 780), name="Eve")
    before = rules.calendar
    assert __main__.main(ONE) == 0
    said = capsys.readouterr().out
    assert rules.calendar is before
    calendar = as_rules(said, tmp_path).calendar
    assert calendar.zone.key == "America/New_York" and calendar.country == "JP"
    assert calendar.hours == (((540, 1020),), (), (), (), ((1320, 1440),), ((0, 120),), ())
    assert tomllib.loads(said)["calendar"]["closed"] == ["12-25", "12-29..01-03"]
    assert "# Left out: 2026-12-24 has hours of its own in Intercom (9:00-13:00) (Eve)" in said
    changed = [line for line in said.splitlines() if line[:3] in ("# -", "# +")]
    assert '# -zone = "Asia/Tokyo"' in changed and '# +zone = "America/New_York"' in changed
    assert '# -mon = ["9:00-12:00", "13:00-18:00"]' in changed and '# +sat = ["0:00-2:00"]' in changed
    assert not any("country" in line for line in changed)


def test_a_day_on_which_the_rules_open_stays_open(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.add_office_hours("1", "Support", "Asia/Tokyo", *OFFICE)
    world.intercom.add_other_day("1", "2026-12-30", name="stocktaking")
    with world.rules(calendar=Calendar.of(hours=OTHERS, opened=["2026-12-30"])):
        assert __main__.main(ONE) == 0
    said = capsys.readouterr().out
    assert "# Left out: 2026-12-30 is closed in Intercom (stocktaking), and open by the rules." in said
    assert tomllib.loads(said)["calendar"] | {"hours": 0} == {
        **{"zone": "Asia/Tokyo", "country": "", "closed": [], "open": ["2026-12-30"], "hours": 0}
    }


def test_a_day_of_one_year_does_not_close_every_year(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.add_office_hours("1", "Support", "Asia/Tokyo", *OFFICE)
    world.intercom.add_other_day("1", "2026-08-13", yearly=True)
    with world.rules(calendar=Calendar.of(hours=OTHERS, closed=["2026-08-12..2026-08-14"])):
        assert __main__.main(ONE) == 0
    assert tomllib.loads(capsys.readouterr().out)["calendar"]["closed"] == ["08-13", "2026-08-12..2026-08-14"]


@pytest.mark.parametrize("who", ["U012AB3CD", "Sato@aoba.example"])
def test_they_can_be_one_persons(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, who: str) -> None:
    world.intercom.add_office_hours("2", "Nights", "Asia/Tokyo", (1320, 1440))
    world.intercom.add_other_day("2", "2026-08-13")
    assert __main__.main([*ONE, "--for", who]) == 0
    said = capsys.readouterr().out
    hers = tomllib.loads(said)["calendar"]["people"][who]
    assert hers["closed"] == ["2026-08-13"] and hers["hours"]["mon"] == ["22:00-24:00"]
    found = as_rules(said, tmp_path, colleagues='"sato@aoba.example" = "U0SATO"').calendars[who.casefold()]
    assert found.hours == (((1320, 1440),), (), (), (), (), (), ())
