"""kill -9 at every write of a hand-over and of its undoing: each thing goes once, and comes back once.

The places are named in `workflows/engine/failpoints.py`; `handing.*` are those between two commits of our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.handings import ADMIN, SATO, HandingPlay
from tests.crash.people import TEAMMATE
from tests.crash.service import hits

pytestmark = pytest.mark.crash

#: Between the commits of what moves here, one kind after the other; and the writes to others that follow.
HERE = ["handing.handed_on", *(f"handing.moved.{kind}" for kind in ("escalations", "drafts"))]
MORE = [*(f"handing.moved.{kind}" for kind in ("backgrounds", "companies", "answers")), "run.told.hand_over"]
#: Once the call was made, the next life sees in Intercom that it was, and makes none.
THERE = ["action.begun.intercom.assign", "action.called.intercom.assign", "run.told.assign"]
ASKED = ["action.called.slack.direct", "action.called.slack.hand-over", "run.told.handed_on"]
PLANNED = ["handing.planned", "action.finished.intercom.assign"]
#: In which both acts are deadly.
PLANS = {"here": HERE, "more of it": MORE, "in Intercom": THERE, "asked": ASKED, "planned": PLANNED}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """How the play ends when nobody dies, every place that it comes by from the first act on, and who had it then."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with HandingPlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        play.open_work()
        play.settle()
        before = len(hits(folder / "hits.txt"))
        play.hand_over()
        play.settle()
        theirs = play.whose()
        play.take_back()
        play.settle()
        return play.outcome(), hits(folder / "hits.txt")[before:], theirs


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[HandingPlay]:
    with HandingPlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: HandingPlay, plan: Sequence[str], deadly: Sequence[str]) -> None:
    """The whole story; before a deadly act the service is started anew, to die where the plan says."""
    for act in play.acts:
        if act.__name__ in deadly:
            assert play.service is not None
            play.service.kill()
            play.begin(*(f"{place}:1" for place in plan))
        act()
        play.settle()


Undisturbed = tuple[dict[str, Any], list[str], dict[str, Any]]


def test_every_write_is_in_some_plan(undisturbed: Undisturbed) -> None:
    """A new write has to be added to the plans above."""
    _, places, _ = undisturbed
    planned = {place for plan in PLANS.values() for place in plan}
    assert planned <= set(places)
    assert {place for place in places if place.startswith(("action.called.", "handing."))} <= planned


def test_undisturbed_everything_goes_and_comes_back(undisturbed: Undisturbed) -> None:
    outcome, _, theirs = undisturbed
    assert (theirs["conversation"], theirs["message"], theirs["answer"]) == ("7002", SATO, SATO)
    assert (theirs["request"], theirs["escalation"][0]) == (["7002"], SATO)
    assert ("owner", "hand", SATO) in theirs["company"]
    assert (outcome["conversation"], outcome["message"], outcome["answer"]) == (ADMIN, TEAMMATE.id, TEAMMATE.id)
    assert (outcome["request"], outcome["escalation"][0]) == ([ADMIN], TEAMMATE.id)
    assert ("owner", "import", TEAMMATE.id) in outcome["company"]
    assert (len(outcome["assigned"]), len(outcome["deeds"]), outcome["unfinished"]) == (2, 2, [])


@pytest.mark.fault("F07", "F09", "F10", "F11", "F92")
@pytest.mark.parametrize("name", PLANS)
def test_killed_at_every_write_everything_goes_once_and_comes_back_once(
    play: HandingPlay, undisturbed: Undisturbed, name: str
) -> None:
    play.begin()
    perform(play, PLANS[name], ("hand_over", "take_back"))
    assert play.deaths == 2 * len(PLANS[name]), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]
