"""Whoever can write a row of the database cannot run code in the service: no row is unpickled, whatever it says."""

from __future__ import annotations

import base64
import pickle
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.crash.service import Play, until
from workflows.engine.schedule import APPLICATION_VERSION, PEOPLE

pytestmark = pytest.mark.crash


class Code:
    """Unpickled, it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)

    def __reduce__(self) -> Any:
        return open, (self.file, "w")


def smuggle(play: Play, id: str, inputs: object) -> None:
    """Somebody who has no more than the database writes a row in the engine's tables."""
    pickled = base64.b64encode(pickle.dumps(inputs)).decode()
    status, arguments = _table(play, "workflow_status"), _table(play, "workflow_input")
    row = {"workflow_uuid": id, "status": "ENQUEUED", "name": "release.moved", "queue_name": PEOPLE}
    row |= {"application_version": APPLICATION_VERSION, "serialization": "py_pickle"}
    times = {"created_at": 1, "updated_at": 1, "priority": 0}
    with play.engine.begin() as connection:
        connection.execute(sa.insert(status).values(row | times))
        connection.execute(sa.insert(arguments).values(workflow_uuid=id, inputs=pickled))


def state(play: Play, id: str) -> str:
    """What became of it."""
    status = _table(play, "workflow_status")
    with play.engine.connect() as connection:
        return str(connection.scalar(sa.select(status.c.status).where(status.c.workflow_uuid == id)))


def _table(play: Play, name: str) -> sa.Table:
    schema = "dbos" if play.engine.dialect.name == "postgresql" else None
    return sa.Table(name, sa.MetaData(), schema=schema, autoload_with=play.engine)


@pytest.mark.fault("F81")
def test_a_row_that_says_it_is_pickled_is_refused_and_the_others_go_on(database_url: str, tmp_path: Path) -> None:
    made = tmp_path / "made.by.a.row"
    with Play(database_url, tmp_path) as play:
        play.begin()
        if not play.settings.is_sqlite:
            play.start("worker")
        smuggle(play, "jira:1~1", {"args": (Code(made),), "kwargs": {}})
        until(lambda: state(play, "jira:1~1") in ("ERROR", "SUCCESS"), "the row has been looked at")
        play.tag()
        play.deliver()
        until(lambda: not play.open_runs() and play.stage.intercom.did("note", play.chat), "a request is filed")
        assert not made.exists()
        assert "says that it is pickled" in play.log.read_text()
