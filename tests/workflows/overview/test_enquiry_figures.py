"""Figures of enquiries against a count by hand: what is open counts, and nothing beyond the period does."""

from __future__ import annotations

import random
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.enquired import MINUTE, firm, wait
from tests.workflows.overview.test_enquiry_lists import ALWAYS
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.overview import enquiry_figures
from workflows.overview.enquiry_figures import Channel, Cost, Waited, channels_of
from workflows.rules import rules
from workflows.tables.enquiry import Wait


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Business time is time."""
    monkeypatch.setattr(rules, "calendar", ALWAYS)
    return world


def channels(days: int = 30) -> dict[str, Channel]:
    now = now_ms()
    found = store.read(partial(enquiry_figures.channels, since=now - days * DAY_MS, now=now))
    return {each.medium: each for each in found}


def costs(days: int = 30) -> list[Cost]:
    now = now_ms()
    return store.read(partial(enquiry_figures.costs, since=now - days * DAY_MS, now=now))


# -- by channel ------------------------------------------------------------------------------------


def test_without_waits_there_are_no_figures(world: World) -> None:
    assert channels() == {} and costs() == []


def test_messenger_and_email_stand_side_by_side(world: World) -> None:
    now = now_ms()
    for number, minutes in enumerate((1, 2, 3, 9)):
        wait(str(number), now - DAY_MS, minutes)
    wait("4", now - 90 * MINUTE)
    wait("5", now - DAY_MS, 400, medium="mail", target=480)
    wait("6", now - 60 * MINUTE, medium="mail", target=480)
    found = channels()
    assert found["chat"] == Channel("chat", 5, 4, 1, half=3, most=None, within=3, decided=5)
    assert found["mail"] == Channel("mail", 2, 1, 1, half=400, most=400, within=1, decided=1)


@pytest.mark.parametrize(("kind", "ago"), [("next", 1), ("first", 31)], ids=["a later answer", "before the period"])
def test_what_is_no_first_answer_of_the_period_is_left_out(world: World, kind: str, ago: int) -> None:
    wait("1", now_ms() - ago * DAY_MS, 3, kind=kind)
    wait("2", now_ms() - ago * DAY_MS, kind=kind)
    assert channels() == {}


def test_closed_without_an_answer_is_no_answer(world: World) -> None:
    wait("1", now_ms() - DAY_MS, 3)
    wait("2", now_ms() - DAY_MS, 1, ended="closed")
    assert channels()["chat"] == Channel("chat", 2, 1, 0, half=3, most=3, within=1, decided=1)


def test_where_no_target_is_set_none_is_missed(world: World) -> None:
    wait("1", now_ms() - DAY_MS, 3, target=0)
    wait("2", now_ms() - DAY_MS, target=0)
    assert (channels()["chat"].within, channels()["chat"].decided) == (0, 0)


def test_the_shares_are_those_of_a_count_by_hand() -> None:
    dice = random.Random(11)
    for _ in range(200):
        some = [
            Waited("chat", dice.random() < 0.8, True, dice.randrange(12), 5, 1) for _ in range(dice.randrange(1, 30))
        ]
        [found] = channels_of(some)
        assert (found.half, found.most) == (by_hand(some, 0.5), by_hand(some, 0.9))
        assert found.n == len(some) and found.answered == sum(each.is_answered for each in some)


def by_hand(waits: list[Waited], share: float) -> int | None:
    """The first minute at which so many are answered, going minute by minute: who leaves unanswered is not counted."""
    left = 1.0
    for minute in range(12):
        waiting = sum(each.minutes >= minute for each in waits)
        answered = sum(each.minutes == minute and each.is_answered for each in waits)
        left *= 1 - answered / waiting if waiting else 1
        if answered and 1 - left >= share - 1e-12:
            return minute
    return None


def test_many_waits_counted_by_the_database_are_as_many_counted_one_by_one(world: World) -> None:
    dice, now = random.Random(5), now_ms()
    for number in range(60):
        medium = dice.choice(("chat", "mail", "other"))
        minutes = dice.choice((None, *range(9)))
        wait(str(number), now - dice.randrange(1, 50 * 24 * 60) * MINUTE, minutes, medium=medium)

    def one_by_one(session: Session) -> list[Waited]:
        rows = [row for row in session.exec(select(Wait)) if row.since >= now - 30 * DAY_MS]
        return [Waited(row.medium, bool(row.ended), bool(row.ended), elapsed(row), row.target, 1) for row in rows]

    def elapsed(row: Wait) -> int:
        return (now - row.since) // MINUTE if row.minutes is None else row.minutes

    expected = channels_of(store.read(one_by_one))
    assert store.read(partial(enquiry_figures.channels, since=now - 30 * DAY_MS, now=now)) == expected


# -- what it cost ----------------------------------------------------------------------------------


def test_only_who_pays_costs_and_the_dearest_is_first(world: World) -> None:
    firm("901", "あおば製作所", "Pro", 3_000.0)
    firm("902", "みなと物流", mrr=30_000.0)
    firm("903", "無料の会社")
    now = now_ms()
    wait("1", now - DAY_MS, 60)
    wait("2", now - DAY_MS, 60, kind="next")
    wait("3", now - DAY_MS, 30, company="902")
    wait("4", now - DAY_MS, 999, company="903")
    wait("5", now - DAY_MS, 999, company="")
    assert [(each.name, each.waits, each.minutes) for each in costs()] == [
        ("みなと物流", 1, 30),
        ("あおば製作所", 2, 120),
    ]
    whole = 30 * 24 * 60
    assert [each.spend for each in costs()] == [pytest.approx(30_000 * 30 / whole), pytest.approx(3_000 * 120 / whole)]


def test_each_row_counts_exactly_the_waits_behind_it(world: World) -> None:
    firm("901", "あおば製作所", mrr=3_000.0)
    now = now_ms()
    wait("1", now - DAY_MS, 60)
    wait("2", now - 90 * MINUTE)
    wait("3", now - 31 * DAY_MS, 2 * 24 * 60)
    wait("4", now - 40 * DAY_MS, 5)
    [row] = costs()
    spells = store.read(partial(enquiry_figures.waits_of, company_id="901", since=now - 30 * DAY_MS, now=now))
    assert [each.wait.conversation_id for each in spells] == ["3", "2", "1"]
    assert [each.minutes for each in spells] == [24 * 60, 90, 60]
    assert row.waits == 3 and row.minutes == sum(each.minutes for each in spells)
