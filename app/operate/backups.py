"""`python -m app backup FILE`, beside the running service; `restore FILE`, while it stands still."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app import migrations
from app.runtime import claim
from app.settings import load
from workflows.engine import restored
from workflows.engine.sqlite import copy_file, sqlite_module
from workflows.engine.store import now_ms, store

WITH_ITS_OWN = (
    "PostgreSQL is backed up by its own tools: pg_dump --format=custom --file=yamabiko.dump DATABASE_URL. "
    "After pg_restore, and before the service starts, run: python -m app restored"
)
IS_THERE = "{file} exists already: give another name, so that no backup is lost."
NO_FILE = "There is no database at {file}."
NOT_OURS = "{file} is no backup of Yamabiko ({said}); nothing was changed."
BACKED_UP = "Backed up to {file} ({size:,} bytes), and read again from end to end."
NOT_WRITTEN = "{file} could not be written ({said})."
RESTORED = "Restored the backup of {taken}."
BEFORE = "What stood here before is at {before}."
NEXT = (
    "Start the service as usual. What vendors know comes back by itself. What people decided, filed and answered since "
    "then does not, and what was erased since then has to be erased again: python -m app erase"
)
SAID = "This database counts as restored from a backup of {taken}. Start the service."


Command = Callable[[argparse.Namespace], int]


class NoBackup(Exception):
    """A file cannot be used; says why."""


def add_to(commands: Any) -> None:
    """Tell the parser about the commands."""
    backing_up = commands.add_parser("backup", help="copy the database to a file while the service runs (SQLite)")
    backing_up.add_argument("file", type=Path)
    backing_up.set_defaults(command=backup)
    restoring = commands.add_parser("restore", help="put a backup in the database's place (SQLite)")
    restoring.add_argument("file", type=Path)
    restoring.set_defaults(command=restore)
    saying = commands.add_parser("restored", help="say that another tool has put a backup in the database's place")
    saying.add_argument("--taken", type=datetime.fromisoformat, help="when it was made: 2026-11-28T03:00+09:00")
    saying.set_defaults(command=say_so)


def _says_why(command: Command) -> Command:
    """A command that returns 1, and says why, where it cannot be done."""

    @wraps(command)
    def told(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except NoBackup as error:
            print(error, file=sys.stderr)
            return 1

    return told


@_says_why
def backup(options: argparse.Namespace) -> int:
    """A whole copy that says of itself that it is one."""
    path, copy = _database(), options.file
    if copy.exists():
        raise NoBackup(IS_THERE.format(file=copy))
    if not path.exists():
        raise NoBackup(NO_FILE.format(file=path))
    with _beside(copy) as part:
        _copy(path, part)
        _look_through(part)
    print(BACKED_UP.format(file=copy, size=copy.stat().st_size))
    return 0


@_says_why
def restore(options: argparse.Namespace) -> int:
    """Put a backup where the database is, and keep what is there beside it."""
    path = _database()
    lock = claim(str(path))
    try:
        taken_at = _look_through(options.file)
        with _beside(path) as part:
            _put(options.file, part, taken_at)
            before = _put_aside(path)
    finally:
        os.close(lock)
    print(RESTORED.format(taken=_clock(taken_at)), *([BEFORE.format(before=before)] if before else []))
    print(NEXT)
    return 0


def say_so(options: argparse.Namespace) -> int:
    """For PostgreSQL, and for a copy that was made by hand."""
    from app.operate.operators import visit

    taken_at = int(options.taken.timestamp() * 1000) if options.taken else now_ms()
    with visit():
        store.write(lambda session: restored.say_so(session, taken_at))
    print(SAID.format(taken=_clock(taken_at)))
    return 0


# -- files ----------------------------------------------------------------------------------------


def _database() -> Path:
    """The SQLite file of this service. Raises NoBackup where there is none."""
    settings = load()
    if not settings.is_sqlite:
        raise NoBackup(WITH_ITS_OWN)
    return Path(str(sa.make_url(settings.database_url).database))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file that only its owner reads, which takes that name when all went well, and else goes."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        yield part
        _to_disk(part)
        part.rename(path)
        _to_disk(path.parent)
    except OSError as error:
        raise NoBackup(NOT_WRITTEN.format(file=path, said=error.strerror)) from None
    except sqlite_module().OperationalError as error:
        raise NoBackup(NOT_WRITTEN.format(file=path, said=error)) from None
    finally:
        part.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(path: Path, part: Path) -> None:
    taken_at = now_ms()
    copy_file(path, part)
    with _open(part) as made:
        made.execute("INSERT INTO restored (taken_at) VALUES (?)", (taken_at,))


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    connection = sqlite_module().connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _look_through(path: Path) -> int:
    """Read a backup from end to end; the moment it was made, in milliseconds. Raises NoBackup."""
    if not path.is_file():
        raise NoBackup(NO_FILE.format(file=path))
    try:
        with _open(path) as found:
            said = found.execute("PRAGMA quick_check(1)").fetchone()[0]
            if said != "ok":
                raise NoBackup(NOT_OURS.format(file=path, said=said))
            found.execute("SELECT version_num FROM alembic_version").fetchone()
            return _taken_at(found) or int(path.stat().st_mtime * 1000)
    except sqlite_module().DatabaseError as error:
        raise NoBackup(NOT_OURS.format(file=path, said=error)) from None


def _taken_at(found: Any) -> int:
    """As the copy itself says; 0 for one that another tool made."""
    if not found.execute("SELECT 1 FROM sqlite_master WHERE name = 'restored'").fetchone():
        return 0
    row = found.execute("SELECT max(taken_at) FROM restored WHERE noticed_at IS NULL").fetchone()
    return int(row[0] or 0)


def _put_aside(path: Path) -> Path | None:
    """What stands there goes beside it, with its log, which would belong to no other file; None if nothing is there."""
    before = path.with_name(f"{path.name}.before-{time.strftime('%Y%m%dT%H%M%S')}")
    there = [end for end in ("", "-wal", "-shm") if path.with_name(path.name + end).exists()]
    for end in there:
        path.with_name(path.name + end).rename(before.with_name(before.name + end))
    return before if there else None


def _put(backup: Path, part: Path, taken_at: int) -> None:
    """A copy of the backup, in the newest shape, that says what it is."""
    with _open(backup) as source, _open(part) as copy:
        source.backup(copy)
    migrations.upgrade(f"sqlite:///{part}", keep_a_copy=False)
    with _open(part) as copy:
        if not _taken_at(copy):
            copy.execute("INSERT INTO restored (taken_at) VALUES (?)", (taken_at,))


def _clock(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(sep=" ", timespec="minutes")
