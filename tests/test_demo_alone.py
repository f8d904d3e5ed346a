"""The demo is shown without sign-in, and conducts runs with stand-ins: it keeps away from what is not its own."""

from __future__ import annotations

import sys

import httpx
import pytest
from sqlmodel import Session

from app import __main__ as command_line
from app.demo import database
from app.demo.show import Show
from app.demo.stage import Stage
from app.migrations import WrongDatabase
from workflows.engine.store import create_engine, now_ms
from workflows.tables.customer import Company
from workflows.tables.runs import OPEN, Delivery, Run


def add(url: str, row: object) -> None:
    """Something happens there."""
    engine = create_engine(url, pool_size=1)
    with Session(engine) as session:
        session.add(row)
        session.commit()
    engine.dispose()


def delivery() -> Delivery:
    """A real customer's."""
    return Delivery(id="intercom:1", source="intercom", topic="t", digest="", state=OPEN, received_at=now_ms())


REAL = {
    "a delivery": delivery,
    "a run": lambda: Run(id="r", workflow="w", arguments={}, queue="fanout", due_at=1, created_at=1),
    "a company": lambda: Company(id="k1", name="あおば"),
}


@pytest.mark.parametrize("happened", REAL.values(), ids=list(REAL))
def test_the_demo_refuses_a_database_that_is_in_use(database_url: str, happened: object) -> None:
    add(database_url, happened())  # type: ignore[operator]
    with pytest.raises(WrongDatabase) as refused:
        database.take(database_url)
    assert "DATABASE_URL names a database that is in use" in str(refused.value)


def test_it_takes_an_empty_one_and_plays_there_again(database_url: str) -> None:
    database.take(database_url)
    add(database_url, delivery())
    database.take(database_url)


def test_a_database_without_tables_is_empty(tmp_path: object) -> None:
    database.take(f"sqlite:///{tmp_path}/new.sqlite")


@pytest.mark.parametrize("command", ["demo", "smoke"])
def test_who_starts_it_on_a_real_one_reads_a_sentence(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    add(sqlite_url, delivery())
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(sys, "argv", ["app", command])
    assert command_line.main([command]) == 2
    assert capsys.readouterr().err == f"{database.REAL}\n"


def test_no_web_site_reads_it_under_a_name_of_its_own(sqlite_url: str) -> None:
    stage = Stage()
    with Show(stage, sqlite_url) as show:
        statuses = {host: answer(show.url, host) for host in ("evil.example", "localhost.evil.example")}
        assert statuses == dict.fromkeys(statuses, 400)
        assert (answer(show.url, "localhost:8000"), answer(show.url, "127.0.0.1")) == (200, 200)
    stage.close()


def answer(url: str, host: str) -> int:
    """What a browser gets that was led here by this name."""
    return httpx.get(f"{url}/loop", headers={"host": host}, trust_env=False).status_code
