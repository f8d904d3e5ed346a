"""The demo in a real browser, as a newcomer would play it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from app.demo.show import Show
from tests.browser.conftest import Open, follow
from tests.crash.service import until

pytestmark = pytest.mark.browser


def card(page: Any, station: str, code: str) -> Any:
    """A card at a station, awaited."""
    found = page.locator(f"#{station} .card[data-name='{code}']")
    found.wait_for()
    return found


def newest(page: Any) -> int:
    """The number of the wish that was taken last."""
    codes = [re.sub(r"\D", "", name) for name in page.locator(".card[data-key^=wish]").evaluate_all(NAMES)]
    return max((int(code) for code in codes), default=0)


NAMES = "cards => cards.map(card => card.dataset.name)"


def test_a_newcomer_plays_the_loop_by_pressing_the_one_filled_button(open_page: Open) -> None:
    page = open_page()
    assert page.locator("h1").inner_text() == "要望の流れ"
    presses = {
        "received": "「要望」タグを付ける",
        "adopted": "機能に紐付ける",
        "development": "Jiraに起票する",
        "to-tell": "KNDE-12を完了にする",
        "ended": "お客様に連絡する",
    }
    for station, label in presses.items():
        # until all of the step before has happened, another card's step is the one to press
        page.locator("#board button.first", has_text=label).click()
        card(page, station, "FB-1")
        page.locator(".ghost").wait_for(state="detached")
    assert "田中 みなみさんが連絡" in card(page, "ended", "FB-1").inner_text()
    page.locator("#desks:not([open])").wait_for()  # the first round is over

    follow(card(page, "ended", "FB-1").locator("a.open"))
    story = page.locator("section.story")
    story.wait_for()
    assert "KNDE-12が完了したので、会話を再開しました。" in story.text_content()
    assert "田中 みなみさんがお客様に連絡しました。" in story.text_content()

    page.locator("button[popovertarget=me]").click()
    follow(page.get_by_role("link", name="English"))
    assert "Reopened the conversation: KNDE-12 is done." in page.locator("section.story").text_content()
    follow(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Requests"))
    assert page.locator("#ended h2").inner_text().startswith("Done")
    assert "Tag as" in page.locator("#board button.first").inner_text()


def test_the_desks_leave_the_board_two_thirds_of_the_page(open_page: Open) -> None:
    page = open_page(viewport={"width": 1280, "height": 800})
    assert page.locator("#desks").bounding_box()["height"] <= 800 / 3


def test_on_a_phone_what_is_to_be_pressed_next_is_in_sight(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    box = page.locator("#board button.first").bounding_box()
    assert box["y"] + box["height"] <= 800
    tops = page.locator(".station").evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
    station = page.locator(".station:has(button.first)").bounding_box()
    assert station["y"] == min(tops)


def test_no_name_of_a_company_is_cut_on_the_board(open_page: Open) -> None:
    page = open_page(viewport={"width": 1280, "height": 800})
    names = page.locator(".card .company")
    assert names.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth).length") == 0


def test_the_desks_show_what_arrives(open_page: Open) -> None:
    page = open_page()
    chat = page.locator("#chat .card").first
    chat.locator("a.open").click()
    chosen = chat.get_attribute("data-chat")
    page.wait_for_function("chat => document.querySelector('#desk select').value === chat", arg=chosen)
    chat.locator(".step button").click()
    page.locator("[data-key=desk-intercom] .line.note", has_text="登録しました").wait_for()


def test_typing_is_not_disturbed_while_the_page_moves(open_page: Open) -> None:
    page = open_page()
    field = page.locator("[data-key=desk-intercom] input[name=text]")
    field.click()
    field.type("部署コードの")
    page.locator("#chat .card .step button").first.evaluate("button => button.click()")
    page.wait_for_timeout(2500)
    field.type("件です")
    assert field.input_value() == "部署コードの件です"


def test_what_somebody_types_stays_text(open_page: Open) -> None:
    page = open_page()
    attack = "<img src=x onerror=alert(1)></p><script>alert(2)</script>"
    page.locator("[data-key=desk-intercom] input[name=text]").fill(attack)
    page.get_by_role("button", name="お客様として送信").click()
    page.locator("[data-key=desk-customer] .line.customer .text", has_text=attack).wait_for()


def test_everything_can_be_reached_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.closest('.card').dataset.key")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.card').dataset.key") != first
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.closest('.card').dataset.key") == first
    before = newest(page)
    page.keyboard.press("n")
    card(page, "received", f"FB-{before + 1}")


def test_the_focus_goes_along_with_its_card(open_page: Open) -> None:
    page = open_page()
    before = newest(page)
    page.locator("#chat .card .step button").first.click()
    moved = card(page, "received", f"FB-{before + 1}")
    moved.locator(".step button").wait_for()
    moved.locator("a.open").focus()

    def goes_along() -> bool:
        """What is pressed at the very moment in which the board is drawn anew is pressed once more. Where the card goes
        depends on how far others have brought the feature that fits."""
        moved.locator(".step button").evaluate_all("buttons => buttons.forEach(button => button.click())")
        page.wait_for_timeout(4000)
        return bool(page.locator(f"section:not(#received) .card[data-name='FB-{before + 1}']").count())

    until(goes_along, "the card goes on")
    assert page.evaluate("document.activeElement.closest('.card')?.dataset.name") == f"FB-{before + 1}"


def test_a_link_to_a_form_that_is_folded_away_unfolds_it(open_page: Open) -> None:
    page = open_page("/owners")
    assert not page.locator("details#import").evaluate("each => each.open")
    page.locator("a[href='#import']").click()
    page.locator("details#import[open] form").wait_for()
    page = open_page("/owners#import")
    page.locator("details#import[open] form").wait_for()


def test_whoever_wants_no_motion_gets_none(open_page: Open) -> None:
    page = open_page(reduced_motion="reduce")
    page.evaluate(
        """() => { window.ghosts = 0;
        new MutationObserver(() => window.ghosts += document.querySelectorAll('.ghost').length)
            .observe(document.body, {childList: true}); }"""
    )
    before = newest(page)
    page.locator("#chat .card .step button").first.click()
    card(page, "received", f"FB-{before + 1}")
    assert page.evaluate("window.ghosts") == 0


def test_it_works_without_a_script(open_page: Open, show: Show) -> None:
    page = open_page(java_script_enabled=False)
    before = newest(page)
    page.locator("#chat .card .step button").first.click()
    assert "実行しました" in page.locator(".did").inner_text()
    for _ in range(60):
        if newest(page) > before:
            return
        page.wait_for_timeout(500)
        page.goto(f"{show.url}/board")
    raise AssertionError("the wish never arrived")


@pytest.fixture
def one_wish(show: Show) -> None:
    """At least one wish has been filed."""
    if not show.stage.intercom.did("note"):
        show.stage.intercom.tag(show.stage.chats[-1], "", "要望", "7001")
    while not show.stage.intercom.did("note"):
        time.sleep(0.1)


@pytest.mark.usefixtures("one_wish")
@pytest.mark.parametrize(
    "path", ["/board", "/board?lang=en", "/feedback/1", "/deliveries", "/deliveries?kind=runs", "/setup", "/demo/slack"]
)
@pytest.mark.parametrize("width", [390, 320])
def test_nothing_sticks_out_on_a_phone(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, viewport={"width": width, "height": 844})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.usefixtures("one_wish")
@pytest.mark.parametrize("path", ["/board", "/feedback/1", "/deliveries", "/setup", "/demo/slack"])
def test_targets_can_be_hit(open_page: Open, path: str) -> None:
    page = open_page(path)
    page.locator("button[popovertarget=me]").click()
    page.locator("#me").wait_for()
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            'button, select, input:not([type=hidden]), nav a, .top a, .me a, summary')]
            .filter(each => each.checkVisibility())
            .map(each => [each.innerText, each.getBoundingClientRect()])
            .filter(([_, box]) => box.width && (box.height < 24 || box.width < 24))
            .map(([text]) => text)"""
    )
    assert small == []


def test_the_key_of_a_one_time_address_is_typed_into_its_form_and_gone_from_the_address(open_page: Open) -> None:
    page = open_page("/sign-in/once#key=abc-DEF_123", but="status of 403")
    field = page.get_by_label("1回限りのキー")
    assert field.input_value() == "abc-DEF_123"
    assert page.url.endswith("/sign-in/once")
    page.goto(page.url + "#key=second_456")  # pasted into the address line of the open page, which is not loaded again
    expect(field).to_have_value("second_456")
    assert page.url.endswith("/sign-in/once")
    page.get_by_role("button", name="ログイン").click()
    page.get_by_role("alert").wait_for()


def test_the_filters_of_the_search_are_all_as_high_whatever_stands_below_one(open_page: Open) -> None:
    page = open_page("/search?q=CSV&company=あおば")
    heights = {field.bounding_box()["height"] for field in page.locator(".narrow input").all()}
    assert len(heights) == 1


def test_what_waits_for_its_reader_comes_before_the_way_into_the_demo(open_page: Open) -> None:
    page = open_page("/")
    assert page.locator(".owed > .start:last-child").is_visible()
