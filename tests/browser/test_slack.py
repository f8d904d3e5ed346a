"""The demo's Slack in a real browser: an escalation from the form to the answer that comes back, played by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

SLACK = "/demo/slack?me={}&place={}"
TANAKA, MORI, EMMA = "U0TANAKA", "U0MORI", "U0EMMA"
SUPPORT, ESCALATIONS = "C0SUPPORT", "C0ESCALATE"


def direct(user: str) -> str:
    return f"D{user[1:]}"


def modal(page: Any) -> Any:
    """The form that is open, awaited."""
    found = page.locator("dialog.modal")
    found.wait_for()
    return found


def shut(page: Any) -> None:
    """Wait until no form is open."""
    page.locator("dialog.modal").wait_for(state="detached")


def send(page: Any) -> None:
    """Press the form's own button."""
    page.locator("dialog.modal button.first").click()


def fill(page: Any, gist: str, conversation: str = "") -> None:
    """Fill in the form of an escalation, but for the company."""
    form = modal(page)
    for field, value in (("request", "action"), ("urgency", "now"), ("temperature", "high")):
        form.locator(f"[name='field.{field}'][value={value}]").check()
    form.locator("[name='field.gist']").fill(gist)
    form.locator("[name='field.history']").fill("先月も同じことがありました。")
    form.locator("[name='field.conversation']").fill(conversation)


def test_an_escalation_is_played_from_the_form_to_the_answer(open_page: Open) -> None:
    agent = open_page(SLACK.format(TANAKA, SUPPORT))
    agent.get_by_role("button", name="⚡ エスカレーション").click()
    fill(agent, "請求額が二重に引き落とされた", "https://example.com")
    search = modal(agent).locator("[name='find.company']")
    search.press_sequentially("あおば")
    modal(agent).locator(".choices label", has_text="株式会社あおば製作所").wait_for()
    search.press("ArrowDown")
    agent.keyboard.press("Enter")
    assert search.input_value() == "株式会社あおば製作所"
    send(agent)
    modal(agent).locator("#field-conversation-error").wait_for()
    assert agent.evaluate("document.activeElement.name") == "field.conversation"
    assert modal(agent).locator("[name='field.gist']").input_value() == "請求額が二重に引き落とされた"
    agent.keyboard.press("Control+a")
    agent.keyboard.press("Delete")
    send(agent)
    modal(agent).get_by_text("受け付けました").wait_for()
    agent.keyboard.press("Escape")
    shut(agent)

    owner = open_page(SLACK.format(MORI, direct(MORI)))
    owner.get_by_role("button", name="受領する").click()
    form = modal(owner)
    form.locator("[name='field.churn_risk'][value=high]").check()
    form.locator("[name='field.next_step']").fill("本日中に電話します")
    send(owner)
    shut(owner)
    owner.locator(".message", has_text="本日中に電話します").wait_for()

    owner.get_by_role("button", name="完了").click()
    modal(owner).locator("[name='field.next_step']").fill("返金し、お詫びしました")
    send(owner)
    shut(owner)
    agent.get_by_role("link", name="ダイレクトメッセージ").click()
    agent.locator(".message.reply", has_text="返金し、お詫びしました").wait_for()


def test_a_form_speaks_the_language_of_whoever_fills_it_in(open_page: Open) -> None:
    page = open_page(SLACK.format(EMMA, SUPPORT))
    page.get_by_role("button", name="⚡ エスカレーション").click()
    modal(page).get_by_role("heading", name="Escalate").wait_for()
    send(page)
    assert modal(page).locator("p.error").first.inner_text() == "Please complete this required field."
    modal(page).get_by_role("button", name="Cancel").click()
    shut(page)


def test_typing_is_not_disturbed_while_things_happen(open_page: Open) -> None:
    reader, writer = open_page(SLACK.format(TANAKA, SUPPORT)), open_page(SLACK.format(MORI, SUPPORT))
    box = reader.locator(".composer textarea")
    box.click()
    box.press_sequentially("お客様が")
    other = writer.locator(".composer textarea")
    other.fill("先ほどの件です\n二行目")
    other.press("Enter")
    reader.locator(".message", has_text="先ほどの件です").wait_for()
    box.press_sequentially("お怒りです")
    assert box.input_value() == "お客様がお怒りです"
    assert other.input_value() == ""


def test_a_form_is_not_disturbed_while_things_happen(open_page: Open) -> None:
    page = open_page(SLACK.format(TANAKA, SUPPORT))
    page.get_by_role("button", name="⚡ エスカレーション").click()
    gist = modal(page).locator("[name='field.gist']")
    gist.press_sequentially("請求額が")
    writer = open_page(SLACK.format(MORI, SUPPORT))
    writer.locator(".composer textarea").fill("いま書いています")
    writer.locator(".composer textarea").press("Enter")
    page.locator(".message", has_text="いま書いています").wait_for()
    gist.press_sequentially("違います")
    assert gist.input_value() == "請求額が違います"
    page.keyboard.press("Escape")
    shut(page)


def test_a_menu_that_is_open_stays_open_and_escalates_the_message(open_page: Open) -> None:
    page = open_page(SLACK.format(TANAKA, SUPPORT))
    page.locator(".composer textarea").fill("お客様から三度目のご連絡です")
    page.locator(".composer textarea").press("Enter")
    message = page.locator(".message", has_text="三度目")
    message.locator("summary").press("Enter")
    page.wait_for_timeout(1500)
    message.get_by_role("button", name="⚡ このメッセージをエスカレーション").click()
    assert "三度目" in modal(page).locator("[name='field.history']").input_value()
    page.keyboard.press("Escape")
    shut(page)


def test_what_somebody_types_stays_text(open_page: Open) -> None:
    page = open_page(SLACK.format(TANAKA, SUPPORT))
    attack = "<img src=x onerror=alert(1)></p><script>alert(2)</script>"
    page.locator(".composer textarea").fill(attack)
    page.locator(".composer textarea").press("Enter")
    page.locator(".message .piece", has_text=attack).wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_menus_of_a_form_stand_below_each_other(open_page: Open, width: int) -> None:
    page = open_page(SLACK.format(TANAKA, SUPPORT), viewport={"width": width, "height": 900})
    page.locator(".composer textarea").fill("/owner あおば")
    page.locator(".composer textarea").press("Enter")
    modal(page).locator("select").first.wait_for()
    boxes = modal(page).evaluate(
        """form => [...form.querySelectorAll('.input')].map(each => each.getBoundingClientRect())
            .map(box => [box.top, box.bottom, box.left, box.right])"""
    )
    inside = modal(page).bounding_box()
    assert len(boxes) >= 3
    for (_top, bottom, left, right), (top, *_) in zip(boxes, [*boxes[1:], (10_000,)], strict=True):
        assert bottom <= top and inside["x"] <= left and right <= inside["x"] + inside["width"]
    page.keyboard.press("Escape")
    shut(page)


def test_it_works_without_a_script(open_page: Open) -> None:
    page = open_page(SLACK.format(TANAKA, SUPPORT), java_script_enabled=False)
    page.get_by_role("button", name="⚡ エスカレーション").click()
    fill(page, "スクリプトなしの件")
    modal(page).locator("[name='find.company']").fill("あおば")
    modal(page).get_by_role("button", name="検索").click()
    modal(page).locator(".choices label", has_text="株式会社あおば製作所").click()
    send(page)
    modal(page).get_by_text("受け付けました").wait_for()
    modal(page).locator(".ends button").click()
    shut(page)


@pytest.mark.parametrize("width", [390, 320])
def test_a_form_fits_on_a_phone(open_page: Open, width: int) -> None:
    page = open_page(SLACK.format(TANAKA, SUPPORT), viewport={"width": width, "height": 700})
    page.get_by_role("button", name="⚡ エスカレーション").click()
    send(page)
    modal(page).locator("p.error").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = modal(page).evaluate(
        """form => [...form.querySelectorAll('button, select, textarea, input[type=text], label:has(input)')]
            .filter(each => each.checkVisibility())
            .map(each => each.getBoundingClientRect())
            .filter(box => box.height < 24 || box.width < 24).length"""
    )
    assert small == 0
    page.keyboard.press("Escape")
    shut(page)
