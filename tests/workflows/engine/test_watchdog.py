"""A thread that never comes back does not take the service with it for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from integrations import fence
from tests.crowd import somebody
from tests.world import World
from workflows.engine import lane as lanes
from workflows.engine import store as stores
from workflows.engine import watchdog
from workflows.engine.lane import Lane
from workflows.engine.store import Store, create_engine


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds have passed besides."""
    passed = [0.0]
    monkeypatch.setattr(stores, "moment", lambda: fence.moment() + passed[0])
    monkeypatch.setattr(lanes.time, "monotonic", lambda: fence.moment() + passed[0])
    return passed


def test_a_write_that_comes_to_no_end_is_noticed(world: World, later: list[float]) -> None:
    inside, leave = threading.Event(), threading.Event()
    store = Store(create_engine(world.settings.database_url, pool_size=1))
    assert not watchdog.stuck(store, Lane())
    hanging = store.submit(lambda _: inside.set() or leave.wait(10))
    assert inside.wait(10) and not watchdog.stuck(store, Lane())
    later[0] = watchdog.COMMIT + 1
    assert watchdog.stuck(store, Lane()) == watchdog.WRITER % (watchdog.COMMIT + 1)
    leave.set()
    assert hanging.result(60)
    store.write(lambda _: None)
    store.close()
    assert store.silent_for == 0


@pytest.mark.fault("F59")
def test_a_run_that_computes_for_ever_is_noticed(sqlite_url: str, later: list[float]) -> None:
    store, lane = Store(create_engine(sqlite_url)), Lane()
    with somebody(lane.place):
        assert not watchdog.stuck(store, lane)
        later[0] = watchdog.COMPUTING + 1
        assert watchdog.stuck(store, lane) == watchdog.RUN % (watchdog.COMPUTING + 1)
    assert not watchdog.stuck(store, lane)
    store.close()


def test_a_run_that_waits_for_a_vendor_is_not_stuck(sqlite_url: str, later: list[float]) -> None:
    store, lane = Store(create_engine(sqlite_url)), Lane()
    with lane.place(), lane.waiting():
        later[0] = watchdog.COMPUTING + 1
        assert not watchdog.stuck(store, lane)
    store.close()


IS_STUCK = """
import time
from app.runtime import Runtime
from app.settings import load
from workflows import upkeep
from workflows.engine import watchdog
upkeep.TICK_SECONDS, watchdog.COMMIT = 0.1, 0.3
runtime = Runtime(load(), worker=False)
runtime.start()
runtime.store.submit(lambda _: time.sleep(60))
time.sleep(30)
"""


@pytest.mark.fault("F27")
def test_a_process_in_which_a_write_is_stuck_ends_by_itself(sqlite_url: str) -> None:
    root = Path(__file__).parents[3]
    environment = os.environ | {"DATABASE_URL": sqlite_url, "YAMABIKO_CONFIG": "yamabiko.example.toml"}
    run = subprocess.run([sys.executable, "-c", IS_STUCK], cwd=root, env=environment, capture_output=True, timeout=60)
    assert run.returncode == 70, run.stderr
    assert b"this process ends" in run.stderr and not run.stdout
