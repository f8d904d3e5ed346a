"""No more than so many messages a day leave in one teammate's name: the most important first, the rest another day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from tests.clock import Hands, shown
from tests.releasing import released, telling
from tests.world import World
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.telling import approval, daily, drafts, importance, sending
from workflows.telling.approval import Key

TEXT = "お世話になっております。CSV出力に部署コードの列を追加しました。"
CAPPED = Sending(undo_seconds=30, per_day=2)
CHATS = (0, 1, 2, 3, 4)


@pytest.fixture
def hands(world: World) -> Iterator[Hands]:
    """Five customers have a draft; from now on the service's clock stands at Monday morning."""
    released(world, *CHATS)
    clock = Hands()
    clock.set("2026-11-30 10:00")
    yield clock
    Hands.release()


@pytest.fixture
def agent(world: World) -> Person:
    """The agent in whose name everything goes out."""
    admin = world.intercom.books.admins["7001"]
    return Person("U0TANAKA", admin.name, admin.email)


def approve(world: World, agent: Person, *chats: int) -> None:
    """These drafts may go out."""
    for chat in chats:
        key = Key(telling(world, chat).release_id, world.chats[chat])
        assert approval.approve(key, TEXT, agent) == ""


def plan(world: World) -> dict[int, str]:
    """When each of them goes out."""
    return {chat: shown(telling(world, chat).send_at) for chat in CHATS if telling(world, chat).send_at}


def sent(world: World) -> int:
    """How many customers were written to by this service."""
    return len(world.intercom.did("comment"))


def send(world: World) -> None:
    """The next round of upkeep."""
    sending.start_due()
    world.settle()


def test_what_is_on_its_way_is_known_by_the_run_that_sends_it(world: World, hands: Hands, agent: Person) -> None:
    begun = select(Telling.conversation_id).where(daily.IS_BEGUN)
    approve(world, agent, 0, 1)
    hands.set("2026-11-30 10:05")
    assert store.read(lambda session: session.exec(begun).all()) == []
    assert (sending.start_due(), sending.start_due()) == (2, 0)
    assert sorted(store.read(lambda session: session.exec(begun).all())) == sorted(world.chats[:2])


def by_points(world: World) -> list[int]:
    """The chats, the most important first."""
    points = store.read(lambda session: importance.by_chat(session, [world.chats[chat] for chat in CHATS]))
    rows = {chat: telling(world, chat) for chat in CHATS}
    return sorted(CHATS, key=lambda chat: (-points[world.chats[chat]], rows[chat].owed_at, world.chats[chat]))


def test_without_a_limit_everything_goes_out_at_once(world: World, hands: Hands, agent: Person) -> None:
    with world.rules(sending=Sending(undo_seconds=0)):
        approve(world, agent, *CHATS)
        send(world)
    assert sent(world) == len(CHATS)


def test_the_most_important_go_out_today_and_the_rest_on_the_next_days(
    world: World, hands: Hands, agent: Person
) -> None:
    order = by_points(world)
    with world.rules(sending=CAPPED):
        approve(world, agent, *reversed(order))  # the least important is approved first
        assert [plan(world)[chat] for chat in order] == [
            *("2026-11-30 10:00",) * 2,
            *("2026-12-01 09:00",) * 2,
            "2026-12-02 09:00",
        ]
        assert [daily.waits(telling(world, chat)) for chat in order] == [False, False, True, True, True]
        for moment, count in (("2026-11-30 10:01", 2), ("2026-11-30 17:00", 2), ("2026-12-01 09:01", 4)):
            hands.set(moment)
            send(world)
            assert sent(world) == count
        told = {chat for chat in CHATS if drafts.standing(telling(world, chat)) == "told"}
        assert told == set(order[:4])
        hands.set("2026-12-02 09:01")
        send(world)
    assert sent(world) == 5


def test_the_next_day_is_one_on_which_somebody_works(world: World, hands: Hands, agent: Person) -> None:
    hands.set("2026-12-28 10:00")  # closed from the 29th to the 3rd of January
    with world.rules(sending=CAPPED):
        approve(world, agent, *CHATS)
    assert sorted(plan(world).values())[2:] == [*("2027-01-04 09:00",) * 2, "2027-01-05 09:00"]


def test_what_left_counts_also_where_it_was_not_the_customers_answer(world: World, hands: Hands, agent: Person) -> None:
    with world.rules(sending=CAPPED):
        approve(world, agent, 0, 1)
        hands.go_on(60)
        send(world)
        approve(world, agent, 2)
        assert plan(world)[2] == "2026-12-01 09:00"
        send(world)
    assert sent(world) == 2


def test_what_is_undone_gives_its_place_to_the_next(world: World, hands: Hands, agent: Person) -> None:
    with world.rules(sending=CAPPED):
        approve(world, agent, 0, 1, 2)
        [held] = [chat for chat in (0, 1, 2) if daily.waits(telling(world, chat))]
        other = next(chat for chat in (0, 1, 2) if chat != held)
        assert approval.take_back(Key(telling(world, other).release_id, world.chats[other]), agent) == ""
        assert plan(world)[held].startswith("2026-11-30")


def test_another_teammates_day_is_their_own(world: World, hands: Hands, agent: Person) -> None:
    admin = world.intercom.books.admins["7002"]
    with world.rules(sending=CAPPED):
        approve(world, agent, 0, 1)
        approve(world, Person("U0SATO", admin.name, admin.email), 2, 3)
        assert {moment[:10] for moment in plan(world).values()} == {"2026-11-30"}


def test_a_person_can_send_one_above_the_limit_and_it_is_kept_who_did(
    world: World, hands: Hands, agent: Person
) -> None:
    with world.rules(sending=CAPPED):
        approve(world, agent, 0, 1, 2)
        [held] = [chat for chat in (0, 1, 2) if daily.waits(telling(world, chat))]
        hands.go_on(1)
        assert approval.at_once(Key(telling(world, held).release_id, world.chats[held]), agent) == ""
        hands.go_on(60)
        send(world)
        assert sent(world) == 2  # it has one of the day's places now
        send(world)
    assert f"{agent.name} sent the message to the customer at once, above the daily limit." in world.sentences(held)


def test_what_intercom_refused_has_not_left(world: World, hands: Hands, agent: Person) -> None:
    with world.rules(sending=CAPPED):
        approve(world, agent, 0, 1)
        world.intercom.shut_off(world.chats[0])
        hands.go_on(60)
        send(world)
        approve(world, agent, 2)
        assert plan(world)[2].startswith("2026-11-30")
