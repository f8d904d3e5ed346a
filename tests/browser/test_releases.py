"""A release in a real browser, by hand: held, released in two waves, approved with keys, withdrawn, and apologised for;
then a dry run beside what people do. In Japanese and in English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.demo.show import Show
from tests.browser.conftest import JAPANESE, Open, come_to_rest
from tests.browser.test_accessible import axe, broken  # noqa: F401  (axe-core)
from tests.crash.service import until
from workflows.rules import current, rules
from workflows.rules.dry_run import DryRun
from workflows.rules.telling import Gate

pytestmark = pytest.mark.browser

KEY, FIRST, OTHER = "KNDE-12", 0, 2
#: What the buttons are called.
WORDS = {
    "ja": {
        "hold": "完了した課題をリリースまで保留する",
        "done": "KNDE-12を完了にする",
        "now": "今すぐ送信する",
        "undo": "公開を取りやめる",
        "dry": "試運転をオンにする",
        "tag": "「要望」タグを付ける",
    },
    "en": {
        "hold": "Hold completed issues until release",
        "done": "Mark KNDE-12 as done",
        "now": "Send now",
        "undo": "Undo the release",
        "dry": "Switch dry run on",
        "tag": "Tag as “要望”",
    },
}


@pytest.fixture(params=WORDS)
def language(request: pytest.FixtureRequest) -> str:
    """What the person reads."""
    return str(request.param)


@pytest.fixture(autouse=True)
def waiting(show: Show) -> Iterator[None]:
    """Customers of two companies wait for one issue, which is being worked on."""
    stage = show.stage
    stage.jira.move(KEY, "進行中")
    for number in (FIRST, OTHER):
        stage.intercom.tag(stage.chats[number], "", "要望", "7003")
    come_to_rest(stage)
    links = (f"https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/{chat}" for chat in stage.chats)
    here = list(links)
    stage.jira.describe(KEY, f"お客様の声: {here[FIRST]} {here[OTHER]}")
    come_to_rest(stage)
    yield
    rules.gate, rules.dry_run = Gate(), DryRun()
    assert not current.dry_run()


def test_a_release_is_told_in_two_waves_withdrawn_and_apologised_for(
    open_page: Open,
    show: Show,
    axe: str,  # noqa: F811
    language: str,
) -> None:
    page, stage, words = open_page(f"/board?lang={language}"), show.stage, WORDS[language]
    said_before = {number: len(stage.intercom.did("comment", stage.chats[number])) for number in (FIRST, OTHER)}

    def sent(number: int) -> int:
        return len(stage.intercom.did("comment", stage.chats[number])) - said_before[number]

    def drafts() -> str:
        page.goto(f"{show.url}/drafts?whose=all&lang={language}")
        count = page.locator("[data-total=drafts]")
        return count.inner_text() if count.count() else ""

    press(page, words["hold"])
    page.locator("#board .card button", has_text=words["done"]).first.click()
    until(lambda: stage.jira.find(KEY).status == "完了", "the issue is done")
    come_to_rest(stage)
    assert not sent(FIRST)

    arrive(page, f"{show.url}/releases?lang={language}", f"tr[data-name='{KEY}'] a.open").click()
    assert page.locator(".ledger .count").inner_text() == "2"
    release(page, "companies")
    until(lambda: drafts() == "1", "the first company's customer has a draft")

    arrive(page, f"{show.url}/releases?lang={language}", f"tr[data-name='{KEY}'] a.open").click()
    address = page.url
    release(page, "all")
    until(lambda: drafts() == "2", "so has the other")
    approve(page, words["now"])
    until(lambda: sent(FIRST) + sent(OTHER) == 1, "one customer is told")
    come_to_rest(stage)

    page.goto(address)
    assert broken(page, axe) == {}
    page.set_viewport_size(JAPANESE["viewport"])
    page.locator("button[popovertarget=undo]").first.click()
    page.locator("#undo").get_by_role("button", name=words["undo"]).click()
    until(lambda: drafts() == "1", "the other draft is withdrawn, and there is an apology")
    approve(page, words["now"])
    until(lambda: sorted((sent(FIRST), sent(OTHER))) == [0, 2], "who was told has an apology")


def test_a_dry_run_lays_what_would_be_done_beside_what_people_did(open_page: Open, show: Show, language: str) -> None:
    page, stage, words = open_page(f"/board?lang={language}"), show.stage, WORDS[language]
    before = len(stage.productboard.effects)
    press(page, words["dry"])
    page.reload()
    page.locator("#chat .card button", has_text=words["tag"]).first.click()
    row = arrive(page, f"{show.url}/dry-run?lang={language}", "tr[data-row]")
    row.locator("details summary").first.click()
    assert row.locator("details code").first.inner_text()
    assert len(stage.productboard.effects) == before


def arrive(page: Any, address: str, what: str) -> Any:
    """Look at a page again and again, until something stands there."""

    def stands() -> bool:
        page.goto(address)
        return bool(page.locator(what).count())

    until(stands, f"{what} on {address}")
    return page.locator(what).first


def press(page: Any, words: str) -> None:
    """One of the demo's buttons."""
    page.locator("#desks").evaluate("desks => { desks.open = true }")
    page.get_by_role("button", name=words, exact=True).click()
    page.get_by_role("button", name=words, exact=True).wait_for(state="detached")


def release(page: Any, audience: str) -> None:
    """Choose an audience, look whom it reaches, and release it to them."""
    page.locator(f"[name=audience][value={audience}]").check()
    if audience == "companies":
        page.locator("[name=company]").first.check()
    page.locator("form.publish button.first").click()
    foreseen = page.locator("#foreseen")
    foreseen.wait_for()
    foreseen.locator("button.first").click()
    page.locator("p.did").wait_for()


def approve(page: Any, now: str) -> None:
    """With the keys; then it is not to wait for business hours."""
    page.locator("#text").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("#approved").wait_for()
    page.locator("#approved").get_by_role("button", name=now).click()
    page.locator("#approved").wait_for(state="detached")
