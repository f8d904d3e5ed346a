"""kill -9 at every write of a survey: the customer gets one link, it works, and the conversation is closed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.service import hits
from tests.crash.surveys import SurveyPlay

pytestmark = pytest.mark.crash

#: In which places the service dies, one after the other.
PLANS = {
    "before": ("action.begun.intercom.survey", "action.begun.intercom.shut"),
    "called": ("action.called.intercom.survey", "action.called.intercom.shut"),
    "after": ("action.finished.intercom.survey", "action.finished.intercom.shut"),
    "at its end": ("run.told.solved", "run.told.ask"),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with SurveyPlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[SurveyPlay]:
    with SurveyPlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: SurveyPlay) -> None:
    """The whole story."""
    for act in play.acts:
        act()
        play.settle()


def test_every_write_is_in_some_plan(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    """A new write has to be added to the plans above."""
    _, places = undisturbed
    planned = {place for plan in PLANS.values() for place in plan}
    assert planned <= set(places)
    assert {place for place in places if place.startswith("action.called.")} <= planned


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, _ = undisturbed
    assert outcome["surveys"] == [("bad", "遅い", "", "link")]
    assert (outcome["asked"], outcome["works"], outcome["state"]) == ([True], True, "closed")
    assert outcome["unfinished"] == []


@pytest.mark.fault("F96")
@pytest.mark.parametrize("name", PLANS)
def test_killed_at_every_write_it_ends_the_same(
    play: SurveyPlay, undisturbed: tuple[dict[str, Any], list[str]], name: str
) -> None:
    plan: Sequence[str] = PLANS[name]
    play.begin(*(f"{place}:1" for place in plan))
    perform(play)
    assert play.deaths == len(plan), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]
