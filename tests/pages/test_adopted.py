"""An adopted wish goes on: with an issue created or linked in the same form, or on the list of those without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.meeting import decide, filed
from tests.pages.reading import button, card, flat, get, press, read, send
from tests.pages.test_meeting import TANAKA, conclude
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, items, to_jira
from workflows.rules import rules


@pytest.fixture(autouse=True)
def meeting(sqlite_world: World) -> Iterator[None]:
    """Issues are created in a project, and the time for undoing lasts until the next round of upkeep."""
    with sqlite_world.rules(jira_project="KNDE", triage=replace(rules.triage, undo_seconds=0)):
        yield


def carry_out(world: World) -> None:
    """The time for undoing is over, and everything that follows has happened."""
    acts.start_due()
    world.settle()


def test_a_wish_is_adopted_and_its_issue_created_in_one_go_once_nobody_can_take_it_back(sqlite_world: World) -> None:
    wish = filed()
    page = conclude(sqlite_world, wish, create="yes")
    assert "送信と同時にJiraに起票します" in page.text
    sqlite_world.settle()
    page = get(sqlite_world, f"/feedback/{wish}")
    assert not page.all("button", name="create") and "決定の送信とともに起票します" in page.text
    carry_out(sqlite_world)
    assert issues_of(wish)
    assert not get(sqlite_world, f"/feedback/{wish}").all("button", name="create")


def test_an_adoption_that_is_taken_back_creates_nothing(sqlite_world: World) -> None:
    wish = filed()
    send(sqlite_world, button(conclude(sqlite_world, wish, create="yes"), "undo"))
    carry_out(sqlite_world)
    assert not issues_of(wish)


def test_an_adopted_wish_may_be_linked_to_an_issue_that_exists(sqlite_world: World) -> None:
    wish = filed()
    answer = press(sqlite_world, f"/triage/FB-{wish}/decide", conclusion="adopt", reason="x", issue="課題")
    assert answer.status_code == 400 and read(answer.text).all("p", id="wrong-issue")
    assert "KNDE-12を紐付けます" in conclude(sqlite_world, wish, issue="knde-12").text
    carry_out(sqlite_world)
    assert issues_of(wish) == ["KNDE-12"]


def test_what_is_adopted_without_an_issue_has_a_list(sqlite_world: World) -> None:
    alone, linked, declined = filed("打刻"), filed("CSV"), filed("色")
    for wish, conclusion in ((alone, "adopt"), (linked, "adopt"), (declined, "decline")):
        decide(wish, conclusion)
    to_jira.ask_to_link(linked, "KNDE-12", TANAKA)
    sqlite_world.settle()
    page = get(sqlite_world, "/wishes?show=unissued")
    assert [row.attributes["data-name"] for row in page.all("tr") if "data-name" in row.attributes] == [f"FB-{alone}"]
    assert "採用・課題なし 1" in flat(page)


def test_in_the_demo_the_card_of_a_wish_that_was_adopted_alone_goes_on(sqlite_world: World) -> None:
    wish = sqlite_world.wish(0)
    decide(wish.id or 0, "adopt")
    carry_out(sqlite_world)
    shown = card(get(sqlite_world, "/board"), f"FB-{wish.id}")
    assert [form.attributes["action"] for form in shown.all("form")] == ["/demo/link"]


def issues_of(wish: int) -> list[str]:
    """The keys of the issues that a wish waits for."""
    item = store.read(lambda session: items.item(session, wish, now_ms()))
    return [issue.key for issue in item.issues] if item else []
