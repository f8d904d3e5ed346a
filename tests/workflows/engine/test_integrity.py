"""A damaged database file is noticed, and said where operators and load balancers look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import migrations
from tests.world import World
from workflows import upkeep
from workflows.engine import integrity, pulse
from workflows.engine.store import Store, create_engine, store
from workflows.tables.runs import Executor


@pytest.fixture(autouse=True)
def whole() -> Iterator[None]:
    """What one test found out is not known to the next."""
    yield
    pulse.Damage.said = ""


@pytest.mark.fault("F25")
def test_every_night_the_database_is_read_from_end_to_end(world: World) -> None:
    upkeep.tick("host-1-me")
    upkeep.tick("host-1-me")
    world.settle()
    [run] = [run for run in world.runs() if run.workflow == "integrity.look_through"]
    assert run.reason == (integrity.WHOLE if store.is_sqlite else integrity.NOT_OURS)


@pytest.mark.fault("F25")
def test_damage_is_a_dead_letter_and_makes_the_service_unready(tmp_path: Path) -> None:
    path = tmp_path / "damaged.sqlite"
    migrations.upgrade(f"sqlite:///{path}")
    ours = Store(create_engine(f"sqlite:///{path}", pool_size=2))
    for number in range(200):
        ours.write(lambda session, number=number: session.add(Executor(id=f"{number:0500}", heartbeat_at=1)))
    ours.close()
    damage(path)
    ours = Store(create_engine(f"sqlite:///{path}", pool_size=2))
    store.bind(ours)
    try:
        assert integrity.look_through().sentence == integrity.DAMAGED
        assert "the database file is damaged" in store.read(pulse.feel).troubles()
    finally:
        store.bind(None)
        ours.close()


def damage(path: Path) -> None:
    """Some pages in the middle of the rows are what they should not be."""
    whole = path.read_bytes()
    at = whole.rindex(b"0" * 400) // 4096 * 4096
    path.write_bytes(whole[:at] + b"\xff" * 4096 + whole[at + 4096 :])
