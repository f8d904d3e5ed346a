"""Vectors: what each wish means, reckoned by the worker when it is filed, so that nobody waits for it who asks.

    upkeep ─► keep_up ─► the wishes that have no vector of today's encoder: the newest first, a batch at a time
    a title, a quote, a background changes ─► forget ─► it is reckoned anew

A batch is read, encoded in a process of its own, and kept if the words are still the same. So a kill loses one batch.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from workflows.engine.rows import table_of
from workflows.engine.store import now_ms, store
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.process import TooSlow
from workflows.tables.similar import WishVector
from workflows.tables.wish import Context, Feedback
from workflows.wish.similar import engine

log = logging.getLogger("yamabiko")

#: Wishes in one batch; how long one may take, the encoder's start among it; and one round of upkeep.
BATCH, PATIENCE, ROUND = 50, 30.0, 2.0
#: Seconds without a round after one that went wrong.
RESTING = 120.0
#: So many vectors are looked through in a round, whether their words are still the same.
LOOKED_THROUGH = 200
#: A backlog is told of every so many wishes.
PROGRESS = 1_000
#: Of a quote as much is read; an encoder reads the first 128 pieces of it all.
LONGEST = 2_000


class Read(Protocol):
    """What of a wish is read."""

    id: int
    title: str
    quote: str
    background: str | None


class _State:
    """How many were made since all had one, up to which wish the words were looked through, and the rest of a round
    that went wrong (monotonic seconds)."""

    made = looked = 0
    rests_until = 0.0


def keep_up() -> None:
    """One round: whose words changed, who has none. What goes wrong is told, and tried again after a rest: the rest of
    upkeep waits for an encoder that hangs."""
    if not engine.model() or time.monotonic() < _State.rests_until:
        return
    try:
        if changed := store.read(_changed):
            store.write(partial(forget, wishes=changed))
        catch_up(ROUND)
    except (Unusable, TooSlow) as error:
        _State.rests_until = time.monotonic() + RESTING
        log.warning("similar requests: no vectors now (%s); it will be tried again in a while", error)


def catch_up(seconds: float | None = None) -> int:
    """Give every wish its vector, or as many as the time allows; returns how many. Raises Unusable and TooSlow."""
    end = None if seconds is None else time.monotonic() + seconds
    total = 0
    while (model := engine.model()) and (waiting := store.read(partial(_missing, model))):
        made = engine.encode([text_of(row) for row in waiting], PATIENCE)
        kept = store.write(partial(_keep, waiting, made, model))
        total += kept
        _tell_progress(kept)
        if not kept or (end is not None and time.monotonic() > end):
            return total
    if _State.made >= PROGRESS:
        log.warning("similar requests: all have their vectors, %s were new", _State.made)
    _State.made = 0
    return total


def progress() -> tuple[int, int]:
    """How many wishes have a vector of today's encoder, and how many there are."""
    return store.read(_progress)


def forget(session: Session, wishes: Collection[int]) -> None:
    """Their words changed, or are gone."""
    session.exec(delete(WishVector).where(col(WishVector.feedback_id).in_(wishes)))


def of(session: Session, feedback_id: int) -> bytes | None:
    """A wish's vector, of today's encoder."""
    asked = select(WishVector.vector).where(WishVector.feedback_id == feedback_id, WishVector.model == engine.model())
    return session.exec(asked).first()


def text_of(row: Read) -> str:
    """What of a wish is read: its title, what the customer said, and the newest background."""
    return "\n".join(filter(None, (row.title, row.quote[:LONGEST], row.background)))


def texts(session: Session, condition: Any, most: int) -> Sequence[Read]:
    """Wishes with what is read of them, the newest first."""
    feedback, context, newer = table_of(Feedback), table_of(Context), table_of(Context).alias("newer")
    last = sa.select(sa.func.max(newer.c.id)).where(newer.c.feedback_id == feedback.c.id).scalar_subquery()
    joined = sa.outerjoin(feedback, context, context.c.id == last)
    columns = (feedback.c.id, feedback.c.title, feedback.c.quote, context.c.background)
    query: Any = sa.select(*columns).select_from(joined).where(condition, feedback.c.quote != "")
    return list(session.execute(query.order_by(feedback.c.id.desc()).limit(most)))


def _missing(model: str, session: Session) -> Sequence[Read]:
    vector = table_of(WishVector).c
    has_one = sa.exists().where(vector.feedback_id == table_of(Feedback).c.id, vector.model == model)
    return texts(session, ~has_one & table_of(Feedback).c.withdrawn_at.is_(None), BATCH)


def _keep(read: Sequence[Read], made: Sequence[bytes], model: str, session: Session) -> int:
    """Keep those whose words are still what was read; returns how many there are, by others meanwhile as well."""
    ids = [row.id for row in read]
    now = {row.id: hash_of(row) for row in texts(session, table_of(Feedback).c.id.in_(ids), len(ids))}
    asked = select(WishVector.feedback_id).where(col(WishVector.feedback_id).in_(ids), WishVector.model == model)
    there = set(session.exec(asked))
    rows = [
        {"feedback_id": row.id, "text_hash": hash_of(row), "model": model, "vector": vector, "made_at": now_ms()}
        for row, vector in zip(read, made, strict=True)
        if now.get(row.id) == hash_of(row) and row.id not in there
    ]
    forget(session, set(ids) - there)  # those of another encoder, and of other words
    if rows:
        session.connection().execute(sa.insert(table_of(WishVector)), rows)
    return len(rows) + len(there)


def hash_of(row: Read) -> str:
    """What the text was."""
    return hashlib.sha256(text_of(row).encode("utf-8", "replace")).hexdigest()


def _changed(session: Session) -> list[int]:
    """Of some vectors more: whose words are not the same any more, whoever changed them."""
    vector, feedback = table_of(WishVector).c, table_of(Feedback).c
    some = sa.select(vector.feedback_id, vector.text_hash).where(vector.feedback_id > _State.looked)
    kept = session.execute(some.order_by(vector.feedback_id).limit(LOOKED_THROUGH)).all()
    ids = [row.feedback_id for row in kept]
    now = {row.id: hash_of(row) for row in texts(session, feedback.id.in_(ids), len(ids))} if ids else {}
    _State.looked = ids[-1] if len(ids) == LOOKED_THROUGH else 0
    return [row.feedback_id for row in kept if now.get(row.feedback_id) != row.text_hash]


def _progress(session: Session) -> tuple[int, int]:
    vector, feedback = table_of(WishVector).c, table_of(Feedback).c
    made = sa.select(sa.func.count()).where(vector.model == engine.model())
    there = sa.select(sa.func.count()).where(feedback.withdrawn_at.is_(None), feedback.quote != "")
    return session.execute(made).scalar_one(), session.execute(there).scalar_one()


def _tell_progress(made: int) -> None:
    before, _State.made = _State.made, _State.made + made
    if before // PROGRESS != _State.made // PROGRESS:
        log.warning("similar requests: %s have their vectors by now", _State.made)
