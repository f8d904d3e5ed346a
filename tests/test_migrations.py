"""Migrations are all or nothing: a process that dies in the middle of one leaves no half of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app import migrations
from workflows.store import create_engine


def test_a_migration_that_dies_in_the_middle_leaves_nothing_and_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    dying = create_engine(url, pool_size=1)
    sa.event.listen(dying, "before_cursor_execute", _die_at_the_table_of_runs)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "create_engine", lambda *_, **__: dying)
        with pytest.raises(SystemExit):
            migrations.upgrade(url)
    assert tables(url) == set()
    migrations.upgrade(url)
    migrations.upgrade(url)
    assert {"run", "delivery", "workflow_status"} <= tables(url)


def _die_at_the_table_of_runs(_c: object, _cursor: object, statement: str, *_: object) -> None:
    if statement.lstrip().startswith("CREATE TABLE run"):
        raise SystemExit("killed")


def tables(url: str) -> set[str]:
    """The tables in a database."""
    engine = create_engine(url, pool_size=1)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()
