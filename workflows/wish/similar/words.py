"""Words: wishes are similar as far as they share words; what answers where no encoder does, alike on both databases.

Of a text we keep the signs of what it is about (`language.signs`). Two texts are similar as far as they share signs
that few others have: BM25 without counting how often, because a wish is short.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import partial
from math import log, sqrt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from integrations.waiting import Lock
from workflows.engine.rows import table_of
from workflows.engine.store import store
from workflows.language.signs import LONGEST, Signs, Words, signs
from workflows.tables.wish import Context, Feedback

#: From here on a wish is named as similar. In the half for development of `tests/corpora`, 37 of 100 that are named are
#: right, instead of 31 without it, and of the wishes made to look alike one in six has none named, for one hit in
#: sixteen. Wishes that share much and want something else cannot be told apart by words: whoever reads decides.
THRESHOLD = 0.46
#: How much rarer signs count for more than common ones.
RARITY = 1.75
#: As if there were so many other wishes beside ours: of ten wishes, two with the same word do not make it common, and
#: where twenty say nothing but the same, they are found still.
OTHERS = 130
#: The rarity that counts as 1, whatever else is in the index: about that of a sign in one of six hundred wishes.
RARE = 6.0
#: So many rows are read at a time; and ids before the last one seen, because ids can be committed out of their order.
PAGE, LOOK_BACK = 1_000, 200


def ranked(text: str, least: float = THRESHOLD) -> list[tuple[float, int]]:
    """Every wish that shares enough with a text, and its score: the best first, then the oldest."""
    asked = signs(text)
    if not asked:
        return []
    index = _index_of(store.engine)
    index.refresh()
    return index.ranked(asked, least)


# -- the index ------------------------------------------------------------------------------------


class Index:
    """Which sign is in which text. It only grows, but for texts that were replaced; safe under threads."""

    def __init__(self, known: Words | None = None) -> None:
        self._known = known
        self._lock = Lock("an index of wishes")
        self._where: dict[str, array[int]] = {}
        #: For each place in the index: whose text is there (0: replaced), and how much its signs say together.
        self._ids, self._sizes = array("q"), array("f")
        self._places: dict[int, int] = {}
        #: For each place, the row of the background that is part of the text.
        self._noted = array("q")
        self._last_wish = self._last_note = 0

    def put(self, id: int, text: str, note: int = 0) -> None:
        """A wish's text, or what it is now."""
        found = signs(text, self._known)
        with self._lock:
            old = self._places.get(id)
            if old is not None:
                if self._noted[old] >= note:
                    return
                self._ids[old] = 0
            place = self._places[id] = len(self._ids)
            self._ids.append(id)
            self._noted.append(note)
            self._sizes.append(sqrt(sum(found.values())) or 1.0)
            for sign in found:
                self._where.setdefault(sign, array("I")).append(place)

    def ranked(self, asked: Signs, least: float = THRESHOLD) -> list[tuple[float, int]]:
        """Every wish that shares enough with these signs, and its score: the best first, then the oldest."""
        with self._lock:
            scores = array("d", bytes(8 * len(self._ids)))
            for sign, worth in sorted(asked.items()):
                where = self._where.get(sign, ())
                points = worth * self._rarity(len(where))
                for place in where:
                    scores[place] += points
            found = zip(scores, self._sizes, self._ids, strict=True)
            close = [(score / size, id) for score, size, id in found if score and score >= least * size and id]
        return sorted(close, key=lambda found: (-found[0], found[1]))

    def _rarity(self, count: int) -> float:
        """How much a sign says that is in so many texts: towards 0 for one that is in all."""
        total = len(self._places) + OTHERS
        return float((log(1 + (total - count + 0.5) / (count + 0.5)) / RARE) ** RARITY)

    # -- from the database ------------------------------------------------

    def refresh(self) -> None:
        """Take in what was filed, and what was noted about it, since the last time."""
        self._take_in_wishes()
        self._take_in_notes()

    def _take_in_wishes(self) -> None:
        feedback, after = table_of(Feedback).c, self._last_wish - LOOK_BACK
        while ids := store.read(partial(_next, column=feedback.id, after=after)):
            self._take_in([id for id in ids if id not in self._places])
            after = ids[-1]
            self._last_wish = max(self._last_wish, after)

    def _take_in_notes(self) -> None:
        context = table_of(Context).c
        newer = sa.select(context.id, context.feedback_id).where(context.id > self._last_note - LOOK_BACK)
        notes = store.read(lambda session: session.execute(newer.order_by(context.id)).all())
        changed = sorted({row.feedback_id for row in notes if self._is_news(row.feedback_id, row.id)})
        for at in range(0, len(changed), PAGE):
            self._take_in(changed[at : at + PAGE])
        self._last_note = max([self._last_note, *(row.id for row in notes)])

    def _take_in(self, ids: Sequence[int]) -> None:
        for row in store.read(partial(_texts, ids=ids)) if ids else ():
            self.put(row.id, f"{row.quote[:LONGEST]}\n{row.background or ''}", row.note or 0)

    def _is_news(self, id: int, note: int) -> bool:
        with self._lock:
            place = self._places.get(id)
            return place is None or self._noted[place] < note


def _next(session: Session, column: Any, after: int) -> Sequence[int]:
    return session.execute(sa.select(column).where(column > after).order_by(column).limit(PAGE)).scalars().all()


def _texts(session: Session, ids: Sequence[int]) -> Sequence[Any]:
    """These wishes' texts: the quote, and the background where somebody noted one (the newest row)."""
    feedback, context, newer = table_of(Feedback), table_of(Context), table_of(Context).alias("newer")
    newest = sa.select(sa.func.max(newer.c.id)).where(newer.c.feedback_id == feedback.c.id).scalar_subquery()
    query = sa.select(feedback.c.id, feedback.c.quote, context.c.id.label("note"), context.c.background)
    query = query.select_from(sa.outerjoin(feedback, context, context.c.id == newest))
    return session.execute(query.where(feedback.c.id.in_(ids)).order_by(feedback.c.id)).all()


class _Kept:
    """The index of the database that is bound now."""

    def __init__(self) -> None:
        self.lock = Lock("the index of wishes")
        self.engine: sa.Engine | None = None
        self.index = Index()


_kept = _Kept()


def _index_of(engine: sa.Engine) -> Index:
    with _kept.lock:
        if _kept.engine is not engine:
            _kept.engine, _kept.index = engine, Index()
        return _kept.index


def forget() -> None:
    """Begin anew: another database stands where the one before was."""
    with _kept.lock:
        _kept.engine = None
