"""A runtime that is ready at once: for what a service does, not for how it starts (tests/crash sees to that).

Its database is a copy of one that was migrated, always in the same place: so the engine of an earlier test is used
again, which has compiled our statements before. Compiling them anew takes as long as everything else in most tests.
Nor are the routes laid or the usual rules read anew for each test.
"""

from __future__ import annotations

import gc
import pickle
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import event

from app.main import create, furnish
from app.pages.access import Demo
from app.runtime import Runtime
from app.settings import Settings
from workflows.engine.store import Store, create_engine, store
from workflows.rules import Rules, current, load, rules
from workflows.rules.similar import Similar
from workflows.wish import similar


@lru_cache(maxsize=8)
def _engine(url: str) -> sa.Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _in_no_hurry)
    return engine


def _in_no_hurry(connection: Any, _record: object) -> None:
    """Nobody waits for the disk, as on the tests' PostgreSQL: no power is cut here."""
    connection.execute("PRAGMA synchronous=OFF")


#: The application by whether it is the demo's, as it was built for the first test that asked.
_applications: dict[bool, FastAPI] = {}


def serving(settings: Settings, demo: Demo | None = None) -> FastAPI:
    """The application for these settings; of an earlier test's, its routes are used again and nothing else."""
    is_demo = demo is not None
    if is_demo not in _applications:
        _applications[is_demo] = create(settings, demo=demo)
    app = _applications[is_demo]
    furnish(app, settings, demo)
    return app


def _rules(path: Path) -> Rules:
    """What stands in this file, in objects of its own."""
    found = path.stat()
    return pickle.loads(_read(path, found.st_mtime_ns, found.st_size))  # type: ignore[no-any-return]


@lru_cache(maxsize=8)
def _read(path: Path, *state: int) -> bytes:
    return pickle.dumps(load(path))


def fresh(template: Path) -> str:
    """The URL of a copy of this SQLite file. It takes the place of the copy before, which is closed by then."""
    folder = template.parent / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return f"sqlite:///{shutil.copy(template, folder / 'world.sqlite')}"


class Ready(Runtime):
    """A web process on a database that needs no migration; a store's engine lives on when the store is closed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, visitor=True)

    def _read_rules(self) -> None:
        rules.bind(_rules(self.settings.yamabiko_config))
        current.watch(self.settings.yamabiko_config)

    def _open_database(self) -> None:
        self.store = Store(_engine(self.settings.database_url))
        store.bind(self.store)
        similar.forget()

    def start(self) -> None:
        """Similar requests are found by words: an encoder starts a process, and has tests of its own."""
        super().start()
        rules.similar = Similar(engine="words")

    def _set_the_clock(self) -> None:
        """Tests have clocks of their own."""

    def _share_budgets(self) -> None:
        """A world is one process, whose vendors live by another clock than its database."""

    def stop(self) -> None:
        """End, and let the collector see again what `start` hid from it, else every test leaves its world behind."""
        super().stop()
        gc.unfreeze()
