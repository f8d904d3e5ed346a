"""An enquiry in a real browser, from the customer's first word to the answer that reaches them, played by hand."""

from __future__ import annotations

from typing import Any

import pytest

from app.demo.company import ENQUIRIES
from app.demo.show import Show
from tests.browser.conftest import Open, follow
from tests.browser.test_slack import SLACK, modal, send, shut

pytestmark = pytest.mark.browser

JUNIOR, SENIOR, ENGLISH = "U0TANAKA", "U0SATO", "U0SUZUKI"
#: A text that begins no other chat of these tests.
ASKED = "請求書の宛名を本社の名前に変更したいです。"
QUESTION = "設定画面でよろしいですか。確認お願いします。"
WHISPERED = "合っています。設定 → 請求 → 宛名 です。"
ANSWER = "宛名は「設定」→「請求」→「宛名」から変更いただけます。"


def begin(open_page: Open, text: str, button: str, **options: Any) -> Any:
    """A customer begins a chat; the desk on which one sees what they see."""
    page = open_page(**options)
    window = page.locator("[data-key=desk-customer]")
    window.locator("select").select_option("102")
    window.locator("input[name=text]").fill(text)
    window.get_by_role("button", name=button).click()
    window.locator(".line.customer", has_text=text).wait_for()
    return window


def thread(page: Any, text: str) -> Any:
    """The message that begins a chat's thread, awaited."""
    found = page.locator(".message:not(.reply)", has_text=text)
    found.wait_for()
    return found


def reply(page: Any, key: str, text: str) -> Any:
    """Write below a thread with the keyboard; the message."""
    box = page.locator(f"[data-key='below-{key}']")
    box.locator("summary").press("Enter")
    box.locator("textarea").press_sequentially(text)
    page.keyboard.press("Enter")
    said = page.locator(".message.reply", has_text=text).first
    said.wait_for()
    return said


def choose(message: Any, button: str) -> None:
    """Pick a shortcut in the menu of a message."""
    message.locator("summary[title]").click()
    message.get_by_role("button", name=button).click()


def parts_for(window: Any) -> int:
    """How many messages the customer sees."""
    return int(window.locator(".line").count())


def test_an_enquiry_is_played_from_the_first_word_to_the_answer(open_page: Open) -> None:
    customer = begin(open_page, ASKED, "会話を始める")
    junior = open_page(SLACK.format(JUNIOR, ENQUIRIES))
    first = thread(junior, ASKED)
    first.get_by_text("回答待ち").wait_for()
    key = first.get_attribute("data-key")

    first.get_by_role("button", name="確認お願いします").click()
    modal(junior).locator("[name='field.skill']").select_option("請求")
    modal(junior).locator("[name='field.question']").fill(QUESTION)
    send(junior)
    shut(junior)
    junior.locator(".message.reply", has_text=QUESTION).get_by_text("@佐藤 健").wait_for()

    senior = open_page(SLACK.format(SENIOR, ENQUIRIES))
    thread(senior, ASKED)
    reply(senior, key, WHISPERED)
    choose(junior.locator(".message.reply", has_text=WHISPERED), "回答にする")
    assert modal(junior).locator("[name='field.answer']").input_value() == WHISPERED
    send(junior)
    shut(junior)
    junior.locator(".message.reply", has_text=QUESTION).get_by_text("佐藤 健さんが回答しました").wait_for()
    assert parts_for(customer) == 1

    first.get_by_role("button", name="お客様に送信").click()
    modal(junior).locator("[name='field.text']").fill(ANSWER)
    send(junior)
    modal(junior).get_by_text("田中 みなみ").wait_for()
    assert modal(junior).locator("[name='field.text']").input_value() == ANSWER
    assert parts_for(customer) == 1
    send(junior)
    shut(junior)
    junior.locator(".message.whisper", has_text="お客様に送信しました").wait_for()

    answer = customer.locator(".line.agent")
    answer.wait_for()
    assert answer.locator(".text").inner_text() == ANSWER
    assert "田中 みなみ" in answer.inner_text()
    assert parts_for(customer) == 2
    first.get_by_text("田中 みなみさんが").wait_for()
    assert "お客様の返信待ち" in first.inner_text()

    board = open_page("/enquiries")
    follow(board.locator("#customer li", has_text=ASKED).locator("a.open"))
    assert ANSWER in board.locator("main").inner_text()

    customer.page.get_by_role("button", name="クローズする").click()
    first.get_by_text("解決済み").wait_for()


def test_it_is_played_in_english(show: Show, open_page: Open) -> None:
    show.stage.slack.estrange(ENGLISH, locale="en-US")
    asked, answer = "Where do I change the name on the invoice?", "Under Settings, Billing, Name."
    customer = begin(open_page, asked, "Start a conversation", locale="en-US")
    page = open_page(SLACK.format(ENGLISH, ENQUIRIES), locale="en-US")
    first = thread(page, asked)
    said = reply(page, first.get_attribute("data-key"), answer)
    assert "Reply in thread" in page.locator(".below details[open]").inner_text()
    choose(said, "Send to the customer")
    modal(page).get_by_role("heading", name="Send to the customer").wait_for()
    assert modal(page).locator("[name='field.text']").input_value() == answer
    send(page)
    modal(page).get_by_text("From: 鈴木 葵").wait_for()
    assert parts_for(customer) == 1
    modal(page).get_by_role("button", name="Back").click()
    modal(page).get_by_role("button", name="Show preview").wait_for()
    send(page)
    modal(page).get_by_role("button", name="Send it").wait_for()
    send(page)
    shut(page)
    customer.locator(".line.agent .text", has_text=answer).wait_for()
    board = open_page("/enquiries?state=customer", locale="en-US")
    row = board.locator("#customer tr", has_text=asked)
    row.wait_for()
    follow(row.locator("a.open"))
    assert answer in board.locator("main").inner_text()


def test_what_is_typed_below_a_thread_is_not_disturbed(open_page: Open) -> None:
    begin(open_page, "打刻の締め日を変更できますか。", "会話を始める")
    page = open_page(SLACK.format(JUNIOR, ENQUIRIES))
    key = thread(page, "打刻の締め日").get_attribute("data-key")
    box = page.locator(f"[data-key='below-{key}']")
    box.locator("summary").click()
    box.locator("textarea").press_sequentially("確認")
    box.locator("textarea").evaluate("box => { window.lost = 0; box.addEventListener('blur', () => window.lost++) }")
    other = open_page(SLACK.format(SENIOR, ENQUIRIES))
    reply(other, key, "先にお答えします。")
    page.locator(".message.reply", has_text="先にお答えします。").wait_for()
    box.locator("textarea").press_sequentially("します")
    assert box.locator("textarea").input_value() == "確認します"
    assert page.evaluate("window.lost") == 0
