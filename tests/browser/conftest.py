"""A browser, and the demo to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app.demo.company import CUSTOMERS
from app.demo.show import Show
from app.demo.stage import Stage
from integrations.slack.twin import door
from tests.crash.service import until
from tests.silence import impatient
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.tables.customer import Company
from workflows.tables.runs import OPEN, Run

CHROMIUM = Path("/usr/bin/chromium")
#: A step is done when everything behind it has happened; machines differ, so this is generous.
PATIENCE = 60_000
JAPANESE = {"viewport": {"width": 1440, "height": 900}, "locale": "ja-JP", "color_scheme": "light"}
Open = Callable[..., Any]
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


@pytest.fixture(scope="module", autouse=True)
def patient_slack() -> Iterator[None]:
    """Slack gives up after three seconds; here a slow machine is waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "PATIENCE", PATIENCE / 1000)
        yield


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """The demo as `make demo` shows it, on a database of its own."""
    stage = Stage()
    with Show(stage, f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.sqlite") as show:
        unhurried(stage)
        stage.open()
        wait_for_the_customers()
        yield show
    stage.close()


def unhurried(stage: Stage) -> None:
    """People and vendors of this stage wait for as long as a slow machine takes."""
    stage.slack.clock = lambda: 0.0
    for name, twin in stage.twins.items():
        impatient(getattr(vendors, name), twin)


def wait_for_the_customers() -> None:
    """Wait until the service has met everybody who writes to it."""
    known = select(Company)
    until(lambda: store.read(lambda session: len(session.exec(known).all())) >= len(CUSTOMERS), "customers are known")


def come_to_rest(stage: Stage) -> None:
    """Wait until nothing of what another test began is under way: else the board moves while one looks at it."""
    due = select(Run.id).where(Run.state == OPEN, col(Run.due_at) <= now_ms()).limit(1)

    def is_at_rest() -> bool:
        is_quiet = all(twin.idle() for twin in stage.twins.values())
        return is_quiet and store.read(lambda session: session.exec(due).first()) is None

    until(is_at_rest, "the demo comes to rest")


def follow(link: Any) -> None:
    """Press a link, and wait until all of the next page is there: what is read earlier may end in its middle."""
    with link.page.expect_navigation():
        link.click()


@pytest.fixture(scope="module")
def chromium(show: Show) -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright. While that has an event loop in this thread, nothing else can have one:
    so it comes after the demo, and ends with these tests."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no Playwright here: make test installs it")
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} here: apt-get install chromium to run the browser tests")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", *QUIET]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(show: Show, chromium: Any) -> Iterator[Open]:
    """Opens the demo in a browser of its own; afterwards nobody may have complained, `but` of what is named."""
    contexts, complaints = [], []

    def complain(but: str, said: Any) -> None:
        if said.type in ("error", "warning") and but not in said.text:
            complaints.append(said.text)

    def open(path: str = "/board", *, but: str = "\0", **options: Any) -> Any:
        come_to_rest(show.stage)
        contexts.append(chromium.new_context(**(JAPANESE | options)))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", partial(complain, but))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.goto(show.url + path)
        return page

    yield open
    for context in contexts:
        context.close()
    assert not complaints
