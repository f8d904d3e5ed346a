"""A survey in a real browser: the customer gets a link, says how it went with one click, and the page shows it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from app.demo.show import Show
from tests.browser.conftest import Open
from tests.browser.test_accessible import axe, broken  # noqa: F401
from tests.browser.test_enquiries import begin
from workflows.engine.store import store
from workflows.tables.customer import Contact
from workflows.tables.measure import Survey

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def solved(show: Show, open_page: Open, text: str, button: str, **options: Any) -> Any:
    """A customer's chat is answered and closed; the window in which they see it."""
    customer = begin(open_page, text, button, **options)
    inbox = show.stage.intercom
    talks = inbox.books.conversations.values()
    [chat] = [talk.id for talk in talks if text in (talk.source.body or "")]
    inbox.agent_says(chat, "7001", "設定画面から変更できます。")
    inbox.close(chat, "7001")
    customer.locator("a.rate").wait_for(timeout=60_000)
    return customer, chat


def follow_link(customer: Any) -> Any:
    """The page behind the link."""
    with customer.page.context.expect_page() as opened:
        customer.locator("a.rate").click()
    page = opened.value
    page.wait_for_load_state()
    return page


def test_one_click_in_japanese(show: Show, open_page: Open) -> None:
    customer, chat = solved(show, open_page, "締め日の設定はどこですか。", "会話を始める")
    page = follow_link(customer)
    assert page.locator("html").get_attribute("lang") == "ja"
    page.get_by_role("button", name="よくなかった").press("Enter")
    page.get_by_text("回答ありがとうございました: 「よくなかった」").wait_for()
    page.get_by_label("説明がわかりにくかった").check()
    page.locator("textarea").fill("画面の名前が違いました。")
    page.get_by_role("button", name="送信").click()
    page.get_by_text("保存しました").wait_for()
    assert page.get_by_label("説明がわかりにくかった").is_checked()

    board = open_page("/satisfaction")
    row = board.locator("#list tr", has_text="画面の名前が違いました。")
    row.get_by_text("説明がわかりにくかった").wait_for()
    row.locator(f"a[href='/chats/{chat}']").click()
    board.get_by_text("お客様のアンケートの回答").wait_for()


def test_one_click_in_english(show: Show, open_page: Open) -> None:
    store.write(lambda session: setattr(session.get_one(Contact, "c102"), "language", "en-GB"))
    customer, chat = solved(
        show, open_page, "Where do I set the closing day of a month?", "Start a conversation", locale="en-US"
    )
    page = follow_link(customer)
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="It was good", exact=True).click()
    page.get_by_text("Thank you for your answer: “It was good”.").wait_for()
    board = open_page("/satisfaction?show=good", locale="en-US")
    board.locator(f"#list a[href='/chats/{chat}']").wait_for()
    board.locator("img.chart").scroll_into_view_if_needed()
    assert board.locator("img.chart").evaluate("image => image.naturalWidth") > 0


def said(chat: str) -> list[str]:
    """What is kept of a chat's customer."""
    query = select(Survey.score).where(Survey.conversation_id == chat)
    return store.read(lambda session: list(session.exec(query)))


@pytest.mark.parametrize(("language", "locale"), [("ja", "ja-JP"), ("en", "en-US")])
def test_looking_votes_nothing_and_an_answer_can_be_changed(
    show: Show, open_page: Open, language: str, locale: str
) -> None:
    store.write(lambda session: setattr(session.get_one(Contact, "c102"), "language", language))
    asked, begin_it, good, bad, change = WORDS[language]
    customer, chat = solved(show, open_page, asked, begin_it, locale=locale)
    page = follow_link(customer)
    for _ in range(2):
        page.reload()
        page.get_by_role("button", name=good, exact=True).wait_for()
        assert said(chat) == [""]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "good"
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert said(chat) == ["bad"]
    assert bad in page.locator(".thanks").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name=change).press("Enter")
    assert said(chat) == ["good"]
    page.reload()
    assert said(chat) == ["good"]
    assert page.locator(".reasons-form").count() == 0


WORDS = {
    "ja": ("祝日の設定はどこですか。", "会話を始める", "よかった", "よくなかった", "「よかった」に変える"),
    "en": (
        "Where do I set the holidays?",
        "Start a conversation",
        "It was good",
        "It was not good",
        "Change to “It was good”",
    ),
}


def test_axe_finds_nothing_wrong_before_and_after_an_answer(show: Show, open_page: Open, axe: str) -> None:  # noqa: F811
    store.write(lambda session: setattr(session.get_one(Contact, "c102"), "language", "ja"))
    customer, _chat = solved(show, open_page, "部署の並び順を変えられますか。", "会話を始める")
    page = follow_link(customer)
    assert broken(page, axe) == {}
    page.get_by_role("button", name="よくなかった").click()
    page.locator(".reasons-form").wait_for()
    assert broken(page, axe) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    board = open_page("/satisfaction")
    board.locator("#list tr", has_text="よくなかった").first.wait_for()
    assert broken(board, axe) == {}
    assert board.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(page.url + "x")
    assert page.get_by_role("alert").count() == 1 and broken(page, axe) == {}
