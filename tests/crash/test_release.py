"""kill -9 between approval, sending and confirmation: each customer reads each message once, and the ledger says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.releases import ReleasePlay
from tests.crash.service import hits

pytestmark = pytest.mark.crash

#: From which act on, and where the service dies then.
MESSAGE = [f"action.{moment}.intercom.reply" for moment in ("begun", "called", "finished")]
SENDING = ["run.begun.send", "run.told.send"]
CONFIRMING = ["run.begun.told", "run.told.told"]
WARNING = ["run.begun.moved", "action.called.slack.post", "run.told.moved"]
SORRY = ["run.begun.conversation", "action.called.intercom.note", "run.told.conversation"]
PLANS = {
    "sent": ("tell", MESSAGE),
    "sending": ("tell", SENDING),
    "confirmed": ("tell", CONFIRMING),
    "warned": ("withdraw", WARNING),
    "sorry": ("withdraw", SORRY),
    "sorry sent": ("apologise", MESSAGE),
    "at the door": ("tell", ["inbox.inserted", "inbox.committed"]),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with ReleasePlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[ReleasePlay]:
    with ReleasePlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: ReleasePlay, deadly: str = "", plan: list[str] | None = None) -> None:
    """From the tag to the apology; before the deadly act the service is started anew, to die where the plan says."""
    for act in play.acts:
        if act.__name__ == deadly:
            assert play.service is not None
            play.service.kill()
            play.begin(*(f"{place}:1" for place in plan or []))
        act()
        play.settle()


def test_every_write_to_a_customer_is_in_some_plan(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    """A new way to write to a customer has to be added to the plans above."""
    _, places = undisturbed
    assert {place for _, plan in PLANS.values() for place in plan} <= set(places)
    assert {place.split(".")[-1] for place in places if place.startswith("action.called.intercom")} == {
        *("note", "open", "assign", "label"),  # these are killed in test_stories
        "reply",
    }


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, _ = undisturbed
    assert len(outcome["sent"]) == len(set(outcome["sent"])) == 2
    assert [(state, channel) for _, state, _, _, channel in outcome["tellings"]] == [("told", "chat")] * 2
    assert (outcome["openings"], outcome["notes"], outcome["unfinished"]) == (1, 3, [])


@pytest.mark.fault("F07", "F09", "F10", "F11")
@pytest.mark.parametrize("name", PLANS)
def test_killed_at_every_place_the_customer_reads_it_once(
    play: ReleasePlay, undisturbed: tuple[dict[str, Any], list[str]], name: str
) -> None:
    deadly, plan = PLANS[name]
    play.begin()
    perform(play, deadly, plan)
    assert play.deaths == len(plan), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]
