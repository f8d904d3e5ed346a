"""The inbox: a delivery is accepted when it and its run are on disk. Many are committed together.

    await inbox.accept(Accepted(...))   # "new" or "seen"; raises Unavailable when the storage fails

Deliveries that arrive while a commit is under way wait for the next one, all in the same
transaction: one fsync serves them all.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from app.metrics import DELIVERIES
from integrations import SOURCES, contract
from integrations.contract import BadSignature, Event, Headers, Malformed
from integrations.slack import secrets
from integrations.zendesk import keeping
from workflows.engine import durable
from workflows.engine.failpoints import hit
from workflows.engine.lane import lane
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import LARGEST_BATCH, Store, now_ms
from workflows.routes import runs_for
from workflows.tables.runs import OPEN, Delivery

log = logging.getLogger("yamabiko")

#: Seconds until the door says 503; a vendor's patience is 3 to 5.
PATIENCE = 2.0
#: An id that is longer is replaced by its digest, so that it still fits into an index.
LONGEST_ID = 200
#: More deliveries than this a second are a rush: runs of the same process make way, for so many seconds at a time.
RUSH, MAKE_WAY = 100, 0.25


class Unavailable(Exception):
    """The storage did not take it in time: ask the vendor to send it again."""


@dataclass(frozen=True)
class Accepted:
    """A delivery as it goes to disk, and the event that it means: it starts a run, if anybody acts on it."""

    row: Values
    event: Event | None


def digest_of(source: str, body: bytes, now: float) -> str:
    """What recognises a redelivery whatever its id; where equal bodies repeat, the time is part of it."""
    turn = _turn(source, now)
    salt = source if turn is None else f"{source}:{turn}"
    return hashlib.sha256(salt.encode() + b"\0" + body).hexdigest()


def _turn(source: str, now: float) -> int | None:
    """Which of the spans that we tell equal bodies apart by this is; None where equal bodies are one delivery."""
    seconds = SOURCES[source].REPEATS_AFTER
    return None if seconds is None else int(now // seconds)


#: What of a body is kept, where it is not all of it: nothing with which somebody could act in our name, and of what is
#: only counted not what customers wrote.
KEPT = {secrets.NAME: secrets.masked, keeping.NAME: keeping.without_words}


def record(
    source: str, id: str, topic: str, body: bytes, content_type: str, state: str = OPEN, reason: str = "", **facts: Any
) -> Values:
    """The row of a delivery. `id` is the vendor's; where equal bodies repeat, the time is added to it."""
    now = now_ms() / 1000
    if (turn := _turn(source, now)) is not None:
        id = f"{id}-{turn}"
    if len(id) > LONGEST_ID:
        id = hashlib.sha256(id.encode()).hexdigest()
    return {
        "id": f"{source}:{id}",
        "source": source,
        "topic": topic[:120],
        "digest": digest_of(source, body, now),
        "content_type": content_type[:80],
        "body": KEPT.get(source, bytes)(body),
        "state": state,
        "reason": reason,
        "facts": facts,
        "received_at": int(now * 1000),
    }


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery on its way to disk, the answer that its sender waits for, and since when (the loop's seconds)."""

    accepted: Accepted
    answer: asyncio.Future[bool]
    since: float


class Inbox:
    """Accepts deliveries for one process. Bound to the event loop that first uses it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._committing = False
        self._lately, self._counted_at = 0.0, 0.0

    async def accept(self, accepted: Accepted) -> bool:
        """Put a delivery on disk; True if it is new, False if it was there before."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(_Waiting(accepted, answer, loop.time()))
        if not self._committing:
            self._committing = True
            self._task = asyncio.ensure_future(self._commit_all())
        return await answer

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
                await self._commit(batch)
        finally:
            self._committing = False

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Answer everybody in a batch. One clock for all of them, that of the first: a clock each costs too much."""
        accepted = [waiting.accepted for waiting in batch]
        if self._is_rush(len(batch)):
            lane.close(MAKE_WAY)
        patience = PATIENCE - (asyncio.get_running_loop().time() - batch[0].since)
        try:
            committed = self._store.submit(lambda session: insert(session, accepted))
            new = await asyncio.wait_for(asyncio.wrap_future(committed), patience)
        except Exception as error:
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(Unavailable(type(error).__name__))
            return
        hit("inbox.committed")
        for waiting in batch:
            if not waiting.answer.done():
                waiting.answer.set_result(waiting.accepted.row["id"] in new)
                new.discard(waiting.accepted.row["id"])

    def _is_rush(self, arrived: int) -> bool:
        """Count what arrived within about a second; what came earlier counts less and less."""
        now = asyncio.get_running_loop().time()
        self._lately = arrived + self._lately * math.exp(self._counted_at - now)
        self._counted_at = now
        return self._lately > RUSH


def insert(session: Session, batch: Sequence[Accepted]) -> set[str]:
    """Insert what is not there yet, with its runs, in the caller's transaction; returns the new ids."""
    new = insert_new(session, Delivery, (accepted.row for accepted in batch))
    events: dict[str, Event | None] = {}
    for accepted in batch:
        events.setdefault(accepted.row["id"], accepted.event)  # of two bodies under one id, the first was taken
    runs = [run for id, event in events.items() if id in new and event is not None for run in runs_for(id, event)]
    durable.start(session, runs)
    _tell_conflicts(session, batch, new)
    hit("inbox.inserted")
    return new


def _tell_conflicts(session: Session, batch: Sequence[Accepted], new: set[str]) -> None:
    """An id that is known counts as sent again, and what is sent again means the same: say so where it does not."""
    first = {accepted.row["id"]: accepted.row["digest"] for accepted in reversed(batch)}
    again = [each for each in batch if each.row["id"] not in new or each.row["digest"] != first[each.row["id"]]]
    if not again:
        return
    ids = {each.row["id"] for each in again}
    known = dict(session.exec(select(Delivery.id, Delivery.digest).where(col(Delivery.id).in_(ids))).all())
    for each in again:
        id = each.row["id"]
        if known.get(id, each.row["digest"]) != each.row["digest"] and _differs(session.get_one(Delivery, id), each):
            DELIVERIES.labels(each.row["source"], "conflict").inc()
            log.warning("%s came again with another meaning: the first is kept", id)


def _differs(first: Delivery, again: Accepted) -> bool:
    """Bodies of one delivery differ in how often it was sent; once a body is no longer kept, nobody can tell."""
    try:
        meant = parse_again(first).event if first.body else again.event
    except (Malformed, BadSignature):
        return True
    return (first.topic, meant) != (again.row["topic"], again.event)


def parse_again(delivery: Delivery) -> contract.Delivery:
    """A stored delivery, by the parser as it is now. Raises Malformed or BadSignature."""
    headers = Headers([(b"content-type", delivery.content_type.encode("latin-1", "replace"))])
    return SOURCES[delivery.source].parse(headers, delivery.body)
