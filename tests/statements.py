"""Statements: what the database is asked, and how SQLite would look for it.

with asking(world) as asked:
    store.read(…)
assert "SCAN" not in str(plan(asked[-1]))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests.world import World
from workflows.engine.store import store


@contextmanager
def asking(world: World) -> Iterator[list[str]]:
    """The statements that are carried out meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = world.runtime.store.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def plan(statement: str) -> list[str]:
    """How SQLite would look for it, step by step; whatever the parameters are."""
    explained = f"EXPLAIN QUERY PLAN {statement}", ("",) * statement.count("?")
    return [row.detail for row in store.read(lambda session: session.connection().exec_driver_sql(*explained).all())]
