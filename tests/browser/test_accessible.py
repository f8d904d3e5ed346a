"""Every page through axe-core, which knows the rules of accessibility that a machine can hold: in both themes, and on a
phone as on a desk. Pages are small and axe is slow, so each is opened once and then looked at four times."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest

from app.demo import complaints
from app.demo.company import ESCALATIONS
from app.demo.show import Show
from app.pages.rooms import ROOMS
from tests.browser.conftest import PATIENCE, Open
from tests.browser.test_meeting import show  # noqa: F401  (the demo with a meeting to play)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

#: What no tab leads to: one page of every kind of thing, what is filled in, and what the demo has beside.
OTHERS = (
    *(
        "/feedback/1",
        "/feedback/5",
        "/wishes/new",
        "/wishes/FB-1/similar",
        "/companies/101",
        "/triage?at=FB-6",
        "/deliveries?kind=runs",
    ),
    *("/escalations/1", "/search?q=CSV", "/account", "/nothing-here", "/demo/parts", "/demo/slack?me=U0MORI"),
    *("/drafts/together?whose=all", "/notices/1", "/notices/new", "/waits?leg=whole"),
    "/kpis/undecided/list",
)
PAGES = tuple(address for room in ROOMS for address, _ in room.tabs) + OTHERS
#: What is broken, by rule, with where it is. A theme changes nothing but colours.
BROKEN = """options => axe.run({resultTypes: ["violations"], ...options}).then(said =>
    said.violations.map(each => [each.id, each.help, ...each.nodes.map(node => node.html.slice(0, 160))]))"""
RULES: dict[str, dict[str, Any]] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
#: How many colours are in a picture: a page that is not drawn has one.
COLOURS = """async picture => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(picture), each => each.charCodeAt(0))]));
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    return new Set(new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer)).size;
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    package = pytest.importorskip("axe_playwright_python.base", reason="no axe-core here: make test installs it")
    return str(package.AXE_SCRIPT)


@pytest.fixture(scope="module")
def complaint(show: Show) -> None:  # noqa: F811
    """An escalation has come in, and everybody has heard of it."""
    complaints.hand_in(show.stage)
    until = time.monotonic() + PATIENCE / 1000
    while not any(message.get("blocks") for message in show.stage.slack.messages(ESCALATIONS)):
        assert time.monotonic() < until, "the complaint never arrived"
        time.sleep(0.1)


def broken(page: Any, axe: str) -> dict[str, list[Any]]:
    """What axe finds, by the theme and the width in which it does."""
    page.evaluate(axe)
    found = {}
    for theme, rules in RULES.items():
        for width in (1280, 390):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 844})
            found[f"{theme} {width}"] = page.evaluate(BROKEN, rules)
    return {how: what for how, what in found.items() if what}


@pytest.mark.usefixtures("complaint")
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_wrong_with_a_page(open_page: Open, axe: str, path: str) -> None:
    assert broken(open_page(path, but="status of 404"), axe) == {}


def test_axe_finds_nothing_wrong_with_a_form_in_the_demos_slack(open_page: Open, axe: str) -> None:
    page = open_page("/demo/slack?me=U0TANAKA&place=C0SUPPORT")
    page.get_by_role("button", name="⚡ エスカレーション").click()
    page.locator("dialog.modal button.first").click()
    page.locator("dialog.modal p.error").first.wait_for()
    assert broken(page, axe) == {}
    page.keyboard.press("Escape")
    page.locator("dialog.modal").wait_for(state="detached")


def test_axe_finds_nothing_wrong_with_a_workflow_in_the_demos_slack(open_page: Open, axe: str) -> None:
    page = open_page("/demo/slack?me=U0TANAKA&place=C0SUPPORT")
    page.get_by_role("button", name="ワークフローを実行").click()
    page.get_by_label("要点").fill("担当者が交代した")
    assert broken(page, axe) == {}
    page.get_by_label("経緯").fill("来月から代わります。")
    page.locator("#workflow button.first").click()
    page.locator("#workflow:popover-open").wait_for(state="detached")
    page.locator(".told .state-done").wait_for()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_all_parts_can_be_looked_at(open_page: Open, theme: str, language: str, tmp_path: Path) -> None:
    page = open_page(f"/demo/parts?lang={language}&theme={theme}", viewport={"width": 390, "height": 844})
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture = page.screenshot(path=tmp_path / "parts.png", full_page=True)
    colours = page.evaluate(COLOURS, base64.b64encode(picture).decode())
    assert colours > 50


@pytest.mark.parametrize("menu", ["me", "rooms"])
def test_axe_finds_nothing_wrong_with_the_menus_at_the_top(open_page: Open, axe: str, menu: str) -> None:
    page = open_page("/account", viewport={"width": 390, "height": 844})
    page.locator(f"button[popovertarget={menu}]").click()
    page.locator(f"#{menu}").wait_for()
    assert broken(page, axe) == {}
