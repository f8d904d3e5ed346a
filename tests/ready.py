"""A runtime that is ready at once: for what a service does, not for how it starts (tests/crash sees to that).

Its database is a copy of one that was migrated, always in the same place: so the engine of an earlier test is used
again, which has compiled our statements before. Compiling them anew takes as long as everything else in most tests.
"""

from __future__ import annotations

import gc
import shutil
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

from app.runtime import Runtime
from app.settings import Settings
from workflows.engine.store import Store, create_engine, store
from workflows.rules import rules
from workflows.rules.similar import Similar
from workflows.wish import similar


@lru_cache(maxsize=8)
def _engine(url: str) -> sa.Engine:
    return create_engine(url)


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
