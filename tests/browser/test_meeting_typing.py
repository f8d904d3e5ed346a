"""What somebody types at the meeting is not lost and lands on no other wish: slow networks, rows, input methods."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from tests.browser.conftest import Open
from tests.browser.test_meeting import focus, named, show  # noqa: F401  (the demo with a meeting to play)
from tests.meeting import filed
from workflows.engine.store import store
from workflows.tables.meeting import Decision

pytestmark = pytest.mark.browser
REASON = "#reason"


def slow(page: Any, milliseconds: int) -> None:
    """From now on every answer takes so long."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    speed = {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1}
    wire.send("Network.emulateNetworkConditions", speed)


def decided() -> list[int]:
    """The wishes that something was concluded about, in order."""
    return list(store.read(lambda session: session.exec(select(Decision.feedback_id).order_by(col(Decision.id))).all()))


def conclusion(page: Any) -> list[str]:
    """What is chosen in the form."""
    return list(page.locator("#decide input[type=radio]:checked").evaluate_all("all => all.map(each => each.value)"))


def test_what_is_typed_before_a_wish_has_come_is_decided_about_no_other(open_page: Open) -> None:
    page = open_page("/triage")
    first, _, third = named(page)[:3]
    focus(page, first)
    slow(page, 2000)
    page.reload()
    before = decided()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator("#focus").get_attribute("aria-busy") == "true"
    page.keyboard.press("d")
    page.keyboard.type("juudai na kakushiga aru", delay=130)  # the wish comes while this is typed
    focus(page, third)
    page.keyboard.press("Control+Enter")
    assert len(page.context.pages) == 1
    assert page.locator("#wish").get_attribute("data-name") == third
    assert conclusion(page) == [] and decided() == before
    page.wait_for_timeout(900)
    page.keyboard.press("d")
    page.keyboard.type("ほかを先に進めるため")
    page.wait_for_timeout(2500)
    assert page.locator(REASON).input_value() == "ほかを先に進めるため" and conclusion(page) == ["decline"]
    page.keyboard.press("Control+Enter")
    page.locator("#decided").wait_for()
    assert decided() == [*before, int(third.removeprefix("FB-"))]
    page.keyboard.press("u")
    page.locator(".did", has_text="結論を取り消しました").wait_for()


def test_the_next_wish_is_there_before_it_is_asked_for(open_page: Open) -> None:
    page = open_page("/triage", viewport={"width": 1440, "height": 900})
    second = named(page)[1]
    page.wait_for_load_state("networkidle")
    slow(page, 600_000)
    page.keyboard.press("j")
    page.locator(f"#wish[data-name='{second}']").wait_for()


def test_what_was_typed_is_kept_while_another_wish_is_looked_at(open_page: Open) -> None:
    page = open_page("/triage")
    first, second = named(page)[:2]
    focus(page, first)
    page.keyboard.press("d")
    page.keyboard.type("いまはほかを先に")
    page.locator(f"[data-wish='{second}']").click()
    focus(page, second)
    assert page.locator(REASON).input_value() == "" and conclusion(page) == []
    marked = page.locator(f"[data-draft='{first}']")
    assert marked.is_visible() and marked.inner_text() == "下書き"
    page.locator(f"a[data-wish='{first}']").click()
    focus(page, first)
    assert page.locator(REASON).input_value() == "いまはほかを先に" and conclusion(page) == ["decline"]
    page.reload()
    assert page.locator(REASON).input_value() == "いまはほかを先に"
    page.locator(REASON).press("Control+Enter")
    page.locator("#decided").wait_for()
    page.keyboard.press("u")
    page.locator(".did", has_text="結論を取り消しました").wait_for()
    focus(page, first)
    assert page.locator(REASON).input_value() == "いまはほかを先に"  # to be corrected; nobody has typed anything anew
    assert not page.locator(f"[data-draft='{first}']").is_visible()


def test_back_leaves_the_meeting_however_far_one_has_walked(open_page: Open) -> None:
    page = open_page("/wishes")
    page.goto(page.url.replace("/wishes", "/triage"))
    names = named(page)
    for name in names[1:4]:
        page.keyboard.press("j")
        focus(page, name)
    page.wait_for_url(f"**at={names[3]}")
    page.go_back()
    page.wait_for_url("**/wishes")


def test_merging_an_issue_and_telling_all_have_keys(open_page: Open) -> None:
    page = open_page("/triage")
    page.keyboard.press("t")
    assert page.locator("[name=tells_all]").is_checked()
    page.keyboard.press("i")
    assert page.evaluate("document.activeElement.id") == "key"
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.matches('.likes button, #merge-into')")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    shown = page.locator("#keys").inner_text()
    assert "似た要望・統合" in shown and "要望したすべてのお客様に報告する" in shown


PRESS = """([key, code, composing]) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
  {key, code, isComposing: composing, bubbles: true, cancelable: true}))"""


def test_an_input_method_may_be_on(open_page: Open) -> None:
    page = open_page("/triage")
    for key in ("Process", "ｄ", "し"):
        page.evaluate(PRESS, [key, "KeyD", False])
        assert page.evaluate("document.activeElement.id") == "reason", key
        page.evaluate("document.activeElement.blur()")
    page.locator(REASON).focus()
    page.evaluate(PRESS, ["Escape", "Escape", True])
    assert page.evaluate("document.activeElement.id") == "reason"
    page.evaluate(PRESS, ["Escape", "Escape", False])
    assert page.evaluate("document.activeElement.id") != "reason"


def test_a_wrong_duplicate_is_said_at_its_field_and_reloading_sends_nothing(open_page: Open) -> None:
    page = open_page("/triage", but="status of 409")
    name = named(page)[0]
    page.keyboard.press("m")
    page.keyboard.type("FB-999")
    page.locator(REASON).fill("同じ要望のため")
    page.locator(REASON).press("Control+Enter")
    page.locator("#into[aria-invalid=true]").wait_for()
    assert "FB-999" in page.locator("#wrong-into").inner_text()
    assert page.evaluate("document.activeElement.id") == "into"
    assert page.url.endswith(f"/triage?at={name}")
    page.reload()
    focus(page, name)
    assert page.locator("#wrong-into").count() == 0
    assert page.locator(REASON).input_value() == "同じ要望のため" and conclusion(page) == ["duplicate"]


def test_the_decision_stays_in_sight_of_a_very_long_wish(open_page: Open) -> None:
    wish = filed("打刻の締め日を拠点ごとに変えられるようにしてほしいです。" * 70)
    page = open_page(f"/triage?at=FB-{wish}", java_script_enabled=False, viewport={"width": 1920, "height": 1080})
    words = page.locator("#wish h2 .words")
    folded = words.bounding_box()["height"]
    assert folded < 350 and page.locator("#decide").bounding_box()["y"] < 1080
    page.locator("#wish header").get_by_text("全文を表示").click()
    assert words.bounding_box()["height"] > 3 * folded
    page.emulate_media(media="print")
    page.goto(page.url.replace("/triage?at=FB-", "/feedback/"))
    assert page.locator(".said-here").bounding_box()["height"] < 500
