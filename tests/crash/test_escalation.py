"""kill -9 between posting, waiting and asking again: after a restart the escalation ends as if nothing had happened.

The places are named in `workflows/engine/failpoints.py`. One play dies several times, in as many lives of the service.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, update

from app import migrations
from tests.crash.escalations import EscalationPlay
from tests.crash.service import hits, until
from tests.escalating import OWNER
from workflows.tables.runs import Executor, Lease, Run
from workflows.upkeep import SILENT_MS

pytestmark = pytest.mark.crash

#: With every write in Slack or Intercom done, and nothing known of it; in the order in which they happen first. What
#: comes before a write and after it is the same for all stories, and is met in `test_stories`.
WRITES = [
    *("slack.post", "slack.direct", "slack.receipt", "intercom.note"),
    *("slack.remind", "slack.climb", "slack.hand-over", "slack.reply"),
]
#: At the door, and with a story told but not ended; that of every story is in tests/properties.
MOMENTS = [
    *("inbox.inserted", "inbox.committed", "run.told.remind"),
    *("inbox.committed", "run.told.acknowledged", "run.told.handed_on"),
]
PLANS = {"writes": [f"action.called.{write}" for write in WRITES], "stories": MOMENTS}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """How the play ends when nobody dies, and every place that it comes by."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database_url = f"sqlite:///{folder}/play.sqlite"
    migrations.upgrade(database_url)
    with EscalationPlay(database_url, folder) as play:
        play.begin(f"record:{folder}/hits.txt")
        perform(play)
        return play.outcome(), hits(folder / "hits.txt")


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[EscalationPlay]:
    with EscalationPlay(sqlite_url, tmp_path) as play:
        yield play


def perform(play: EscalationPlay) -> None:
    """From the form to the end: nobody answers twice, the deputy takes it and hands it on, it is done."""
    for act in play.acts:
        act()
        play.settle()


def test_every_write_is_in_some_plan(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    """A new write has to be added to the plans above."""
    _, places = undisturbed
    assert {place for place in places if place.startswith("action.called.")} == set(PLANS["writes"])
    assert set(MOMENTS) <= set(places)


def test_undisturbed_it_ends_as_it_should(undisturbed: tuple[dict[str, Any], list[str]]) -> None:
    outcome, _ = undisturbed
    assert (outcome["escalation"]["state"], outcome["clock"]) == ("done", (None, True, True))
    assert [reply for _, reply in outcome["channel"]] == [False, True, True]
    assert {person: len(said) for person, said in outcome["direct"].items()} == {
        "U0TANAKA": 2,
        "U0MORI": 2,
        "U0OKADA": 1,
        "U0EMMA": 2,
    }
    assert (outcome["notes"], outcome["whispers"]) == (2, [0, 0, 0, 0])
    assert outcome["unfinished"] == []


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.parametrize("plan", PLANS)
def test_killed_at_every_place_it_ends_the_same(
    play: EscalationPlay, undisturbed: tuple[dict[str, Any], list[str]], plan: str
) -> None:
    play.begin(*(f"{place}:1" for place in PLANS[plan]))
    perform(play)
    assert play.deaths == len(PLANS[plan]), f"still alive at {play.plan}"
    assert play.outcome() == undisturbed[0]


def test_the_reminder_of_a_killed_worker_goes_on_in_another(
    postgres_url: str, tmp_path: Path, undisturbed: tuple[dict[str, Any], list[str]]
) -> None:
    """On PostgreSQL, web and workers apart: one dies with a reminder in Slack of which it knows nothing."""
    with EscalationPlay(postgres_url, tmp_path) as company:
        company.begin()
        doomed = company.start("worker", "action.called.slack.remind:1")
        company.escalate()
        company.settle()
        company.remind()
        assert doomed.wait() == -9
        assert [run.state for run in company.rows(Run) if run.workflow == "reminders.remind"] == ["open"]
        _nobody_heard_of_it_for_long(company)
        company.start("worker")
        until(lambda: not company.open_runs(), "the other worker finishes")
        direct = undisturbed[0]["direct"][OWNER]
        assert company.outcome()["direct"][OWNER] == direct and len(direct) == 2
        assert len(company.outcome()["channel"]) == 2


def _nobody_heard_of_it_for_long(company: EscalationPlay) -> None:
    """A worker is dead, and its lease is over, when it has been silent for a while; nobody waits for that here."""
    with Session(company.engine) as session:
        session.exec(update(Executor).values(heartbeat_at=col(Executor.heartbeat_at) - 2 * SILENT_MS))
        session.exec(update(Lease).values(until=0))
        session.commit()
