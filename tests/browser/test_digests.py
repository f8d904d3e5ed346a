"""Digests in a real browser: chosen and stopped without a mouse, and a week whose lines lead where they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.demo import counted
from app.demo.show import Show
from tests.browser.conftest import Open, follow
from tests.browser.test_accessible import axe, broken  # noqa: F401
from tests.browser.test_volume import LOOKS, SPOKEN, both
from workflows.engine.store import now_ms
from workflows.measure import moments
from workflows.rules import rules

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WORDS = {
    "ja": {
        "get": "受け取る",
        "stop": "停止",
        "on": "オン",
        "chosen": "受信を開始しました",
        "stopped": "受信を停止しました",
        "week": "週次",
        "grew": "増えたテーマ",
    },
    "en": {
        "get": "Get it",
        "stop": "Stop",
        "on": "On",
        "chosen": "You get this digest from now on.",
        "stopped": "This digest is stopped.",
        "week": "Weekly digest",
        "grew": "More than usual",
    },
}


@pytest.fixture(scope="module", autouse=True)
def some_weeks(show: Show) -> None:
    """The weeks before the demo began, as `make demo` counts them."""
    counted.seed()


def newest() -> str:
    """The newest weekly digest's address."""
    return f"/digests/weekly/{moments.latest_week(rules.digest, rules.calendar, now_ms())}"


def press(form: Any) -> None:
    """The form's button, pressed with the keyboard."""
    with form.page.expect_navigation():
        form.locator("button").press("Enter")


@pytest.mark.parametrize("kind", moments.KINDS)
@both
def test_a_digest_is_chosen_and_stopped_without_a_mouse(open_page: Open, language: str, kind: str) -> None:
    said = WORDS[language]
    page = open_page("/digests", locale=SPOKEN[language])
    forms = page.locator(f"section:has(#{kind}) form.subscribing")
    n = forms.count()
    for number in range(n):
        press(forms.nth(number))
        assert said["chosen"] in page.locator(".did").inner_text()
        assert said["on"] in forms.nth(number).inner_text()
    assert n == 2 and page.locator("form[action='/digests/stop']").count() == n
    for number in range(n):
        assert said["stop"] in forms.nth(number).inner_text()
        press(forms.nth(number))
        assert said["stopped"] in page.locator(".did").inner_text()
        assert said["get"] in forms.nth(number).inner_text()


@both
def test_a_preview_says_the_numbers_in_the_other_language(open_page: Open, language: str) -> None:
    page = open_page("/digests", locale=SPOKEN[language])
    other = "en" if language == "ja" else "ja"
    preview = page.locator(f"section:has(#weekly) details.preview[lang={other}]")
    assert not preview.locator(".digest-lines").is_visible()
    preview.locator("summary").press("Enter")
    preview.locator(".digest-lines").wait_for()
    assert WORDS[other]["week"] in preview.inner_text()


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_lists_of_a_week_are_as_long_as_they_say(open_page: Open, language: str, theme: str) -> None:
    page = open_page("/digests", locale=SPOKEN[language], color_scheme=theme)
    lines = page.locator(f"section:has(#weekly) details.preview[lang={language}] .digest-lines > li > a")
    told = lines.evaluate_all("all => all.map(each => [each.getAttribute('href'), each.textContent])")
    assert told
    for address, text in told:
        path, _, part = address.partition("#")
        assert path == newest()
        page.goto(page.url.split("/digests")[0] + address)
        assert page.locator(f"#{part} .count").inner_text() == text.rpartition(" ")[2]


@pytest.mark.parametrize("path", ["/digests", "week", "today"])
def test_axe_finds_nothing_wrong_with_digests(open_page: Open, axe: str, path: str) -> None:  # noqa: F811
    today = rules.calendar.local(now_ms()).date()
    addresses = {"week": newest(), "today": f"/digests/daily/{(today - timedelta(days=1)).isoformat()}"}
    page = open_page(addresses.get(path, path))
    for preview in page.locator("details.preview summary").all():
        preview.click()
    assert broken(page, axe) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@both
def test_a_week_is_reached_from_where_digests_are_chosen(open_page: Open, language: str) -> None:
    page = open_page(newest(), locale=SPOKEN[language])
    assert WORDS[language]["week"] in page.locator("main").inner_text()
    follow(page.locator("main header a[href='/digests'], main a[href='/digests']").first)
    assert page.locator("form.subscribing").count() == 4
