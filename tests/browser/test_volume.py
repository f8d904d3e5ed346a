"""The number of enquiries in a real browser: walked through period by period, explained, and without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.demo import counted
from app.demo.show import Show
from tests.browser.conftest import Open, follow
from tests.browser.test_accessible import axe, broken  # noqa: F401
from workflows.engine.store import now_ms
from workflows.rules import rules

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

#: What a page says, by the language in which it is read.
WORDS = {
    "ja": {
        "periods": ("日", "週", "年"),
        "before": "前へ",
        "enter": "登録",
        "entered": "出来事を登録しました",
        "undo": "取り消す",
        "removed": "出来事を削除しました",
        "remove": "削除",
        "back": "出来事を元に戻しました",
        "edit": "変更する",
        "save": "保存する",
        "saved": "保存しました",
        "none": "集計なし",
        "link": "詳細",
    },
    "en": {
        "periods": ("Day", "Week", "Year"),
        "before": "Previous period",
        "enter": "Enter",
        "entered": "The occasion is entered",
        "undo": "Undo",
        "removed": "The occasion is removed",
        "remove": "Remove",
        "back": "The occasion is marked again",
        "edit": "Edit",
        "save": "Save",
        "saved": "Saved.",
        "none": "No counts",
        "link": "Details",
    },
}
LOOKS = [("ja", "light"), ("en", "dark")]
SPOKEN = {"ja": "ja-JP", "en": "en-US"}
POINT = "main section:has(#counts) svg.chart a"
REFUSED = "status of 400"
both = pytest.mark.parametrize("language", ["ja", "en"])
Look = Callable[..., Any]


def last_week() -> str:
    """A day of the week before this one, of which the demo has seen everything."""
    return (rules.calendar.local(now_ms()).date() - timedelta(days=7)).isoformat()


@pytest.fixture(scope="module", autouse=True)
def some_weeks(show: Show) -> None:
    """The weeks before the demo began, as `make demo` counts them."""
    counted.seed()


@pytest.fixture
def look(open_page: Open) -> Look:
    """Opens a page in a language, and in a theme."""

    def look(path: str, language: str, theme: str = "light", **options: Any) -> Any:
        return open_page(path, locale=SPOKEN[language], color_scheme=theme, **options)

    return look


def names(page: Any) -> set[str]:
    """Which enquiries a list names."""
    rows = page.locator("tr[data-name]")
    return set(rows.evaluate_all("rows => rows.map(row => row.dataset.name)"))


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_periods_are_walked_through_and_every_number_is_that_of_its_list(look: Look, language: str, theme: str) -> None:
    page = look(f"/volume?on={last_week()}", language, theme)
    for name in WORDS[language]["periods"]:
        follow(page.locator(".filters a", has_text=name))
        assert page.locator(".filters [aria-current]").inner_text() == name
        page.locator(POINT).first.wait_for()
    follow(page.locator(".filters a", has_text=WORDS[language]["periods"][1]))
    shown = page.locator(".steps-of-time strong").inner_text()
    follow(page.locator("a[rel=prev]"))
    assert page.locator("a[rel=next]").get_attribute("title") == shown
    total = int(page.locator("#total").inner_text())
    assert total
    follow(page.locator("#total"))
    assert len(names(page)) == min(total, 100)
    follow(page.locator(".trail a"))
    assert int(page.locator("#total").inner_text()) == total


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_a_theme_is_chosen_without_a_mouse_and_kept_from_period_to_period(
    look: Look, language: str, theme: str
) -> None:
    page = look(f"/volume?on={last_week()}", language, theme)
    everything = int(page.locator("#total").inner_text())
    page.locator("#about").focus()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#about option:checked").inner_text()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("#counts").inner_text() == chosen
    one = int(page.locator("#total").inner_text())
    assert 0 < one < everything
    with page.expect_navigation():
        page.locator("a[rel=prev]").press("Enter")
    assert page.locator("#about").input_value() == f"tag:{chosen}"


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_a_point_of_the_chart_opens_exactly_its_enquiries(look: Look, language: str, theme: str) -> None:
    page = look(f"/volume?on={last_week()}", language, theme)
    points = page.locator(POINT)
    points.first.wait_for()
    addresses = points.evaluate_all("all => all.map(each => each.getAttribute('href') ?? each.href.baseVal)")
    figures = page.locator("details.figures a")
    told = dict(figures.evaluate_all("all => all.map(each => [each.getAttribute('href'), each.textContent])"))
    address, n = next((each, int(told[each])) for each in addresses if int(told.get(each, 0)) > 1)
    point = points.nth(addresses.index(address))
    assert point.get_attribute("tabindex") == "-1"
    with page.expect_navigation():
        point.dispatch_event("click")
    assert len(names(page)) == n


def test_the_table_of_a_chart_is_walked_through_with_the_keyboard(look: Look) -> None:
    page = look(f"/volume?on={last_week()}", "ja")
    page.locator("details.figures summary").press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.figures .scroll')")
    page.keyboard.press("Tab")
    n = page.evaluate("Number(document.activeElement.textContent)")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert len(names(page)) == n


@both
def test_an_occasion_is_entered_undone_and_brought_back(look: Look, language: str) -> None:
    said, title = WORDS[language], f"窓口を移転 {language}"
    page = look("/volume/occasions", language, but=REFUSED)
    begins = datetime.fromisoformat(f"{last_week()}T10:30")
    page.locator("#title").fill(title)
    page.locator("#begins").fill(begins.isoformat(timespec="minutes"))
    page.locator("#ends").fill((begins - timedelta(hours=1)).isoformat(timespec="minutes"))
    press(page, "form.publish button.first")
    assert page.locator("#ends").get_attribute("aria-invalid") == "true"
    assert page.locator("#title").input_value() == title
    page.locator("#ends").fill("")
    press(page, "form.publish button.first")
    assert said["entered"] in page.locator(".did").inner_text()
    assert page.locator("tr[data-name]", has_text=title).count() == 1

    press(page, ".did button")
    assert said["removed"] in page.locator(".did").inner_text()
    assert page.locator("tr[data-name]", has_text=title).count() == 0
    press(page, ".did button")
    assert said["back"] in page.locator(".did").inner_text()

    week = look(f"/volume?on={last_week()}", language)
    marked = week.locator(".happened li", has_text=title)
    assert marked.count() == 1
    number = 1 + week.locator(".happened li").evaluate_all(
        "(all, title) => all.findIndex(each => each.textContent.includes(title))", title
    )
    week.locator(POINT).first.wait_for()
    drawn = week.locator("main section:has(#counts) svg.chart text").all_text_contents()
    assert str(number) in drawn
    row = page.locator("tr[data-name]", has_text=title)
    row.get_by_role("button", name=said["remove"]).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("tr[data-name]", has_text=title).count() == 0


@both
def test_what_was_done_about_a_cause_is_noted_without_a_mouse(look: Look, language: str) -> None:
    done = f"手順を画面に書いた {language}"
    page = look("/volume/causes", language, but=REFUSED)
    row = page.locator("tr[data-name='tag:ログイン']")
    row.locator("summary").press("Enter")
    row.locator("textarea").fill(done)
    row.locator("input[name=url]").fill("javascript:alert(1)")
    press(page, "details[open] button.first")
    assert row.locator("input[name=url]").get_attribute("aria-invalid") == "true"
    assert row.locator("textarea").input_value() == done
    row.locator("input[name=url]").fill("https://help.kanade.example/login")
    row.locator("input[type=date]").fill(last_week())
    press(page, "details[open] button.first")
    assert WORDS[language]["saved"] in page.locator(".did").inner_text()
    assert row.locator(".done").inner_text() == done
    assert row.locator("p.sub .thing").inner_text() == WORDS[language]["link"]
    assert row.locator("td").nth(4).inner_text().split()[0] != "–"


def press(page: Any, button: str) -> None:
    """A button that leads to a page anew, pressed with the keyboard."""
    with page.expect_navigation():
        page.locator(button).press("Enter")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_what_nobody_counted_is_hatched_and_said(look: Look, language: str, theme: str) -> None:
    page = look("/volume?period=year", language, theme)
    cells = page.locator("td.uncounted")
    assert cells.count() and WORDS[language]["none"] in cells.first.text_content()
    assert "gradient" in cells.first.evaluate("cell => getComputedStyle(cell).backgroundImage")
    page.locator(POINT).first.wait_for()
    assert WORDS[language]["none"] in page.locator("main section:has(#counts) svg.chart").text_content()


@pytest.mark.parametrize(
    "path",
    [
        "/volume",
        "/volume?period=day",
        "/volume?period=year",
        "/volume?about=tag:打刻",
        "/volume/list",
        "/volume/occasions",
        "/volume/causes",
    ],
)
def test_axe_finds_nothing_wrong_when_the_chart_is_drawn(look: Look, axe: str, path: str) -> None:  # noqa: F811
    page = look(path, "ja")
    if page.locator("img.opens").count() or page.locator("svg.chart").count():
        page.locator(POINT).first.wait_for()
    assert broken(page, axe) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
