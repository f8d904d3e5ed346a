"""A draft holds as long as its issue is done: nobody counts as told of what is not there any more."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import col, select

from tests.releasing import released, soon, telling
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.telling import approval, ledger, sending
from workflows.telling.approval import Key

TEXT = "山本様、お世話になっております。CSV出力に部署コードの列を追加しました。"
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


def heard_late(world: World, monkeypatch: pytest.MonkeyPatch, *moves: str) -> None:
    """The customer was told, and we hear of it only once the issue has gone through these states."""
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    late = world.held()
    later = now_ms() + 60_000
    monkeypatch.setattr(ledger, "now_ms", lambda: later)
    for status in moves:
        world.move("KNDE-12", status)
    for webhook in late:
        world.post(*webhook)
    world.settle()


def test_what_was_answered_before_the_issue_was_reopened_was_told_also_where_we_hear_it_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard_late(world, monkeypatch, "進行中")
    assert states(world) == ["told", "drafted"]  # and so is the apology that this asks for


def test_who_was_told_and_heard_of_late_gets_no_apology_where_it_is_there_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard_late(world, monkeypatch, "進行中", "完了")
    owed = store.read(lambda session: session.exec(select(Telling.release_id)).all())
    assert [each.partition(":")[2] for each in sorted(owed)] == ["1", "2"]


@pytest.mark.fault("F113")
def test_what_was_on_its_way_when_it_was_withdrawn_was_told_and_is_apologised_for(world: World) -> None:
    released(world, 0)
    admin = world.intercom.books.admins["7001"]
    key = Key(telling(world, 0).release_id, world.chats[0])
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True)):
        assert approval.approve(key, TEXT, Person("U0TANAKA", admin.name, admin.email)) == ""
    row, reason = store.write(partial(sending._claim, *vars(key).values(), telling(world, 0).approved_at or 0))
    assert row is not None and not reason
    world.move("KNDE-12", "進行中")
    world.intercom.agent_says(world.chats[0], "7001", TEXT, at=soon())  # it arrives
    world.settle()
    assert states(world) == ["told", "drafted"]


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
