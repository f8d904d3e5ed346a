"""Who killed the process? Suspected is who was there again and again, and only who was alone is to blame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.crash.service import until
from tests.crowd import comes_in, somebody
from tests.world import World
from workflows.engine import durable, schedule
from workflows.engine.company import Company
from workflows.engine.outcome import Outcome, done
from workflows.engine.sqlite import sqlite_module
from workflows.engine.store import store
from workflows.tables.runs import Run

RUN = "jira:1"


def started(unfinished: int) -> None:
    """A run whose process died so often while working on it."""
    durable.spawn([durable.NewRun(RUN, "release.moved", {})])
    store.write(lambda session: setattr(session.get_one(Run, RUN), "unfinished", unfinished))


def run() -> Run:
    return store.read(lambda session: session.get_one(Run, RUN))


def queue() -> str:
    """Where the engine has put the run's newest turn."""
    [turn] = schedule.engine().list_workflows(workflow_ids=[schedule.engine_id(run())])
    return str(turn.queue_name)


def well() -> Outcome:
    return done("It went well.")


def a_full_disk() -> Outcome:
    raise sa.exc.OperationalError("INSERT", {}, Exception("disk is full"))


def a_mistake_of_ours() -> Outcome:
    raise sa.exc.DataError("INSERT", {}, Exception("a string cannot contain NUL"))


# -- in company, and alone ------------------------------------------------------------------------


def test_many_are_there_together_and_one_alone_waits_for_their_end() -> None:
    company = Company()
    with somebody(company.joined):
        assert comes_in(company.joined)
        assert not comes_in(company.alone, 0.05)


def test_nobody_joins_one_who_is_alone() -> None:
    company = Company()
    with somebody(company.alone):
        assert not comes_in(company.joined, 0.05)
        assert not comes_in(company.alone, 0.05)
    assert comes_in(company.joined)


def test_who_wants_to_be_alone_is_not_kept_waiting_by_newcomers() -> None:
    company = Company()
    alone = threading.Event()

    def be_alone() -> None:
        with company.alone():
            alone.set()

    with somebody(company.joined):
        threading.Thread(target=be_alone, daemon=True).start()
        until(lambda: company._is_closed, "somebody wants to be alone")
        assert not comes_in(company.joined, 0.05)
    assert alone.wait(60)
    assert comes_in(company.joined)


def test_nobody_waits_for_ever() -> None:
    company = Company(patience=0.05)
    with somebody(company.joined), company.alone() as alone:
        assert not alone
        assert comes_in(company.joined)


# -- suspects -------------------------------------------------------------------------------------


def test_a_run_that_was_there_once_when_its_process_died_goes_on_beside_others(world: World) -> None:
    started(unfinished=1)
    assert durable.conduct(RUN, well, alone=False) == "done"


def test_a_run_that_was_there_again_gets_a_turn_alone(world: World) -> None:
    started(unfinished=schedule.IN_COMPANY)
    assert durable.conduct(RUN, well, alone=False) == "not begun"
    assert (run().state, run().unfinished, queue()) == ("open", schedule.IN_COMPANY, schedule.SUSPECTS)
    assert durable.conduct(RUN, well, alone=True) == "done"


def test_who_should_be_alone_and_is_not_gets_another_turn_alone(world: World) -> None:
    started(unfinished=schedule.IN_COMPANY)
    for turn in (2, 3):
        assert durable.conduct(RUN, well, alone=False) == "not begun"
        assert (run().scheduled, queue()) == (turn, schedule.SUSPECTS)


def test_who_came_to_an_end_is_suspected_no_longer(world: World) -> None:
    started(unfinished=schedule.IN_COMPANY)
    durable.conduct(RUN, a_mistake_of_ours)
    assert (run().state, run().unfinished, queue()) == ("open", 0, schedule.DELIVERIES)


@pytest.mark.fault("F59")
def test_only_who_is_alone_when_the_process_dies_is_given_up(world: World) -> None:
    started(unfinished=durable.UNEXPECTED_ATTEMPTS)
    durable.conduct(RUN, well)
    assert (run().state, run().reason) == ("dead", "The process stopped {count} times while working on this.")


# -- a storage that is unwell ---------------------------------------------------------------------


@pytest.mark.fault("F23")
def test_a_full_disk_is_nobodys_fault(world: World) -> None:
    started(unfinished=0)
    for _ in range(durable.UNEXPECTED_ATTEMPTS + 1):
        durable.conduct(RUN, a_full_disk)
    assert (run().state, run().unfinished, run().reason) == ("open", 0, "The database could not be used.")


@pytest.mark.fault("F22", "F23")
def test_nor_is_it_where_not_even_that_can_be_written_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started(unfinished=0)

    def fails(session: Session, *_: object) -> str:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("database is locked"))

    for _ in range(durable.UNEXPECTED_ATTEMPTS + 1):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(durable, "_postpone", fails)
            with pytest.raises(sa.exc.OperationalError):
                durable.conduct(RUN, a_full_disk)
        durable.acquit()
    assert (run().state, run().unfinished) == ("open", 0)
    assert durable.conduct(RUN, well) == "done"


def test_what_a_database_will_never_take_is_a_mistake_of_ours(world: World) -> None:
    started(unfinished=0)
    for _ in range(durable.UNEXPECTED_ATTEMPTS):
        durable.conduct(RUN, a_mistake_of_ours)
    assert (run().state, run().reason.partition(",")[0]) == ("dead", "DataError in a_mistake_of_ours")


@contextmanager
def in_a_hurry(engine: sa.Engine) -> Iterator[None]:
    """Meanwhile SQLite waits for nobody; what it waits otherwise ends in the same way."""
    hurry = sa.event.listens_for(engine, "checkout")(lambda connection, *_: connection.execute("PRAGMA busy_timeout=0"))
    try:
        yield
    finally:
        sa.event.remove(engine, "checkout", hurry)
        engine.dispose()


@pytest.mark.fault("F22")
def test_who_finds_the_database_held_by_another_program_comes_back_and_does_everything_once(sqlite_url: str) -> None:
    world, path = World(sqlite_url), sqlite_url.removeprefix("sqlite:///")
    other = sqlite_module().connect(path, isolation_level=None, check_same_thread=False)
    with closing(world), closing(other), in_a_hurry(world.runtime.store.engine):
        world.productboard.watchers.append(
            lambda ask, _: ask.path == "/v2/notes" and not other.in_transaction and other.execute("BEGIN IMMEDIATE")
        )
        world.tag(0)
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            world.settle()
        world.productboard.watchers.clear()
        other.execute("ROLLBACK")
        durable.acquit()
        [filing] = [run for run in world.runs() if run.workflow == "feedback.file"]
        assert (filing.state, filing.unfinished) == ("open", 0)
        world.settle()
        assert len(world.feedback(0)) == len(world.notes(0)) == len(world.productboard.did("create_note")) == 1
