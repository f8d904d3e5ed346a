"""Troubles that nobody chose the moment of: random kills, a lost answer to a commit, a machine whose clock is wrong.

A minute of a network that swallows everything, or of a process that stands still, is for `make soak`: there it takes
the time that it takes, with the quiet period as shipped.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.crash.service import Play, Process, until
from tests.crash.test_processes import a_worker_inside_a_call, all_is_well
from tests.soak import seen
from tests.soak.life import SECONDS, prepare
from tests.soak.oracle import Claim, judge
from tests.soak.proxy import LOSE, Proxy
from tests.soak.site import server_of
from workflows import upkeep
from workflows.engine.store import now_ms
from workflows.tables.runs import Delivery, Executor, Run

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

#: A seed that was printed once, to see the same again.
SEED = int(os.environ.get("YAMABIKO_SEED", random.randrange(1_000_000)))
KILLS, CHATS = 6, 4


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[Play]:
    """One process for everything, on SQLite."""
    with Play(sqlite_url, tmp_path) as play:
        yield play


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    """A way to PostgreSQL that can be cut."""
    proxy = Proxy(server_of(postgres_url))
    yield proxy
    proxy.close()


@pytest.fixture
def company(postgres_url: str, tmp_path: Path) -> Iterator[Play]:
    """Web and workers apart, on PostgreSQL; nothing runs yet."""
    with Play(postgres_url, tmp_path) as play:
        yield play


def test_killed_at_any_moment_nothing_is_lost_or_doubled(play: Play) -> None:
    print(f"YAMABIKO_SEED={SEED}")
    dice = random.Random(SEED)
    play.begin()
    for chat in play.stage.chats[:CHATS]:
        play.stage.intercom.tag(chat, "", "要望", "7001")
    for _ in range(KILLS):
        play.deliver()
        time.sleep(dice.uniform(0, 0.4))
        assert play.service is not None
        play.service.kill()
        play.revive()
    play.settle()
    assert play.deaths >= KILLS
    assert judge(_claims(play), seen.effects(play.stage), seen.marks(play.stage)).is_good
    assert {row.state for row in (*play.begun(), *play.rows(Delivery))} <= {"done", "ignored"}


def _claims(play: Play) -> list[Claim]:
    """Every tag was acknowledged in the end."""
    filed = ("Productboard note", "internal note")
    return [Claim(f"tag {chat}", True, {(what, chat): 1 for what in filed}) for chat in play.stage.chats[:CHATS]]


def test_where_the_answer_to_a_commit_is_lost_everything_is_done_once(company: Play, proxy: Proxy) -> None:
    """The door does not know whether a delivery is on disk: it says so, or finds out."""
    company.start("worker")
    company.settings = company.settings.model_copy(
        update={"database_url": _through(proxy, company.settings.database_url)}
    )
    company.begin()
    company.tag()
    until(lambda: _sent_while_answers_are_lost(company, proxy), "an answer to a commit was lost")
    company.settle()
    assert all_is_well(company)


def _sent_while_answers_are_lost(company: Play, proxy: Proxy) -> bool:
    """Send what the vendors hold back, again and again; was the answer to a commit lost meanwhile?"""
    held = list(company.stage.intercom.held or [])
    if proxy.lost == 0:
        proxy.become(LOSE)
    company.deliver()
    company.stage.intercom.held = held
    return proxy.lost > 0


def _through(proxy: Proxy, url: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://{parts.username}@127.0.0.1:{proxy.port}{parts.path}"


@pytest.mark.parametrize("seconds", [-65.0, 600.0])
def test_a_machine_whose_clock_is_wrong_takes_no_work_from_the_living(
    company: Play, tmp_path: Path, seconds: float
) -> None:
    company.begin()
    worker = a_worker_inside_a_call(company)
    dial = tmp_path / "clock"
    dial.write_bytes(SECONDS.pack(seconds))
    company.prepare, company.variables = prepare, {"YAMABIKO_SOAK_CLOCK": str(dial)}
    other = company.start("worker")
    until(lambda: other.number in company.workers(), "the other worker has started")
    since, silences = _heard_of(company, other), [0]

    def has_gone_its_round() -> bool:
        if heard := _heard_of(company, worker):
            silences.append(now_ms() - heard)
        return _heard_of(company, other) > since

    until(has_gone_its_round, "it has gone its round")
    if max(silences) > upkeep.SILENT_MS / 2:
        pytest.skip("this machine is so busy that the living do not get to say that they live")
    assert company.workers() == {worker.number, other.number}
    assert [run.attempts for run in company.rows(Run) if run.workflow == "feedback.file"] == [1]


def _heard_of(company: Play, process: Process) -> int:
    """When a process said last that it lives; 0 if nobody knows it."""
    return max((row.heartbeat_at for row in company.rows(Executor) if f"-{process.number}-" in row.id), default=0)
