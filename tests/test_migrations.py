"""Migrations are all or nothing: a process that dies in the middle of one leaves no half of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from sqlmodel import SQLModel

from alembic import command
from app import migrations
from workflows.engine.store import Store, create_engine, store
from workflows.search import indexing
from workflows.search.search import Hit, search
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.wish import Feedback


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
    """Put rows into a database, as far as it has their columns by then."""
    engine = create_engine(url, pool_size=1)
    with engine.begin() as connection:
        for row in rows:
            table = sa.inspect(type(row)).local_table
            there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
            given = {name: value for name, value in row.model_dump().items() if name in there and value is not None}
            bare = sa.table(table.name, *(sa.column(name, table.c[name].type) for name in given))
            connection.execute(sa.insert(bare).values(given))
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
