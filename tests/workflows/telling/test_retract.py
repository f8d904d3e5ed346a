"""Taken back: a draft is revoked where it stands, and who was told gets an apology that a person sends."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from tests.releasing import released, soon
from tests.world import World
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.rules.telling import Gate
from workflows.tables.telling import Telling
from workflows.telling import drafts, ledger, publish
from workflows.wish.wishes import is_chat

REVOKED = "KNDE-12の下書きは送信しないでください。"
PM = Person("U0LEAD", "斎藤 真理")


def owed(world: World, chat: int = 0) -> list[Telling]:
    """What the chat is owed, release by release."""
    query = select(Telling).where(Telling.conversation_id == world.chats[chat]).order_by(col(Telling.release_id))
    return list(store.read(lambda session: session.exec(query).all()))


def told(world: World, chat: int = 0) -> None:
    """An agent told the customer."""
    world.intercom.agent_says(world.chats[chat], "7001", "ご利用いただけます。", at=soon())
    world.settle()


def notes(world: World, words: str, chat: int = 0) -> int:
    """How many internal notes hold these words."""
    return sum(words in note for note in world.notes(chat))


@pytest.fixture(params=["the issue is reopened", "a person withdraws it"])
def taken_back(request: pytest.FixtureRequest, world: World) -> object:
    """How a release is taken back."""

    def take() -> None:
        if request.param == "the issue is reopened":
            world.move("KNDE-12", "進行中")
        else:
            assert publish.take_back(world.jira.find("KNDE-12").id, PM) == ""
            world.settle()

    return take


def test_a_draft_that_nobody_sent_is_revoked_below_itself(world: World, taken_back: object) -> None:
    released(world, 0)
    taken_back()  # type: ignore[operator]
    assert [row.state for row in owed(world)] == ["withdrawn"]
    assert notes(world, REVOKED) == 1
    assert world.intercom.did("comment") == []


def test_who_was_told_gets_an_apology_and_nothing_is_sent_by_itself(world: World, taken_back: object) -> None:
    released(world, 0)
    told(world)
    world.intercom.close(world.chats[0], "7001")
    taken_back()  # type: ignore[operator]
    first, apology = owed(world)
    assert (first.state, apology.state) == ("told", "drafted")
    assert apology.release_id == ledger.reopening(first.release_id)
    assert "申し訳ございません" in apology.draft
    assert world.state(0) == "open"
    assert world.intercom.did("comment") == []


def test_the_apology_is_told_as_anything_else(world: World, taken_back: object) -> None:
    released(world, 0)
    told(world)
    taken_back()  # type: ignore[operator]
    world.intercom.agent_says(world.chats[0], "7001", "申し訳ございません。", at=soon() + 2)
    world.settle()
    assert [row.state for row in owed(world)] == ["told", "told"]


def test_what_is_there_again_before_anybody_apologised_needs_no_apology(world: World) -> None:
    released(world, 0)
    told(world)
    world.move("KNDE-12", "進行中")
    world.move("KNDE-12", "完了")
    assert [(row.release_id.partition(":")[2], row.state) for row in owed(world)] == [
        ("1", "told"),
        ("1:reopened", "withdrawn"),
        ("2", "drafted"),
    ]


def test_an_apology_is_owed_until_it_is_there_again_and_not_only_done(world: World) -> None:
    released(world, 0)
    told(world)
    world.move("KNDE-12", "進行中")
    with world.rules(gate=Gate("release")):
        world.move("KNDE-12", "完了")
        assert [row.state for row in owed(world)] == ["told", "drafted"]
        publish.publish(world.jira.find("KNDE-12").id, publish.Wanted(), by=PM, origin="form:1")
        world.settle()
    assert [row.state for row in owed(world)] == ["told", "withdrawn", "drafted"]


def test_an_apology_is_owed_where_it_ends_with_nothing_to_use(world: World) -> None:
    released(world, 0)
    told(world)
    world.move("KNDE-12", "進行中")
    world.move("KNDE-12", "完了", "対応しない")
    assert [row.state for row in owed(world)] == ["told", "drafted"]


def resolved(world: World, resolution: str) -> None:
    """Somebody sets another resolution while the issue stays done."""
    world.jira.set_resolution("KNDE-12", resolution)
    world.settle()


@pytest.mark.fault("F114")
def test_a_resolution_that_comes_later_and_means_nothing_to_use_revokes_the_draft(world: World) -> None:
    released(world, 0)
    resolved(world, "対応しない")
    assert [row.state for row in owed(world)] == ["withdrawn"]
    assert notes(world, REVOKED) == 1 and "公開が取りやめられました" in world.said()[-1]
    reason = "Not reopened: KNDE-12 was closed as “対応しない”, so nothing is available yet."
    assert reason in world.sentences(0)
    world.reconcile()
    world.jira.edit("KNDE-12", summary="CSV出力に列を追加した")
    world.settle()
    assert notes(world, REVOKED) == 1 and len(world.said()) == 2


@pytest.mark.fault("F114")
def test_who_was_told_before_such_a_resolution_gets_an_apology_until_it_is_there_after_all(world: World) -> None:
    released(world, 0)
    told(world)
    resolved(world, "重複")
    assert [row.state for row in owed(world)] == ["told", "drafted"]
    resolved(world, "完了")
    assert [row.state for row in owed(world)] == ["told", "withdrawn", "drafted"]


@pytest.mark.fault("F114")
def test_what_a_person_made_available_stays_so_whatever_the_resolution(world: World) -> None:
    with world.rules(gate=Gate("release")):
        released(world, 0)
        publish.publish(world.jira.find("KNDE-12").id, publish.Wanted(), by=PM, origin="form:1")
        world.settle()
        resolved(world, "対応しない")
    assert [row.state for row in owed(world)] == ["drafted"]


def test_who_was_not_told_for_a_reason_hears_nothing_of_it(world: World, taken_back: object) -> None:
    released(world, 0)
    world.intercom.delete(world.chats[0])
    world.settle()
    before = len(owed(world))
    taken_back()  # type: ignore[operator]
    assert len(owed(world)) == before


def test_the_standing_of_an_apology_is_that_of_a_draft(world: World) -> None:
    released(world, 0)
    told(world)
    world.move("KNDE-12", "進行中")
    assert drafts.standing(owed(world)[1]) == "drafted"
    assert is_chat(owed(world)[1].conversation_id)
