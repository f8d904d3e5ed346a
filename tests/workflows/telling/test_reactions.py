"""What customers do with what they were told: they thank, rate, use it, or ask for the same again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from tests.dry import dry
from tests.linking import address
from tests.releasing import soon, telling
from tests.world import World
from workflows.engine.store import DAY_MS, store
from workflows.tables.customer import Conversation
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import ledger, reaction

THANKS, OTHER = "ありがとうございます。早速使ってみます。", "承知しました。"


@pytest.fixture
def told(world: World) -> World:
    """A customer asked for something, and has been told that it is there."""
    world.jira.comment_by_hand("KNDE-12", address(world.wish(0)))
    world.settle()
    world.move("KNDE-12", "完了")
    tell(world)
    days_ago(world, 1)
    return world


def tell(world: World, chat: int = 0) -> None:
    world.intercom.agent_says(world.chats[chat], "7001", "ご利用いただけるようになりました。", at=soon())
    world.settle()
    assert telling(world, chat).state == "told"


def says(world: World, text: str, chat: int = 0, days: int = 0) -> str:
    """The customer writes, so many days later; which part that is."""
    days_ago(world, days)
    part = world.intercom.customer_says(world.chats[chat], text, at=soon() + 1)
    world.settle()
    return part


def days_ago(world: World, days: int) -> None:
    """What customers were told, they were told so many days earlier."""
    chat = world.intercom.books.conversations[world.chats[0]]
    for part in chat.parts:
        part.created_at -= days * 86_400

    def earlier(session: Any) -> None:
        for each in session.exec(select(Telling)):
            each.told_at = (each.told_at or 0) - days * DAY_MS if each.told_at else None

    store.write(earlier)


def reacted(world: World, chat: int = 0) -> tuple[str, int]:
    found = telling(world, chat)
    return found.reaction, found.rating


# -- what is no reaction ---------------------------------------------------------------------------


def test_who_was_not_told_has_not_reacted(world: World) -> None:
    world.jira.comment_by_hand("KNDE-12", address(world.wish(0)))
    world.settle()
    world.move("KNDE-12", "完了")
    says(world, THANKS)
    world.intercom.rate(world.chats[0], 5, "")
    world.settle()
    assert reacted(world) == ("", 0)
    assert not [run for run in world.runs() if run.workflow.startswith("reaction.")]


def test_thanks_of_before_are_for_something_else(told: World) -> None:
    told.intercom.customer_says(told.chats[0], THANKS, at=soon() - 2 * 86_400)
    told.settle()
    assert reacted(told) == ("", 0)


def test_after_two_weeks_nothing_is_a_reaction(told: World) -> None:
    says(told, THANKS, days=15)
    told.intercom.rate(told.chats[0], 5, "")
    told.settle()
    assert reacted(told) == ("", 0)


def test_only_their_next_message_is_read(told: World) -> None:
    says(told, OTHER)
    says(told, THANKS)
    assert reacted(told) == ("", 0)
    assert "No reaction: the first message after the notification is not a thank-you." in [
        sentence for run in told.runs() if (sentence := run.reason) and run.workflow == "reaction.wrote"
    ]


def test_what_a_colleague_writes_is_no_thanks_of_the_customers(told: World) -> None:
    told.intercom.agent_says(told.chats[0], "7001", THANKS, at=soon() + 1)
    told.settle()
    assert reacted(told) == ("", 0)
    says(told, THANKS)
    assert reacted(told)[0] == "thanks"


def test_a_rating_of_before_they_were_told_is_for_something_else(world: World) -> None:
    world.wish(0)
    world.intercom.rate(world.chats[0], 2, "")
    world.settle()
    world.intercom.books.conversations[world.chats[0]].rating["updated_at"] -= 3600  # type: ignore[index]
    world.jira.comment_by_hand("KNDE-12", address(world.feedback(0)[0]))
    world.settle()
    world.move("KNDE-12", "完了")
    tell(world)
    world.reconcile()
    assert reacted(world) == ("", 0)


# -- thanks and ratings ----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 12])
def test_their_next_message_thanks(told: World, days: int) -> None:
    says(told, THANKS, days=days)
    assert reacted(told) == ("thanks", 0)
    assert (telling(told, 0).reacted_at or 0) > (telling(told, 0).told_at or 0)
    assert told.sentences(0).count("The customer said thank you.") == 1


def test_thanks_are_found_by_the_poll_where_the_webhook_was_lost(told: World) -> None:
    told.intercom.customer_says(told.chats[0], THANKS, at=soon() + 1)
    told.held()
    told.settle()
    assert reacted(told) == ("", 0)
    told.reconcile()
    assert reacted(told) == ("thanks", 0)


def test_thanks_in_the_chat_into_which_theirs_was_merged_are_theirs(world: World) -> None:
    world.wish(0)
    world.intercom.merge(world.chats[0], world.chats[8])
    world.jira.comment_by_hand("KNDE-12", address(world.feedback(0)[0]))
    world.settle()
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[8], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    assert telling(world, 0).state == "told"
    says(world, THANKS, chat=8)
    assert reacted(world) == ("thanks", 0)


def test_a_rating_is_kept_with_its_score_the_first_time(told: World) -> None:
    for rating in (4, 1):
        told.intercom.rate(told.chats[0], rating, "")
        told.settle()
    assert reacted(told) == ("rated", 4)
    assert "The customer rated the conversation 4 out of 5 after they were notified." in told.sentences(0)


def test_what_says_more_takes_the_place_of_what_says_less(told: World) -> None:
    told.deploy.use(issue="KNDE-12", company=company(told, 0))
    told.settle()
    told.intercom.rate(told.chats[0], 5, "")
    told.settle()
    assert reacted(told) == ("rated", 5)
    says(told, THANKS)
    assert reacted(told) == ("thanks", 5)


def test_what_says_less_leaves_what_says_more(told: World) -> None:
    says(told, THANKS)
    told.intercom.rate(told.chats[0], 5, "")
    told.settle()
    assert reacted(told) == ("thanks", 5)


def test_who_was_not_told_after_all_has_not_reacted(told: World) -> None:
    says(told, THANKS)
    store.write(lambda session: ledger.owe_again(session, session.get_one(Telling, key(told))))
    assert reacted(told) == ("", 0) and telling(told, 0).reacted_at is None


def key(world: World) -> tuple[str, str]:
    return telling(world, 0).release_id, world.chats[0]


def company(world: World, chat: int) -> str:
    return store.read(lambda session: session.get_one(Conversation, world.chats[chat])).company_id or ""


# -- the same again --------------------------------------------------------------------------------


def again(world: World, text: str, chat: int | None = None, tag: str = "要望", by: str = "101") -> Feedback:
    """A customer asks for something, in a chat of its own unless one is named."""
    number = world.chat(text, by) if chat is None else chat
    part = "" if chat is None else says(world, text, chat)
    world.tag(number, tag, part)
    world.settle()
    look(world)
    return world.feedback(number)[-1]


def look(world: World) -> None:
    reaction.start_due()
    world.settle()


def customer(world: World) -> str:
    return world.intercom.books.conversations[world.chats[0]].contact.id.removeprefix("c")


def warnings(world: World) -> list[str]:
    return [action.target for action in world.actions() if action.verb == "slack.warn" and action.state == "done"]


def test_another_matter_of_the_same_customer_is_none(told: World) -> None:
    again(told, "ログイン画面の色を変えたいです。", by=customer(told))
    assert reacted(told) == ("", 0) and warnings(told) == []
    [run] = [run for run in told.runs() if run.workflow == "reaction.again"]
    look(told)
    assert [each.id for each in told.runs() if each.workflow == "reaction.again"] == [run.id]  # looked at once


def test_the_same_of_another_company_is_another_customers(told: World) -> None:
    words = told.feedback(0)[0].quote
    others = [id for id, who in told.intercom.books.contacts.items() if who.company_id != company(told, 0)]
    again(told, words, by=others[0].removeprefix("c"))
    assert reacted(told) == ("", 0)
    assert not [run for run in told.runs() if run.workflow == "reaction.again"]


def test_after_two_weeks_it_is_a_new_request(told: World) -> None:
    words = told.feedback(0)[0].quote
    days_ago(told, 15)
    again(told, words, by=customer(told))
    assert reacted(told) == ("", 0)


def test_the_same_words_again_are_a_warning_to_whoever_took_it(told: World) -> None:
    wish = again(told, told.feedback(0)[0].quote, by=customer(told))
    found = telling(told, 0)
    assert (found.reaction, found.asked_again, found.reacted_at) == ("again", wish.id, wish.said_at)
    assert len(warnings(told)) == 1 and warnings(told)[0].startswith("U")
    [warning] = [m for m in told.slack.messages("D" + warnings(told)[0][1:]) if f"FB-{wish.id}" in str(m["text"])]
    assert "2週間以内に、ほぼ同じご要望" in str(warning["text"])
    look(told)
    assert len(warnings(told)) == 1


def test_thanks_do_not_hide_that_they_came_again(told: World) -> None:
    says(told, THANKS)
    again(told, told.feedback(0)[0].quote, by=customer(told))
    assert reacted(told)[0] == "again"
    says(told, THANKS)
    assert reacted(told)[0] == "again"


def test_what_waits_for_the_same_issue_is_the_same_whatever_it_says(told: World) -> None:
    wish = again(told, "まったく別の言い方をしています。", by=customer(told))
    assert reacted(told) == ("", 0)
    told.link(wish, "KNDE-12")
    look(told)
    assert reacted(told)[0] == "again"


def test_much_the_same_in_other_words_of_a_colleague_there_is_the_same(told: World) -> None:
    told.intercom.add_contact("c990", "同僚", "colleague@example.jp", company(told, 0))
    again(told, told.feedback(0)[0].quote.rstrip("。") + "、お願いいたします。", by="990")
    assert reacted(told)[0] == "again"


def test_in_a_dry_run_it_is_known_and_nobody_is_warned(told: World) -> None:
    with dry(told, "release") as writes:
        again(told, told.feedback(0)[0].quote, by=customer(told))
    assert reacted(told)[0] == "again"
    assert [action.state for action in told.actions() if action.verb == "slack.warn"] == ["would"]
    assert not [write for write in writes if "slack" in write and "chat.postMessage" in write and "warn" in write]


def test_where_the_agent_is_not_in_slack_the_channel_is_warned(told: World) -> None:
    store.write(lambda session: setattr(session.get_one(Feedback, told.feedback(0)[0].id), "taken_by", ""))
    again(told, told.feedback(0)[0].quote, by=customer(told))
    assert warnings(told) == [told.channel]
