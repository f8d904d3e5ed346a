"""The store: what it says is on disk is on disk, and one bad write hurts no other."""

from __future__ import annotations

import os
import random
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel, select

from workflows.engine import sqlite
from workflows.engine.sqlite import sqlite_module
from workflows.engine.store import Store, create_engine, now_ms
from workflows.tables.runs import Executor


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(create_engine(database_url, pool_size=4))
    yield store
    store.close()


def add(id: str) -> Any:
    """A write: one more row."""
    return lambda session: session.add(Executor(id=id, heartbeat_at=1))


def ids(store: Store) -> list[str]:
    """What is there, read by somebody else: only what is committed."""
    with Session(store.engine) as session:
        return sorted(session.exec(select(Executor.id)))


def fail(session: Session) -> None:
    """A write that does something and then breaks."""
    session.add(Executor(id="half", heartbeat_at=1))
    session.flush()
    raise ValueError("no")


class Gate:
    """A write that holds the writer up until it is opened, so that others gather behind it."""

    def __init__(self, store: Store) -> None:
        self._entered, self._open = threading.Event(), threading.Event()
        self.done = store.submit(self._wait)
        assert self._entered.wait(10)

    def _wait(self, _: Session) -> None:
        self._entered.set()
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()
        self.done.result(60)


# -- trouble --------------------------------------------------------------------------------------


def test_a_write_that_fails_leaves_nothing_and_says_why(store: Store) -> None:
    with pytest.raises(ValueError, match="no"):
        store.write(fail)
    with pytest.raises(ValueError, match="no"):
        store.submit(fail).result(60)
    assert ids(store) == []


def test_a_write_that_fails_hurts_none_of_those_it_shares_a_commit_with(store: Store) -> None:
    gate = Gate(store)
    futures = [store.submit(work) for work in (add("a"), fail, add("b"), add("a"), add("c"))]
    gate.open()
    ended = ["failed" if future.exception(10) else "done" for future in futures]
    assert ended == ["done", "failed", "done", "failed", "done"]
    assert ids(store) == ["a", "b", "c"]


@pytest.mark.fault("F04")
def test_when_the_commit_fails_nobody_in_it_is_told_that_all_is_well(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(session: Session) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))

    gate = Gate(store)
    futures = [store.submit(add(id)) for id in "abc"]
    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", broken)
        with pytest.raises(sa.exc.OperationalError):
            gate.open()
        assert all(future.exception(10) for future in futures)
    assert ids(store) == []
    store.write(add("later"))
    assert ids(store) == ["later"]


def test_somebody_who_stops_waiting_does_not_stop_the_writer(store: Store) -> None:
    """`/readyz` gives up after two seconds and cancels; the writes after it must still be carried out."""
    gate = Gate(store)
    impatient, patient = store.submit(add("impatient")), store.submit(add("patient"))
    assert impatient.cancel()
    gate.open()
    patient.result(60)
    store.submit(add("next")).result(60)
    assert ids(store) in (["impatient", "next", "patient"], ["next", "patient"])


def test_a_write_may_not_be_taken_back_once_it_has_begun(store: Store) -> None:
    gate = Gate(store)
    assert not gate.done.cancel()
    gate.open()


@pytest.mark.fault("F29")
def test_a_conflict_with_another_process_is_tried_again(postgres_url: str) -> None:
    store = Store(create_engine(postgres_url, pool_size=4))
    tries: list[int] = []

    def work(session: Session) -> str:
        tries.append(1)
        session.add(Executor(id="a", heartbeat_at=1))
        session.flush()
        if len(tries) < 3:
            raise sa.exc.OperationalError("UPDATE", {}, Exception("deadlock detected"))
        return "done"

    assert store.write(work) == "done"
    assert (ids(store), len(tries)) == (["a"], 3)
    store.close()


@pytest.mark.fault("F29")
def test_a_conflict_that_stays_is_said(postgres_url: str) -> None:
    store = Store(create_engine(postgres_url, pool_size=4))

    def work(session: Session) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("deadlock detected"))

    with pytest.raises(sa.exc.OperationalError):
        store.write(work)
    store.close()


@pytest.mark.fault("F27")
def test_a_lost_connection_is_replaced(postgres_url: str) -> None:
    """PostgreSQL restarts, or an operator ends our sessions: the next write finds a new one."""
    store = Store(create_engine(postgres_url, pool_size=4))
    store.write(add("before"))
    others = "WHERE pid <> pg_backend_pid() AND datname = current_database()"

    def end_sessions() -> None:
        other = create_engine(postgres_url, pool_size=1)
        with other.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity {others}")
        other.dispose()

    end_sessions()
    assert store.read(lambda session: session.exec(select(Executor.id)).all()) == ["before"]
    end_sessions()
    store.submit(add("and after")).result(60)
    end_sessions()
    store.write(add("after"))
    assert ids(store) == ["after", "and after", "before"]
    store.close()


@pytest.mark.fault("F29")
@pytest.mark.parametrize("ask", ["write", "submit"])
def test_a_session_that_is_ended_in_the_middle_of_a_write_is_begun_anew(postgres_url: str, ask: str) -> None:
    """By a time limit, an operator, or a server that goes down: nothing of it was kept, so it is done once."""
    store = Store(create_engine(postgres_url, pool_size=4))
    attempts: list[str] = []

    def write(session: Session) -> None:
        attempts.append("begun")
        session.add(Executor(id="once", heartbeat_at=1))
        session.flush()
        if len(attempts) == 1:
            session.connection().exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    if ask == "write":
        store.write(write)
    else:
        store.submit(write).result(60)
    assert (len(attempts), ids(store)) == (2, ["once"])
    store.close()


@pytest.mark.fault("F80")
def test_an_error_never_quotes_what_was_to_be_stored(store: Store) -> None:
    store.write(add("佐藤の秘密"))
    with pytest.raises(sa.exc.IntegrityError) as failure:
        store.write(add("佐藤の秘密"))
    assert "parameters hidden" in str(failure.value)


@pytest.mark.fault("F24")
def test_a_connection_from_a_time_when_the_disk_was_read_only_is_replaced(sqlite_url: str) -> None:
    """Once upkeep failed every five seconds until somebody restarted the service."""
    store = Store(create_engine(sqlite_url, pool_size=1))
    store.read(lambda session: session.connection().exec_driver_sql("PRAGMA query_only=ON") and None)
    store.write(add("a"))
    assert ids(store) == ["a"]
    store.close()


# -- what it is for -------------------------------------------------------------------------------


def test_what_is_written_is_there_for_everybody_when_write_returns(store: Store) -> None:
    assert store.write(lambda session: session.merge(Executor(id="a", heartbeat_at=7)).heartbeat_at) == 7
    assert ids(store) == ["a"]


def test_a_read_keeps_nothing(store: Store) -> None:
    store.read(add("a"))
    store.read(lambda session: session.add(Executor(id="b", heartbeat_at=1)) or session.flush())
    assert ids(store) == []


def test_writes_from_many_threads_are_all_carried_out(store: Store) -> None:
    threads = [threading.Thread(target=lambda n=n: [store.write(add(f"{n}-{i}")) for i in range(20)]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(ids(store)) == 160


def test_what_may_come_later_comes_with_the_next_write(store: Store) -> None:
    store.later(add("a"))
    store.later(add("b"))
    assert ids(store) == []
    store.write(add("c"))
    assert ids(store) == ["a", "b", "c"]


def test_who_reads_sees_what_it_has_put_off(store: Store) -> None:
    store.later(add("a"))
    assert store.read(lambda session: list(session.exec(select(Executor.id)))) == ["a"]


def test_what_one_thread_puts_off_does_not_wait_for_another(store: Store) -> None:
    store.later(add("mine"))
    thread = threading.Thread(target=lambda: store.write(add("theirs")))
    thread.start()
    thread.join(60)
    assert ids(store) == ["theirs"]


def test_what_was_put_off_stands_or_falls_with_the_write_it_came_with(store: Store) -> None:
    store.later(add("a"))
    with pytest.raises(ValueError, match="no"):
        store.write(fail)
    store.write(add("b"))
    assert ids(store) == ["b"]


def test_closing_carries_out_what_waits(database_url: str) -> None:
    store = Store(create_engine(database_url, pool_size=4))
    gate = Gate(store)
    futures: list[Future[Any]] = [store.submit(add(f"{number:03}")) for number in range(300)]
    threading.Timer(0.1, gate.open).start()
    store.close()
    assert all(future.done() for future in futures)
    assert len(ids(store)) == 300
    store.engine.dispose()


def test_a_write_after_the_end_is_refused_instead_of_waiting_for_ever(sqlite_url: str) -> None:
    store = Store(create_engine(sqlite_url, pool_size=4))
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.write(add("late"))


# -- SQLite ---------------------------------------------------------------------------------------


def wreck(tmp_path: Path, file: bytes, log: bytes) -> list[str] | None:
    """What is read after a power cut that left this much of the file and its log; None where it is damaged."""
    path = tmp_path / "wreck.sqlite"
    path.write_bytes(file)
    path.with_name("wreck.sqlite-wal").write_bytes(log)
    store = Store(create_engine(f"sqlite:///{path}", pool_size=2))
    try:
        sound = store.read(lambda session: session.connection().exec_driver_sql("PRAGMA integrity_check").scalar())
        return ids(store) if sound == "ok" else None
    finally:
        store.close()
        for each in tmp_path.glob("wreck.sqlite*"):
            each.unlink()


@pytest.mark.fault("F21")
@pytest.mark.skipif(not sqlite.wal_is_safe(), reason="this SQLite keeps a rollback journal")
def test_after_a_power_cut_everything_is_there_that_was_said_to_be(tmp_path: Path) -> None:
    """What was written later reached the disk in part, or as nonsense; what was synced did not change any more."""
    path, log = tmp_path / "ours.sqlite", tmp_path / "ours.sqlite-wal"
    store = Store(create_engine(f"sqlite:///{path}", pool_size=2))
    store.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    said = [f"{number:03}" for number in range(20)]
    for id in said:
        store.write(add(id))
    file, synced = path.read_bytes(), len(log.read_bytes())
    for number in range(20):
        store.write(add(f"later-{number:03}"))
    written, dice = log.read_bytes(), random.Random(1)
    store.close()
    for left in (synced, synced + 1, synced + 32, synced + 4000, (synced + len(written)) // 2, len(written) - 1):
        for torn in (written[:left], written[:left] + dice.randbytes(len(written) - left)):
            assert (there := wreck(tmp_path, file, torn)) is not None and there[: len(said)] == said
    assert wreck(tmp_path, file, written[: synced - 1]) == said[:-1], "a log that was not synced would be missed here"


@pytest.mark.fault("F24")
@pytest.mark.parametrize("loss", ["deleted", "replaced", "its log deleted"])
def test_nothing_is_said_to_be_on_disk_when_the_file_is_not_there_any_more(tmp_path: Path, loss: str) -> None:
    """SQLite itself would go on writing to what has no name, and all of it would be gone at the end."""
    path = tmp_path / "ours.sqlite"
    store = Store(create_engine(f"sqlite:///{path}", pool_size=4))
    store.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    store.write(add("before"))
    (path.with_name("ours.sqlite-wal") if loss == "its log deleted" else path).unlink()
    if loss == "replaced":
        path.write_bytes(b"")
    for number in range(3):
        with pytest.raises(OperationalError, match="was deleted or replaced while the service runs"):
            store.write(add(f"after {number}"))
    store.close()


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        engine = create_engine(f"sqlite:///{tmp_path}/new.sqlite")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a)")
            assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("new.sqlite*")} == {0o600}
        engine.dispose()
    finally:
        os.umask(before)


def test_a_file_that_others_can_read_is_shut_and_that_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url, files = f"sqlite:///{tmp_path}/old.sqlite", [tmp_path / f"old.sqlite{end}" for end in ("", "-wal", "-shm")]
    first = create_engine(url)
    with first.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
        there = [file for file in files if file.exists()]
        for file in there:
            file.chmod(0o644)
        create_engine(url).dispose()
        assert {stat.S_IMODE(file.stat().st_mode) for file in there} == {0o600}
        assert [record.args for record in caplog.records] == [(str(file),) for file in there]
        create_engine(url).dispose()
        assert len(caplog.records) == len(there)
    first.dispose()


@pytest.mark.fault("F21")
def test_sqlite_syncs_before_a_commit_returns(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        pragma = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}
    engine.dispose()
    assert pragma == _PRAGMAS


_PRAGMAS = {
    "journal_mode": "wal" if sqlite.wal_is_safe() else "truncate",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "busy_timeout": sqlite.BUSY_MILLISECONDS,
    "journal_size_limit": sqlite.LARGEST_LOG,
}


@pytest.mark.fault("F22")
def test_writers_of_one_file_take_turns_instead_of_naps(sqlite_url: str) -> None:
    """The engine's connections write beside ours; SQLite itself is told here to wait for nobody."""
    engines = [create_engine(sqlite_url, pool_size=4, lasting=lasting) for lasting in (True, False)]

    def write(engine: sa.Engine, name: str) -> None:
        for number in range(20):
            with Session(engine) as session:
                session.connection().exec_driver_sql("PRAGMA busy_timeout=0")
                session.add(Executor(id=f"{name}-{number:02}", heartbeat_at=1))
                session.flush()
                time.sleep(0.001)
                session.commit()

    threads = [threading.Thread(target=write, args=(engine, f"{id(engine)}-{n}")) for engine in engines for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with Session(engines[0]) as session:
        assert len(session.exec(select(Executor.id)).all()) == 80
    for engine in engines:
        engine.dispose()


@pytest.mark.fault("F26")
def test_an_old_sqlite_gets_a_rollback_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 3.51.3 a checkpoint and a commit at the same moment could corrupt a write-ahead log."""
    monkeypatch.setattr(sqlite, "SAFE_WAL", (99, 0, 0))
    engine = create_engine(f"sqlite:///{tmp_path}/old.sqlite")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "truncate"
    engine.dispose()


def test_the_newest_sqlite_at_hand_is_used() -> None:
    import sqlite3

    assert sqlite_module().sqlite_version_info >= sqlite3.sqlite_version_info


@pytest.mark.fault("F27", "F29")
def test_postgres_is_never_waited_for_without_end(postgres_url: str) -> None:
    engine = create_engine(postgres_url, pool_size=1)
    with engine.connect() as connection:
        shown = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in _TIMEOUTS}
    engine.dispose()
    assert shown == _TIMEOUTS


_TIMEOUTS = {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "1min", "TimeZone": "UTC"}


def test_postgres_prepares_what_is_asked_again_and_compiles_nothing(postgres_url: str) -> None:
    """All pages together ask more than the hundred statements that a connection keeps by default."""
    store = Store(create_engine(postgres_url, pool_size=2))
    for _ in range(2):
        for number in range(150):
            store.read(lambda session, n=number: session.connection().exec_driver_sql(f"SELECT {n}") and None)
    kept = "SELECT count(*), current_setting('jit') FROM pg_prepared_statements WHERE statement ~ '^SELECT [0-9]+$'"
    assert store.read(lambda session: session.connection().exec_driver_sql(kept).one()) == (150, "off")
    store.close()


def test_both_spellings_of_a_postgres_address_are_known() -> None:
    for spelling in ("postgres", "postgresql"):
        engine = create_engine(f"{spelling}://yamabiko:geheim@127.0.0.1:1/none")
        assert (engine.dialect.name, engine.dialect.driver) == ("postgresql", "psycopg")
        assert "geheim" not in repr(engine)
        assert not isinstance(engine.pool, NullPool)


def test_now_is_in_milliseconds() -> None:
    assert 1_700_000_000_000 < now_ms() < 10_000_000_000_000
