"""The one database: SQLite in a file, or PostgreSQL. Reads are sessions, writes are functions.

    store.read(lambda session: session.get(Feedback, 1))
    store.write(lambda session: session.add(feedback))        # committed to disk when it returns
    store.later(lambda session: session.add(feedback))        # committed with what this thread does next

SQLite has one writer at a time, so there a single thread carries out all writes and puts those that wait at the same
moment into one commit. PostgreSQL does this itself: each write is its own transaction. `submit` uses the thread.
"""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from integrations.fence import moment
from integrations.waiting import holding
from workflows.engine import postgres, sqlite
from workflows.engine.bound import Bound, T, Work
from workflows.engine.clock import clock
from workflows.engine.companion import companion, together
from workflows.engine.lane import lane

_Entry = tuple[Work[Any], Future[Any]]

LARGEST_BATCH = 200
#: What nobody may have in hand while waiting for a vendor.
TRANSACTION, CONNECTION = "a transaction", "a connection to the database"


#: A day, as all moments are counted.
DAY_MS = 24 * 3600 * 1000


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC, the unit of every time we store; the same on all machines (`clock`)."""
    shown = clock.shows
    return int((time.time() if shown is None else shown) * 1000)


def create_engine(url: str, pool_size: int = 16, *, lasting: bool = True) -> sa.Engine:
    """An engine for `sqlite:///file` or `postgresql://…`; statements' values never appear in errors.

    A commit is on disk when it returns. Where it need not be `lasting`, the database writes it when it writes the
    next lasting one: a power cut may undo it, but never a part of it.
    """
    create = sqlite.create_engine if url.startswith("sqlite") else postgres.create_engine
    return create(url, pool_size, lasting)


class Store:
    """Sessions and transactions over one engine. Close it before the process ends."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._waiting: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._closed, self._closing = False, threading.Lock()
        self._put_off = _PutOff()
        self._busy_since: float | None = None
        self._writer = threading.Thread(target=self._write_for_ever, name="writer", daemon=True)
        self._writer.start()

    def close(self) -> None:
        """Carry out what waits, then end."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._writer.join(10)
        self.engine.dispose()

    @property
    def silent_for(self) -> float:
        """Seconds since the writer's last sign of life; 0 while it has nothing to do."""
        since = self._busy_since
        return 0.0 if since is None else moment() - since

    def read(self, work: Work[T]) -> T:
        """Run `work(session)` without keeping anything it changes; it sees everything this thread has written."""
        if self._put_off.works:
            self.write(lambda _: None)
        try:
            return self._look(work)
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._look(work)

    def write(self, work: Work[T]) -> T:
        """Run `work(session)` in a transaction; when this returns it is on disk.

        `work` may run again after a conflict with another process, so it must only touch the session; and where the
        answer to its commit was lost, so it must bear that it has been done already.
        """
        first, self._put_off.works = self._put_off.works, []
        work, along = _after(first, work), companion.get()
        value = self._write(together(along, work) if along else work)
        if along:
            along.kept(value)
        return value

    def _write(self, work: Work[T]) -> T:
        if not self.is_sqlite:
            return self._write_alone(work)
        written = self.submit(work)
        with lane.waiting():
            return written.result()

    def aside(self, work: Work[T]) -> T:
        """Like `write`, but in a transaction of its own that nothing goes along with, on SQLite too."""
        return self._write_alone(work)

    def forget_the_past(self) -> None:
        """What was erased is in no old page of ours either. PostgreSQL sees to that by itself, with its autovacuum."""
        if self.is_sqlite:
            sqlite.forget_the_log(self.engine)

    def later(self, work: Work[Any]) -> None:
        """Like `write`, but in the same commit as this thread's next write, or before its next read.

        For what may be lost with the process, because it would be found out again: that a call has ended, say.
        """
        self._put_off.works.append(work)

    def submit(self, work: Work[T]) -> Future[T]:
        """Like `write`, at once and without waiting: the result comes through the future.

        The caller's context goes along to the thread, so that `work` knows for which run it is.
        """
        future: Future[T] = Future()
        context = copy_context()
        with self._closing:
            if self._closed:
                raise RuntimeError("the store is closed")
            self._waiting.put((lambda session: context.run(work, session), future))
        return future

    def _look(self, work: Work[T]) -> T:
        if self.is_sqlite:
            return self._look_and_forget(work)
        try:
            return self._look_only(work)
        except sa.exc.InternalError as error:
            if not postgres.is_refused_write(error):
                raise
            return self._look_and_forget(work)

    def _look_only(self, work: Work[T]) -> T:
        """In a transaction that can change nothing, and so may end well: one that is rolled back takes everything with
        it that its connection has prepared, and each statement would be parsed and planned anew."""
        with holding(CONNECTION), Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options=postgres.LOOKING)
            value = work(session)
            session.expunge_all()  # what was only put into the session is no more kept than what is rolled back
            session.commit()
            return value

    def _look_and_forget(self, work: Work[T]) -> T:
        with holding(CONNECTION), Session(self.engine, expire_on_commit=False) as session:
            return work(session)

    def _write_alone(self, work: Work[T], tries: int = 3) -> T:
        try:
            with holding(TRANSACTION), Session(self.engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        # A deadlock, or somebody else made the same row first: nothing was committed. A lost connection: who knows.
        except (sa.exc.OperationalError, sa.exc.IntegrityError):
            if tries <= 1:
                raise
            return self._write_alone(work, tries - 1)

    def _write_for_ever(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._busy_since = moment()
            self._write_batch(batch)
            self._busy_since = None

    def _next_batch(self) -> list[_Entry] | None:
        first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < LARGEST_BATCH and not self._waiting.empty():
            entry = self._waiting.get()
            if entry is None:
                self._waiting.put(None)
                break
            batch.append(entry)
        return batch

    def _write_batch(self, batch: list[_Entry]) -> None:
        self._carry_out([(work, future) for work, future in batch if future.set_running_or_notify_cancel()])

    def _carry_out(self, batch: list[_Entry]) -> None:
        """One transaction for all; where one of them fails, one for each, so that it does not hurt the others."""
        try:
            values = self._commit([work for work, _ in batch])
        except _WorkFailed as failed:
            if len(batch) == 1:
                batch[0][1].set_exception(failed.error)
            else:
                for entry in batch:
                    self._carry_out([entry])
        except BaseException as error:
            for _, future in batch:
                future.set_exception(error)
        else:
            for (_, future), value in zip(batch, values, strict=True):
                future.set_result(value)

    def _commit(self, works: list[Work[Any]]) -> list[Any]:
        """Where the connection turns out to be lost, once more over a new one."""
        try:
            return self._commit_once(works)
        except (_WorkFailed, sa.exc.DBAPIError) as failed:
            error = failed.error if isinstance(failed, _WorkFailed) else failed
            if not getattr(error, "connection_invalidated", False):
                raise
            return self._commit_once(works)

    def _commit_once(self, works: list[Work[Any]]) -> list[Any]:
        with holding(TRANSACTION), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            values = [_attempt(session, work) for work in works]
            session.commit()
            return values


class _PutOff(threading.local):
    """What each thread has put off until its next write."""

    def __init__(self) -> None:
        self.works: list[Work[Any]] = []


def _after(first: list[Work[Any]], work: Work[T]) -> Work[T]:
    """All of these in one work; the last one's value."""
    if not first:
        return work

    def all_of_it(session: Session) -> T:
        for each in first:
            each(session)
        return work(session)

    return all_of_it


class _WorkFailed(Exception):
    """One work of several failed; nothing of them was committed."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def _attempt(session: Session, work: Work[T]) -> T:
    try:
        value = work(session)
        session.flush()
        session.expunge_all()  # the next work reads what is there, not what this one knew
        return value
    except Exception as error:
        raise _WorkFailed(error) from None


store = Bound()
