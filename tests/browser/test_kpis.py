"""The page of figures in a real browser: definitions by the keyboard, and on paper without a click."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open, follow

pytestmark = pytest.mark.browser


def test_a_definition_is_opened_by_the_keyboard(open_page: Open) -> None:
    page = open_page("/kpis", locale="en-US")
    definition = page.locator("#first_response .definition")
    assert not definition.locator("p").is_visible()
    definition.locator("summary").press("Enter")
    definition.locator("p").wait_for()
    assert "From the customer's first message" in definition.inner_text()


def test_on_paper_every_definition_is_there(open_page: Open) -> None:
    page = open_page("/kpis?view=all", locale="en-US")
    page.locator("#of-escalations ~ table").wait_for()  # the last of them
    page.emulate_media(media="print")
    hidden = "each => each.filter(p => p.getBoundingClientRect().height === 0).length"
    paragraphs = page.locator(".definition p")
    assert paragraphs.count() > 30 and paragraphs.evaluate_all(hidden) == 0


def test_a_number_leads_to_its_list_and_back(open_page: Open) -> None:
    page = open_page("/kpis", locale="en-US")
    link = page.locator("a[data-figure]").first
    n, name = link.inner_text(), link.get_attribute("data-figure")
    follow(link)
    assert page.locator("#total").inner_text() == n
    follow(page.locator(".trail a"))
    assert page.url.endswith(f"#{name}")


def test_what_cannot_be_loaded_says_so_and_the_rest_is_there(open_page: Open) -> None:
    def refuse(route: Any) -> None:
        route.fulfill(status=503) if "view=told" in route.request.url else route.continue_()

    page = open_page("/account", locale="en-US", but="503")
    page.route("**/kpis?**", refuse)
    page.goto(page.url.replace("/account", "/kpis?view=all"))
    page.get_by_text("These figures could not be loaded.").wait_for()
    page.locator("#of-escalations ~ table").wait_for()
    assert page.locator("[data-from]").count() == 1


@pytest.mark.parametrize("path", ["/kpis", "/kpis?view=all", "/glance", "/kpis/undecided/list"])
def test_it_fits_a_phone(open_page: Open, path: str) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
