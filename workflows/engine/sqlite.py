"""SQLite: a safe engine for a file, and one writer at a time without naps.

SQLite lets one connection write at a time. Whoever finds it busy asks again after ever longer naps, up to a
tenth of a second; so the connections of this process take turns by a lock, which wakes the next one at once.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

log = logging.getLogger("yamabiko")

#: Older versions can corrupt a WAL when a checkpoint and a commit collide: https://sqlite.org/wal.html#walresetbug
SAFE_WAL = (3, 51, 3)
BUSY_MILLISECONDS = 5_000
#: So much of the write-ahead log stays after a great deal was written: https://sqlite.org/pragma.html#pragma_journal_size_limit
LARGEST_LOG = 64 * 1024 * 1024
PATIENCE = BUSY_MILLISECONDS / 1000
#: The right to read, write or run for anybody but the owner of a file.
OTHERS = 0o077
WAS_OPEN = "%s could be read by other users of this machine; only its owner reads it now"
IS_OPEN = "%s can be read by other users of this machine: customers' words and names are in it"
GONE = "{path} or its log was deleted or replaced while the service runs: stop it, and restore a backup"
#: What SQLite says over a connection that will not get well by itself.
STUCK = ("readonly database", "disk i/o error", "unable to open database file")


def sqlite_module() -> Any:
    """The newest SQLite at hand: the one that pysqlite3 carries, else Python's own."""
    try:
        from pysqlite3 import dbapi2

        return dbapi2
    except ImportError:
        return sqlite3


def wal_is_safe() -> bool:
    """May we use a write-ahead log with this SQLite?"""
    return bool(sqlite_module().sqlite_version_info >= SAFE_WAL)


def create_engine(url: str, pool_size: int, lasting: bool) -> sa.Engine:
    """An engine for `sqlite:///file`; all engines of this process for the same file share its one writer's turn."""
    path = sa.make_url(url).database
    if path and path != ":memory:":
        _shut(path)
    engine = sa.create_engine(
        url,
        module=sqlite_module(),
        pool_size=pool_size,
        max_overflow=4,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "factory": _connection_class()},
    )
    turn = _Turn.of(str(path))
    event.listen(engine, "connect", lambda connection, _record: _prepare(connection, lasting))
    event.listen(engine, "before_cursor_execute", turn.before)
    event.listen(engine, "handle_error", _give_up_what_is_of_no_use)
    return engine


def _shut(path: str) -> None:
    """Make a file that only its owner reads, or let only its owner read the one that stands there, and its log.

    That one is not opened: whoever closes a file of SQLite's gives up the locks that this process has on it.
    """
    if not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    for each in (path, f"{path}-wal", f"{path}-shm"):
        try:
            if (mode := os.stat(each).st_mode) & OTHERS:
                os.chmod(each, mode & ~OTHERS)
                log.warning(WAS_OPEN, each)
        except FileNotFoundError:
            continue
        except OSError:  # somebody else's file, or a file system that knows no owners
            log.warning(IS_OPEN, each)


def copy_file(path: Path, to: Path) -> None:
    """The whole of a file that may be in use, with what stands in its log; only its owner reads the copy.

    https://sqlite.org/lang_vacuum.html#vacuuminto
    """
    part = to.with_name(f"{to.name}.copying")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    try:
        with closing(sqlite_module().connect(path, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", (str(part),))
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)


def _give_up_what_is_of_no_use(context: sa.engine.ExceptionContext) -> None:
    """Next time the file is opened anew: a connection from a time when the disk was unwell stays as it was."""
    said = str(context.original_exception).lower()
    context.is_disconnect |= any(words in said for words in STUCK)


def _prepare(connection: Any, lasting: bool) -> None:
    connection.isolation_level = "IMMEDIATE"
    connection.files = _Files(connection.execute("PRAGMA database_list").fetchone()[2])
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL" if wal_is_safe() else "journal_mode=TRUNCATE",
        "synchronous=FULL" if lasting or not wal_is_safe() else "synchronous=NORMAL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",
        f"journal_size_limit={LARGEST_LOG}",
        "secure_delete=ON",  # what is erased is overwritten: pages that are free would keep it, and so would backups
    ):
        connection.execute(f"PRAGMA {pragma}")


def forget_the_log(engine: sa.Engine) -> None:
    """Empty the write-ahead log, which holds pages as they were; left to the next time where somebody reads from it.

    It keeps writers out while it waits for readers, so it does not wait for long.
    """
    with engine.connect() as connection:
        for pragma in ("busy_timeout=200", "wal_checkpoint(TRUNCATE)", f"busy_timeout={BUSY_MILLISECONDS}"):
            connection.exec_driver_sql(f"PRAGMA {pragma}").fetchall()


class _Turn:
    """Whose turn it is to write to a file. A connection takes it with its first write and gives it back at the end."""

    _all: dict[str, _Turn] = {}

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: Any = None

    @classmethod
    def of(cls, path: str) -> _Turn:
        """The turn of a file, the same for all engines of this process."""
        return cls._all.setdefault(os.path.abspath(path), cls())

    def before(self, connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        """Reads need no turn. Who waits longer than SQLite would let it wait goes on, and hears it from SQLite."""
        own = connection.connection.dbapi_connection
        if self._holder is not own and _writes(statement) and self._lock.acquire(timeout=PATIENCE):
            self._holder = own
            own.turn = self  # type: ignore[union-attr]

    def end(self, connection: Any) -> None:
        """This connection writes no more for now."""
        if self._holder is connection:
            self._holder = None
            self._lock.release()


class _Files:
    """The file of a connection and its log. Deleted or replaced under it, they would take commits that nobody sees."""

    def __init__(self, path: str) -> None:
        self.path, self.log = path, path + "-wal"
        self._file = _node(path)
        self._log: tuple[int, int] | None = None

    def are_gone(self) -> bool:
        """Asked before each commit: does another file, or none, stand there by now?"""
        log = _node(self.log)
        gone = _node(self.path) != self._file or (self._log is not None and log != self._log)
        self._log = self._log or log
        return bool(self.path) and gone


def _node(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@cache
def _connection_class() -> type[Any]:
    """SQLite's own connection; its turn ends when a transaction has ended, whichever way."""
    base: type[Any] = sqlite_module().Connection

    class Connection(base):  # type: ignore[misc]
        turn: _Turn | None = None
        files: _Files | None = None

    for ending in ("commit", "rollback", "close"):
        setattr(Connection, ending, _ending(getattr(base, ending), looks=ending == "commit"))
    return Connection


def _ending(ends: Callable[[Any], None], looks: bool) -> Callable[[Any], None]:
    def and_ends_the_turn(self: Any) -> None:
        try:
            if looks and self.files is not None and self.in_transaction and self.files.are_gone():
                self.rollback()
                raise sqlite_module().OperationalError(GONE.format(path=self.files.path))
            ends(self)
        finally:
            if self.turn is not None:
                self.turn.end(self)

    return and_ends_the_turn


def _writes(statement: str) -> bool:
    return statement.lstrip()[:6].upper() in ("BEGIN ", "INSERT", "UPDATE", "DELETE")
