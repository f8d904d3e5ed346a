"""Operators erase a chat from its page, or a person from the command line: after they have seen what goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import Console
from sqlmodel import Session, col, select

from app import __main__
from app.operate import erase, operators
from tests.canary import found
from tests.pages.reading import get, press
from tests.world import World
from workflows.customer import erasures
from workflows.engine.store import store
from workflows.tables.people import Deed

WORDS = "勤怠データをCSV"


def deeds() -> list[tuple[str, str, dict[str, str]]]:
    """Who asked for what to be erased."""

    def read(session: Session) -> list[tuple[str, str, dict[str, str]]]:
        asked = select(Deed).where(col(Deed.sentence).in_(erasures.ASKED.values()))
        return [(deed.person, deed.sentence, deed.facts) for deed in session.exec(asked)]

    return store.read(read)


# -- on the page ----------------------------------------------------------------------------------


def test_an_operator_sees_what_goes_and_then_presses(sqlite_world: World) -> None:
    chat = sqlite_world.wish(0).conversation_id
    assert not get(sqlite_world, f"/chats/{chat}").all("form", action=f"/chats/{chat}")
    [ask] = get(sqlite_world, f"/chats/{chat}").all("a", href=f"/chats/{chat}?erase=ask#erase")
    asked = get(sqlite_world, f"/chats/{chat}?erase=ask")
    assert "お客様の言葉による要望 1" in " ".join(asked.text.split())
    assert ask and asked.all("form", action=f"/chats/{chat}")
    assert press(sqlite_world, f"/chats/{chat}", csrf=sqlite_world.csrf).status_code == 303
    assert "消去しています" in get(sqlite_world, f"/chats/{chat}").text
    sqlite_world.settle()
    page = get(sqlite_world, f"/chats/{chat}")
    assert "この会話は消去済みです" in page.text and WORDS not in page.text
    assert found(WORDS) == []
    assert deeds() == [("U0LEAD", erasures.ASKED[erasures.CHAT], {"id": chat})]


def test_pressed_twice_it_is_asked_once(sqlite_world: World) -> None:
    chat = sqlite_world.wish(0).conversation_id
    for _ in range(2):
        assert press(sqlite_world, f"/chats/{chat}", csrf=sqlite_world.csrf).status_code == 303
    assert len(deeds()) == 1


def test_an_agent_is_not_offered_it_and_may_not(sqlite_world: World) -> None:
    chat = sqlite_world.wish(0).conversation_id
    sqlite_world.browser.cookies.set("me", "U0TANAKA", domain="127.0.0.1")
    assert not get(sqlite_world, f"/chats/{chat}").all("a", href=f"/chats/{chat}?erase=ask#erase")
    assert not get(sqlite_world, f"/chats/{chat}?erase=ask").all("form", action=f"/chats/{chat}")
    assert press(sqlite_world, f"/chats/{chat}", csrf=sqlite_world.csrf).status_code == 403
    assert deeds() == []


def test_an_operator_takes_what_is_stored_about_the_person_along(sqlite_world: World) -> None:
    wish = sqlite_world.wish(0)
    assert get(sqlite_world, f"/chats/{wish.conversation_id}").all("a", href=f"/people/{wish.contact_id}.json")
    said = sqlite_world.request("GET", f"/people/{wish.contact_id}.json")
    assert (said.status_code, said.headers["content-disposition"]) == (200, 'attachment; filename="person.json"')
    [person] = said.json()["people"]
    assert person["contact"] == wish.contact_id and WORDS in said.text
    assert sqlite_world.request("GET", "/people/nobody.json").status_code == 404
    sqlite_world.browser.cookies.set("me", "U0TANAKA", domain="127.0.0.1")
    assert not get(sqlite_world, f"/chats/{wish.conversation_id}").all("a", href=f"/people/{wish.contact_id}.json")
    assert sqlite_world.request("GET", f"/people/{wish.contact_id}.json").status_code == 403


def test_what_nobody_knows_cannot_be_erased(sqlite_world: World) -> None:
    assert press(sqlite_world, "/chats/none", csrf=sqlite_world.csrf).status_code == 404


# -- from the command line ------------------------------------------------------------------------


@pytest.fixture
def beside(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A command beside the service, whose runs are conducted while it waits."""

    @contextmanager
    def visit() -> Iterator[tuple[None, Console]]:
        yield None, Console(highlight=False, width=120)

    def wait(console: Console, ids: list[str]) -> int:
        sqlite_world.settle()
        return operators.wait(console, ids)

    monkeypatch.setattr(erase, "visit", visit)
    monkeypatch.setattr(erase, "wait", wait)
    return sqlite_world


def typed(*arguments: str) -> int:
    """What the command line makes of it."""
    return __main__.main(["erase", *arguments])


def test_without_yes_it_only_lists_what_would_go(beside: World, capsys: pytest.CaptureFixture[str]) -> None:
    chat = beside.wish(0).conversation_id
    assert typed("--conversation", chat) == 0
    said = capsys.readouterr().out
    assert "Requests in the customer's words" in said and "Raw webhooks" in said and "Nothing was erased" in said
    assert WORDS not in said and beside.feedback(0)[0].quote != "" and deeds() == []


def test_with_yes_everything_of_a_person_goes(beside: World, capsys: pytest.CaptureFixture[str]) -> None:
    beside.wish(0)
    assert typed("--contact", "c101", "--yes") == 0
    assert "erasure.asked: done" in capsys.readouterr().out
    assert found("山本") == found(WORDS) == []
    assert [(person, facts) for person, _, facts in deeds()] == [("operator", {"id": "c101"})]


def test_what_is_not_on_record_is_said_to_be_unknown(beside: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--conversation", "none", "--yes") == 1
    assert "Nothing is stored about the conversation none" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        typed("--yes")
