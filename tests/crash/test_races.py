"""Two at the same moment, and processes that come back from the dead: what takes bad luck, brought about."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from integrations.twin import Ask, Said
from tests.world import World
from workflows import upkeep
from workflows.engine import leases, takeover
from workflows.engine.at_work import at_work
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Executor, Run

ME, GONE = "host-1-me", "host-2-gone"


def begun_by(executor: str, world: World) -> str:
    """A run that a process has begun, as the engine remembers it."""
    world.tag(0)
    world.deliver()
    [run] = world.runs()
    begin = sa.text(f"UPDATE {_turns()} SET status = 'PENDING', executor_id = :executor")
    store.write(lambda session: session.connection().execute(begin, {"executor": executor}) and None)
    return run.id


def status_of(_: World) -> str:
    """What the engine means to do with the only run."""
    asked = sa.text(f"SELECT status FROM {_turns()}")
    return str(store.read(lambda session: session.connection().execute(asked).scalar()))


def last_heard_of(executor: str, seconds_ago: float) -> None:
    """A process beat for the last time so long ago."""
    row = Executor(id=executor, heartbeat_at=now_ms() - int(seconds_ago * 1000))
    store.write(lambda session: session.merge(row) and None)


def executors() -> list[str]:
    return store.read(lambda session: list(session.exec(select(Executor.id).order_by(col(Executor.id)))))


# -- who lives ------------------------------------------------------------------------------------


def test_the_work_of_the_living_is_left_alone(world: World) -> None:
    begun_by(GONE, world)
    last_heard_of(GONE, seconds_ago=upkeep.SILENT_MS / 1000 - 5)
    takeover.beat(ME)
    upkeep.tick(ME)
    assert (status_of(world), executors()) == ("PENDING", [ME, GONE])


def test_the_work_of_the_silent_goes_back_to_the_queue(world: World) -> None:
    begun_by(GONE, world)
    last_heard_of(GONE, seconds_ago=upkeep.SILENT_MS / 1000 + 5)
    takeover.beat(ME)
    upkeep.tick(ME)
    assert (status_of(world), executors()) == ("ENQUEUED", [ME])


def test_the_work_of_somebody_nobody_has_heard_of_goes_back_too(world: World) -> None:
    """A process that was frozen is forgotten, wakes, takes a run, and dies before its next beat."""
    begun_by(GONE, world)
    store.write(lambda session: session.exec(delete(Executor)) and None)
    upkeep.tick(ME)
    assert status_of(world) == "ENQUEUED"


def test_our_own_work_is_never_taken_from_us(world: World) -> None:
    begun_by(ME, world)
    last_heard_of(ME, seconds_ago=3600)
    assert takeover.take_over(0, ME) == 0
    assert status_of(world) == "PENDING"


@pytest.mark.fault("F05", "F28")
def test_what_was_given_to_us_and_never_reached_us_goes_back_to_the_queue(world: World) -> None:
    """The answer to the engine's claim was lost, or the disk was full just then: nobody works on it."""
    run_id = begun_by(ME, world)
    store.write(partial(_overdue, run_id))
    assert takeover.take_back(ME) == 0, "it was given to us a moment ago"
    _given_long_ago()
    upkeep.tick(ME, alone=True)
    assert status_of(world) == "ENQUEUED"


def test_what_we_have_in_hand_is_not_handed_back(world: World) -> None:
    """However long it takes: a vendor may be slow, or there is no place in the lane."""
    run_id = begun_by(ME, world)
    store.write(partial(_overdue, run_id))
    _given_long_ago()
    with at_work(run_id):
        assert takeover.take_back(ME) == 0
    assert takeover.take_back(ME) == 1


def test_the_engine_is_not_asked_while_nothing_is_overdue(world: World) -> None:
    begun_by(ME, world)
    _given_long_ago()
    assert takeover.take_back(ME) == 0


def test_alone_on_a_file_whoever_was_there_before_is_gone(world: World) -> None:
    """Even the lease of a process that was killed a moment ago is not waited for."""
    begun_by(GONE, world)
    last_heard_of(GONE, seconds_ago=0)
    takeover.beat(ME)
    assert store.write(partial(leases.hold, name="upkeep", me=GONE, for_ms=upkeep.LEASE_MS))
    upkeep.tick(ME, alone=True)
    assert (status_of(world), executors()) == ("ENQUEUED", [ME])


def test_beside_others_upkeep_is_left_to_who_holds_the_lease(world: World) -> None:
    begun_by(GONE, world)
    last_heard_of(GONE, seconds_ago=3600)
    assert store.write(partial(leases.hold, name="upkeep", me=GONE, for_ms=upkeep.LEASE_MS))
    upkeep.tick(ME)
    assert status_of(world) == "PENDING"


def test_who_ends_in_order_leaves_its_work_to_the_others_at_once(world: World) -> None:
    begun_by(ME, world)
    takeover.beat(ME)
    takeover.hand_over(ME)
    assert (status_of(world), executors()) == ("ENQUEUED", [])


# -- what the engine loses ------------------------------------------------------------------------


@pytest.mark.fault("F05")
def test_a_run_that_the_engine_lost_is_scheduled_again(world: World) -> None:
    run_id = begun_by(GONE, world)
    for status in ("ERROR", "CANCELLED", "SUCCESS", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"):
        _engine_says(world, status)
        store.write(partial(_overdue, run_id))
        assert takeover.redrive() == 1, status
        assert takeover.redrive() == 0, "once is enough"


def test_a_run_that_the_engine_still_has_is_not_scheduled_twice(world: World) -> None:
    run_id = begun_by(GONE, world)
    for status in takeover.ALIVE:
        _engine_says(world, status)
        store.write(partial(_overdue, run_id))
        assert takeover.redrive() == 0, status


def _given_long_ago() -> None:
    store.write(lambda session: session.connection().execute(sa.text(f"UPDATE {_turns()} SET updated_at = 0")) and None)


def _turns() -> str:
    return "workflow_status" if store.is_sqlite else "dbos.workflow_status"


def _engine_says(world: World, status: str) -> None:
    statement = sa.text(f"UPDATE {_turns()} SET status = :status")
    store.write(lambda session: session.connection().execute(statement, {"status": status}) and None)


def _overdue(run_id: str, session: Session) -> None:
    session.get_one(Run, run_id).due_at = now_ms() - takeover.OVERDUE_MS - 1000


# -- at the same moment ---------------------------------------------------------------------------


def test_a_customer_who_is_introduced_by_two_runs_at_once_is_introduced_once(world: World) -> None:
    """Two chats of one new customer are tagged together: both runs look for the customer, and find nobody."""
    board, email = world.productboard, "yamamoto@aoba-seisaku.example"

    def the_other_run_is_faster(ask: Ask, said: Said) -> None:
        if ask.path == "/v2/entities/search":
            board.watchers.clear()
            board.add_user("山本 恵子", email)

    board.watchers.append(the_other_run_is_faster)
    wish = world.wish(0)
    assert wish.note_id
    assert len(board.did("create_note")) == 1
    assert board.did("create_entity") == []
