"""Whatever dies while an alert begins, goes on and ends: it is told in one message, as it is in the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from integrations.twin import Fault
from tests.clock import Hands
from tests.properties.dying import Crash, dying
from tests.workflows.measure.alerting import NOON, Desk, judge, past, pictures, rows, said, switched_on
from tests.world import World

#: Commits while an alert is found, told and drawn: more than there are. After one is before the next, so each second
#: one, after and before, is all of them.
COMMITS = range(0, 18, 2)


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set."""
    hands = Hands()
    hands.set(NOON)
    yield hands
    hands.release()


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[World]:
    """A world that is quickly made."""
    world = World(sqlite_url)
    yield world
    world.close()


@pytest.fixture
def desk(on_sqlite: World, hands: Hands) -> Desk:
    """A company with four weeks behind it, whose alerts are on."""
    switched_on()
    past()
    return Desk(on_sqlite, hands)


@pytest.mark.fault("F101")
@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("committed", [True, False], ids=["after", "before"])
def test_dead_at_any_commit_it_is_told_once_and_as_it_is(
    on_sqlite: World, desk: Desk, hands: Hands, commit: int, committed: bool
) -> None:
    desk.came(40)
    with suppress(Crash), dying(commit, committed=committed):
        desk.look()
    hands.go_on(120)
    desk.look()
    desk.look()
    assert ([row.kind for row in rows()], len(said(on_sqlite))) == (["many"], 1)
    with suppress(Crash), dying(commit, committed=committed):
        judge(on_sqlite, "fault", "1")
    desk.look()
    desk.quiet(4)
    for _ in range(4):
        desk.came(5)
        with suppress(Crash), dying(commit, committed=committed):
            desk.look()
    hands.go_on(120)
    desk.quiet(1)
    [message] = said(on_sqlite)
    assert "✅" in message and "📈" not in message
    assert pictures(on_sqlite) == ["alert-1-begun.png", "alert-1-over.png"]


@pytest.mark.fault("F101")
@pytest.mark.parametrize("verb", ["chat.postMessage", "chat.update", "files.getUploadURLExternal"])
@pytest.mark.parametrize("how", ["lost", "reset", "500", "429", "late-500"])
def test_where_slack_fails_or_its_answer_is_lost_it_is_told_once(
    on_sqlite: World, desk: Desk, hands: Hands, verb: str, how: str
) -> None:
    on_sqlite.slack.fail(f"POST /api/{verb}", Fault(how))
    desk.quarter(40)
    hands.go_on(400)
    desk.quiet(9)
    [message] = said(on_sqlite)
    assert "✅" in message
    assert pictures(on_sqlite) == ["alert-1-begun.png", "alert-1-over.png"]
