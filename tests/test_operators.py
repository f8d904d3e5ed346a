"""What operators read on the command line is what stands there, brackets and all."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import pytest

from app.operate import operators
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.tables.runs import DEAD, Delivery


@pytest.fixture
def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The service, to which commands come as visitors."""
    world = World(sqlite_url)
    monkeypatch.setattr("app.operate.operators.load", lambda: world.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    yield world
    world.close()


@pytest.mark.parametrize("command", [operators.deliveries, operators.dead, operators.trace])
def test_brackets_are_printed(
    world: World, capsys: pytest.CaptureFixture[str], command: Callable[[argparse.Namespace], int]
) -> None:
    row = Delivery(id="jira:[red]1", source="jira", topic="[bold]x", digest="", state=DEAD)
    row.sqlmodel_update({"reason": "Set [release].", "received_at": now_ms()})
    store.write(lambda session: session.add(row))
    assert command(argparse.Namespace(id="jira:[red]1", state="", source="", limit=5)) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "jira:[red]1" in out and "[bold]x" in out and "[release]" in out


class _Nothing:
    def start(self) -> None:
        """What is there is open already."""

    def stop(self) -> None:
        """It stays open."""
