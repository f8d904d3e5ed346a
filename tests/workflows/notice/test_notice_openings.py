"""A notice brings back no more conversations a day for one agent than a release may."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.clock import Hands
from tests.meeting import LEAD
from tests.noticing import known, opened, tellings, written
from tests.world import World
from workflows.engine.store import store
from workflows.notice import notices
from workflows.rules.telling import Sending
from workflows.tables.notice import Addressee
from workflows.tables.telling import Telling
from workflows.telling import openings


@pytest.fixture
def hands(world: World) -> Hands:
    """The seeded customers have written; the clock stands at Monday morning."""
    known(world)
    clock = Hands()
    clock.set("2026-11-30 10:00")
    return clock


def drafted(found: dict[str, Telling]) -> Counter[str]:
    """For how many there is a draft, by the agent who is to tell them."""
    mine = [telling for telling in found.values() if telling.drafted_at is not None]
    keys = [(telling.release_id, telling.conversation_id) for telling in mine]
    return Counter(store.read(lambda session: [session.get_one(Addressee, key).agent for key in keys]))


def test_so_many_a_day_for_each_agent_and_the_rest_on_the_next(world: World, hands: Hands) -> None:
    try:
        with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True, open_per_day=1)):
            notice = written()
            opened(world, notice)
            found = tellings(f"notice:{notice}")
            first = drafted(found)
            assert set(first.values()) == {1} and len(found) > first.total()

            openings.start_due()
            world.settle()
            assert drafted(tellings(f"notice:{notice}")) == first, "the day is full"
            hands.set("2026-12-01 10:00")
            openings.start_due()
            world.settle()
            assert drafted(tellings(f"notice:{notice}")).total() > first.total()
    finally:
        Hands.release()


def test_called_off_meanwhile_nothing_more_comes_back(world: World, hands: Hands) -> None:
    try:
        with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True, open_per_day=1)):
            notice = written()
            opened(world, notice)
            before = len(world.intercom.did("open"))
            assert notices.call_off(notice, LEAD) == ""
            world.settle()
            hands.set("2026-12-01 10:00")
            openings.start_due()
            world.settle()
            assert len(world.intercom.did("open")) == before
    finally:
        Hands.release()
