"""Migrations are all or nothing: a process that dies in the middle of one leaves no half of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from sqlmodel import SQLModel

from alembic import command
from app import migrations
from workflows.engine.store import Store, create_engine, store
from workflows.language.wording import catalogue
from workflows.search import indexing
from workflows.search.search import Hit, search
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Run
from workflows.tables.wish import Feedback


@pytest.mark.fault("F13")
def test_a_migration_that_dies_in_the_middle_leaves_nothing_and_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    dying = create_engine(url, pool_size=1)
    sa.event.listen(dying, "before_cursor_execute", _die_at_the_table_of_runs)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "create_engine", lambda *_, **__: dying)
        with pytest.raises(SystemExit):
            migrations.upgrade(url)
    assert tables(url) == set()
    migrations.upgrade(url)
    migrations.upgrade(url)
    assert {"run", "delivery", "workflow_status"} <= tables(url)


def _die_at_the_table_of_runs(_c: object, _cursor: object, statement: str, *_: object) -> None:
    if statement.lstrip().startswith("CREATE TABLE run"):
        raise SystemExit("killed")


def test_what_was_on_record_before_there_was_a_search_is_found(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    migrations.upgrade(url)
    go_back(url, "0004")
    assert "document" not in tables(url)
    keep(
        url,
        Company(id="k1", name="㈱あおば"),
        Contact(id="c1", name="山本 恵子", company_id="k1"),
        Conversation(id="7", url="", opening="年末調整の件", contact_id="c1", company_id="k1", created_at=5_000),
        Conversation(id="8", url="", opening="", created_at=5_000),
        Feedback(
            id=3, conversation_id="7", part_id="", kind="wish", tag="要望", quote="年調のCSV", said_at=5, taken_at=5
        ),
    )
    migrations.upgrade(url)
    found = [hit.document for hit in everything(url)]
    assert [(each.kind, each.place, each.text) for each in found] == [
        ("message", "/chats/7#part-", "年末調整の件"),
        ("wish", "/feedback/3", "年調のCSV"),
    ]
    assert (found[0].who, found[0].company, found[0].at) == ("山本 恵子", "㈱あおば", 5_000)


def go_back(url: str, revision: str) -> None:
    """Take the newest migrations back."""
    config = Config()
    config.set_main_option("script_location", str(migrations.ROOT / "alembic"))
    config.attributes["engine"] = create_engine(url, pool_size=2)
    command.downgrade(config, revision)
    config.attributes["engine"].dispose()


def keep(url: str, *rows: SQLModel) -> None:
    """Put rows into a database of an earlier day: with the columns that it had then."""
    engine = create_engine(url, pool_size=1)
    with engine.begin() as connection:
        for row in rows:
            table = sa.Table(str(row.__tablename__), sa.MetaData(), autoload_with=connection)
            values = {name: value for name, value in row.model_dump().items() if name in table.c}
            connection.execute(sa.insert(table).values(values))
    engine.dispose()


def everything(url: str) -> list[Hit]:
    """All that is found once search has read what is there."""
    ours = Store(create_engine(url, pool_size=2))
    store.bind(ours)
    try:
        indexing.catch_up()
        return list(search("").hits)
    finally:
        store.bind(None)
        ours.close()


def tables(url: str) -> set[str]:
    """The tables in a database."""
    engine = create_engine(url, pool_size=1)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


# -- databases of other versions ------------------------------------------------------------------

#: What each migration was when it was published. One that ran somewhere never runs there again: to change what it
#: did, add another one. Of 0002 there were two, and 0014 makes good what the first one left out.
PUBLISHED = {
    "0001": "3eed09cb9584",
    "0002": "fe45e9dc23bc",
    "0003": "7b9da43c5de4",
    "0004": "eb25e8070fda",
    "0005": "8bb6a7a5c77d",
    "0006": "bb9db935d881",
    "0007": "3f655466e5a9",
    "0008": "9978fc534545",
    "0009": "ea444d7fc293",
    "0010": "550123ca2f76",
    "0011": "0cae6f38d9b3",
    "0012": "abef11b41737",
    "0013": "88d83db1da85",
    "0014": "cbb96b8e96e4",
    "0015": "64dfe77abde4",
    "0016": "1664ecf29a5c",
    "0017": "9136d4bdce49",
    "0018": "61f0cd9ba313",
    "0019": "6f847cec65ba",
    "0020": "e913f4ba2d6e",
    "0021": "7b0692a9e3ca",
    "0022": "a7d150409389",
    "0023": "4fe0ffd1e956",
    "0024": "279f61a460dc",
    "0025": "d95b453e4974",
    "0026": "765baded7541",
    "0027": "b55f445ecca5",
    "0028": "a3aede4ec39f",
    "0029": "fbad59442a9d",
    "0030": "1454841c3992",
    "0031": "63ef5d7474d7",
    "0032": "5d2392644efb",
    "0033": "7fc4fa4e7b53",
    "0034": "23c06e06d52d",
    "0035": "542994832448",
    "0036": "d7f5c7e2a155",
    "0037": "5cc3a346231c",
    "0038": "2f208e2cdac9",
    "0039": "148289bc3625",
}


def test_a_published_migration_is_not_changed() -> None:
    files = sorted((migrations.ROOT / "alembic" / "versions").glob("0*.py"))
    assert {file.name[:4]: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files} == PUBLISHED


def test_sqlite_gives_no_number_twice_in_any_numbered_table(tmp_path: Path) -> None:
    """A migration that makes such a table anew has to say so again."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    migrations.upgrade(url)
    made = {name: sql for name, sql in asked(url, "SELECT name, sql FROM sqlite_master WHERE type = 'table'")}
    numbered = [
        each.name for each in SQLModel.metadata.sorted_tables if each.dialect_options["sqlite"]["autoincrement"]
    ]
    assert numbered and [name for name in numbered if "AUTOINCREMENT" not in made[name]] == []


@pytest.mark.fault("F20")
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.sqlite'}"
    migrations.upgrade(url)
    told(url, "UPDATE alembic_version SET version_num = '9999'")
    for look in (migrations.upgrade, migrations.check):
        with pytest.raises(migrations.WrongDatabase, match="newer version of Yamabiko"):
            look(url)
    assert asked(url, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_database_of_an_older_version_is_not_served(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'older.sqlite'}"
    with pytest.raises(migrations.WrongDatabase, match="is empty: run `python -m app migrate` once"):
        migrations.check(url)
    migrations.upgrade(url)
    go_back(url, "0011")
    with pytest.raises(migrations.WrongDatabase, match="is of an older version"):
        migrations.check(url)


def test_what_is_missing_is_said_before_anything_is_served(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'half.sqlite'}"
    migrations.upgrade(url)
    migrations.check(url)
    told(url, "ALTER TABLE escalation DROP COLUMN watched_since")
    with pytest.raises(migrations.WrongDatabase, match="has no escalation"):
        migrations.check(url)


def test_before_an_sqlite_file_changes_it_is_copied_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    migrations.upgrade(url)
    assert [each.name for each in tmp_path.iterdir()] == ["old.sqlite"]
    go_back(url, "0011")
    migrations.upgrade(url)
    [copy] = tmp_path.glob("old.sqlite.before-*")
    assert asked(f"sqlite:///{copy}", "SELECT version_num FROM alembic_version") == [("0011",)]
    assert copy.stat().st_mode & 0o777 == 0o600
    migrations.upgrade(url)
    assert len(list(tmp_path.glob("old.sqlite.*"))) == 1


@pytest.mark.fault("F20")
def test_a_database_of_the_first_escalations_gets_what_it_lacks(tmp_path: Path) -> None:
    """0002 was published without these, and changed afterwards: such a database says 0002 and goes on from there."""
    url = f"sqlite:///{tmp_path / 'early.sqlite'}"
    migrations.upgrade(url)
    go_back(url, "0002")
    told(url, "DROP INDEX ix_escalation_unposted", "DROP INDEX ix_feedback_contact_id_said_at")
    told(
        url,
        *(f"ALTER TABLE escalation DROP COLUMN {name}" for name in ("assigned", "reminding_until", "watched_since")),
    )
    told(url, "ALTER TABLE escalation ADD COLUMN language VARCHAR NOT NULL DEFAULT 'ja'")
    keep(
        url,
        Escalation(
            id=7,
            origin="slack:1",
            via="slack",
            company="㈱あおば",
            request="call",
            urgency="today",
            temperature="angry",
            gist="至急",
            state="open",
            raised_at=5_000,
            chain=[],
        ),
    )
    migrations.upgrade(url)
    migrations.check(url)
    assert asked(url, "SELECT assigned, reminding_until, watched_since FROM escalation") == [(1, 0, 5_000)]
    assert {"ix_escalation_unposted", "ix_feedback_contact_id_said_at"} <= indexes(url)
    with pytest.raises(sa.exc.OperationalError):
        asked(url, "SELECT language FROM escalation")


FORMERLY = json.loads((migrations.ROOT / "alembic" / "former_sentences.json").read_text(encoding="utf-8"))
BEFORE = "Asked {agent} for the background and the importance."


def test_what_is_on_record_says_todays_sentences(tmp_path: Path) -> None:
    """They are the keys of the Japanese ones: in other words, timelines would turn English."""
    url = f"sqlite:///{tmp_path / 'before.sqlite'}"
    migrations.upgrade(url)
    go_back(url, "0014")
    for id, reason in (("jira:1", BEFORE), ("jira:2", "Own words.")):
        keep(url, Run(id=id, workflow="release.moved", reason=reason, state="done", due_at=1, created_at=1))
    migrations.upgrade(url)
    assert asked(url, "SELECT reason FROM run ORDER BY id") == [(FORMERLY[BEFORE],), ("Own words.",)]


def test_every_sentence_on_record_has_its_japanese() -> None:
    assert [today for today in FORMERLY.values() if catalogue("ja").gettext(today) == today] == []


def told(url: str, *statements: str) -> None:
    """Change a database behind everybody's back."""
    engine = create_engine(url, pool_size=1)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def asked(url: str, question: str) -> list[tuple[Any, ...]]:
    """What a database answers."""
    engine = create_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(question)]
    finally:
        engine.dispose()


def indexes(url: str) -> set[str]:
    """The indexes in an SQLite file."""
    return {name for (name,) in asked(url, "SELECT name FROM sqlite_master WHERE type = 'index'")}
