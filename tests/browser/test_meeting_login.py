"""A login that ends during the meeting: it is said before, and what was typed comes back after signing in."""

from __future__ import annotations

from typing import Any

import pytest

from app import auth
from app.demo.show import Show
from tests.browser.conftest import Open
from tests.browser.test_meeting import focus, named, show  # noqa: F401  (the demo with a meeting to play)
from tests.meeting import LEAD

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(show: Show) -> Any:  # noqa: F811
    """Outside of the demo, where logins end: signs a page's browser in."""
    app = show._server.app
    before = app.state.settings
    app.state.settings = before.model_copy(update={"demo": False})

    def sign_in(page: Any) -> str:
        token = auth.begin(LEAD, "")
        page.context.add_cookies([{"name": "yamabiko", "value": token, "url": show.url}])
        return token

    yield sign_in
    app.state.settings = before


def test_what_was_typed_is_back_after_signing_in_again(open_page: Open, signed_in: Any) -> None:
    page = open_page("/sign-in", but="status of 401")
    token = signed_in(page)
    page.goto(page.url.split("/sign-in")[0] + "/triage")
    name = named(page)[1]
    page.keyboard.press("j")
    focus(page, name)
    page.keyboard.press("d")
    page.keyboard.type("いまはほかを先に")
    found = auth.find(token)
    assert found is not None
    auth.end(found)
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="ログインしていません").wait_for()
    page.get_by_role("link", name="ログイン", exact=True).click()
    page.wait_for_url("**/sign-in?next=*")
    signed_in(page)
    page.reload()
    focus(page, name)
    assert page.locator("#reason").input_value() == "いまはほかを先に"
    assert "入力中だった内容" in page.locator("#said").inner_text()


def test_five_minutes_before_it_ends_the_page_says_so(open_page: Open, signed_in: Any) -> None:
    page = open_page("/sign-in")
    signed_in(page)
    page.clock.install()
    # The agenda itself asks every few seconds, and whoever looks at it stays signed in.
    page.goto(page.url.split("/sign-in")[0] + "/triage/decided")
    page.wait_for_load_state("networkidle")
    ending = page.locator("#ending")
    assert not ending.is_visible()
    page.clock.fast_forward("07:53:00")
    assert not ending.is_visible()
    page.clock.fast_forward("00:02:00")
    ending.wait_for()
    assert "ログインの期限が切れます" in ending.inner_text()
    ending.get_by_role("button", name="ログインを延長する").click()
    ending.wait_for(state="hidden")
    page.clock.fast_forward("16:00:00")
    assert ending.get_by_role("link", name="ログインし直す").is_visible()
