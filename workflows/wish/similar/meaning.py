"""Meaning: wishes are similar as far as their vectors point the same way; this process's pool of all of them.

It takes in what is new when somebody asks. A vector that was replaced since counts no more, whoever replaced it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from integrations.waiting import Lock
from workflows.engine.rows import table_of
from workflows.engine.store import store
from workflows.language.vectors.scale import SCALES, Scale
from workflows.rules import rules
from workflows.tables.similar import WishVector
from workflows.wish.similar import engine

if TYPE_CHECKING:
    from workflows.language.vectors.likeness import Pool

#: So many rows are read at a time; and numbers before the last one seen, because they can be committed out of order.
PAGE, LOOK_BACK = 1_000, 200
#: So many wishes are ranked: more than anybody asks for, as many of them may be one.
RANKED = 240


class _Kept:
    """Whose pool it is: that of one database and of one encoder."""

    def __init__(self, database: sa.Engine | None, model: str) -> None:
        self.lock = Lock("the pool of wishes")
        self.database, self.model, self.last = database, model, 0
        self.pool: Pool[int] | None = None
        #: Of each wish the row that its vector is from.
        self.rows: dict[int, int] = {}

    def refresh(self) -> Pool[int]:
        """Take in what is new."""
        with self.lock:
            pool = self.pool = _pool() if self.pool is None else self.pool  # an empty one is false
            after = self.last - LOOK_BACK
        while rows := store.read(partial(_newer, model=self.model, after=after)):
            with self.lock:
                new = [row for row in rows if self.rows.get(row.feedback_id, 0) < row.id]
                self.rows |= {row.feedback_id: row.id for row in new}  # before others can come upon them
                pool.put([row.feedback_id for row in new], [row.vector for row in new])
                self.last = max(self.last, after := rows[-1].id)
        return pool

    def drop(self, pool: Pool[int], gone: Mapping[int, int | None]) -> None:
        """These rows of wishes were replaced, or erased."""
        with self.lock:
            now = [id for id, row in gone.items() if self.rows.get(id) == row]
            pool.drop(now)
            for id in now:
                self.rows.pop(id, None)


class _Current:
    lock = Lock("the pools of wishes")
    kept = _Kept(None, "")


def ranked(vector: bytes) -> list[tuple[float, int]]:
    """The wishes closest to a vector, and how close each is: the closest first."""
    kept = _current()
    pool = kept.refresh()
    found = pool.ranked(vector, RANKED)
    there = store.read(partial(_rows_of, ids=[id for _, id in found]))
    gone = {id: row for _, id in found if (row := kept.rows.get(id)) != there.get(id)}
    if gone:
        kept.drop(pool, gone)
    return [(likeness, id) for likeness, id in found if id not in gone]


def scale() -> Scale:
    """What makes a probability of a likeness: the company's own numbers where it has fitted some."""
    usual = SCALES[engine.encoder()]
    if not rules.similar.numbers:
        return usual
    of_likeness, of_gap, constant = rules.similar.numbers
    return Scale(of_likeness, of_gap, constant, usual.floor)


def forget() -> None:
    """Begin anew: another database stands where the one before was."""
    with _Current.lock:
        _Current.kept = _Kept(None, "")


def _current() -> _Kept:
    model = engine.model()
    with _Current.lock:
        if (_Current.kept.database, _Current.kept.model) != (store.engine, model):
            _Current.kept = _Kept(store.engine, model)
        return _Current.kept


def _pool() -> Pool[int]:
    from workflows.language.vectors.likeness import Pool  # with its library: only where somebody asks

    return Pool(engine.encoder())


def _newer(session: Session, model: str, after: int) -> Sequence[Any]:
    vector = table_of(WishVector).c
    asked = sa.select(vector.id, vector.feedback_id, vector.vector).where(vector.id > after, vector.model == model)
    return session.execute(asked.order_by(vector.id).limit(PAGE)).all()


def _rows_of(session: Session, ids: Sequence[int]) -> dict[int, int]:
    vector = table_of(WishVector).c
    rows = session.execute(sa.select(vector.feedback_id, vector.id).where(vector.feedback_id.in_(ids)))
    return {row.feedback_id: row.id for row in rows}
