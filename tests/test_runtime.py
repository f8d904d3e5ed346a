"""A process of the service, started for real: what has to go on whatever else it is at."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.runtime import Runtime
from app.settings import settings_of
from tests.crash.service import until
from workflows import upkeep
from workflows.engine.store import store
from workflows.tables.runs import Executor

ROOT = Path(__file__).resolve().parent.parent


def heard_at(worker: str) -> int:
    """When this worker last said that it lives."""
    return store.read(lambda session: session.get_one(Executor, worker)).heartbeat_at


def test_a_worker_whose_upkeep_lasts_is_still_heard_of(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's worth of old rows to delete must not look like death: others would begin all of its runs again."""
    at_it, done = threading.Event(), threading.Event()
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "tick", lambda me, alone: at_it.set() or done.wait(100))
    config = ROOT / "yamabiko.example.toml"
    runtime = Runtime(settings_of(_env_file=None, database_url=sqlite_url, yamabiko_config=config))
    runtime.start()
    try:
        assert at_it.wait(60)
        before = heard_at(runtime.executor_id)
        until(lambda: heard_at(runtime.executor_id) > before, "it is heard of")
    finally:
        done.set()
        runtime.stop()


def test_a_process_takes_no_more_connections_than_it_is_told(sqlite_url: str) -> None:
    """PostgreSQL allows a hundred, to everybody together."""
    config = ROOT / "yamabiko.example.toml"
    settings = settings_of(_env_file=None, database_url=sqlite_url, yamabiko_config=config, database_connections=5)
    runtime = Runtime(settings, visitor=True)
    runtime.start()
    assert runtime.store.engine.pool.size() == 5
    runtime.stop()
