"""kill -9 at what a meeting writes: the agenda, an issue, the day's message, notes, Productboard and the mail.

What stands in Slack, Jira and the chats afterwards is what would have stood there; a mail may come twice under one
Message-ID, which mail programs show once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.meetings import MeetingPlay
from tests.crash.service import hits

pytestmark = pytest.mark.crash

#: In the order in which they happen first; what goes on side by side is in different plays, so that each is met.
WRITES = [
    ["slack.agenda", "jira.create", "jira.remote-link", "intercom.open", "intercom.assign", "mail.digest"],
    ["slack.digest", "slack.conclude"],
    ["productboard.conclude"],
    ["intercom.note"],
    ["intercom.label"],
]
PLANS = [
    *([f"action.called.{write}" for write in writes] for writes in WRITES),
    *([f"action.{moment}.{write}" for write in WRITES[0]] for moment in ("begun", "finished")),
    ["run.told.post", "run.begun.create", "run.begun.send"],
    ["run.told.create", "run.told.send"],
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the day ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with MeetingPlay(database_url, folder) as play:
        play.prepare_the_day()
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[MeetingPlay]:
    with MeetingPlay(sqlite_url, tmp_path) as play:
        play.prepare_the_day()
        yield play


def perform(play: MeetingPlay) -> None:
    """From the agenda to the minutes."""
    for act in play.acts:
        act()
        play.settle()


def test_every_write_is_in_some_plan(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    """A new write of the meeting has to be added to the plans above."""
    _, places = undisturbed
    written = {place for place in places if place.startswith("action.called.")}
    assert written == {f"action.called.{write}" for writes in WRITES for write in writes}
    assert {place for plan in PLANS for place in plan} <= set(places)


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, _ = undisturbed
    assert [conclusion for conclusion, _, _ in outcome["decisions"]] == ["adopt", "decline"]
    assert (outcome["issues"], outcome["waiting"]) == ({"create_issue": 1}, [(1, 0)])
    assert [in_thread for _, in_thread in outcome["channel"]] == [False, False, True, True]
    assert (len(outcome["mails"]), [state for state, _ in outcome["tellings"]]) == (1, ["drafted"])
    assert (set(outcome["notes"].values()), sum(outcome["openings"].values())) == ({2}, 1)
    assert outcome["unfinished"] == []


@pytest.mark.fault("F07", "F09", "F10", "F11")
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: " ".join(plan))
def test_killed_at_a_write_the_day_ends_the_same(
    play: MeetingPlay, undisturbed: tuple[dict[str, Any], list[str]], plan: list[str]
) -> None:
    play.begin(*(f"{place}:1" for place in plan))
    perform(play)
    assert play.deaths == len(plan), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]
