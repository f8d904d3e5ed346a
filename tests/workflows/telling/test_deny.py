"""An answer that was about something else is taken back: the debt stands again, and only a later answer pays it."""

from __future__ import annotations

import pytest

from tests.releasing import released, soon, telling
from tests.world import World
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.tables.wish import Feedback
from workflows.telling import answers, deny, reports
from workflows.telling.deny import denied

TANAKA = Person("U1", "田中 みなみ")
WHY = "請求書の件の返信でした"


def told(world: World, *, at: int = 0) -> int:
    """The first chat is answered; when, as a page knows it."""
    world.intercom.agent_says(world.chats[0], "7002", "請求書をお送りします。", at=at or soon())
    world.settle()
    return telling(world, 0).told_at or 0


def take_back(world: World, at: int) -> bool:
    """An agent says that it was about something else."""
    return denied(world.feedback(0)[0].id or 0, at=at, words=WHY, by=TANAKA)


def test_the_debt_stands_again_and_it_is_said_who_took_the_answer_back_and_why(world: World) -> None:
    released(world, 0)
    at = told(world)
    assert take_back(world, at)
    row = telling(world, 0)
    assert (row.state, row.told_by, row.told_at) == ("drafted", "", None)
    assert f"田中 みなみ marked the reply from 佐藤 健 as being about something else: {WHY}" in world.sentences(0)


def test_the_same_answer_is_never_booked_again_and_a_later_one_is(world: World) -> None:
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7002", "請求書をお送りします。", at=soon())
    webhooks = world.held()
    for webhook in webhooks:
        world.post(*webhook)
    world.settle()
    assert take_back(world, telling(world, 0).told_at or 0)
    for source, headers, body in webhooks:  # the same once more, and as another delivery
        again = body.replace(b'"id": "notif_', b'"id": "notif_again_')
        world.post(source, headers, body)
        world.post(source, headers | world.intercom.signed(again), again)
    world.settle()
    world.reconcile()
    assert telling(world, 0).state == "drafted"
    assert world.reasons("conversation.admin.replied") == [
        ("done", "佐藤 健 notified the customer."),
        ("ignored", "An agent marked the last reply to the customer as being about something else."),
    ]
    world.intercom.agent_says(world.chats[0], "7003", "付けられるようになりました。", at=soon() + 5)
    world.settle()
    assert (telling(world, 0).state, telling(world, 0).told_by) == ("told", "鈴木 葵")
    assert world.sentences(0).count("佐藤 健 notified the customer.") == 1
    assert world.sentences(0).count("鈴木 葵 notified the customer.") == 1


def test_pressed_twice_it_is_taken_back_once(world: World) -> None:
    released(world, 0)
    at = told(world)
    assert take_back(world, at) and take_back(world, at)
    assert len([each for each in world.sentences(0) if WHY in each]) == 1


def test_what_was_answered_since_the_page_was_shown_stays(world: World) -> None:
    released(world, 0)
    first = told(world)
    assert take_back(world, first)
    second = told(world, at=soon() + 5)
    assert second > first and take_back(world, first)
    assert telling(world, 0).state == "told"


def test_what_nobody_answered_cannot_be_taken_back(world: World) -> None:
    released(world, 0)
    assert not take_back(world, 1_000)
    assert not denied(404, at=1_000, words=WHY, by=TANAKA)
    assert telling(world, 0).state == "drafted"


def test_what_was_noted_by_hand_is_no_answer(world: World) -> None:
    released(world, 0)
    wish = world.feedback(0)[0].id or 0
    assert reports.report(wish, how="phone", words="", by=TANAKA, origin="page:1")
    assert telling(world, 0).state == "told"
    assert store.read(lambda session: answers.booked(session, session.get_one(Feedback, wish))) == []
    assert not take_back(world, telling(world, 0).told_at or 0)


def test_one_answer_that_paid_two_debts_of_a_wish_gives_both_back(world: World) -> None:
    world.link(world.wish(0), "KNDE-15")
    released(world, 0)
    world.move("KNDE-15", "完了")
    world.intercom.agent_says(world.chats[0], "7002", "請求書をお送りします。", at=soon())
    world.settle()
    wish = world.feedback(0)[0]
    booked = store.read(lambda session: answers.booked(session, wish))
    assert len(booked) == 2
    assert take_back(world, booked[0].told_at or 0)
    assert store.read(lambda session: answers.booked(session, wish)) == []


def test_taken_back_after_its_issue_was_reopened_there_is_nothing_to_tell(world: World) -> None:
    released(world, 0)
    at = told(world)
    world.move("KNDE-12", "進行中")
    assert take_back(world, at)
    assert set(world.tellings().values()) == {"withdrawn"}  # nor is there anything to be sorry for


@pytest.mark.parametrize("words", ["", "  ", "長" * 501])
def test_why_has_to_be_said_and_not_at_length(words: str) -> None:
    assert deny.problems("ja", {"words": words}).keys() == {"denied"}
    assert deny.problems("ja", {"words": WHY}) == {}
