"""Unusually many write: the team hears of it in one message that is updated and ends; what they say tunes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from tests.clock import Hands
from tests.workflows.measure.alerting import (
    AGENT,
    LOGIN,
    NOON,
    Desk,
    judge,
    past,
    pictures,
    rows,
    said,
    switched_on,
)
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure import alert, alert_picture, limit, limits
from workflows.people.person import somebody
from workflows.rules import rules
from workflows.tables.runs import Lease
from workflows.volume import occasions, slots


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set."""
    hands = Hands()
    hands.set(NOON)
    yield hands
    hands.release()


@pytest.fixture
def desk(world: World, hands: Hands) -> Desk:
    """A company with four weeks behind it, whose alerts are on."""
    switched_on()
    past()
    return Desk(world, hands)


# -- no alert --------------------------------------------------------------------------------------


def test_as_many_as_usual_are_no_alert(world: World, desk: Desk) -> None:
    desk.quiet(4)
    assert (rows(), said(world)) == ([], [])


def test_nobody_is_told_while_alerts_are_off(world: World, desk: Desk) -> None:
    switched_on(channel="")
    for _ in range(3):
        desk.quarter(40)
    assert (rows(), said(world)) == ([], [])


def test_what_is_planned_mutes(world: World, desk: Desk) -> None:
    planned("キャンペーン")
    for _ in range(3):
        desk.quarter(40)
    assert said(world) == []
    assert store.read(looked) == slots.of(now_ms())


def looked(session: Session) -> int:
    """Up to when everything was looked at."""
    return session.get_one(Lease, alert.LOOKED).last_at


def test_what_is_planned_for_a_theme_does_not_mute_all(world: World, desk: Desk) -> None:
    planned("請求の日", theme=LOGIN)
    desk.quarter(40)
    assert len(said(world)) == 1


def test_a_quarter_hour_of_which_not_all_is_known_is_not_looked_at(world: World, desk: Desk, hands: Hands) -> None:
    hands.go_on(15 * 60)
    desk.look(covered=False)
    assert rows() == []


def planned(title: str, theme: str = "") -> None:
    """Somebody entered an event of today."""
    values = {
        "kind": "planned",
        "title": title,
        "theme": theme,
        "begins_at": now_ms(),
        "ends_at": now_ms() + 8 * 3600_000,
    }
    occasions.enter(values, by=somebody("U0TANAKA"), origin=f"test:{title}")


# -- an alert --------------------------------------------------------------------------------------


def test_many_more_than_usual_are_told_once_updated_and_ended(world: World, desk: Desk) -> None:
    desk.quarter(20, LOGIN)
    [first] = said(world)
    assert "📈" in first
    assert "ログイン: 20" in first
    desk.quarter(25, LOGIN)
    [second] = said(world)
    assert "ログイン: 45" in second
    desk.quiet(5)
    [last] = said(world)
    assert "✅" in last
    assert "📈" not in last
    [row] = rows()
    assert row.over_at is not None
    assert row.came >= 45


def test_it_names_samples_that_can_be_read_and_what_was_released_before(world: World, desk: Desk) -> None:
    values = {"kind": "release", "title": "v2.4.0", "theme": "", "begins_at": now_ms() - 1800_000, "ends_at": None}
    occasions.enter(values, by=somebody("U0TANAKA"), origin="test:release")
    desk.quarter(20, LOGIN)
    [message] = said(world)
    assert "/chats/20" in message
    assert "v2.4.0" in message


def test_one_company_that_writes_often_is_told_apart(world: World, desk: Desk) -> None:
    desk.quarter(30, company="c7")
    assert rows()[0].details["alone"] == ["c7", 30]
    assert "(30)" in said(world)[0]


def test_many_companies_are_not_called_one(world: World, desk: Desk) -> None:
    desk.quarter(30)
    assert rows()[0].details["alone"] == []


def test_a_theme_that_grows_within_a_usual_number_is_told(world: World, desk: Desk) -> None:
    desk.quarter(7, LOGIN)
    desk.quarter(8, LOGIN)
    [row] = rows()
    assert (row.kind, row.name) == ("many", LOGIN)
    assert "ログイン" in said(world)[0]


def test_while_all_are_unusual_a_theme_is_no_alert_of_its_own(world: World, desk: Desk) -> None:
    for _ in range(3):
        desk.quarter(40, LOGIN)
    assert [(row.kind, row.name) for row in rows()] == [("many", "")]


def test_hardly_anybody_in_business_hours_is_told(world: World, desk: Desk) -> None:
    for _ in range(6):
        desk.quarter(0)
    assert [row.kind for row in rows()] == ["few"]
    assert "📉" in said(world)[0]


def test_nobody_at_night_is_not(world: World, desk: Desk, hands: Hands) -> None:
    hands.set("2026-06-02 22:00")
    desk.look()
    for _ in range(8):
        desk.quarter(0)
    assert [row for row in rows() if row.began_at > now_ms() - 8 * 900_000] == []


def test_the_ceiling_alarms_whatever_is_usual(world: World, hands: Hands) -> None:
    switched_on(ceiling=12)
    past(weeks=1)
    Desk(world, hands).quarter(13)
    assert "12" in said(world)[0]
    assert rows()[0].rule == "ceiling"


def test_while_it_learns_it_says_so(world: World, hands: Hands) -> None:
    switched_on()
    past(weeks=2)
    Desk(world, hands).quarter(60)
    assert rows()[0].rule == "learning"


def test_a_source_that_falls_silent_is_told_as_missing_and_ends_when_it_is_back(
    world: World, desk: Desk, hands: Hands
) -> None:
    desk.look()
    hands.go_on(3600)
    desk.look(covered=False)
    [message] = said(world)
    assert "⚠" in message
    assert "14:00" in message
    desk.look()
    assert any("✅" in text for text in said(world))
    assert len([row for row in rows() if row.kind == "missing"]) == 1


def test_looked_at_twice_it_is_told_once(world: World, desk: Desk) -> None:
    desk.quarter(30)
    desk.look()
    desk.look()
    assert (len(said(world)), len(rows())) == (1, 1)


def test_quarter_hours_that_nobody_looked_at_are_looked_at_in_their_order(
    world: World, desk: Desk, hands: Hands
) -> None:
    desk.look()
    begun = now_ms()
    hands.go_on(2 * 900)
    desk.look(covered=False)
    desk.quarter(40)
    assert [row.kind for row in rows() if row.kind == "many"] == ["many"]
    assert rows()[0].began_at > begun


# -- what people say -------------------------------------------------------------------------------


def test_a_fault_is_marked_until_it_is_over(world: World, desk: Desk) -> None:
    desk.quarter(40)
    judge(world, "fault", "1")
    assert "障害" in said(world)[0]
    [mark] = marked()
    assert (mark.kind, mark.ends_at) == ("fault", None)
    desk.quiet(5)
    assert marked()[0].ends_at == rows()[0].over_at


def test_what_was_expected_is_over_and_mutes_until_the_end_of_the_day(world: World, desk: Desk) -> None:
    desk.quarter(40)
    judge(world, "expected", "1")
    assert rows()[0].over_at is not None
    for _ in range(3):
        desk.quarter(40)
    assert len(rows()) == 1
    assert marked()[0].kind == "planned"


def test_a_false_alert_raises_the_limit_and_taking_it_back_lowers_it(world: World, desk: Desk) -> None:
    before = store.read(lambda session: limits.standing(session, now_ms())).many
    desk.quarter(20)
    judge(world, "mistaken", "1")
    raised = store.read(lambda session: limits.standing(session, now_ms())).many
    assert before < raised <= before * 1.5
    judge(world, "unjudged", "1")
    assert store.read(lambda session: limits.standing(session, now_ms())).many == before
    assert marked() == []


def test_another_verdict_takes_the_place_of_the_first(world: World, desk: Desk) -> None:
    desk.quarter(40)
    judge(world, "fault", "1")
    judge(world, "expected", "1")
    assert [mark.kind for mark in marked()] == ["planned"]


def test_who_may_not_explain_figures_changes_nothing(world: World, desk: Desk) -> None:
    desk.quarter(40)
    world.slack.estrange(AGENT, is_guest=True)
    judge(world, "fault", "1")
    assert rows()[0].verdict == ""


@pytest.mark.parametrize("value", ["", "99", "x", "１", "1" * 30])
def test_a_button_of_an_alert_that_is_none_changes_nothing(world: World, desk: Desk, value: str) -> None:
    desk.quarter(40)
    judge(world, "fault", value)
    assert rows()[0].verdict == ""


def marked() -> list[occasions.Occasion]:
    """What holds on the charts."""
    return store.read(lambda session: [occasions.copy_of(row) for row in occasions.latest(session)])


# -- the limit -------------------------------------------------------------------------------------


def test_the_past_finds_a_limit_that_keeps_within_the_wish(world: World, hands: Hands) -> None:
    switched_on()
    past(weeks=11)
    limit.start_now()
    world.settle()
    found = store.read(limits.known)
    assert set(found) == {"many", "few", "themes", "drift"}
    assert found["many"].per_week <= rules.alerts.per_week
    assert found["many"].weeks == pytest.approx(8, abs=0.2)
    assert [choice[0] for choice in found["many"].choices] == [1, 2, 5]


# -- its picture -----------------------------------------------------------------------------------


def test_its_chart_stands_below_it_as_it_begins_and_once_it_is_over(world: World, desk: Desk) -> None:
    desk.quarter(40)
    assert pictures(world) == ["alert-1-begun.png"]
    desk.quarter(40)
    assert pictures(world) == ["alert-1-begun.png"]
    desk.quiet(5)
    assert pictures(world) == ["alert-1-begun.png", "alert-1-over.png"]


@pytest.mark.fault("F100")
def test_a_chart_that_cannot_be_drawn_holds_nothing_back(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_picture, "drawn", lambda spec: None)
    desk.quarter(40)
    assert (len(said(world)), pictures(world)) == (1, [])


def test_what_is_usual_stands_behind_the_line(world: World, desk: Desk) -> None:
    desk.quarter(40)
    spec = store.read(lambda session: alert_picture.specification(session, rows()[0]))
    assert any(layer["mark"] == "area" or layer["mark"].get("type") == "area" for layer in spec["layer"])
