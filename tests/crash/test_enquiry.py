"""kill -9 at every write of an enquiry: in Slack and at the customer everything stands once, and no turn is held.

The places are named in `workflows/engine/failpoints.py`. A message that is changed where it stands passes none: there
the service is killed by Slack, when it has done as it was asked and before it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.enquiries import EnquiryPlay
from tests.crash.service import hits

pytestmark = pytest.mark.crash

#: In which act which writes come first: the thread and its copy to read along, what is said below, the warning …
WRITES = {
    "begin_chat": ("slack.thread", "slack.window", "slack.relay"),
    "ask_again": ("slack.warn",),
    "reply": ("intercom.reply",),
    "ask": ("slack.ask",),
    "gather": ("slack.relay", "slack.window"),
}
PLANS = {
    "called": {act: [f"action.called.{write}" for write in writes] for act, writes in WRITES.items()},
    "before and after": {
        "begin_chat": ["action.begun.slack.thread", "action.begun.slack.relay"],
        "ask_again": ["run.told.warn"],
        "reply": ["run.told.send", "run.told.follow"],
    },
}
#: In which act a message is changed for the n-th time: the first one, its copy, what was deleted there and here.
CHANGES = {"ask_again": 1, "reply": 2, "redact": 1}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with EnquiryPlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[EnquiryPlay]:
    with EnquiryPlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: EnquiryPlay, plan: Mapping[str, Sequence[str]] | None = None) -> None:
    """The whole story; before a deadly act the service is started anew, to die where the plan says."""
    for act in play.acts:
        if plan and act.__name__ in plan:
            assert play.service is not None
            play.service.kill()
            play.begin(*(f"{place}:1" for place in plan[act.__name__]))
        act()
        play.settle()


def test_every_write_is_in_some_plan(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    """A new write has to be added to the plans above."""
    _, places = undisturbed
    planned = {place for plan in PLANS.values() for some in plan.values() for place in some}
    assert planned <= set(places)
    assert {place for place in places if place.startswith("action.called.")} <= planned


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, _ = undisturbed
    assert [below for below, _ in outcome["channel"]] == [0, 0, 0, 0, 0, 0, 1, 1]
    assert [below for below, _ in outcome["window"]] == [0, 0, 0, 0, 1, 1]
    assert len(outcome["customer"]) == 1 and outcome["replies"] == [("sent", "", True)]
    assert len(outcome["asks"]) == 1 and not any("口座" in text for _, text in outcome["channel"])
    assert [turn[:3] for turn in outcome["turns"]] == [["", 0, False]] * 2
    assert outcome["unfinished"] == []


@pytest.mark.fault("F07", "F09", "F10", "F11")
@pytest.mark.parametrize("name", PLANS)
def test_killed_at_every_write_it_ends_the_same(
    play: EnquiryPlay, undisturbed: tuple[dict[str, Any], list[str]], name: str
) -> None:
    play.begin()
    perform(play, PLANS[name])
    assert play.deaths == sum(map(len, PLANS[name].values())), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]


@pytest.mark.fault("F08")
def test_killed_while_a_message_is_changed_it_ends_the_same(
    play: EnquiryPlay, undisturbed: tuple[dict[str, Any], list[str]]
) -> None:
    play.begin()
    for act in play.acts:
        play.deadly = CHANGES.get(act.__name__, 0)
        act()
        play.settle()
    assert play.deaths == len(CHANGES)
    assert play.outcome() == undisturbed[0]
