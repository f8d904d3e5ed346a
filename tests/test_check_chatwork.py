"""What `check` and the page of connections say of Chatwork: who posts, where, who reads along. Nothing is posted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo.company import ROOMS
from app.operate import check
from tests.pages.reading import get, press
from tests.world import World
from workflows.rules import rules

[(ROOM, NAME)] = ROOMS.items()


@pytest.fixture
def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The seeded company, which names its room in Chatwork."""
    world = World(sqlite_url)
    monkeypatch.setattr(rules, "chatwork_rooms", {NAME: str(ROOM)})
    yield world
    assert world.chatwork.effects == []
    world.close()


def said(world: World) -> list[tuple[str, bool | None]]:
    """What is found."""
    return [(str(each), each.ok) for each in check.of_vendor(world.settings, "chatwork")]


def test_a_token_that_is_not_accepted_is_told(world: World) -> None:
    world.chatwork.token = "another"
    assert said(world) == [("Chatwork answered 401 to GET /me. Check its address and token.", False)]


def test_a_room_that_the_account_is_not_in_is_named(world: World) -> None:
    world.chatwork.put_out(ROOM)
    wanted = f"The account is not in the room {NAME} ({ROOM}): correct [chatwork.rooms], or invite it there."
    assert said(world)[1:] == [(wanted, False)]


def test_a_room_that_can_only_be_read_is_named(world: World) -> None:
    world.chatwork.set_role(ROOM, "readonly")
    assert said(world)[1:] == [(f"The account can only read the room {NAME}: let it post there.", False)]


def test_who_reads_along_from_elsewhere_is_counted(world: World) -> None:
    world.chatwork.add_member(ROOM, 8, "山本", organization=202)
    sentence = f"The room {NAME} has members from other organizations (1). They can read what customers write."
    assert said(world)[2:] == [(sentence, None)]


def test_without_a_room_nothing_is_posted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "chatwork_rooms", {})
    assert said(world)[1:] == [("Nothing is posted to Chatwork: [chatwork.rooms] in yamabiko.toml is empty.", None)]


def test_all_is_well(world: World) -> None:
    assert said(world) == [
        ("Messages are posted as やまびこ.", True),
        (f"The account can post in the room {NAME}.", True),
    ]


def test_without_webhooks_nothing_is_missing(world: World) -> None:
    """They are of no use yet."""
    sentence = "Chatwork: no webhook has arrived yet."
    assert sentence in [each.sentence for each in check.look(world.settings)]
    world.app.state.settings = bare = world.settings.model_copy(update={"chatwork_webhook_tokens": None})
    assert sentence not in [each.sentence for each in check.look(bare)]
    [section] = get(world, "/setup?lang=en").all("section", id="vendor-chatwork")
    text = section.text
    assert "Configured" in text and "Incomplete" not in text and "Missing" not in text


def test_the_page_asks_it_as_well_and_says_so_in_japanese(world: World) -> None:
    assert press(world, "/setup/chatwork/check").status_code == 303
    assert f"アカウントはルーム「{NAME}」に投稿できます。" in get(world, "/setup").text
