"""The loop in one piece, as its people would tell it. Each step has its own stories in tests/workflows."""

from __future__ import annotations

import time

import pytest

from tests.world import World

CSV = "CSV出力の列を選べる"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_a_customer_calls_out_comes_back_to_them(world: World, language: str) -> None:
    with world.rules(language=language):
        first, third = world.wish(0), world.wish(2)  # two customers want the same
        for wish in (first, third):
            world.productboard.link(wish.note_id, world.stage.features[CSV])
        world.productboard.push_to_jira(world.stage.features[CSV], world.stage.issues["KNDE-12"], "KNDE-12")
        world.productboard.set_status(world.stage.features[CSV], "開発中")
        world.settle()
        assert world.waiting("KNDE-12") == [first.id, third.id]

        world.move("KNDE-12", "完了")
        assert (world.state(0), world.state(2)) == ("open", "open")
        assert len(world.said()) == 1

        world.intercom.agent_says(world.chats[0], "7001", "山本様、列が付けられるようになりました。", at=soon())
        world.settle()
        assert world.tellings() == {world.chats[0]: "told", world.chats[2]: "drafted"}

        world.move("KNDE-12", "進行中")
        assert len(world.said()) == 2  # support is warned before it tells the other one
    assert {state for state, _ in world.reasons()} <= {"done", "ignored"}
    assert all(reason for _, reason in world.reasons())


def soon() -> int:
    """A moment that is later than everything so far, in Intercom's whole seconds."""
    return int(time.time()) + 2
