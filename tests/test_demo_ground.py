"""The demo writes an invented company: only into a database of its own, never into one that somebody works with."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.demo import ground
from app.demo.show import Show
from app.demo.stage import Stage
from app.migrations import WrongDatabase
from tests.test_settings import start
from workflows.engine.store import Store, create_engine
from workflows.tables.runs import Lease


def test_the_demo_does_not_play_in_somebodys_database(database_url: str) -> None:
    """Its tables are there and empty: a service that is set up and waits for its first webhook."""
    with pytest.raises(WrongDatabase, match="DATABASE_URL names a database that is in use"):
        ground.claim(database_url)
    store = Store(create_engine(database_url, pool_size=1))
    assert store.read(lambda session: session.get(Lease, ground.MARK)) is None
    store.close()


def test_what_another_program_keeps_is_not_the_demos_either(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/theirs.sqlite"
    with create_engine(url, pool_size=1).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(WrongDatabase):
        ground.claim(url)


def test_a_show_begins_in_an_empty_database_and_again_in_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/demo.sqlite"
    for _ in range(2):
        stage = Stage()
        with Show(stage, url) as show:
            assert show.url.startswith("http://127.0.0.1:")
        stage.close()


@pytest.mark.parametrize("command", ["demo", "smoke"])
def test_the_command_says_so_and_ends(command: str, sqlite_url: str, tmp_path: Path) -> None:
    ended = start(command, tmp_path, DATABASE_URL=sqlite_url)
    assert (ended.returncode, ended.stderr) == (2, ground.SOMEBODYS + "\n")
