"""kill -9 while a notice is opened, told, reminded of and called off: in the end it is as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, update

from app import migrations
from tests.crash.people import LEADER, PeoplePlay
from tests.crash.service import Play, hits, until
from tests.noticing import EN, JA
from workflows.tables.customer import Owner
from workflows.tables.notice import Addressee, Notice
from workflows.tables.telling import Telling

#: Who answers for the first customer, and is a teammate in Intercom.
AGENT = "agent7001@kanade.example"
pytestmark = pytest.mark.crash

#: With every write done and nothing known of it, and with each story told but not ended.
PLANS = [
    ["run.told.begin", "action.called.intercom.open", "action.called.intercom.assign", "action.called.slack.post"],
    ["run.begun.bring", "action.called.intercom.note", "run.told.remind", "run.told.call_off", "run.told.correct"],
    ["run.begun.begin", "run.told.bring", "run.begun.remind", "run.begun.call_off", "run.begun.correct"],
]


class NoticePlay(PeoplePlay):
    """One notice for one company, from its form to its calling off."""

    def write(self) -> None:
        """The customers have written; a lead writes a notice, and opens it."""
        self.stage.intercom.books.conversations[self.stage.chats[0]].assignee_id = ""
        for chat in self.stage.chats[:2]:
            self.stage.intercom.announce("conversation.user.created", self.stage.intercom.books.conversations[chat])
        self.settle()
        with Session(self.engine) as session:
            day = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
            session.add(Owner(company_id="101", role="owner", origin="hand", person=AGENT, set_at=1))
            row = {"title": "FAX窓口の終了", "takes_effect": day, "text_ja": JA, "text_en": EN}
            session.add(Notice(**row, origin="play", remind_days=[14], written_at=1))
            session.commit()
        self.press("open")
        with Session(self.engine) as session:
            session.execute(update(Notice).values(opens_at=1))
            session.commit()
        self.wait_for(lambda: all(each.opened_at for each in self.rows(Notice)), "it is opened")

    def tell(self) -> None:
        """An agent sends the first customer what the draft says."""
        telling = self.rows(Telling, Telling.conversation_id)[0]
        self.stage.intercom.agent_says(telling.conversation_id, "7001", telling.draft)

    def remind(self) -> None:
        """Tomorrow is the day."""
        day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
        with Session(self.engine) as session:
            session.execute(update(Notice).values(takes_effect=day))
            session.commit()
        self.wait_for(lambda: all(each.reminded for each in self.rows(Notice)), "who is left is said")

    def call_off(self) -> None:
        """It does not take place."""
        self.press("call-off")

    def press(self, verb: str) -> None:
        """A lead's button on the notice's page."""
        self.post(LEADER, f"/notices/1/{verb}")

    def wait_for(self, came_true: Any, what: str) -> None:
        """Upkeep does it, in this life or in the next."""

        def look() -> bool:
            self.revive()
            return bool(came_true())

        until(look, what)

    def outcome(self) -> dict[str, Any]:
        """What must be the same however often the service died."""
        told = Play.outcome(self)
        return {name: told[name] for name in ("effects", "said", "actions", "states")} | {
            "tellings": sorted((each.release_id, each.conversation_id, each.state) for each in self.rows(Telling)),
            "addressees": len(self.rows(Addressee)),
        }


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[NoticePlay]:
    with NoticePlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: NoticePlay) -> None:
    """It is opened, one customer is told, the channel is reminded, and it is called off."""
    for act in (play.write, play.tell, play.remind, play.call_off):
        act()
        play.settle()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with NoticePlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, places = undisturbed
    states = sorted(state for release, _, state in outcome["tellings"] if release == "notice:1")
    assert states == ["told", "withdrawn"]
    assert [state for release, _, state in outcome["tellings"] if release == "notice:1:reopened"] == ["drafted"]
    assert (outcome["said"], outcome["addressees"]) == (1, 3)
    assert {place for plan in PLANS for place in plan} <= set(places)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: " ".join(plan))
def test_killed_at_a_step_it_ends_the_same(
    play: NoticePlay, undisturbed: tuple[dict[str, Any], list[str]], plan: list[str]
) -> None:
    play.begin(*(f"{place}:1" for place in plan))
    perform(play)
    assert not play.plan and play.deaths >= len(plan) - 1
    assert play.outcome() == undisturbed[0]
