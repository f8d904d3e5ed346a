"""A release brings back so many conversations a day for each agent, the most important first, in business hours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clock import Hands, shown
from tests.linking import address
from tests.releasing import telling
from tests.world import World
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.rules.dry_run import DryRun
from workflows.rules.telling import Sending
from workflows.telling import approval, importance, openings
from workflows.telling.approval import Key

CHATS = (0, 1, 2, 3, 4)
TWO = Sending(open_per_day=2)


@pytest.fixture
def hands(world: World) -> Iterator[Hands]:
    """Five customers of one agent wait for an issue; from now on the clock stands at Monday morning."""
    for chat in CHATS:
        world.jira.comment_by_hand("KNDE-12", address(world.wish(chat)))
    world.settle()
    clock = Hands()
    clock.set("2026-11-30 10:00")
    yield clock
    Hands.release()


def days(world: World) -> list[str]:
    """When the conversations come back, the most important first."""
    points = store.read(lambda session: importance.by_chat(session, [world.chats[chat] for chat in CHATS]))
    rows = sorted((telling(world, chat) for chat in CHATS), key=lambda row: (-points[row.conversation_id], row.owed_at))
    return [shown(row.opens_at) for row in rows]


def opened(world: World) -> int:
    """How many are open."""
    return len(world.intercom.did("open"))


def next_round(world: World) -> None:
    """The next round of upkeep."""
    openings.start_due()
    world.settle()


def test_without_a_rule_everything_comes_back_at_once(world: World, hands: Hands) -> None:
    hands.set("2026-11-30 03:00")
    world.move("KNDE-12", "完了")
    assert opened(world) == len(CHATS)


def test_so_many_come_back_a_day_and_the_most_important_first(world: World, hands: Hands) -> None:
    with world.rules(sending=TWO):
        world.move("KNDE-12", "完了")
        assert opened(world) == 2
        assert days(world) == [
            *("2026-11-30 10:00",) * 2,
            *("2026-12-01 09:00",) * 2,
            "2026-12-02 09:00",
        ]
        for moment, count in (("2026-11-30 17:00", 2), ("2026-12-01 08:59", 2), ("2026-12-01 09:00", 4)):
            hands.set(moment)
            next_round(world)
            assert opened(world) == count
        hands.set("2026-12-02 09:00")
        next_round(world)
        next_round(world)
    assert opened(world) == 5
    assert {telling(world, chat).state for chat in CHATS} == {"drafted"}
    assert any("このうち3件は、後日の営業日に再開します。" in said for said in world.said())


def test_at_night_they_wait_for_the_morning(world: World, hands: Hands) -> None:
    hands.set("2026-12-29 23:00")  # closed until the 3rd of January
    with world.rules(sending=Sending(open_at_any_hour=False)):
        world.move("KNDE-12", "完了")
        assert (opened(world), set(days(world))) == (0, {"2027-01-04 09:00"})
        hands.set("2027-01-04 09:00")
        next_round(world)
    assert opened(world) == 5


def test_what_is_not_done_any_more_does_not_come_back_later(world: World, hands: Hands) -> None:
    with world.rules(sending=TWO):
        world.move("KNDE-12", "完了")
        world.move("KNDE-12", "進行中")
        hands.set("2026-12-02 09:00")
        next_round(world)
    assert opened(world) == 2
    assert {telling(world, chat).state for chat in CHATS} == {"withdrawn"}
    withdrawn = [chat for chat in CHATS if any("Withdrew the draft" in said for said in world.sentences(chat))]
    assert len(withdrawn) == 2  # the others had none


def test_who_is_not_to_be_told_does_not_come_back_later(world: World, hands: Hands) -> None:
    admin = world.intercom.books.admins["7001"]
    with world.rules(sending=TWO):
        world.move("KNDE-12", "完了")
        [held, *_] = [chat for chat in CHATS if openings.waits(telling(world, chat))]
        key = Key(telling(world, held).release_id, world.chats[held])
        assert approval.set_aside(key, "解約されました", Person("U0TANAKA", admin.name, admin.email)) == ""
        hands.set("2026-12-02 09:00")
        next_round(world)
        world.move("KNDE-12", "完了")
    assert (opened(world), telling(world, held).state) == (4, "excused")


def test_while_releases_run_dry_what_waits_goes_on_waiting(world: World, hands: Hands) -> None:
    with world.rules(sending=TWO):
        world.move("KNDE-12", "完了")
        hands.set("2026-12-02 09:00")
        with world.rules(dry_run=DryRun(stories=("release",))):
            next_round(world)
            assert opened(world) == 2
        next_round(world)
    assert opened(world) == 5


def test_in_a_dry_run_nothing_waits_for_another_day(world: World, hands: Hands) -> None:
    with world.rules(sending=TWO, dry_run=DryRun(on=True)):
        world.move("KNDE-12", "完了")
    assert (opened(world), {telling(world, chat).opens_at for chat in CHATS}) == (0, {None})


def test_a_conversation_that_sleeps_goes_on_sleeping_whenever_it_comes_back(world: World, hands: Hands) -> None:
    until = int(hands.time()) + 20 * 24 * 3600
    world.intercom.snooze_by_hand(world.chats[0], "7002", until)
    with world.rules(sending=Sending(open_per_day=1, gather_days=7)):
        world.move("KNDE-12", "完了")
        for day in ("2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"):
            hands.set(f"{day} 09:00")
            next_round(world)
    chat = world.intercom.books.conversations[world.chats[0]]
    assert (chat.state, chat.snoozed_until, telling(world, 0).state) == ("snoozed", until, "drafted")
    assert opened(world) == 4
