"""Alerts in a real browser: a fault in the demo, its alert, its chart, and what somebody says of it."""

from __future__ import annotations

import pytest

from app.demo import counted
from app.demo.show import Show
from tests.browser.conftest import Open
from tests.browser.test_accessible import axe, broken  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SPIKE = "障害のお問い合わせが相次ぐ"
WORDS = {
    "ja": {"many": "ふだんより増えています", "fault": "障害", "undo": "取り消す"},
    "en": {"many": "above normal", "fault": "Fault", "undo": "Undo"},
}


@pytest.fixture(scope="module", autouse=True)
def some_weeks(show: Show) -> None:
    """The weeks before the demo began, as `make demo` counts them."""
    counted.seed()


def test_a_fault_is_told_explained_and_judged_in_both_languages(open_page: Open, axe: str) -> None:  # noqa: F811
    page = open_page("/board?lang=ja")
    page.get_by_role("button", name=SPIKE).click()
    page.get_by_text("16人のお客様").first.wait_for(timeout=30_000)
    for language in ("ja", "en"):
        words = WORDS[language]
        page = open_page(f"/alerts?lang={language}")
        for _ in range(40):
            if page.locator("section.alert-now").count():
                break
            page.wait_for_timeout(500)
            page.reload()
        page.locator("section.alert-now a", has_text=words["many"]).first.click()
        page.wait_for_url("**/alerts/*")
        page.locator("svg.chart").first.wait_for()
        assert "ログイン" in page.locator("main").inner_text()
        assert broken(page, axe) == {}
        page.get_by_role("button", name=words["fault"], exact=True).click()
        page.locator("div.did").wait_for()
        assert words["fault"] in page.locator("section:has(#verdict) p").first.inner_text()
        page.get_by_role("button", name=words["undo"], exact=True).click()
        page.get_by_role("button", name=words["fault"], exact=True).wait_for()


def test_the_past_is_looked_through_with_keys_alone(open_page: Open) -> None:
    page = open_page("/alerts?lang=en")
    page.get_by_role("button", name="Look through the past").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Too many", exact=True).first.wait_for()
    assert page.get_by_role("link", name="Number of enquiries").first.is_visible()
    assert page.get_by_text("Too many", exact=True).first.is_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(open_page: Open) -> None:
    page = open_page("/alerts?lang=ja")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
