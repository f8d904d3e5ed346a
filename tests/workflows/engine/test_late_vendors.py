"""Vendors that answer late, and many runs at the same moment: nobody may wait for somebody who waits for them."""

from __future__ import annotations

from tests.world import World
from workflows.engine.store import store
from workflows.engine.vendors import jira_client
from workflows.wish.connect import row_of

SECONDS = 0.3


def known(key: str) -> str:
    """An issue that we have on record, as it stands before it moves; its key."""
    issue = jira_client().issue(key)
    assert issue is not None
    store.write(lambda session: session.merge(row_of(issue)) and None)
    return key


def test_forty_issues_that_move_at_once_while_jira_is_slow_are_all_settled(world: World) -> None:
    keys = [known(world.issue(f"KNDE-{500 + number}")) for number in range(40)]
    world.settle()
    for key in keys:
        world.jira.move(key, "完了")
    assert world.deliver() == 40
    world.jira.delay = SECONDS
    assert world.conduct_at_once() == ["ignored"] * 40
