"""The inbox: a delivery is accepted when it and its run are on disk. Many are committed together.

    await inbox.accept(Accepted(...))   # "new" or "seen"; raises Unavailable when the storage fails

Deliveries that arrive while a commit is under way wait for the next one, all in the same
transaction: one fsync serves them all.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from workflows import durable
from workflows.records.tables import IGNORED, OPEN, Delivery, Run, copy_of
from workflows.store import LARGEST_BATCH, Store

#: Seconds until the door says 503; a vendor's patience is 3 to 5.
PATIENCE = 2.0
#: Productboard repeats itself: equal bodies this many seconds apart are two deliveries, not one.
REPEATS_AFTER = 60


class Unavailable(Exception):
    """The storage did not take it in time: ask the vendor to send it again."""


@dataclass(frozen=True)
class Accepted:
    """A delivery as it goes to disk, and the run that it starts, if any."""

    delivery: Delivery
    run: Run | None


def digest_of(source: str, body: bytes, now: float) -> str:
    """What recognises a redelivery whatever its id. Productboard's bodies carry neither id nor time, so
    the same news on another day is the same body: there the minute is part of the digest.
    """
    salt = f"{source}:{int(now // REPEATS_AFTER)}" if source == "productboard" else source
    return hashlib.sha256(salt.encode() + b"\0" + body).hexdigest()


def record(
    source: str, id: str, topic: str, body: bytes, content_type: str, state: str, reason: str = "", **facts: object
) -> Delivery:
    """The row of a delivery. `id` is the vendor's; for Productboard the minute is added to it."""
    now = time.time()
    if source == "productboard":
        id = f"{id}-{int(now // REPEATS_AFTER)}"
    return Delivery(
        id=f"{source}:{id}"[:200],
        source=source,
        topic=topic[:120],
        digest=digest_of(source, body, now),
        content_type=content_type[:80],
        body=body,
        state=state,
        reason=reason,
        facts=dict(facts),
        received_at=int(now * 1000),
    )


class Inbox:
    """Accepts deliveries for one process. Bound to the event loop that first uses it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Accepted, asyncio.Future[bool]]] = []
        self._committing = False

    async def accept(self, accepted: Accepted) -> bool:
        """Put a delivery on disk; True if it is new, False if it was there before."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((accepted, future))
        if not self._committing:
            self._committing = True
            self._task = asyncio.ensure_future(self._commit_all())
        try:
            return await asyncio.wait_for(future, PATIENCE)
        except TimeoutError:
            raise Unavailable("the database is too slow") from None

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
                await self._commit(batch)
        finally:
            self._committing = False

    async def _commit(self, batch: Sequence[tuple[Accepted, asyncio.Future[bool]]]) -> None:
        try:
            new = await asyncio.wrap_future(
                self._store.submit(lambda session: insert(session, [accepted for accepted, _ in batch]))
            )
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(Unavailable(type(error).__name__))
            return
        for accepted, future in batch:
            if not future.done():
                future.set_result(accepted.delivery.id in new)
                new.discard(accepted.delivery.id)


_COLUMNS = [column.key for column in sa.inspect(Delivery).column_attrs]


def insert(session: Session, batch: Sequence[Accepted]) -> set[str]:
    """Insert what is not there yet, with its runs, in the caller's transaction; returns the new ids."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Delivery).on_conflict_do_nothing().returning(sa.column("id"))
    rows = [{key: getattr(accepted.delivery, key) for key in _COLUMNS} for accepted in batch]
    rows.sort(key=lambda row: str(row["id"]))  # the same order everywhere: two processes never deadlock
    new = set(session.execute(statement, rows).scalars())
    started = {a.run.id: a.run for a in batch if a.run is not None and a.delivery.id in new}
    durable.start(session, [copy_of(run) for run in started.values()])
    return {str(id) for id in new}


def state_of(run: Run | None) -> str:
    """A delivery that nobody acts on ends as ignored, at once."""
    return OPEN if run is not None else IGNORED
