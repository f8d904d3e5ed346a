"""What all tables are made of."""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

Row = TypeVar("Row", bound=SQLModel)


def copy_of(row: Row) -> Row:
    """A row with the same values that no session knows: work for the store may run twice."""
    return type(row)(**row.model_dump())


def as_json() -> Any:
    """A column with an object; empty by default."""
    return Field(default_factory=dict, sa_type=sa.JSON)


def as_list() -> Any:
    """A column with a list; empty by default."""
    return Field(default_factory=list, sa_type=sa.JSON)


#: A table whose rows are numbered: SQLite gives no number to two rows either, not even when the last one was deleted.
NUMBERED = {"sqlite_autoincrement": True}


def when(**options: Any) -> Any:
    """A column with a moment, in milliseconds."""
    return Field(sa_type=sa.BigInteger, **options)
