"""The loop, as its people would tell it."""

from __future__ import annotations

from tests.world import World


def test_a_tag_becomes_a_record_a_note_and_a_word_to_the_agent(world: World) -> None:
    world.tag(0)
    world.settle()
    [wish] = world.feedback(0)
    assert wish.quote.startswith("勤怠データをCSVで")
    assert wish.taken_by_name == "田中 みなみ"
    assert wish.note_id and wish.note_url
    assert len(world.productboard.did("create_note")) == 1
    assert len(world.notes(0)) == 1


def test_done_reopens_everyone_who_asked(world: World) -> None:
    first, third = world.wish(0), world.wish(2)
    world.link(first, "KNDE-12")
    world.jira.comment_by_hand(
        "KNDE-12", "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/" + third.conversation_id
    )
    world.settle()
    world.move("KNDE-12", "完了")
    assert (world.opened(0), world.opened(2)) == (1, 1)
    assert world.state(0) == world.state(2) == "open"
    assert len(world.said()) == 1
