"""The story of a chat: what was said, what was done in between, how long the customer waited, and its pages."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.enquired import MINUTE, enquiry, message, step, wait
from tests.workflows.overview.test_enquiry_lists import ALWAYS
from tests.world import World
from workflows.customer import messages
from workflows.engine.store import now_ms, store
from workflows.overview import chat_story
from workflows.overview.chat_story import Story, sentence
from workflows.rules import rules
from workflows.tables.enquiry import Step

NOON = 1_795_000_000_000


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Business time is time; a page holds three messages."""
    monkeypatch.setattr(rules, "calendar", ALWAYS)
    monkeypatch.setattr(messages, "MOST", 3)
    return world


def story(**asked: Any) -> Story:
    return store.read(partial(chat_story.of_chat, chat="7", now=now_ms(), **asked))


def told(found: Story) -> list[str]:
    """Each line in a word: what was said, or done."""
    return [line.message.text if line.message else line.step.kind if line.step else "" for line in found.lines]


def place(found: Story) -> tuple[str | None, str | None]:
    return tuple(each and each.part_id for each in (found.earlier, found.later))  # type: ignore[return-value]


def test_of_a_chat_that_nobody_knows_there_is_nothing(world: World) -> None:
    assert (told(story()), place(story(first="3"))) == ([], (None, None))


def test_steps_and_waits_stand_where_they_happened(world: World) -> None:
    message("7", "", "動きません", NOON)
    step("7", "a", "assigned", NOON + MINUTE, "鈴木 一郎")
    message("7", "2", "直しました", NOON + 7 * MINUTE, is_customer=False)
    step("7", "b", "closed", NOON + 8 * MINUTE)
    wait("7", NOON, 7)
    found = story()
    assert told(found) == ["動きません", "assigned", "直しました", "closed"]
    [waited] = [line.waited for line in found.lines if line.waited]
    assert found.lines[0].waited is waited
    assert (waited.minutes, waited.target, waited.is_late, waited.ended) == (7, 5, True, "answered")


def test_a_wait_that_lasts_counts_until_now(world: World) -> None:
    message("7", "1", "動きません", now_ms() - 12 * MINUTE)
    wait("7", now_ms() - 12 * MINUTE)
    [line] = story().lines
    assert line.waited is not None and (line.waited.minutes, line.waited.ended) == (12, "")


def test_a_machine_and_a_customer_have_no_name(world: World) -> None:
    rows = [
        Step(id="7/1", conversation_id="7", kind=kind, who=who, at=1) for kind in ("closed", "x") for who in ("", "a")
    ]
    assert [sentence(row) for row in rows] == ["The conversation was closed.", "{who} closed the conversation.", "", ""]


@pytest.fixture
def long(world: World) -> World:
    """Eight messages, two of one moment, and a step after each."""
    enquiry("7")
    for number in range(8):
        at = NOON + (number - number % 2) * MINUTE
        message("7", str(number), f"{number}", at)
        step("7", f"s{number}", "closed", NOON + number * MINUTE + 1)
    return world


def said(found: Story) -> list[str]:
    return [line.message.text for line in found.lines if line.message]


def test_a_long_chat_begins_with_its_newest(long: World) -> None:
    assert (said(story()), place(story())) == (["5", "6", "7"], ("5", None))


def test_page_by_page_every_message_and_step_is_there_once(long: World) -> None:
    found, steps = story(), 0
    seen = said(found)
    steps += sum(line.step is not None for line in found.lines)
    while found.earlier:
        found = story(before=found.earlier.part_id)
        seen = said(found) + seen
        steps += sum(line.step is not None for line in found.lines)
    assert (seen, steps) == ([str(number) for number in range(8)], 8)


def test_a_link_to_a_message_leads_to_it(long: World) -> None:
    for number in range(8):
        assert said(story(first=str(number)))[0] == str(number)
    assert place(story(first="2")) == ("2", "5")
    assert place(story(first="0")) == (None, "3")


@pytest.mark.parametrize("wrong", ["x", "", "../8/1", "9" * 500])
def test_a_message_that_is_not_there_leads_to_the_newest(long: World, wrong: str) -> None:
    message("8", "1", "別の会話", NOON)
    assert said(story(first=wrong)) == said(story(before=wrong)) == ["5", "6", "7"]
