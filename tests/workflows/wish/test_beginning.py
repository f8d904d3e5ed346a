"""Tags of the time before the service file nothing; what is tagged from then on does. A day in the rules decides."""

from __future__ import annotations

from datetime import date

import pytest

from tests.world import World
from workflows.rules import rules
from workflows.rules.calendar import Calendar

#: 2023-05-01 12:00 in Tokyo.
LONG_AGO = 1_682_910_000


def tagged(world: World, chat: int, at: int) -> None:
    """The n-th chat was tagged then, and nobody told us."""
    world.tag(chat)
    world.intercom.held.clear()
    talk = world.intercom.books.conversations[world.chats[chat]]
    talk.tags = {tag: (at, by) for tag, (_, by) in talk.tags.items()}


def test_an_old_tag_files_nothing_when_the_customer_writes_again(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    world.intercom.customer_says(world.chats[0], "別の件です。ログインできません。")
    world.settle()
    world.reconcile()
    assert not world.feedback() and not world.intercom.did("note") and not world.productboard.did("create_note")
    assert "Its tags were added before {day}, when filing began." in {run.reason for run in world.runs()}


def test_a_new_tag_beside_an_old_one_files_its_own_message_only(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    part = world.intercom.customer_says(world.chats[0], "CSVも出したいです。")
    world.tag(0, "不具合", part=part)
    world.settle()
    assert [(wish.kind, wish.quote) for wish in world.feedback()] == [("fault", "CSVも出したいです。")]


def test_a_day_in_the_rules_decides_where_the_company_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "calendar", Calendar.of("America/New_York", hours={"mon": ["9:00-17:00"]}))
    monkeypatch.setattr(rules, "file_since", date(2023, 4, 30))
    midnight = 1_682_827_200  # 2023-04-30 00:00 there
    tagged(world, 0, midnight)
    tagged(world, 1, midnight - 1)
    world.reconcile()
    assert [wish.conversation_id for wish in world.feedback()] == [world.chats[0]]


def test_what_came_while_we_were_down_is_filed_on_another_day(world: World) -> None:
    world.wish(1)
    tagged(world, 0, int(world.clock.time()) - 60)
    world.reconcile()
    assert len(world.feedback()) == 2
