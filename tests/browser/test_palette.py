"""The palette in a browser: opened by keys, walked through by arrows, and never a step ahead of the network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
IS_OPEN = "document.getElementById('palette').open"
#: What was asked for is there, for these words.
ANSWERED = "words => document.querySelector(`#offer-rest`)?.textContent.includes(words)"
#: Three rooms have something to do.
COUNT = """() => document.querySelectorAll('.rooms a').forEach((room, at) =>
  at % 2 && room.insertAdjacentHTML('beforeend', '<span class="badge">12</span>'))"""


def chosen(page: Any) -> str:
    """What the option says that is marked."""
    return str(page.locator("#offered [aria-selected=true]").inner_text())


def test_it_opens_by_keys_and_leads_to_what_is_marked(open_page: Open) -> None:
    page = open_page("/setup")
    page.keyboard.press("Control+k")
    assert page.evaluate(IS_OPEN)
    page.wait_for_selector("#offered [aria-selected=true]")
    assert chosen(page).startswith("ホーム")
    page.keyboard.press("ArrowUp")
    last = chosen(page)
    page.keyboard.press("ArrowDown")
    assert chosen(page).startswith("ホーム") and last != chosen(page)
    page.keyboard.type("あおば")
    page.wait_for_function(ANSWERED, arg="あおば")
    assert "あおば製作所" in chosen(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/101")
    page.keyboard.press("/")
    assert page.evaluate(IS_OPEN)
    page.keyboard.press("Escape")
    assert not page.evaluate(IS_OPEN)


def test_enter_before_the_answer_searches_for_what_was_typed(open_page: Open) -> None:
    page = open_page("/setup")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#offered [aria-selected=true]")
    page.route("**/find?q=CSV*", lambda route: None)  # never answered
    page.keyboard.type("CSV")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=CSV")


def test_keys_of_an_input_method_choose_nothing(open_page: Open) -> None:
    page = open_page("/setup")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#offered [aria-selected=true]")
    before = chosen(page)
    for key in ("ArrowDown", "Enter"):
        pressed = "new KeyboardEvent('keydown', {key, bubbles: true, isComposing: true})"
        page.evaluate(f"key => document.activeElement.dispatchEvent({pressed})", key)
    assert chosen(page) == before and page.evaluate(IS_OPEN)


def test_single_letters_switched_off_do_nothing_and_the_palette_still_opens(open_page: Open) -> None:
    page = open_page("/setup?keys=off")
    for key in ("/", "?"):
        page.keyboard.press(key)
    assert not page.locator("dialog[open]").count()
    page.keyboard.press("Control+k")
    assert page.evaluate(IS_OPEN)


def test_on_a_phone_the_icon_opens_it_and_the_top_stays_one_row(open_page: Open) -> None:
    page = open_page("/", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.querySelector('.top').offsetHeight") < 60
    page.click("[data-palette]")
    assert page.evaluate(IS_OPEN)


@pytest.mark.parametrize("locale", ["ja-JP", "en-GB"])
def test_the_top_is_one_row_and_nothing_of_it_is_cut_off(open_page: Open, locale: str) -> None:
    for width in (1440, 1400, 1399, 1280, 1200, 1199, 641):
        page = open_page("/", viewport={"width": width, "height": 800}, locale=locale)
        page.evaluate(COUNT)
        assert page.evaluate("document.querySelector('.top').offsetHeight") < 60
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ends = page.evaluate("[...document.querySelectorAll('.top-row > *')].map(e => e.getBoundingClientRect().right)")
        assert max(ends) <= width, width
