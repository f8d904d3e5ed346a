"""The screen on the wall in a real browser: it refreshes itself, and says when nobody answers."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

#: What the script looks at at once.
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def test_it_refreshes_itself_and_what_has_the_focus_keeps_it(open_page: Open) -> None:
    page = open_page("/wall", locale="en-US")
    page.locator("#live.on").wait_for()
    before = page.locator(".as-of").inner_text()
    page.locator("[data-key=untold] a").focus()
    page.wait_for_function("text => document.querySelector('.as-of').textContent !== text", arg=before)
    assert page.evaluate("document.activeElement.closest('[data-key]').dataset.key") == "untold"
    assert page.locator(".tiles > li").count() == 6


@pytest.mark.fault("F104")
def test_a_screen_that_nobody_answers_says_so(open_page: Open) -> None:
    page = open_page("/wall", but="ERR_INTERNET_DISCONNECTED", locale="en-US")
    page.locator("#live.on").wait_for()
    before = page.locator(".as-of").inner_text()
    page.context.set_offline(True)
    page.evaluate(LOOK)
    page.locator("body.stale #live.off").wait_for()
    assert "Connection lost" in page.locator("#live").inner_text() and page.locator(".as-of").inner_text() == before
    page.context.set_offline(False)
    page.evaluate(LOOK)
    page.locator("body:not(.stale) #live.on").wait_for()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (390, 844)])
def test_it_fits_the_screen(open_page: Open, width: int, height: int) -> None:
    page = open_page("/wall", viewport={"width": width, "height": height}, locale="ja-JP")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
