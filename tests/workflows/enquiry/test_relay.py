"""A chat is one thread in Slack: what is said stands there in order, once, and where it stands shows on top."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from integrations.twin import Fault
from tests.enquiring import CHANNEL, SATO, TANAKA, WINDOW, Enquiring, text_of
from tests.world import World
from workflows.engine import durable
from workflows.enquiry import texts
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS
from workflows.rules.enquiry import Enquiry as Rules
from workflows.rules.enquiry import Route
from workflows.tables.runs import OPEN


@pytest.fixture
def desk(world: World) -> Iterator[Enquiring]:
    """Chats stand in Slack."""
    before = rules.enquiry, rules.skills, rules.calendars
    yield Enquiring(world)
    rules.enquiry, rules.skills, rules.calendars = before


# -- what is not shown --------------------------------------------------------------------------------


def test_without_a_channel_nothing_is_posted_and_the_board_knows_the_chat(desk: Enquiring) -> None:
    rules.enquiry = Rules()
    chat = desk.asks("請求書が出ません")
    assert desk.threads() == []
    assert (desk.row(chat).state, desk.row(chat).waiting_since is not None) == ("waiting", True)


def test_what_we_do_in_an_old_chat_begins_no_thread(desk: Enquiring) -> None:
    desk.intercom.agent_notes(desk.world.chats[0], TANAKA, "念のため確認しました。")
    desk.world.settle()
    assert desk.threads() == []


def test_what_this_service_notes_is_not_told_again(desk: Enquiring) -> None:
    chat = desk.asks("CSVに部署コードがほしいです")
    desk.intercom.tag(chat, "", "要望", TANAKA)
    desk.world.settle()
    assert desk.world.intercom.books.conversations[chat].parts  # its note is there
    assert desk.replies(chat) == []


def test_nothing_of_a_chat_that_was_erased_is_posted(desk: Enquiring) -> None:
    chat = desk.asks("電話番号は 090-1234-5678 です")
    desk.intercom.delete(chat)
    desk.world.settle()
    desk.world.settle()
    assert "電話番号" not in "".join(map(text_of, desk.slack.messages(CHANNEL)))


# -- one thread ---------------------------------------------------------------------------------------


def test_a_new_chat_becomes_a_thread_that_says_whose_it_is_and_that_nobody_has_answered(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません。&lt;!channel&gt; &amp; &lt;https://evil.example|ここ&gt;")
    first = desk.first(chat)
    assert "株式会社あおば製作所" in first and "山本 恵子" in first and "Enterprise" in first
    assert "請求書が出ません" in first and "&lt;!channel&gt;" in first and "<!channel>" not in first
    assert "回答待ち" in first and "お客様に送信" in first
    assert len(desk.threads()) == 1


def test_a_chat_that_nobody_has_says_to_whom_it_may_be_given(desk: Enquiring) -> None:
    rules.skills = {"請求": ("agent7002@kanade.example",)}
    rules.calendars = {"agent7002@kanade.example": always()}
    chat = desk.asks("請求書が出ません")
    assert "次の担当候補: 佐藤 健 (0)" in desk.first(chat)
    desk.intercom.assign_by_hand(chat, SATO, SATO)
    desk.world.settle()
    assert "次の担当候補" not in desk.first(chat)


def always() -> Calendar:
    """Somebody who works at any hour."""
    return Calendar.of(hours=dict.fromkeys(WEEKDAYS, ("0:00-24:00",)))


def test_what_is_said_follows_in_order_and_the_first_message_shows_who_answered(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    desk.says(chat, "急いでいます")
    desk.answers(chat, "確認いたします。", by=SATO)
    below = desk.replies(chat)
    assert ["急いでいます" in below[0], "確認いたします。" in below[1], len(below)] == [True, True, 2]
    assert "佐藤 健" in below[1]
    assert "佐藤 健" in desk.first(chat) and "回答待ち" not in desk.first(chat)


def test_closed_and_opened_again_shows_on_the_first_message(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    desk.answers(chat, "再送しました。")
    desk.intercom.close(chat, TANAKA)
    desk.world.settle()
    assert "解決" in desk.first(chat)
    desk.says(chat, "やはり届きません")
    assert "解決" not in desk.first(chat) and "回答待ち" in desk.first(chat)


@pytest.mark.fault("F90")
def test_a_webhook_that_comes_twice_says_nothing_twice(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    desk.intercom.customer_says(chat, "急いでいます")
    [(_, headers, body), *_] = desk.world.held()
    assert desk.world.post("intercom", headers, body).status_code == 200
    desk.world.settle()
    assert len(desk.replies(chat)) == 1


@pytest.mark.fault("F90")
def test_many_messages_that_came_while_slack_was_away_are_told_in_one(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    with desk.slack_is_away():
        for number in range(9):
            desk.intercom.customer_says(chat, f"{number}件目です")
        desk.world.settle()
    desk.says(chat, "最後です")
    [one] = desk.replies(chat)
    assert all(f"{number}件目です" in one for number in range(9)) and "最後です" in one
    assert "表示していません" not in one


def test_of_more_than_one_would_read_the_newest_are_told_and_where_the_others_are(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    with desk.slack_is_away():
        for number in range(texts.MOST + 3):
            desk.intercom.customer_says(chat, f"第{number}件です")
        desk.world.settle()
    desk.says(chat, "最後です")
    [one] = desk.replies(chat)
    assert "これより前の4件は、ここには表示していません" in one and f"/chats/{chat}|すべてのやり取り>" in one
    assert "第3件です" not in one and "第4件です" in one and "最後です" in one


def test_a_message_that_was_deleted_is_gone_from_the_thread(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    part = desk.says(chat, "カード番号は 4111 1111 1111 1111 です")
    desk.intercom.redact(chat, part)
    desk.world.settle()
    [below] = desk.replies(chat)
    assert "カード番号" not in below and "削除" in below


def test_a_file_that_was_deleted_is_no_link_any_more(desk: Enquiring) -> None:
    chat = desk.asks("画面が変です")
    part = desk.intercom.customer_says(chat, "", files={"画面.png": "https://files.example/1.png"})
    desk.world.settle()
    desk.intercom.redact(chat, part)
    desk.world.settle()
    [below] = desk.replies(chat)
    assert "files.example" not in below and "削除" in below


def test_what_is_deleted_while_nobody_knows_whether_it_was_posted_is_gone_as_well(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    part = desk.intercom.customer_says(chat, "カード番号は 4111 1111 1111 1111 です")
    desk.slack.fail("POST /api/chat.postMessage", Fault("reset"))
    desk.world.deliver()
    [run] = [each for each in desk.world.runs() if each.state == OPEN and each.workflow == "enquiries.follow"]
    assert durable.conduct(run.id, durable.STORIES[run.workflow]) == OPEN
    desk.intercom.redact(chat, part)
    desk.world.settle()
    [below] = desk.replies(chat)
    assert "カード番号" not in below and "削除" in below


@pytest.mark.fault("F90")
def test_of_two_changes_in_one_second_the_later_one_counts_whatever_is_heard_first(desk: Enquiring) -> None:
    chat, now = desk.asks("請求書が出ません"), int(time.time()) + 5
    desk.intercom.close(chat, TANAKA, at=now)
    desk.intercom.customer_says(chat, "やはり届きません", at=now)
    for source, headers, body in reversed(desk.world.held()):
        assert desk.world.post(source, headers, body).status_code == 200
        desk.world.settle()
    assert "解決" not in desk.first(chat) and "回答待ち" in desk.first(chat)


def test_a_run_that_failed_for_good_holds_no_turn(desk: Enquiring) -> None:
    desk.slack.archive(CHANNEL)
    chat = desk.asks("請求書が出ません")
    assert [run.state for run in desk.world.runs() if run.workflow == "enquiries.follow"] == ["dead"]
    desk.slack.channels[CHANNEL].archived = False
    desk.says(chat, "急いでいます")
    assert "急いでいます" in desk.replies(chat)[0]


def test_a_file_is_a_link(desk: Enquiring) -> None:
    chat = desk.asks("画面が変です")
    desk.intercom.customer_says(chat, "", files={"画面.png": "https://files.example/1.png"})
    desk.world.settle()
    assert "<https://files.example/1.png|📎 画面.png>" in desk.replies(chat)[0]


@pytest.mark.fault("F90")
def test_what_a_lost_webhook_did_not_tell_is_found(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    desk.intercom.customer_says(chat, "急いでいます", at=int(time.time()) + 2)
    desk.intercom.held.clear()
    desk.world.reconcile()
    assert "急いでいます" in desk.replies(chat)[0]


def test_what_a_lost_webhook_did_not_tell_is_found_also_behind_what_another_told(desk: Enquiring) -> None:
    chat, now = desk.asks("請求書が出ません"), int(time.time())
    desk.intercom.customer_says(chat, "急いでいます", at=now + 2)
    desk.intercom.held.clear()
    desk.intercom.agent_notes(chat, TANAKA, "経理に聞いています", at=now + 4)
    desk.world.settle()
    desk.world.reconcile()
    assert ["経理" in desk.replies(chat)[0], "急いでいます" in desk.replies(chat)[1]] == [True, True]


@pytest.mark.fault("F90")
def test_a_close_without_words_that_nobody_told_us_of_is_found(desk: Enquiring) -> None:
    """By the look that asks for what changed; it makes no search more for that."""
    chat, now = desk.asks("請求書が出ません"), int(time.time())
    searches = _searches(desk)
    desk.intercom.close(chat, TANAKA, at=now + 2)
    desk.intercom.held.clear()
    assert _searches(desk) == searches
    assert (desk.row(chat).state, desk.row(chat).waiting_since) == ("solved", None)
    assert [(wait.ended, wait.ended_at) for wait in desk.waits(chat)] == [("closed", (now + 2) * 1000)]
    assert "解決" in desk.first(chat)


def _searches(desk: Enquiring) -> int:
    """What was missed is looked for; how often Intercom was searched for that."""
    before = len(desk.intercom.calls)
    desk.world.reconcile()
    return [pattern for pattern, _ in desk.intercom.calls[before:]].count("POST /conversations/search")


@pytest.mark.fault("F90")
@pytest.mark.parametrize("told", ["before", "after"])
def test_a_lost_close_of_the_same_second_as_what_was_told_is_found(desk: Enquiring, told: str) -> None:
    """The message's webhook told of the conversation as it was before the close, or as it was after that."""
    chat, now = desk.asks("請求書が出ません"), int(time.time()) + 2
    part = desk.intercom.customer_says(chat, "急いでいます", at=now)
    arrives = desk.intercom.held[:] if told == "before" else []
    desk.intercom.close(chat, TANAKA, at=now)
    desk.intercom.held[:] = arrives
    if told == "after":
        talk = desk.intercom.books.conversations[chat]
        said = next(each for each in talk.parts if each.id == part)
        desk.intercom.announce("conversation.user.replied", talk, said)
    desk.world.settle()
    assert desk.row(chat).waiting_since is not None and not desk.waits(chat)[-1].ended
    desk.world.reconcile()
    assert (desk.row(chat).state, desk.row(chat).waiting_since) == ("solved", None)
    assert [wait.ended for wait in desk.waits(chat)] == ["closed"]
    runs = len(desk.world.runs())
    desk.world.reconcile()
    assert "enquiries.follow" not in {run.workflow for run in desk.world.runs()[runs:]}


def test_notes_of_colleagues_are_told_apart(desk: Enquiring) -> None:
    chat = desk.asks("請求書が出ません")
    desk.intercom.agent_notes(chat, TANAKA, "経理に聞いています")
    desk.world.settle()
    [below] = desk.replies(chat)
    assert "経理に聞いています" in below and "社内メモ" in below


# -- where --------------------------------------------------------------------------------------------


def test_each_chat_stands_in_the_channel_of_the_first_rule_that_takes_it(desk: Enquiring) -> None:
    desk.slack.add_channel("C0BILLING", "billing")
    route = Route("C0BILLING", tiers=("Enterprise",), words=("請求",))
    rules.enquiry = replace(rules.enquiry, routes=(route,))
    desk.asks("請求書が出ません")
    desk.asks("ログインできません")
    desk.asks("請求書が出ません", customer="102")
    assert (len(desk.threads("C0BILLING")), len(desk.threads())) == (1, 2)


def test_the_window_shows_all_of_it_without_buttons(desk: Enquiring) -> None:
    rules.enquiry = replace(rules.enquiry, window=WINDOW)
    chat = desk.asks("請求書が出ません")
    desk.says(chat, "急いでいます")
    assert "急いでいます" in desk.replies(chat, WINDOW)[0] and len(desk.replies(chat)) == 1
    assert "お客様に送信" in desk.first(chat) and "お客様に送信" not in desk.first(chat, WINDOW)
