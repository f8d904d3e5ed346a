"""A draft holds as long as its issue is done: nobody counts as told of what is not there any more."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from tests.releasing import released, soon
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.tables.telling import Telling
from workflows.telling import ledger

GONE_AGAIN = "Withdrew the draft: KNDE-12 is no longer done. Do not send it."


def states(world: World) -> list[str]:
    """What the first chat is owed, release by release."""
    owed = select(Telling.state).where(Telling.conversation_id == world.chats[0]).order_by(col(Telling.release_id))
    return list(store.read(lambda session: session.exec(owed).all()))


def test_an_answer_after_the_issue_was_reopened_tells_nobody(world: World) -> None:
    released(world, 0)
    world.move("KNDE-12", "進行中")
    assert states(world) == ["withdrawn"]
    assert GONE_AGAIN in world.sentences(0)
    world.intercom.agent_says(world.chats[0], "7001", "別件で確認いたします。", at=soon())
    world.settle()
    world.reconcile()
    assert states(world) == ["withdrawn"]
    assert world.reasons("conversation.admin.replied") == [
        ("ignored", "The last reply to the customer was sent after the draft was withdrawn.")
    ]


def test_done_again_it_is_drafted_anew_and_told_then(world: World) -> None:
    released(world, 0)
    world.move("KNDE-12", "進行中")
    world.move("KNDE-12", "完了")
    assert states(world) == ["withdrawn", "drafted"]
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    assert states(world) == ["withdrawn", "told"]


def test_what_was_answered_before_the_issue_was_reopened_was_told_also_where_we_hear_it_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    late = world.held()
    later = now_ms() + 60_000
    monkeypatch.setattr(ledger, "now_ms", lambda: later)
    world.move("KNDE-12", "進行中")
    for webhook in late:
        world.post(*webhook)
    world.settle()
    assert states(world) == ["told"]


def test_whoever_was_told_before_stays_told(world: World) -> None:
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    world.move("KNDE-12", "進行中")
    assert states(world) == ["told", "drafted"]  # the second is an apology


def test_the_page_of_the_wish_says_so_and_shows_no_draft(world: World) -> None:
    released(world, 0)
    draft = store.read(lambda session: session.exec(select(Telling.draft)).one())
    assert draft in world.request("GET", "/feedback/1").text
    world.move("KNDE-12", "進行中")
    page = world.request("GET", "/feedback/1").text
    assert draft not in page
    assert "KNDE-12の完了が取り消されたため、下書きを取り下げました。お客様には送らないでください。" in page
    assert "連絡はお待ちください" in page
