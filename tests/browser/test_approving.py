"""Drafts in a real browser: read, edited, approved and undone with keys, in Japanese and in English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from app.demo import meeting
from app.demo.show import Show
from app.demo.stage import Stage
from tests.browser.conftest import Open, come_to_rest, unhurried, wait_for_the_customers
from tests.crash.service import until
from tests.meeting import decide
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import approval

pytestmark = pytest.mark.browser

#: So many customers hear of a decision.
ENOUGH = 5
LANGUAGES = {"ja": "に送信します", "en": "is sent at"}


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """The demo, in which several customers are to hear of decisions; what is approved waits for a year."""
    stage = Stage()
    chats = meeting.begin(stage)
    with (
        pytest.MonkeyPatch.context() as patch,
        Show(stage, f"sqlite:///{tmp_path_factory.mktemp('approving')}/demo.sqlite") as show,
    ):
        meeting.file(chats)
        unhurried(stage)
        stage.open()
        wait_for_the_customers()
        now = approval.now_ms
        patch.setattr(approval, "moment", lambda: now() + 3600_000)
        for wish in _wishes():
            acts.send_now(decide(wish, "decline", "ほかを先に進めるため", tells_all=True).id or 0)
        until(lambda: _drafted() >= ENOUGH, "the drafts are there")
        come_to_rest(stage)
        yield show
    stage.close()


def _wishes() -> list[int]:
    in_chats = ~Feedback.conversation_id.contains(":")  # type: ignore[attr-defined]
    chats = select(Feedback.id).where(in_chats, Feedback.conclusion == "")  # a second decision would overtake the first
    return [id or 0 for id in store.read(lambda session: session.exec(chats.limit(ENOUGH + 3)).all())]


def _drafted() -> int:
    return len(store.read(lambda session: session.exec(select(Telling).where(Telling.state == "drafted")).all()))


def names(page: Any) -> list[str]:
    """The drafts in the list, top first."""
    return list(page.locator("[data-draft-name]").evaluate_all("rows => rows.map(row => row.dataset.draftName)"))


def panel(page: Any, name: str) -> Any:
    """The draft in focus, awaited."""
    found = page.locator(f"#one[data-name='{name}']")
    found.wait_for()
    return found


@pytest.fixture
def desk(open_page: Open, show: Show) -> Open:
    """Opens everybody's drafts as an agent who may write to customers in Intercom."""

    def open(query: str = "", path: str = "/drafts") -> Any:
        page = open_page("/account")
        page.context.add_cookies([{"name": "me", "value": "U0TANAKA", "url": show.url}])
        page.goto(f"{show.url}{path}?whose=all{query}")
        return page

    return open


@pytest.mark.parametrize("language", LANGUAGES)
def test_drafts_are_approved_with_keys_alone(desk: Open, language: str) -> None:
    page = desk(f"&lang={language}")
    first, second, third = names(page)[:3]
    panel(page, first)
    page.keyboard.press("j")
    panel(page, second)
    page.keyboard.press("k")
    panel(page, first)
    page.keyboard.press("e")
    page.keyboard.press("Control+End")
    page.keyboard.type(" jksz")
    assert page.locator("#text").input_value().endswith(" jksz"), "where somebody types, keys are letters"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    panel(page, second)
    page.locator(f"[data-typed='{first}']:visible").wait_for()
    page.keyboard.press("k")
    panel(page, first)
    page.wait_for_function("document.getElementById('text').value.endsWith(' jksz')")
    page.keyboard.press("Control+Enter")

    page.locator("#approved").wait_for()
    panel(page, second)
    assert names(page)[0] == second
    assert LANGUAGES[language] in page.locator("#approved").inner_text()
    page.keyboard.press("z")
    panel(page, first)
    assert page.locator("#text").input_value().endswith(" jksz"), "what was approved is the draft again"
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.type("解約されました")
    page.keyboard.press("Enter")
    panel(page, second)
    assert first not in names(page) and third in names(page)


def test_while_an_input_method_is_at_work_nothing_is_approved(desk: Open) -> None:
    page = desk()
    before = names(page)
    page.locator("#text").focus()
    page.evaluate("""document.getElementById("text").dispatchEvent(new KeyboardEvent("keydown",
        {key: "Enter", ctrlKey: true, isComposing: true, bubbles: true}))""")
    assert names(page) == before and not page.locator("#approved").count()


def test_single_letters_can_be_switched_off(desk: Open) -> None:
    page = desk("&keys=off")
    first = names(page)[0]
    page.keyboard.press("j")
    page.keyboard.press("s")
    assert panel(page, first) and page.evaluate("document.activeElement.id") != "reason"


def test_several_are_ticked_and_counted(desk: Open) -> None:
    page = desk("&lang=ja", "/drafts/together")
    button = page.locator("[data-counts]")
    assert button.is_disabled()
    page.locator("[name=ticked]").first.check()
    assert button.inner_text() == "1件を承認する"
