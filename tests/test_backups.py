"""`backup`, `restore` and `restored`: what they refuse, and what stands there afterwards."""

from __future__ import annotations

import argparse
import sqlite3
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import migrations
from app.operate import backups
from app.runtime import AlreadyRunning, claim

Said = pytest.CaptureFixture[str]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The service's database, with one note of its search mark in it."""
    path = tmp_path / "yamabiko.sqlite"
    migrations.upgrade(f"sqlite:///{path}")
    remember(path, "before")
    use(monkeypatch, f"sqlite:///{path}")
    return path


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The service has this database."""
    settings = SimpleNamespace(database_url=url, is_sqlite=url.startswith("sqlite"))
    monkeypatch.setattr(backups, "load", lambda: settings)


def remember(path: Path, name: str) -> None:
    """Put something there that can be told apart."""
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO lease (name, holder, until, last_at) VALUES (?, '', 0, 0)", (name,))
    connection.close()


def remembers(path: Path) -> set[str]:
    """What was put there."""
    return {row[0] for row in rows(path, "SELECT name FROM lease")}


def rows(path: Path, question: str) -> list[Any]:
    """What a database answers."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def run(command: str, *arguments: object) -> int:
    """`python -m app <command> …`; returns the exit code."""
    parser = argparse.ArgumentParser()
    backups.add_to(parser.add_subparsers())
    options = parser.parse_args([command, *map(str, arguments)])
    return int(options.command(options))


# -- refused --------------------------------------------------------------------------------------


def test_a_backup_takes_no_other_files_place(path: Path, tmp_path: Path, capsys: Said) -> None:
    there = tmp_path / "there"
    there.write_text("another backup")
    assert run("backup", there) == 1
    assert "give another name" in capsys.readouterr().err
    assert there.read_text() == "another backup"


def test_without_a_database_there_is_no_backup(path: Path, tmp_path: Path, capsys: Said) -> None:
    path.unlink()
    assert run("backup", tmp_path / "copy") == 1
    assert capsys.readouterr().err == f"There is no database at {path}.\n"
    assert not path.exists()


def test_where_there_is_no_folder_it_says_so(path: Path, tmp_path: Path, capsys: Said) -> None:
    assert run("backup", tmp_path / "nowhere" / "copy") == 1
    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_has_its_own_tools(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Said
) -> None:
    use(monkeypatch, "postgresql://support@db/yamabiko")
    assert run(command, tmp_path / "copy") == 1
    said = capsys.readouterr().err
    assert "pg_dump" in said and "python -m app restored" in said
    assert "support@db" not in said  # an address may hold a password


@pytest.mark.parametrize("damage", ["no database", "another database", "damaged", "missing"])
def test_what_is_no_backup_of_ours_changes_nothing(path: Path, tmp_path: Path, capsys: Said, damage: str) -> None:
    file = tmp_path / "file"
    if damage == "no database":
        file.write_text("Dear customer")
    elif damage == "another database":
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE t (a)")
        connection.close()
    elif damage == "damaged":
        assert run("backup", file) == 0
        whole = file.read_bytes()
        file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert run("restore", file) == 1
    assert str(file) in capsys.readouterr().err
    assert remembers(path) == {"before"}
    assert [each.name for each in tmp_path.glob("yamabiko.sqlite.*") if each.suffix != ".lock"] == []


def test_nothing_is_put_in_a_running_services_place(path: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "copy") == 0
    with open(claim(str(path)), "rb", buffering=0), pytest.raises(AlreadyRunning):
        run("restore", tmp_path / "copy")
    assert remembers(path) == {"before"}


# -- done -----------------------------------------------------------------------------------------


@pytest.mark.fault("F31")
def test_a_backup_is_whole_private_and_says_what_it_is(path: Path, tmp_path: Path, capsys: Said) -> None:
    copy = tmp_path / "copy"
    open_service = sqlite3.connect(path)  # the service runs, and much of this stands in its log alone
    open_service.execute("PRAGMA journal_mode = WAL")
    open_service.execute("INSERT INTO lease (name, holder, until, last_at) VALUES ('in the log', '', 0, 0)")
    open_service.commit()
    assert run("backup", copy) == 0
    open_service.close()
    assert remembers(copy) == {"before", "in the log"}
    assert copy.stat().st_mode & 0o777 == 0o600
    assert len(rows(copy, "SELECT 1 FROM restored WHERE noticed_at IS NULL")) == 1
    assert rows(path, "SELECT 1 FROM restored") == []
    assert not copy.with_name("copy.part").exists()
    assert str(copy) in capsys.readouterr().out


def test_what_stood_there_before_stays_beside_it(path: Path, tmp_path: Path, capsys: Said) -> None:
    assert run("backup", tmp_path / "copy") == 0
    remember(path, "after")
    assert run("restore", tmp_path / "copy") == 0
    assert remembers(path) == {"before"}
    [before] = tmp_path.glob("*.before-*")
    assert remembers(before) == {"before", "after"}
    assert str(before) in capsys.readouterr().out
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(rows(path, "SELECT 1 FROM restored WHERE noticed_at IS NULL")) == 1


@pytest.mark.fault("F25")
def test_a_database_that_is_gone_comes_back(path: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "copy") == 0
    path.unlink()
    path.with_name(path.name + "-wal").write_bytes(b"the log of a file that is gone")
    assert run("restore", tmp_path / "copy") == 0
    assert remembers(path) == {"before"}
    assert not path.with_name(path.name + ".part-wal").exists()


def test_a_copy_that_another_tool_made_is_restored_and_known_as_one(path: Path, tmp_path: Path) -> None:
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "copy") as target:
        source.backup(target)
    source.close()
    target.close()
    assert run("restore", tmp_path / "copy") == 0
    [(taken_at,)] = rows(path, "SELECT taken_at FROM restored WHERE noticed_at IS NULL")
    assert taken_at == pytest.approx((tmp_path / "copy").stat().st_mtime * 1000, abs=2)


def test_a_backup_of_an_older_version_comes_back_in_the_newest_shape(path: Path, tmp_path: Path) -> None:
    from tests.test_migrations import go_back

    old = tmp_path / "old"
    migrations.upgrade(f"sqlite:///{old}")
    remember(old, "long ago")
    go_back(f"sqlite:///{old}", "0011")
    assert run("restore", old) == 0
    assert remembers(path) == {"long ago"}
    assert len(rows(path, "SELECT 1 FROM restored WHERE noticed_at IS NULL")) == 1


def test_a_time_without_a_zone_is_the_machines(path: Path) -> None:
    parser = argparse.ArgumentParser()
    backups.add_to(parser.add_subparsers())
    options = parser.parse_args(["restored", "--taken", "2026-11-28T03:00+09:00"])
    assert options.taken == datetime.fromisoformat("2026-11-27T18:00+00:00")
