"""How long pages take: each asked for twenty times of a running service, beside one row read by its key; on both
databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from app import migrations
from tests.bench.dossier import _open, _p95, signed_in
from tests.bench.figures import Figure, below
from tests.bench.processes import postgres, running, settings
from workflows.engine.rows import table_of
from workflows.engine.store import create_engine, store

#: How often each page is asked for.
ASKED = 20


@dataclass(frozen=True)
class Pages:
    """What is measured: `rows` fills the tables, one after the other; `paths` may hold {n}; `targets` says how long a
    page may take (ms), by how its address begins: the first that fits holds. `row`: what the yardstick reads."""

    name: str
    among: str
    rows: Callable[[], Iterator[Sequence[SQLModel]]]
    paths: Callable[[], Sequence[str]]
    targets: Mapping[str, float]
    row: Any
    shows: Callable[[str], bool]


def figures(folder: Path, pages: Pages) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from measured("SQLite", f"sqlite:///{folder}/{pages.name}.sqlite", pages)
    with postgres(folder) as url:
        if url is None:
            yield Figure(f"{pages.name}, PostgreSQL", "not measured: no PostgreSQL here, set TEST_DATABASE_URL")
        else:
            with _database(url, pages.name) as own:
                yield from measured("PostgreSQL", own, pages)


def measured(database: str, url: str, pages: Pages) -> Iterator[Figure]:
    """Every page on one database."""
    fill(url, pages.rows())
    chosen = settings(url)
    with _open(chosen):
        one_row = _p95([partial(_read, pages.row, number) for number in range(1, 200)])
        token = signed_in()
    reader: dict[str, Any] = {"cookies": {"yamabiko": token}, "timeout": 60, "trust_env": False}
    with running(chosen, "tests.bench.service") as service, httpx.Client(**reader) as browser:
        address = f"http://127.0.0.1:{service.settings.port}"
        for path in pages.paths():
            asked = [partial(_show, browser, address + path.format(n=n * 7 + 1), pages.shows) for n in range(ASKED)]
            seconds = _p95(asked)
            name = f"{path} among {pages.among}, {database}, p95 of {ASKED}"
            note = f"{one_row * 1000:.2f} ms to read one row by its key; {seconds / one_row:,.0f}×"
            target = next(most for begins, most in pages.targets.items() if path.startswith(begins))
            yield below(name, seconds * 1000, "ms", target, note)


def fill(url: str, tables: Iterator[Sequence[SQLModel]]) -> None:
    """Put everything in, and let PostgreSQL count it, as its autovacuum does within a minute."""
    migrations.upgrade(url)
    engine = create_engine(url, pool_size=1)
    with Session(engine) as session:
        for rows in tables:
            values = [row.model_dump(exclude_none=True) for row in rows]
            for names in {tuple(value) for value in values}:
                alike = [value for value in values if tuple(value) == names]
                session.connection().execute(sa.insert(table_of(type(rows[0]))), alike)
        session.commit()
        if engine.dialect.name == "postgresql":
            session.execute(sa.text("ANALYZE"))
            session.commit()
    engine.dispose()


@contextmanager
def _database(url: str, name: str) -> Iterator[str]:
    """A database of its own on that server, so that what one measurement put in is in nobody else's way."""
    server = sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    own = f"bench_{name}"
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {own} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {own}"))
    yield sa.make_url(url).set(database=own).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {own} WITH (FORCE)"))


def _read(row: Any, number: int) -> None:
    assert store.read(lambda session: session.get(row, number)) is not None


def _show(browser: httpx.Client, address: str, shows: Callable[[str], bool]) -> None:
    said = browser.get(address)
    assert said.status_code == 200 and shows(said.text), (address, said.status_code)
