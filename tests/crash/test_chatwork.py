"""kill -9 while a message of three parts is posted in Chatwork: each part stands there once, in its turn."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.demo.show import environment
from app.demo.stage import Stage
from tests.crash.chatwork_once import PARTS, ROOM
from tests.crash.nursery import ROOT
from tests.twin_server import twin_server

pytestmark = pytest.mark.crash

#: Seconds until a test says that nothing comes of it any more; nothing is measured by it.
PATIENCE = 90


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage(base=1_000_000, server=twin_server())
    stage.chatwork.held = []
    yield stage
    stage.close()


def life(stage: Stage, database_url: str, failpoint: str = "") -> int:
    """One process that posts; its exit code."""
    settings = stage.settings(8000, database_url, quiet_seconds=0)
    variables = environment(settings) | {"YAMABIKO_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "tests.crash.chatwork_once"]
    return subprocess.run(command, cwd=ROOT, env=variables, timeout=PATIENCE, capture_output=True).returncode


@pytest.mark.fault("F07", "F09", "F10", "F11")
@pytest.mark.parametrize("place", ["begun.chatwork.post:2", "called.chatwork.post:1", "finished.chatwork.post:3"])
def test_killed_at_any_moment_it_posts_each_part_once(stage: Stage, database_url: str, place: str) -> None:
    assert life(stage, database_url, f"action.{place}") == -signal.SIGKILL
    assert life(stage, database_url) == 0
    assert life(stage, database_url) == 0
    assert stage.chatwork.texts(ROOM) == list(PARTS)
