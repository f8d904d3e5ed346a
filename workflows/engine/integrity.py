"""Integrity: a damaged database file is noticed at night, and not by whoever happens to read the damaged row."""

from __future__ import annotations

import logging

from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, dead, done, ignored
from workflows.engine.pulse import Damage
from workflows.engine.store import DAY_MS, store

log = logging.getLogger("yamabiko")

EVERY_MS = DAY_MS
WHOLE = "Checked the whole database: it is intact."
DAMAGED = "The database file is damaged. Restore a backup: python -m app restore FILE."
NOT_OURS = "PostgreSQL checks its own files."


@workflow
def look_through() -> Outcome:
    """Let SQLite read all of its pages and indexes; readers and writers go on meanwhile.

    https://sqlite.org/pragma.html#pragma_quick_check
    """
    if not store.is_sqlite:
        return ignored(NOT_OURS)
    with store.engine.connect() as connection:
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    Damage.said = "" if said == "ok" else said
    if Damage.said:
        log.error("the database file is damaged: %s", Damage.said)
        return dead(DAMAGED)
    return done(WHOLE)
