"""Rows: those of many are found by one parameter, on both databases as by many."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from workflows.engine.rows import among
from workflows.engine.store import Store, create_engine
from workflows.tables.meeting import Merge
from workflows.tables.runs import Executor

NAMES = ("e1", "E2", "it's", '"quoted"', "{1,2}", "株式会社", "a\\b", "NULL", "1", "", "a\n b", " c ", '\\"d')


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(create_engine(database_url, pool_size=4))
    SQLModel.metadata.create_all(store.engine)
    store.write(lambda session: session.add_all([Executor(id=id, heartbeat_at=1) for id in NAMES]))
    store.write(lambda session: session.add_all([_merge(number) for number in range(1, 6)]))
    yield store
    store.close()


def _merge(number: int) -> Merge:
    return Merge(origin=f"m{number}", feedback_id=number, into_id=0, merged_at=number)


@pytest.mark.parametrize("ids", [(), NAMES[:1], NAMES, {"e1", "E1", "e2"}, dict.fromkeys(NAMES), [*NAMES, *NAMES]])
def test_those_of_many_texts_are_the_same_as_one_by_one(store: Store, ids: Collection[str]) -> None:
    assert _found(store, Executor, Executor.id, ids) == sorted(id for id in NAMES if id in ids)


@pytest.mark.parametrize("ids", [[], [3], range(2, 5), range(4, 50_000), {1, 2**40}, [None, 3]])
def test_those_of_many_numbers_are_the_same_as_one_by_one(store: Store, ids: Collection[int | None]) -> None:
    assert _found(store, Merge, Merge.merged_at, ids) == [number for number in range(1, 6) if number in ids]


def test_all_but_those_of_many(store: Store) -> None:
    others = sa.select(Merge.feedback_id).where(~among(Merge.feedback_id, [1, 2]), Merge.into_id == 0)  # type: ignore[call-overload]
    assert store.read(lambda session: sorted(session.execute(others).scalars())) == [3, 4, 5]


def test_those_of_a_query_are_looked_for_by_it(store: Store) -> None:
    few = select(Merge.feedback_id).where(Merge.feedback_id < 3)
    assert _found(store, Merge, Merge.feedback_id, few) == [1, 2]


def test_an_index_helps_to_find_them(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url, pool_size=1)
    asked = f"EXPLAIN QUERY PLAN {select(Merge.id).where(among(Merge.feedback_id, [1])).compile(engine)}"
    with engine.connect() as connection:
        assert "SEARCH merge USING" in connection.exec_driver_sql(asked, ("[1]",)).all()[0][-1]
    engine.dispose()


def _found(store: Store, table: Any, column: Any, ids: Any) -> list[Any]:
    def look(session: Session) -> list[Any]:
        return sorted(session.exec(select(column).where(among(column, ids))))

    return store.read(look)
