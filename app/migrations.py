"""Bringing a database to the newest shape: our tables by Alembic, the engine's by DBOS."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from alembic import command
from workflows.engine import sqlite
from workflows.engine.durable import create_engine_tables
from workflows.engine.store import create_engine

ROOT = Path(__file__).resolve().parent.parent

NEWER = (
    "The database was changed by a newer version of Yamabiko ({theirs}); this one knows it up to {ours}. "
    "Install the newer version, or restore a backup of before."
)
OLDER = "The database is of an older version ({theirs}; this is {ours}): run `python -m app migrate` once."
INCOMPLETE = "The database has no {missing}, although it says that it is up to date: restore a backup of it."
EMPTY = "The database is empty: run `python -m app migrate` once."


KEPT = "the tables change; as they were, they are kept in %s: delete it when all is well"

log = logging.getLogger("yamabiko")


class WrongDatabase(Exception):
    """This version cannot use the database as it is; says why, and what to do."""


def upgrade(database_url: str, *, keep_a_copy: bool = True) -> None:
    """Create or change all tables; does nothing where they are up to date. May be run again at any time.

    An SQLite file that is to change is copied first, to `<file>.before-<revision>`. PostgreSQL's copies are made by
    those who run it. Raises WrongDatabase.
    """
    with _engine(database_url) as engine:
        theirs, ours = _revision(engine), _head()
        _refuse_newer(theirs, ours)
        if keep_a_copy and theirs not in (None, ours):
            _copy(engine, ours)
        if theirs != ours:
            config = _config()
            config.attributes["engine"] = engine
            command.upgrade(config, "head")
        create_engine_tables(engine)


def check(database_url: str) -> None:
    """Raises WrongDatabase unless everything stands there that this version reads and writes."""
    with _engine(database_url) as engine:
        theirs, ours = _revision(engine), _head()
        _refuse_newer(theirs, ours)
        if theirs != ours:
            raise WrongDatabase(OLDER.format(theirs=theirs, ours=ours) if theirs else EMPTY)
        if missing := _missing(engine):
            raise WrongDatabase(INCOMPLETE.format(missing=", ".join(missing)))


def _missing(engine: sa.Engine) -> list[str]:
    found = sa.inspect(engine).get_multi_columns()
    there = {f"{table}.{column['name']}" for (_, table), columns in found.items() for column in columns}
    wanted = {f"{table.name}.{column.name}" for table in SQLModel.metadata.sorted_tables for column in table.columns}
    return sorted(wanted - there)


def _refuse_newer(theirs: str | None, ours: str) -> None:
    known = {script.revision for script in scripts().walk_revisions()}
    if theirs is not None and theirs not in known:
        raise WrongDatabase(NEWER.format(theirs=theirs, ours=ours))


def _copy(engine: sa.Engine, ours: str) -> None:
    path = engine.url.database
    if engine.dialect.name == "sqlite" and path:
        kept = Path(f"{path}.before-{ours}")
        if not kept.exists():  # an upgrade that died is run again on what it was to change
            sqlite.copy_file(Path(path), kept)
            log.warning(KEPT, kept)


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _head() -> str:
    return str(scripts().get_current_head())


@cache
def scripts() -> ScriptDirectory:
    """Every migration. They are read once: that takes longer than to see that there is nothing to do."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    return config


@contextmanager
def _engine(database_url: str) -> Iterator[sa.Engine]:
    engine = create_engine(database_url, pool_size=2)
    try:
        yield engine
    finally:
        engine.dispose()
