"""Processes that come and go: whoever dies, is stopped or comes too many loses nothing and does nothing twice."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from integrations.twin import Fault
from tests.crash.service import Play, Process, until
from workflows.engine.durable import UNEXPECTED_ATTEMPTS
from workflows.engine.schedule import FANOUT
from workflows.engine.store import now_ms
from workflows.tables.runs import Delivery, Run
from workflows.tables.wish import Feedback

pytestmark = pytest.mark.crash

#: The promise: a dead worker's work goes on within this many seconds.
TAKEN_OVER_WITHIN = 60.0
HOUR_MS = 3600 * 1000
REPLY = "POST /conversations/{id}/reply"


@pytest.fixture
def play(sqlite_url: str, tmp_path: Path) -> Iterator[Play]:
    """One process for everything, on SQLite."""
    with Play(sqlite_url, tmp_path) as play:
        yield play


@pytest.fixture
def company(postgres_url: str, tmp_path: Path) -> Iterator[Play]:
    """Web and workers apart, on PostgreSQL; the web process runs."""
    with Play(postgres_url, tmp_path) as play:
        play.begin()
        yield play


def hangs(play: Play) -> None:
    """Intercom takes the next internal note, and does not answer."""
    play.stage.intercom.fail(REPLY, Fault("hang", seconds=120))


def notes(play: Play) -> int:
    """How many notes there are in Productboard."""
    return len(play.stage.productboard.did("create_note"))


def told(play: Play, chat: str = "") -> int:
    """How often the agents have been told in the chat that the wish was filed."""
    return len(play.stage.intercom.did("note", chat or play.chat))


def a_worker_inside_a_call(play: Play) -> Process:
    """A worker that has written a note in Intercom and will never hear the answer."""
    worker = play.start("worker")
    hangs(play)
    play.tag()
    play.deliver()
    until(lambda: told(play) == 1, "the worker has called Intercom")
    return worker


def all_is_well(play: Play) -> bool:
    """Was everything done, and once?"""
    [wish] = play.rows(Feedback)
    return bool(wish.note_id) and (notes(play), told(play)) == (1, 1)


# -- one too many ---------------------------------------------------------------------------------


@pytest.mark.fault("F19")
@pytest.mark.parametrize("command", ["run", "worker"])
def test_a_second_process_on_the_same_file_refuses_to_start_and_says_why(play: Play, command: str) -> None:
    play.begin()
    second = play.start(command)
    assert second.wait() == 2
    file = play.settings.database_url.removeprefix("sqlite:///")
    assert play.log.read_text().splitlines()[-1] == (
        f"Another Yamabiko process is using {file}: stop it first, "
        "or set DATABASE_URL to a PostgreSQL database to run several."
    )
    play.tag()
    play.settle()
    assert all_is_well(play)


@pytest.mark.fault("F19")
def test_a_killed_process_leaves_its_file_to_the_next(play: Play) -> None:
    play.strangers = True
    play.begin()
    assert play.service is not None
    play.service.kill()
    play.begin()
    play.tag()
    play.settle()
    assert all_is_well(play)


@pytest.mark.fault("F20")
def test_a_run_that_was_stored_under_a_storys_former_name_goes_on(play: Play) -> None:
    play.begin()
    assert play.service is not None
    play.service.terminate()
    stored = Run(id="merged:before", workflow="triage_issues.shared", arguments={"feedback_id": 1}, queue=FANOUT)
    with Session(play.engine) as session:
        session.add(stored.sqlmodel_update({"due_at": now_ms() - HOUR_MS, "created_at": now_ms() - HOUR_MS}))
        session.commit()
    play.begin()
    play.settle()
    [run] = [run for run in play.rows(Run) if run.id == "merged:before"]
    assert (run.state, run.workflow) == ("done", "triage_issues.shared")


@pytest.mark.fault("F17")
def test_an_unfinished_request_does_not_hold_up_the_end(play: Play) -> None:
    play.begin()
    assert play.service is not None
    with socket.create_connection(("127.0.0.1", play.settings.port)) as line:
        line.sendall(b"POST /webhooks/jira HTTP/1.1\r\nhost: door\r\ncontent-length: 9\r\n\r\n")
        assert play.service.terminate() == -signal.SIGTERM


def _comes_through(play: Play) -> bool:
    try:
        socket.create_connection(("127.0.0.1", play.settings.port)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.fault("F17")
def test_who_is_told_to_end_twice_ends_at_once_and_nothing_is_lost(play: Play) -> None:
    play.begin()
    hangs(play)
    play.tag()
    play.deliver()
    until(lambda: told(play) == 1, "Intercom was called")
    assert play.service is not None
    with socket.create_connection(("127.0.0.1", play.settings.port)) as line:
        line.sendall(b"POST /webhooks/jira HTTP/1.1\r\nhost: door\r\ncontent-length: 9\r\n\r\n")
        os.kill(play.service.number, signal.SIGTERM)
        until(lambda: not _comes_through(play), "it has heard the first")
        os.kill(play.service.number, signal.SIGTERM)
        play.service.wait()
    assert play.service.ended == 128 + signal.SIGTERM
    play.begin()
    play.settle()
    assert all_is_well(play)


def test_a_worker_says_how_it_is_where_it_is_told_to(sqlite_url: str, tmp_path: Path) -> None:
    with Play(sqlite_url, tmp_path) as play:
        play.settings = play.settings.model_copy(update={"health_port": play.settings.port})
        worker = play.start("worker")
        until(lambda: _comes_through(play) and httpx.get(f"{play.url}/readyz").status_code == 200, "ready")
        assert "yamabiko_workers 1.0" in httpx.get(f"{play.url}/metrics").text
        assert worker.terminate() == 0


# -- workers that die, and workers that are told to end -------------------------------------------


@pytest.mark.fault("F05")
def test_the_work_of_a_killed_worker_goes_on_in_another(company: Play) -> None:
    worker = a_worker_inside_a_call(company)
    other = company.start("worker")
    until(lambda: other.number in company.workers(), "the other worker has started")
    worker.kill()
    until(lambda: not company.open_runs(), "the other worker finishes", TAKEN_OVER_WITHIN)
    company.settle()
    assert all_is_well(company)
    assert {row.state for row in company.rows(Delivery)} <= {"done", "ignored"}
    until(lambda: company.workers() == {other.number}, "the dead are forgotten")


@pytest.mark.fault("F17")
def test_a_worker_that_is_told_to_end_hands_its_work_over(company: Play) -> None:
    worker = a_worker_inside_a_call(company)
    other = company.start("worker")
    until(lambda: other.number in company.workers(), "the other worker has started")
    assert worker.terminate() == 0
    assert company.workers() == {other.number}
    company.settle()
    assert all_is_well(company)


@pytest.mark.fault("F03")
def test_a_web_process_that_dies_at_the_door_has_taken_all_or_nothing(postgres_url: str, tmp_path: Path) -> None:
    """Before and after its commit; the vendor sends again what was not answered."""
    with Play(postgres_url, tmp_path) as company:
        company.start("worker")
        company.begin("inbox.inserted:1", "inbox.committed:1")
        company.tag()
        company.settle()
        assert company.deaths == 2
        assert all_is_well(company)


@pytest.mark.fault("F17")
def test_what_is_stopped_in_the_middle_goes_on_after_the_next_start(play: Play) -> None:
    play.begin()
    hangs(play)
    play.tag()
    play.deliver()
    until(lambda: told(play) == 1, "the service has called Intercom")
    assert play.service is not None
    assert play.service.terminate() == -signal.SIGTERM  # the web server ends in order, and then by the signal itself
    assert [run.state for run in play.rows(Run) if run.workflow == "feedback.file"] == ["open"]
    play.begin()
    play.settle()
    assert all_is_well(play)


def test_two_workers_share_the_work_and_do_nothing_twice(company: Play) -> None:
    company.strangers = True
    workers = {company.start("worker").number for _ in range(2)}
    until(lambda: company.workers() == workers, "both have started")
    for chat in company.stage.chats:
        company.stage.intercom.tag(chat, "", "要望", "7001")
    company.settle()
    chats = company.stage.chats
    assert notes(company) == len(chats)
    assert {chat: told(company, chat) for chat in chats} == dict.fromkeys(chats, 1)


# -- poison ---------------------------------------------------------------------------------------


@pytest.mark.fault("F59")
def test_a_run_that_kills_its_process_every_time_becomes_a_dead_letter(play: Play) -> None:
    play.begin(*["action.begun.productboard.note:1"] * UNEXPECTED_ATTEMPTS)
    play.tag()
    play.settle()
    assert play.deaths == UNEXPECTED_ATTEMPTS == 8
    [run] = [run for run in play.rows(Run) if run.workflow == "feedback.file"]
    [delivery] = [row for row in play.rows(Delivery) if row.id == run.delivery_id]
    assert _said(run) == _said(delivery) == ("dead", "The process stopped 8 times while working on this.")
    assert notes(play) == 0


@pytest.mark.fault("F59")
def test_beside_a_poisonous_run_the_others_go_on(play: Play) -> None:
    """Ten wishes are on their way to a slow vendor each time that it takes the process down."""
    play.begin()
    for act in (play.tag, play.link):
        act()
        play.settle()
    assert play.service is not None
    play.service.kill()
    play.stage.intercom.delay = 0.4
    innocents = [_one_more_chat(play, number) for number in range(10)]
    for chat in innocents:
        play.stage.intercom.tag(chat, "", "要望", "7001")
    play.finish()
    play.begin(*["run.begun.moved:1"] * UNEXPECTED_ATTEMPTS)
    play.settle()
    assert play.deaths == UNEXPECTED_ATTEMPTS
    assert [(run.workflow, run.state) for run in play.rows(Run) if run.state == "dead"] == [("release.moved", "dead")]
    assert {row.conversation_id for row in play.rows(Feedback) if row.note_id} == {play.chat, *innocents}
    assert {chat: told(play, chat) for chat in innocents} == dict.fromkeys(innocents, 1)


def _one_more_chat(play: Play, number: int) -> str:
    id = f"2154700009{number:02}"
    play.stage.intercom.add_conversation(id, "c101", "CSVに部署コードを付けてください。")
    return id


def _said(row: Any) -> tuple[str, str]:
    return row.state, row.reason.format(**row.facts)
