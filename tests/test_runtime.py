"""A process of the service, started for real: what has to go on whatever else it is at."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import select

from app.runtime import AlreadyRunning, Runtime, claim
from app.settings import settings_of
from tests.crash.service import until
from workflows import upkeep
from workflows.engine import restored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.runs import Executor, Restored

ROOT = Path(__file__).resolve().parent.parent


def heard_at(worker: str) -> int:
    """When this worker last said that it lives."""
    return store.read(lambda session: session.get_one(Executor, worker)).heartbeat_at


@pytest.mark.fault("F45")
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


@pytest.mark.fault("F29")
def test_a_process_takes_no_more_connections_than_it_is_told(sqlite_url: str) -> None:
    """PostgreSQL allows a hundred, to everybody together."""
    config = ROOT / "yamabiko.example.toml"
    settings = settings_of(_env_file=None, database_url=sqlite_url, yamabiko_config=config, database_connections=5)
    runtime = Runtime(settings, visitor=True)
    runtime.start()
    assert runtime.store.engine.pool.size() == 5
    runtime.stop()


@pytest.mark.fault("F15", "F19")
def test_whom_we_started_keeps_nobody_from_our_file_once_we_are_gone(tmp_path: Path) -> None:
    """Killed, a process leaves its children behind: the file is free all the same, and until then it is ours alone."""
    path = str(tmp_path / "ours.sqlite")
    lock = claim(path)
    script, pipe = "print(flush=True); input()", subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, close_fds=False) as child:
        assert child.stdout is not None and child.stdout.readline() == b"\n"
        with pytest.raises(AlreadyRunning):
            claim(path)
        os.close(lock)  # as the system does for whoever was killed
        os.close(claim(path))
        child.communicate(b"\n")


@pytest.mark.parametrize("has_acted", [True, False])
def test_a_command_beside_a_restored_service_looks_before_it_writes_too(
    sqlite_url: str, has_acted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service acts on the backup, once; a command only knows of it, even where it is there first."""
    noticed_at = now_ms() - DAY_MS if has_acted else None
    for name in ("taken_at", "until"):
        monkeypatch.setattr(restored._Past, name, 0)
    with visiting(sqlite_url):
        assert not restored.looks_back()
        store.write(lambda session: session.add(Restored(taken_at=1000, noticed_at=noticed_at)))
    with visiting(sqlite_url):
        assert restored.looks_back() and restored.since(5000) == 1000
        assert store.read(lambda session: session.exec(select(Restored)).one()).noticed_at == noticed_at


@contextmanager
def visiting(url: str) -> Iterator[None]:
    """An admin's command, beside the service or alone."""
    config = ROOT / "yamabiko.example.toml"
    runtime = Runtime(settings_of(_env_file=None, database_url=url, yamabiko_config=config), visitor=True)
    runtime.start()
    yield
    runtime.stop()
