"""kill -9 while a telling comes to a dead end, is handed over, taken and called off: whoever is asked is asked once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from tests.crash.escalations import EscalationPlay
from tests.crash.service import hits
from tests.escalating import OWNER
from workflows.tables.runs import Action
from workflows.tables.telling import Telling

pytestmark = pytest.mark.crash

#: With every write done and nothing known of it, before it and after; and with a story told but not ended.
PLANS = {
    "begun": ["action.begun.slack.dead-end", "action.begun.slack.call-off"],
    "called": ["action.called.slack.dead-end", "action.called.slack.call-off"],
    "finished": ["action.finished.slack.dead-end", "action.finished.slack.call-off"],
    "stories": ["run.begun.hand", "run.told.taken", "run.told.by_phone"],
}
DIRECT = f"D{OWNER[1:]}"


class DeadEndPlay(EscalationPlay):
    """The owner takes over what a ticket keeps its customer from hearing; it is withdrawn, and comes again."""

    def convert(self) -> None:
        """The conversation becomes a ticket."""
        self.stage.intercom.convert_to_ticket(self.chat)

    def withdraw(self) -> None:
        """It is not done after all."""
        self.stage.jira.move("KNDE-12", "進行中")

    def take(self) -> None:
        """The owner says that they tell the customer."""
        self._press_own("take_telling")

    def phone(self) -> None:
        """… and that they have, of what was released again."""
        self._press_own("told_by_phone")

    def _press_own(self, button: str) -> None:
        [posted] = [each for each in self.slack.messages(DIRECT) if f"'{button}'" in str(each)]
        assert self.slack.press(OWNER, DIRECT, posted["ts"], button).error == ""

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        return {
            "tellings": {row.release_id: (row.state, row.channel, row.held_as) for row in self.rows(Telling)},
            "said": [str(each["text"]) for each in self.slack.messages(DIRECT)],
            "actions": Counter((row.verb, row.target, row.state, row.sentence) for row in self.rows(Action)),
            "runs": self.stories(),
            "unfinished": self.unfinished(),
        }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with DeadEndPlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[DeadEndPlay]:
    with DeadEndPlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: DeadEndPlay) -> None:
    for act in (play.tag, play.link, play.convert, play.finish, play.take, play.withdraw, play.finish, play.phone):
        act()
        play.settle()


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, places = undisturbed
    assert {place for plan in PLANS.values() for place in plan} <= set(places)
    assert sorted(outcome["tellings"].values()) == [("told", "phone", "owner"), ("withdrawn", "", "self")]
    assert (len(outcome["said"]), outcome["unfinished"]) == (3, [])


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.parametrize("plan", PLANS)
def test_killed_at_every_place_it_ends_the_same(
    play: DeadEndPlay, undisturbed: tuple[dict[str, Any], list[str]], plan: str
) -> None:
    play.begin(*(f"{place}:1" for place in PLANS[plan]))
    perform(play)
    assert play.deaths == len(PLANS[plan]), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]
