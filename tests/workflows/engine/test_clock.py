"""Machines whose clocks are wrong, beside others: the database's clock is everybody's."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

import pytest

from tests.world import World
from workflows import upkeep
from workflows.engine import clock as clocks
from workflows.engine import leases, takeover
from workflows.engine import store as stores
from workflows.engine.clock import clock
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Executor, Run

ME, OTHER = "host-1-me", "host-2-other"
MINUTE = 60.0


@pytest.fixture(autouse=True)
def machine() -> Iterator[None]:
    """Afterwards this machine's clock is right again."""
    yield
    clock.forget()
    stores.time = clocks.time = time  # type: ignore[misc]


def is_ahead(seconds: float) -> None:
    """This machine's clock is, and the database has told it the time."""
    wrong = SimpleNamespace(time=lambda: time.time() + seconds)
    stores.time = clocks.time = wrong  # type: ignore[assignment]
    store.read(clock.set_by)


def skew() -> float:
    """Seconds by which what we store is ahead of what it should be."""
    return now_ms() / 1000 - time.time()


@pytest.mark.fault("F30")
@pytest.mark.parametrize("ahead", [-65.0, 10 * MINUTE])
def test_several_machines_live_by_the_databases_clock(world: World, ahead: float) -> None:
    is_ahead(ahead)
    assert abs(skew() - (ahead if store.is_sqlite else 0)) < 30


@pytest.mark.fault("F30")
def test_nobody_loses_their_work_to_a_machine_whose_clock_is_wrong(world: World) -> None:
    if store.is_sqlite:
        pytest.skip("one machine")
    store.write(lambda session: session.merge(Executor(id=OTHER, heartbeat_at=now_ms())) and None)
    assert store.write(partial(leases.hold, name="upkeep", me=OTHER, for_ms=upkeep.LEASE_MS))
    is_ahead(MINUTE)
    assert not store.write(partial(leases.hold, name="upkeep", me=ME, for_ms=upkeep.LEASE_MS))
    takeover.take_over(upkeep.SILENT_MS, ME)
    assert store.read(lambda session: session.get(Executor, OTHER)) is not None


@pytest.mark.fault("F30", "F84")
def test_a_clock_that_is_wrong_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "yamabiko"):
        is_ahead(2)
        assert not caplog.messages
        is_ahead(-65)
    told = [clocks.WRONG % (65, "behind")]
    assert caplog.messages == ([] if store.is_sqlite else told)
    assert abs(clock.off_by + (0 if store.is_sqlite else 65)) < 1


@pytest.mark.fault("F84")
def test_what_a_wrong_clock_put_off_for_hours_begins_once_it_is_right(world: World) -> None:
    """Once a pause of five seconds lasted three hours."""
    world.tag(0)
    world.deliver()
    [run] = world.runs()
    for ahead, count in ((3600, 0), (3 * 3600, 1), (0, 0)):
        store.write(partial(_put_off, run.id, now_ms() + ahead * 1000) if ahead else lambda _: None)
        assert takeover.redrive() == count
    world.settle()
    assert len(world.feedback(0)) == 1


def _put_off(run_id: str, until: int, session: stores.Session) -> None:
    session.get_one(Run, run_id).due_at = until
