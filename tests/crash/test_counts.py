"""kill -9 while enquiries are counted: Zendesk's export page by page, and conversations that were here before."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, delete

from tests.crash.service import Play, until
from workflows.enquiry import counted
from workflows.tables.volume import Arrival, Count, DayCount, Source
from workflows.volume import zendesk

pytestmark = pytest.mark.crash

TICKETS, CHATS, HOUR = 11, 23, 3600


def small_pages() -> None:
    """Before a life begins: a page of the export is of three tickets, and five conversations are counted at a time."""
    zendesk.MANY = zendesk.USUAL = 3
    counted.TOGETHER = 5


class CountPlay(Play):
    """What comes in is counted in small pieces. A clock asks Zendesk here as it does everywhere."""

    def __init__(self, database_url: str, folder: Path) -> None:
        said = {"zendesk_subdomain": "kanade", "zendesk_client_id": "yamabiko"}
        super().__init__(database_url, folder, **said)
        secret = self.stage.settings(8000, database_url).zendesk_client_secret
        self.settings = self.settings.model_copy(update={"zendesk_client_secret": secret})
        self.prepare = small_pages

    def arrived(self, source: str) -> set[str]:
        """What is counted, one by one."""
        return {row.id for row in self.rows(Arrival) if row.source == source}

    def sums(self, source: str) -> tuple[int, int]:
        """How many there are by the counts of quarter hours, and by those of days."""
        found = [
            sum(row.n for row in self.rows(table) if row.facet == "all" and row.source == source)
            for table in (Count, DayCount)
        ]
        return found[0], found[1]

    def forget_counts(self) -> None:
        """As if this were a database of before conversations were counted."""
        with Session(self.engine) as session:
            for table in (Arrival, Count, DayCount, Source):
                session.exec(delete(table))
            session.commit()


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[CountPlay]:
    """A service that works by itself: on PostgreSQL that takes two processes."""
    with CountPlay(sqlite_url, tmp_path) as play:
        yield play


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Iterator[CountPlay]:
    """Commands alone, on a database of either kind."""
    with CountPlay(database_url, tmp_path) as play:
        yield play


@pytest.mark.fault("F109")
def test_killed_while_zendesk_is_read_every_ticket_counts_once(play: CountPlay) -> None:
    now = int(time.time())
    written = [play.stage.zendesk.write(f"困った{n}", at=now - 30 * HOUR + n * HOUR) for n in range(TICKETS)]
    wanted = {f"zendesk/{id}" for id in written}
    plan = ("zendesk.read:1", "zendesk.read:2", "zendesk.kept:1", "zendesk.kept:2", "run.told.look:1")
    play.begin(*plan)
    until(lambda: play.revive() or (play.deaths == len(plan) and play.arrived("zendesk") == wanted), "all are counted")
    play.settle()
    assert play.arrived("zendesk") == wanted
    assert play.sums("zendesk") == (TICKETS, TICKETS)


@pytest.mark.fault("F109")
@pytest.mark.parametrize("place", ["counted.kept:1", "counted.kept:3", "counted.kept:5"])
def test_killed_while_those_of_before_are_counted_each_counts_once(commands: CountPlay, place: str) -> None:
    now = int(time.time())
    for number in range(CHATS):
        commands.stage.intercom.add_conversation(str(500 + number), "c101", f"質問{number}", at=now - number * HOUR)
    assert commands.start("import intercom --since 2025-01-01").wait() == 0
    everything = commands.arrived("intercom")
    commands.forget_counts()
    assert commands.start("import counted", place).wait() == -signal.SIGKILL
    here = len(commands.arrived("intercom"))
    assert commands.sums("intercom") == (here, here) and here > 0
    for _ in range(2):
        assert commands.start("import counted").wait() == 0
        assert commands.arrived("intercom") == everything
        assert commands.sums("intercom") == (len(everything), len(everything))
