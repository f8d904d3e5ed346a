"""kill -9 while account owners and those who care for one kind are told: each hears of each thing once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import migrations
from app.demo.company import ESCALATIONS
from tests.crash.escalations import EscalationPlay
from tests.crash.service import RULES, hits, until
from tests.escalating import OWNER
from workflows.tables.runs import Action
from workflows.telling import kind_filed

pytestmark = pytest.mark.crash

#: Of the posts to owners and of those to a kind's channel and person, each first of its story.
PLANS = {
    "new ones": ["action.begun.slack.kind", "action.called.slack.kind", "action.finished.slack.kind"],
    "stories": ["run.begun.turned", "run.told.turned"],
}
KINDS = f'[kinds]\n"要望" = {{ channel = "{ESCALATIONS}", people = ["okada@kanade.example"] }}\n'


def at_once() -> None:
    """Nobody waits for more of the same kind."""
    kind_filed.GATHERED_MS = 0


class NewsPlay(EscalationPlay):
    """A request is filed, released, and its release is undone; an owner and a kind's channel hear of each."""

    def __init__(self, database_url: str, folder: Path, **settings: object) -> None:
        super().__init__(database_url, folder, **settings)
        rules = RULES.replace("tell_owners = []", 'tell_owners = ["released", "declined", "withdrawn"]')
        assert rules != RULES and "[kinds]\n" in rules
        (folder / "rules.toml").write_text(rules.replace("[kinds]\n", KINDS), encoding="utf-8")
        self.prepare = at_once

    def withdraw(self) -> None:
        """It is not done after all."""
        self.stage.jira.move("KNDE-12", "進行中")

    def heard_of_new(self) -> bool:
        """Has upkeep come to what was filed, and has it been told?"""
        return bool(self._said(ESCALATIONS)) and not self.open_runs()

    def _heard(self, channel: str) -> list[str]:
        return [text.replace(self.url, "") for text, _ in self._said(channel)]

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        people = (OWNER, "U0OKADA")
        return {
            "kind": self._heard(ESCALATIONS),
            "direct": {person: sorted(self._heard(f"D{person[1:]}")) for person in people},
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
    with NewsPlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[NewsPlay]:
    with NewsPlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: NewsPlay) -> None:
    play.tag()
    play.settle()
    until(lambda: play.revive() or play.heard_of_new(), "those who hear of this kind are told")
    for act in (play.link, play.finish, play.withdraw):
        act()
        play.settle()


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, places = undisturbed
    assert {place for plan in PLANS.values() for place in plan} <= set(places)
    assert (len(outcome["kind"]), len(outcome["direct"]["U0OKADA"]), outcome["unfinished"]) == (3, 3, [])
    assert len(outcome["direct"][OWNER]) == 2


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.parametrize("plan", PLANS)
def test_killed_at_every_place_it_ends_the_same(
    play: NewsPlay, undisturbed: tuple[dict[str, Any], list[str]], plan: str
) -> None:
    play.begin(*(f"{place}:1" for place in PLANS[plan]))
    perform(play)
    assert play.deaths == len(PLANS[plan]), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]
