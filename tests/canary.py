"""A canary in every place where a customer's words may stand, and the look through the whole database for it.

seed(erasing.WORDS)                    # every column of every row says its own canary beside what it says
assert found() == []                   # where one sings still: "feedback.quote"
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from workflows.customer.erasing import OTHERS, WORDS, Words
from workflows.customer.reach import Reach
from workflows.engine.store import store
from workflows.search import documents

#: No word of any language, and the same however it is folded.
CANARY = "kanariya"


def texts(table: sa.Table) -> list[str]:
    """The columns of a table in which anything could be written."""
    numbers = (sa.Integer, sa.Float, sa.Boolean)
    return [column.name for column in table.columns if not isinstance(column.type, numbers)]


def columns() -> set[str]:
    """Every column of ours in which anything could be written."""
    return {f"{table.name}.{name}" for table in SQLModel.metadata.tables.values() for name in texts(table)}


def declared() -> list[str]:
    """What `erasing` says of columns: those with words, and all others."""
    entries = (entry for text in OTHERS.values() for line in text.splitlines() for entry in line.split("·"))
    named = [entry.strip().partition(":") for entry in entries if entry.strip()]
    others = [f"{table}.{name}" for table, _, names in named for name in names.split()]
    return others + [f"{words.table.name}.{name}" for words in WORDS for name in words.columns]


def seed(found: Reach) -> set[str]:
    """Let every column with words say its canary, in every row that is reached; returns where there was a row."""
    return store.write(lambda session: {name for words in WORDS for name in _seed(session, words, found)})


def _seed(session: Session, words: Words, found: Reach) -> Iterator[str]:
    table = words.table
    if table.name == "document":  # its index has to know of every change
        rows = [dict(row) for row in session.execute(sa.select(table)).mappings()]
        documents.put(session, [row | {name: sung(name, row[name]) for name in ("text", "who")} for row in rows])
        yield from (f"document.{name}" for name in words.columns)
        return
    for row in session.execute(sa.select(table).where(table.c[words.key].in_(getattr(found, words.whose)))).mappings():
        this = sa.and_(*(column == row[column.name] for column in table.primary_key))
        song = {name: sung(f"{table.name}.{name}", row[name]) for name in words.columns}
        session.execute(sa.update(table).where(this).values(song))
        yield from (f"{table.name}.{name}" for name in words.columns)


def sung(name: str, value: Any) -> Any:
    """The value with a canary in it that tells where it was put."""
    song = f"{CANARY}:{name}"
    if isinstance(value, dict):
        return value | {"song": song, "values": {"deep": [song]}}
    if isinstance(value, bytes):
        return value + song.encode()
    return f"{value} {song}".strip()


# -- looking --------------------------------------------------------------------------------------


def found(song: str = CANARY) -> list[str]:
    """Where the canary sings: every value of every table of the database, the engine's and the index included."""
    return sorted(set(store.read(lambda session: list(_found(session, song)))))


def _found(session: Session, song: str) -> Iterator[str]:
    inspector = sa.inspect(session.connection())
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for schema in [None] if is_sqlite else ["public", "dbos"]:
        names = set(inspector.get_table_names(schema=schema))
        for name in names - ({"document_index"} if is_sqlite else set()):  # that one is made of tables that are there
            table = sa.table(name, *map(sa.column, _names(inspector, name, schema)), schema=schema)
            for row in session.execute(sa.select(table)).mappings():
                yield from (f"{name}.{column}" for column, value in row.items() if song in _spelt(value))


def _names(inspector: sa.Inspector, name: str, schema: str | None) -> list[str]:
    return [column["name"] for column in inspector.get_columns(name, schema=schema)]


def _spelt(value: Any) -> str:
    """A value as text, however it is stored."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def in_file(url: str, song: str = CANARY) -> list[str]:
    """The files of an SQLite database in which the bytes of the canary stand, in whatever page."""
    path = Path(str(sa.make_url(url).database))
    files = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")]
    return [file.name for file in files if file.exists() and song.encode() in file.read_bytes()]
