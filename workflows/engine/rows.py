"""Rows as plain values, for what happens a thousand times: objects that a session watches cost ten times as much.

    insert_new(session, Run, [{"id": "jira:1", …}])      # {"jira:1"} if it was not there, one statement for all
    keep(session, Company, {"id": "c1", …})              # inserted, or brought up to date
    select(Run).where(among(Run.id, ids))                # those of many, as one parameter
    select(Run).where(Run.state == said("dead"))         # a word of ours, as a part of the statement

Each is one statement in the caller's transaction. Objects of the same rows that the session already holds do not
notice: within one work a row is handled in one way or the other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
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


# -- words of ours ---------------------------------------------------------------------------------


def said(words: str | Collection[str]) -> Any:
    """A word (or several, for `in_`) that is always the same: it stands in the statement, and is no parameter.

    A statement that is prepared once has one plan for all that its parameters may be. How many rows there are of one
    state, of ten thousand or of ten, is known where the state is named.
    """
    several = not isinstance(words, str)
    return sa.bindparam(
        None, list(words) if several else words, sa.String(), unique=True, expanding=several, literal_execute=True
    )


# -- those of many --------------------------------------------------------------------------------


def among(column: Any, ids: Any) -> Any:
    """Is this one of these (values, or a query for them)?

    However many values there are, they are one parameter, and the statement stays the same: a thousand parameters
    take longer to be written, sent and read than what they ask for takes to be found.
    """
    return _Among(column, _listed(column, ids)) if isinstance(ids, Collection) else column.in_(ids)


def _listed(column: Any, ids: Collection[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, list(ids), type_=_Listed(column.type), unique=True)


class _Listed(sa.types.TypeDecorator[list[Any]]):
    """Many values of a type in one: an array on PostgreSQL, JSON on SQLite, which has no arrays.

    The array is written here as PostgreSQL reads it: its driver looks at each value by itself.
    https://www.postgresql.org/docs/current/arrays.html#ARRAYS-INPUT
    """

    impl, cache_ok = sa.Text, True

    def __init__(self, each: Any) -> None:
        super().__init__()
        self.each = each

    def process_bind_param(self, value: list[Any] | None, dialect: sa.Dialect) -> str:
        """As the database reads it; nothing is equal to NULL."""
        values = [each for each in value or () if each is not None]
        return _array(values) if dialect.name == "postgresql" else json.dumps(values)


def _array(values: list[Any]) -> str:
    if all(isinstance(each, int) for each in values):
        return f"{{{','.join(map(str, values))}}}"
    quoted = (str(each).replace("\\", r"\\").replace('"', r"\"") for each in values)
    return "{" + ",".join(f'"{each}"' for each in quoted) + "}"


class _Among(FunctionElement[bool]):
    """A column, and the values of which it may be one."""

    type, inherit_cache = sa.Boolean(), True

    def self_group(self, against: Any = None) -> Any:
        """As it is: compared with 1, as SQLite's truths are, no index would be of use."""
        return self


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    listed: Any = element.clauses.clauses[1].type
    array = compiler.dialect.type_compiler_instance.process(sa.ARRAY(listed.each))
    return f"{column} = ANY (CAST({values} AS {array}))"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"
