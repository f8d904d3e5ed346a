"""kill -9 at every step of both stories: after a restart everything is as if nothing had happened.

The places are named in `workflows/engine/failpoints.py`. One play dies several times, in as many lives of the
service; where two runs go on side by side, their deaths are in different plays, so that each is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.service import Play, hits

pytestmark = pytest.mark.crash

WRITES = [
    ["productboard.note", "intercom.note", "slack.ask", "jira.remote-link", "slack.post"],
    ["intercom.open", "intercom.assign", "intercom.note", "intercom.label"],
]
RUNS = [
    ["sign_out_the_gone", "note_changed", "issue_mentioned", "moved"],
    ["look_through", "file", "ask", "show", "conversation"],
    ["follow"],
]
PLANS = [
    *(
        [f"action.{moment}.{write}" for write in writes]
        for moment in ("begun", "called", "finished")
        for writes in WRITES
    ),
    *([f"run.{moment}.{run}" for run in runs] for moment in ("begun", "told", "ended") for runs in RUNS),
]
DOOR = ["inbox.inserted", "inbox.committed"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with Play(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[Play]:
    with Play(sqlite_url, tmp_path) as play:
        yield play


def perform(play: Play) -> None:
    """Both stories: a tag becomes feedback; its issue is linked, and finished."""
    for act in (play.tag, play.link, play.finish):
        act()
        play.settle()


def test_every_place_is_in_some_plan(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    """A new step of a story, or a new failpoint, has to be added to the plans above."""
    _, places = undisturbed
    told = {place for place in places if not place.endswith(".warn")}  # that comes with time, not with the play
    assert told == {place for plan in PLANS for place in plan} | set(DOOR)


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, _ = undisturbed
    assert [count for (verb, _), count in outcome["effects"]["productboard"].items() if verb == "create_note"] == [1]
    assert {verb: count for (verb, _), count in outcome["effects"]["intercom"].items()} == {
        "note": 2,
        "open": 1,
        "assign": 1,
        "create tag": 1,
        "tag": 1,
    }
    assert (outcome["said"], outcome["state"], len(outcome["feedback"])) == (1, "open", 1)
    assert [state for state, _ in outcome["tellings"].values()] == ["drafted"]
    assert outcome["states"] == {"done", "ignored"}


@pytest.mark.fault("F06", "F07", "F08", "F09", "F10", "F11", "F12")
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: " ".join(plan))
def test_killed_at_a_step_it_ends_the_same(
    play: Play, undisturbed: tuple[dict[str, Any], list[str]], plan: list[str]
) -> None:
    play.begin(*(f"{place}:1" for place in plan))
    perform(play)
    side_by_side = len(plan) > 1  # what is last may have ended in the life before, beside the one that was killed
    assert not play.plan and len(plan) - side_by_side <= play.deaths <= len(plan)
    assert play.outcome() == undisturbed[0]


@pytest.mark.fault("F02", "F03")
def test_killed_while_it_takes_a_webhook_it_ends_the_same(
    play: Play, undisturbed: tuple[dict[str, Any], list[str]]
) -> None:
    """Before the commit nothing is there, after it everything; either way the vendor sends it again."""
    for act in (play.tag, play.link, play.finish):
        play.begin(*(f"{place}:1" for place in DOOR))
        act()
        play.settle()
        assert play.service is not None
        play.service.kill()
    assert play.deaths == 3 * len(DOOR)
    play.begin()
    play.settle()
    assert play.outcome() == undisturbed[0]
