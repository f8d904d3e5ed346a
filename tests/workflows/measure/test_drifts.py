"""For days more write than usual: the team hears of it in one message, which goes on for days, and ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.demo import counted
from tests.clock import Hands
from tests.workflows.measure.alerting import (
    LOGIN,
    OPEN,
    OTHER,
    Desk,
    judge,
    past,
    pictures,
    rows,
    said,
    switched_on,
    text,
)
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure import alert_picture, drift, drifts, limit, limits
from workflows.people.person import somebody
from workflows.rules import rules
from workflows.tables.measure import Alert
from workflows.volume import counts, occasions, slots
from workflows.volume.counts import ALL, THEME, Key
from workflows.volume.periods import HOUR_MS
from workflows.volume.slots import SLOT_MS

DAY_MS = 24 * HOUR_MS
#: Three workdays lie before it.
THURSDAY = "2026-06-04 14:00"


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set."""
    hands = Hands()
    hands.set(THURSDAY)
    yield hands
    hands.release()


@pytest.fixture
def desk(world: World, hands: Hands) -> Desk:
    """A company with seven weeks behind it, whose alerts are on."""
    switched_on(silence=False, themes=False)
    past(weeks=7)
    return Desk(world, hands)


def more(share: float = 0.6, days: int = 3) -> None:
    """For so many days up to now, at every hour at which somebody works, so much more came, about one theme."""
    dice, until = np.random.default_rng(5), slots.of(now_ms())
    came = {
        slot: int(dice.poisson(share * OPEN))
        for slot in range(until - days * DAY_MS, until, SLOT_MS)
        if rules.calendar.is_open(slot)
    }
    of_all = {Key(ALL, slot, "", "intercom"): n for slot, n in came.items()}
    of_theme = {Key(THEME, slot, LOGIN, "intercom"): n for slot, n in came.items()}
    store.write(lambda session: counts.add(session, of_all | of_theme))


def slow() -> list[Alert]:
    """The alerts of drifts."""
    return [row for row in rows() if row.kind == limits.DRIFT]


def told(world: World) -> list[str]:
    """The messages about them."""
    return [
        text(each) for each in world.slack.messages(rules.alerts.channel) if "↗" in text(each) or "✅" in text(each)
    ]


def quiet_hours(desk: Desk, hands: Hands, hours: int) -> None:
    """As many write as usual, and each hour is looked at."""
    for _ in range(hours):
        for _quarter in range(4):
            desk.came(int(OPEN) if rules.calendar.is_open(now_ms()) else 0, OTHER)
        desk.look()


# -- no alert --------------------------------------------------------------------------------------


def test_as_many_as_usual_are_no_drift(world: World, desk: Desk) -> None:
    desk.look()
    assert (slow(), said(world)) == ([], [])


def test_where_the_rules_do_not_want_it_nobody_is_told(world: World, desk: Desk) -> None:
    switched_on(silence=False, themes=False, drift=False)
    more()
    desk.look()
    assert slow() == []


def test_between_full_hours_nobody_looks(world: World, desk: Desk, hands: Hands) -> None:
    more()
    hands.go_on(15 * 60)
    desk.look()
    assert slow() == []


def test_while_it_learns_there_are_no_drifts(world: World, hands: Hands) -> None:
    switched_on(silence=False, themes=False)
    past(weeks=2)
    more()
    Desk(world, hands).look()
    assert slow() == []


@pytest.mark.fault("F116")
def test_days_that_were_planned_are_no_drift(world: World, desk: Desk) -> None:
    more()
    values = {"kind": "planned", "title": "キャンペーン", "theme": ""}
    ends = {"begins_at": now_ms() - 3 * DAY_MS, "ends_at": now_ms() + HOUR_MS}
    occasions.enter({**values, **ends}, by=somebody("U0TANAKA"), origin="test:planned")
    desk.look()
    assert slow() == []


@pytest.mark.fault("F116")
def test_what_was_told_as_too_many_is_not_told_again_as_a_drift(world: World, desk: Desk) -> None:
    more()
    begins = now_ms() - 3 * DAY_MS
    whole = Alert(kind=limits.MANY, since=begins, began_at=begins, loud_at=now_ms(), threshold=3.0, peak=2.0)
    store.write(lambda session: session.add(whole))
    desk.look()
    assert slow() == []


# -- an alert --------------------------------------------------------------------------------------


def test_many_more_for_some_workdays_are_told_once(world: World, desk: Desk) -> None:
    more()
    desk.look()
    desk.look()
    [row] = slow()
    assert row.since in {row.began_at - days * DAY_MS for days in (1, 2)}
    assert row.came > 1.2 * row.usual
    [message] = told(world)
    assert f"約{round(100 * (row.came / row.usual - 1))}%" in message
    assert f"{row.came}件" in message
    assert "ログイン" in message
    assert [row.kind for row in rows()] == [limits.DRIFT]


def test_it_goes_on_for_days_and_is_over_in_the_same_message(world: World, desk: Desk, hands: Hands) -> None:
    more()
    desk.look()
    desk_hours = 0
    while slow()[0].over_at is None and desk_hours < 72:
        quiet_hours(desk, hands, 1)
        desk_hours += 1
    assert slow()[0].over_at is not None, f"still loud after {desk_hours} hours"
    [message] = told(world)
    assert "✅" in message
    assert len(slow()) == 1


def test_its_chart_shows_its_days_by_hours(world: World, desk: Desk) -> None:
    more()
    desk.look()
    assert pictures(world) == ["alert-1-begun.png"]
    spec = store.read(lambda session: alert_picture.specification(session, slow()[0]))
    assert any(layer["mark"] == "area" or layer["mark"].get("type") == "area" for layer in spec["layer"])
    [line] = [layer for layer in spec["layer"] if layer["mark"].get("type") == "line" and "data" in layer][:1]
    first, second = line["data"]["values"][:2]
    assert second["at"] - first["at"] == HOUR_MS


# -- what people say -------------------------------------------------------------------------------


@pytest.mark.fault("F116")
def test_one_that_was_expected_is_over_and_drifts_rest_until_it_is_usual(world: World, desk: Desk) -> None:
    more()
    desk.look()
    judge(world, "expected", "1")
    assert slow()[0].over_at is not None
    assert store.read(occasions.latest) == []
    assert store.read(lambda session: drifts.seen(session, now_ms() + HOUR_MS)) is None
    later = now_ms() + drift.ACCEPTED_MS + HOUR_MS
    assert store.read(lambda session: drifts.seen(session, later)) is not None


def test_a_fault_is_marked_from_its_beginning_on(world: World, desk: Desk) -> None:
    more()
    desk.look()
    judge(world, "fault", "1")
    [mark] = store.read(lambda session: [occasions.copy_of(row) for row in occasions.latest(session)])
    assert (mark.kind, mark.begins_at, mark.ends_at) == ("fault", slow()[0].since, None)


def test_a_false_alert_raises_the_limit_of_drifts_alone(world: World, desk: Desk) -> None:
    before = store.read(lambda session: limits.standing(session, now_ms()))
    more()
    desk.look()
    judge(world, "mistaken", "1")
    after = store.read(lambda session: limits.standing(session, now_ms()))
    assert after.drift > before.drift
    assert after.many == before.many


# -- the limit -------------------------------------------------------------------------------------


def test_the_past_finds_its_limit_within_what_too_many_leave_of_the_wish(world: World, hands: Hands) -> None:
    switched_on(drift=False)
    past(weeks=11)
    more()
    limit.start_now()
    world.settle()
    found = store.read(limits.known)
    assert found["drift"].per_week + found["many"].per_week <= rules.alerts.per_week
    assert [choice[0] for choice in found["drift"].choices] == [1, 2, 5]


def test_the_demo_shows_a_drift_among_what_its_past_would_have_brought(world: World, hands: Hands) -> None:
    counted.seed()
    limit.start_now()
    world.settle()
    first, days, *_ = counted.DRIFT
    begins = now_ms() - (first + 1) * DAY_MS
    alarms = store.read(limits.known)["drift"].alarms
    assert any(begins < alarm[0] < begins + (days + 2) * DAY_MS for alarm in alarms), f"{begins}: {alarms}"
