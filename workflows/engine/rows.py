"""Rows as plain values, for what happens a thousand times: objects that a session watches cost ten times as much.

    insert_new(session, Run, [{"id": "jira:1", …}])      # {"jira:1"} if it was not there, one statement for all
    keep(session, Company, {"id": "c1", …})              # inserted, or brought up to date

Each is one statement in the caller's transaction. Objects of the same rows that the session already holds do not
notice: within one work a row is handled in one way or the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Values = dict[str, Any]


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table of a model, for statements that are prepared once."""
    table: sa.Table = sa.inspect(model).local_table
    return table


def insert_new(session: Session, model: type[SQLModel], rows: Iterable[Values]) -> set[Any]:
    """Insert the rows that are not there yet; returns the primary keys of those."""
    key = _key_of(model)
    ordered = sorted(rows, key=lambda row: str(row.get(key)))  # everywhere the same order, so nobody deadlocks
    if not ordered:
        return set()
    values = ordered if len(ordered) > 1 else ordered[0]  # a list of one takes the longer way of the many
    return set(session.connection().execute(_insert_new(model, _dialect(session)), values).scalars())


def keep(session: Session, model: type[SQLModel], row: Values) -> None:
    """Insert a row, or give these values to the one that is there."""
    session.connection().execute(_keep(model, _dialect(session), tuple(row)), row)


@cache
def _insert_new(model: type[SQLModel], dialect: str) -> Any:
    return _insert(model, dialect).on_conflict_do_nothing().returning(table_of(model).c[_key_of(model)])


@cache
def _keep(model: type[SQLModel], dialect: str, columns: tuple[str, ...]) -> Any:
    insert, key = _insert(model, dialect), _key_of(model)
    values = {name: insert.excluded[name] for name in columns if name != key}
    return insert.on_conflict_do_update(index_elements=[key], set_=values)


def _insert(model: type[SQLModel], dialect: str) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table_of(model))


@cache
def _key_of(model: type[SQLModel]) -> str:
    return str(table_of(model).primary_key.columns[0].name)


def _dialect(session: Session) -> str:
    return str(session.get_bind().dialect.name)
