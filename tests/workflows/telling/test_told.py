"""A customer counts as told once a person has answered in the chat that came back: not before, and by nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlmodel import select

from integrations.intercom.twin import IntercomTwin
from tests.linking import address
from tests.properties.dying import Crash
from tests.releasing import released, soon, telling
from tests.statements import asking, plan
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.tables.telling import Telling
from workflows.telling import answers, gathering, ledger


def test_an_agents_answer_tells_the_customer(world: World) -> None:
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7002", "付けられるようになりました。", at=soon())
    world.settle()
    assert world.tellings() == {world.chats[0]: "told"}
    assert telling(world, 0).told_by == "佐藤 健"
    assert "佐藤 健 notified the customer." in world.sentences(0)


Answer = Callable[[IntercomTwin, str], object]
WORDS = "付けられるようになりました。"
#: Every way in which an agent may answer a customer.
ANSWERS: dict[str, Answer] = {
    "a comment": lambda twin, chat: twin.agent_says(chat, "7002", WORDS, at=soon()),
    "a quick reply": lambda twin, chat: twin.agent_offers(chat, "7002", WORDS, at=soon()),
    "a last word on closing": lambda twin, chat: twin.close(chat, "7002", at=soon(), body=WORDS),
    "a word on assigning": lambda twin, chat: twin.assign_by_hand(chat, "7002", "7003", WORDS, at=soon()),
    "a reply in another app": lambda twin, chat: twin.agent_says(chat, "7002", WORDS, soon(), "another-app"),
}


@pytest.mark.parametrize("way", ANSWERS)
def test_whatever_an_agent_writes_to_the_customer_tells_them(world: World, way: str) -> None:
    released(world, 0)
    ANSWERS[way](world.intercom, world.chats[0])
    world.settle()
    world.reconcile()  # an assignment has no topic that we listen to
    assert (telling(world, 0).state, telling(world, 0).told_by) == ("told", "佐藤 健")


def test_a_last_word_on_closing_is_heard_at_once(world: World) -> None:
    released(world, 0)
    world.intercom.close(world.chats[0], "7002", at=soon(), body=WORDS)
    world.settle()
    assert world.tellings() == {world.chats[0]: "told"}


def test_closing_without_a_word_tells_nobody(world: World) -> None:
    released(world, 0)
    world.intercom.close(world.chats[0], "7002", at=soon())
    world.settle()
    world.reconcile()
    assert world.tellings() == {world.chats[0]: "drafted"}


def test_an_answer_that_was_deleted_again_tells_nobody(world: World) -> None:
    released(world, 0)
    part = world.intercom.agent_says(world.chats[0], "7002", "別のお客様への返信でした。", at=soon())
    world.intercom.redact(world.chats[0], part)
    world.settle()
    assert world.tellings() == {world.chats[0]: "drafted"}


def test_an_answer_to_a_note_whose_run_died_tells_the_customer_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.jira.comment_by_hand("KNDE-12", address(world.wish(0)))
    world.settle()
    world.jira.move("KNDE-12", "完了")
    world.deliver()
    world.conduct_one()
    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(ledger, "drafted", die)
        world.conduct_one()
    assert (len(world.notes(0)), telling(world, 0).state) == (2, "owed")
    world.intercom.agent_says(world.chats[0], "7002", "付けられるようになりました。")
    a_minute_later = now_ms() + 60_000
    monkeypatch.setattr(ledger, "now_ms", lambda: a_minute_later)
    world.settle()
    world.reconcile()
    assert world.tellings() == {world.chats[0]: "told"}


def die(*_: object, **__: object) -> None:
    """The process ends here."""
    raise Crash


def test_an_answer_before_the_draft_tells_nobody(world: World) -> None:
    world.intercom.agent_says(world.chats[0], "7001", "検討いたします。", at=int(time.time()) - 60)
    late = world.held()
    released(world, 0)
    for webhook in late:
        world.post(*webhook)
    world.settle()
    assert world.tellings() == {world.chats[0]: "drafted"}
    assert world.reasons("conversation.admin.replied")[-1] == (
        "ignored",
        "The last reply to the customer is older than the draft.",
    )


@pytest.mark.fault("F58")
def test_neither_the_bot_nor_our_service_nor_a_note_nor_the_customer_tells_anybody(world: World) -> None:
    released(world, 0)
    chat, books = world.intercom.books.conversations[world.chats[0]], world.intercom.books
    world.intercom.say(chat, "comment", books.admins["7000"], "自動のお知らせです。", at=soon(), package="yamabiko")
    world.intercom.say(chat, "comment", books.admins["7000"], "連携からです。", at=soon(), package="another-app")
    world.intercom.agent_notes(world.chats[0], "7001", "あとで連絡します。", at=soon())
    world.intercom.agent_notes(world.chats[0], "7001", "明日連絡します。", at=soon(), kind="note_and_reopen")
    world.intercom.agent_notes(world.chats[0], "7001", "電話しました。", at=soon(), package="another-app")
    world.intercom.customer_says(world.chats[0], "どうなりましたか?", at=soon())
    world.settle()
    world.reconcile()
    assert world.tellings() == {world.chats[0]: "drafted"}


def test_one_answer_pays_all_that_this_chat_is_owed(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-15")
    released(world, 0)
    world.move("KNDE-15", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "どちらもご利用いただけます。", at=soon())
    world.settle()
    owed = store.read(lambda session: session.exec(select(Telling.state)).all())
    assert owed == ["told", "told"]


def test_an_answer_in_a_chat_that_is_owed_nothing_means_nothing(world: World) -> None:
    world.intercom.agent_says(world.chats[3], "7001", "承知いたしました。")
    world.settle()
    assert world.reasons("conversation.admin.replied") == [
        ("ignored", "No customer in this conversation is waiting to be notified.")
    ]


# -- among many -----------------------------------------------------------------------------------


def test_what_a_chat_is_owed_is_found_by_the_chat_however_many_have_a_draft(world: World) -> None:
    """SQLite knows not how many share a state: an index of states would be as good to it as one of chats."""
    released(world, 0)
    chat, draft = world.chats[0], telling(world, 0)
    with asking(world) as asked:
        store.read(partial(answers.of_chat, conversation_id=chat))
        store.read(partial(gathering.together, telling=draft))
        store.read(partial(gathering.others, tellings=[draft]))
        world.intercom.agent_says(chat, "7002", "別のお話です。", at=soon())
        world.settle()
    assert world.tellings() == {chat: "told"}
    if not store.is_sqlite:  # PostgreSQL keeps statistics from the first row on
        return
    steps = [step for statement in asked if "FROM telling" in statement for step in plan(statement)]
    assert any("ix_telling_of_conversation" in step for step in steps)
    assert [step for step in steps if "SCAN telling" in step or "ix_telling_state" in step] == []
