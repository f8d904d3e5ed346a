"""Similar requests in a real browser: found while one types, chosen, filed; and said not to be the same, with keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.test_meeting import focus, show  # noqa: F401  (the demo with a meeting to play)

pytestmark = pytest.mark.browser

WORDS = {
    "ja": {
        "quote": "レジ締めの打刻を15分ごとに丸めたい",
        "same": "FB-9と同じ要望",
        "new": "新しい要望",
        "did": "統合しました",
        "not": "別の要望",
        "apart": "別の要望としました",
        "undone": "別の要望としたことを取り消しました",
        "more": "さらに表示",
    },
    "en": {
        "quote": "レジの締め時間は打刻を15分単位にしたい",
        "same": "Same request as FB-9",
        "new": "A new request",
        "did": "Filed, and merged",
        "not": "Not the same",
        "apart": "won't be suggested here again",
        "undone": "may be the same request again",
        "more": "Show more",
    },
}
LOCALES = {"ja": "ja-JP", "en": "en-US"}


def asked(page: Any) -> list[str]:
    """The addresses that the page's scripts ask for from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.url.endswith("/similar") else None)
    return seen


@pytest.mark.parametrize("language", WORDS)
def test_a_request_is_typed_and_filed_as_the_one_that_is_like_it(open_page: Open, language: str) -> None:
    words = WORDS[language]
    page = open_page("/wishes/new", locale=LOCALES[language])
    assert page.locator("[data-looks]").is_hidden()
    seen = asked(page)
    page.locator("#company").fill("カフェ・ルリ")
    page.locator("#quote").press_sequentially(words["quote"])
    same = page.locator("label", has_text=words["same"])
    same.wait_for()
    assert page.evaluate("document.activeElement.id") == "quote" and len(seen) < len(words["quote"])
    assert page.locator("label", has_text=words["new"]).locator("input").is_checked()
    assert "FB-9" not in page.locator("#similar-count").inner_text() and page.locator("#similar-count").inner_text()
    same.click()
    with page.expect_response("**/wishes/similar"):
        page.locator("#quote").press_sequentially("です")
    assert page.locator("input[name=same]:checked").get_attribute("value") == "FB-9"
    page.locator("#filing button.first").click()
    page.locator(".did", has_text=words["did"]).wait_for()
    assert "FB-9" in page.locator(".did.merged").inner_text()


@pytest.mark.parametrize("language", WORDS)
def test_what_is_not_the_same_is_said_at_the_meeting_and_undone_with_a_key(open_page: Open, language: str) -> None:
    words = WORDS[language]
    page = open_page("/triage?at=FB-1", locale=LOCALES[language])
    here = focus(page, "FB-1")
    here.locator(".likes li", has_text="FB-2").wait_for()
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.matches('.likes button')")
    here.locator(".likes li", has_text="FB-2").get_by_role("button", name=words["not"]).click()
    page.locator(".did", has_text=words["apart"]).wait_for()
    assert focus(page, "FB-1").locator(".likes li", has_text="FB-2").count() == 0
    page.keyboard.press("u")
    page.locator(".did", has_text=words["undone"]).wait_for()
    assert focus(page, "FB-1").locator(".likes li", has_text="FB-2").count() == 1


@pytest.mark.parametrize("path", ["/triage?at=FB-1", "/feedback/1"])
def test_more_is_shown_without_leaving_the_page(open_page: Open, path: str) -> None:
    page = open_page(path)
    before = page.url, page.locator(".likes li").count()
    more = page.locator("[data-more]")
    more.click()
    more.wait_for(state="detached")
    assert page.url == before[0] and page.locator(".likes li").count() >= before[1]
    assert page.evaluate("document.activeElement.closest('#similar') !== null")


def test_without_scripts_a_button_finds_what_is_similar(open_page: Open) -> None:
    page = open_page("/wishes/new", java_script_enabled=False)
    page.locator("#quote").fill(WORDS["ja"]["quote"])
    page.locator("#title").fill("打刻の丸め")
    page.get_by_role("button", name="似た要望を探す").click()
    page.locator("label", has_text="FB-9と同じ要望").wait_for()
    assert page.locator("#title").input_value() == "打刻の丸め"
    assert page.locator("#quote").input_value() == WORDS["ja"]["quote"]
