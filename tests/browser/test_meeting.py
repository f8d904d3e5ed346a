"""The meeting in a real browser: walked through with keys, in Japanese and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.demo import meeting
from app.demo.show import Show
from app.demo.stage import Stage
from tests.browser.conftest import Open, unhurried, wait_for_the_customers
from tests.meeting import LEAD, decide
from workflows.meeting import acts
from workflows.people.person import Person

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """The demo with a meeting to play, as `make demo` shows it."""
    stage = Stage()
    chats = meeting.begin(stage)
    with Show(stage, f"sqlite:///{tmp_path_factory.mktemp('meeting')}/demo.sqlite") as show:
        meeting.file(chats)
        unhurried(stage)
        stage.open()
        wait_for_the_customers()
        yield show
    stage.close()


def focus(page: Any, name: str) -> Any:
    """The wish in focus, awaited."""
    found = page.locator(f"#wish[data-name='{name}']")
    found.wait_for()
    return found


def named(page: Any) -> list[str]:
    """The wishes on the agenda, top first."""
    return list(page.locator(".rows a[data-wish]").evaluate_all("rows => rows.map(row => row.dataset.wish)"))


def test_the_story_starts_at_its_beginning_whatever_else_is_under_way(open_page: Open) -> None:
    page = open_page()
    assert page.locator("#to-tell .step button").count()
    assert page.locator("#board button.first").count() == 1
    assert page.locator("#chat .card button.first").inner_text() == "「要望」タグを付ける"


def test_a_meeting_is_played_with_keys_alone(open_page: Open) -> None:
    page = open_page("/triage")
    first, second, chosen = named(page)[:3]
    focus(page, first)
    page.keyboard.press("j")
    page.keyboard.press("j")
    focus(page, chosen)
    assert page.url.endswith(f"?at={chosen}")
    page.keyboard.press("k")
    focus(page, second)
    page.keyboard.press("j")
    focus(page, chosen)

    page.keyboard.press("w")
    assert page.locator("#weight:popover-open .total").inner_text().startswith("合計")
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.type("ほかを先に進めるため")
    page.locator(".for-decline button").first.click()
    assert "計画を見直す際に" in page.locator("#answer").input_value()
    page.keyboard.press("Control+Enter")

    page.locator("#decided").wait_for()
    assert chosen in page.locator("#decided").inner_text() and "見送り" in page.locator("#decided").inner_text()
    assert "あと" in page.locator("[data-until]").first.inner_text()
    assert chosen not in named(page)
    page.keyboard.press("u")
    focus(page, chosen)
    assert "結論を取り消しました" in page.locator(".did").inner_text()
    assert chosen in named(page)


def test_what_is_decided_far_down_the_agenda_is_in_sight_with_its_undo(open_page: Open) -> None:
    page = open_page("/triage")
    last = named(page)[-1]
    page.locator(f".rows a[data-wish='{last}']").click()
    focus(page, last)
    page.keyboard.press("d")
    page.keyboard.type("ほかを先に進めるため")
    page.keyboard.press("Control+Enter")
    page.locator("#decided").wait_for()
    page.wait_for_load_state("load")
    box = page.locator("#decided").bounding_box()
    assert box and box["y"] >= 0 and last in page.locator("#decided").inner_text()
    page.keyboard.press("u")
    focus(page, last)


def test_keys_are_letters_where_somebody_types(open_page: Open) -> None:
    page = open_page("/triage")
    before = page.locator("#wish").get_attribute("data-name")
    page.locator("#reason").click()
    page.keyboard.type("jackdawem")
    assert page.locator("#reason").input_value() == "jackdawem"
    assert page.locator("#wish").get_attribute("data-name") == before
    assert page.locator("#decide input[type=radio]:checked").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.id") == "into"


def test_similar_wishes_are_merged_and_taken_apart(open_page: Open) -> None:
    page = open_page("/triage")
    first = focus(page, "FB-1")
    first.locator(".likes li", has_text="FB-2").get_by_role("button", name="同じ要望").click()
    page.locator(".did", has_text="に統合しました").wait_for()
    assert not {"FB-1", "FB-2"} <= set(named(page))
    page.locator(".merged").get_by_role("button").click()
    page.locator(".did", has_text="統合を解除しました").wait_for()
    assert "FB-2" in named(page)


def test_a_past_day_has_no_buttons_and_says_what_became_of_it(open_page: Open) -> None:
    page = open_page("/triage")
    page.locator(".tabs").get_by_text("過去の議題").click()
    page.locator("input[type=date]").fill(page.evaluate("new Date(Date.now() - 20 * 864e5).toISOString().slice(0, 10)"))
    page.locator("form", has=page.locator("input[type=date]")).get_by_role("button").click()
    page.locator(".past-mark").wait_for()
    assert "その後の結論" in page.locator(".agenda").inner_text()
    assert page.locator("#decide").count() == 0
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_function("() => document.activeElement.dataset.wish === document.querySelector('#wish').dataset.name")
    assert page.locator("#decide").count() == 0


def test_the_same_in_english(open_page: Open) -> None:
    page = open_page("/triage?lang=en", locale="en-US")
    assert page.locator("h1").inner_text().startswith("Meeting")
    name = page.locator("#wish").get_attribute("data-name")
    page.keyboard.press("c")
    page.keyboard.type("We ask a few more customers")
    page.keyboard.press("Control+Enter")
    page.locator("#decided").wait_for()
    said = page.locator("#decided").inner_text()
    assert name in said and "Keep considering" in said and "Sends at" in said
    page.keyboard.press("u")
    page.locator(".did", has_text="was undone").wait_for()


def test_on_a_phone_the_wish_comes_first(open_page: Open) -> None:
    page = open_page("/triage", viewport={"width": 390, "height": 844})
    assert 0 <= page.locator("#wish").bounding_box()["y"] < 400
    page.locator(".rows a[data-wish]").nth(1).click()
    page.wait_for_url("**at=FB-*")
    assert 0 <= page.locator("#wish").bounding_box()["y"] < page.locator(".agenda").bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_it_works_as_well(open_page: Open) -> None:
    page = open_page("/triage", java_script_enabled=False)
    page.locator(".rows a[data-wish]").nth(3).click()
    name = page.locator("#wish").get_attribute("data-name")
    page.locator(".pick", has_text="採用").click()
    page.locator("#reason").fill("多くのお客様に効くため")
    page.get_by_role("button", name="決定").click()
    assert name in page.locator("#decided").inner_text() and "に送信" in page.locator("#decided").inner_text()
    page.get_by_role("button", name="取り消す").first.click()
    assert "結論を取り消しました" in page.locator(".did").inner_text()


def test_whoever_reads_elsewhere_sees_their_own_time_too(open_page: Open) -> None:
    at_home, elsewhere = (open_page("/triage", timezone_id=zone) for zone in ("Asia/Tokyo", "America/New_York"))
    for page in (at_home, elsewhere):
        page.locator("h1 time").hover()
        page.locator("h1 time[data-told]").wait_for()
    shown = at_home.locator("h1 time").get_attribute("title")
    assert shown.endswith("15:00 日本標準時")
    [same, own] = elsewhere.locator("h1 time").get_attribute("title").split("\n")
    assert same == shown and re.fullmatch(r"お手元の時刻: 20\d\d/\d\d/\d\d [12]:00", own)


def test_what_somebody_else_decides_shows_by_itself_and_disturbs_nobody_who_types(open_page: Open) -> None:
    page = open_page("/triage")
    first, second = named(page)[:2]
    decision = decide(int(first.removeprefix("FB-")), "consider", by=Person("U0TANAKA", "田中 みなみ"))
    page.locator("#said", has_text="田中 みなみさんが").wait_for()
    page.locator("#wish .held").wait_for()  # nobody types: the request is shown anew
    page.locator(f".row.handled a[data-wish='{first}']").wait_for()
    page.locator("#reason").fill("わたしの理由")
    acts.undo(decision.id or 0, LEAD)
    banner = page.locator("#wish .news")
    banner.wait_for()
    assert "結論を取り消しました" in banner.inner_text() and page.locator("#reason").input_value() == "わたしの理由"
    banner.get_by_role("link").click()
    page.wait_for_function("() => !document.querySelector('#wish .held')")
    assert page.locator("#reason").input_value() == "わたしの理由"  # the draft is kept
    page.locator("#reason").fill("")
    assert second in named(page)
