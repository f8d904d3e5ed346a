"""A system that has no more files or room to give says nothing about the work: it waits, and is no dead letter."""

from __future__ import annotations

import errno

import pytest
from sqlmodel import Session

from tests.door import Door
from workflows.engine import durable
from workflows.engine.durable import UNEXPECTED_ATTEMPTS, NewRun
from workflows.engine.outcome import Outcome
from workflows.engine.schedule import FANOUT
from workflows.tables.runs import DEAD, OPEN, Run


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (OSError(errno.EMFILE, "Too many open files"), OPEN),
        (OSError(errno.ENOSPC, "No space left on device"), OPEN),
        (OSError(errno.ENOENT, "No such file or directory"), DEAD),
        (KeyError("ours"), DEAD),
    ],
    ids=["no files", "no room", "no such file", "a mistake of ours"],
)
async def test_a_run_that_finds_no_file_to_open_waits_until_there_is_one(
    sqlite_url: str, error: Exception, state: str
) -> None:
    def story() -> Outcome:
        raise error

    async with Door(sqlite_url) as door:
        durable.spawn([NewRun("jira:1", "release.announce", {}, FANOUT)])
        for _ in range(UNEXPECTED_ATTEMPTS + 2):
            durable.conduct("jira:1", story)
        with Session(door.runtime.store.engine) as session:
            assert session.get_one(Run, "jira:1").state == state
